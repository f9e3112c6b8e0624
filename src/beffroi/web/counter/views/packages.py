"""What was opened to the person at the counter: download that resumes, how to verify, receipt by a click."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import handover, slips
from beffroi.governance.files.packages import verifier_sha256
from beffroi.governance.queries import evidence
from beffroi.governance.queries.evidence import HandoverFacts
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.web.counter.forms_packages import ReceiptForm
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.players import player_texts
from beffroi.web.shared.requests import OfficeRequest


def packages(request: OfficeRequest) -> HttpResponse:
    """Everything opened to this person, newest first."""
    rows = [(one, one.downloadable(request.now)) for one in evidence.packages_for(request.person)]
    return render(request, "counter/packages.html", {"rows": rows})


def package(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """One package."""
    person = request.person
    initial = {"name": person.called, "quality": person.quality.value, "unit": person.unit}
    return _page(request, evidence.package_for(person, handover_id), ReceiptForm(initial=initial))


@require_POST
def receipt(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """The recipient's own receipt, for the digest that the page showed."""
    found = evidence.package_for(request.person, handover_id)
    form = ReceiptForm(request.POST)
    if form.is_valid():
        try:
            handover.acknowledge_receipt(
                actor=request.actor,
                handover=found.id,
                digest=found.extraction.zip_sha256,
                now=request.now,
                **{name: form.cleaned_data[name] for name in ("name", "quality", "unit")},
            )
        except (Invalid, Conflict) as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, _("Your receipt is written down. Thank you."))
            return redirect("counter:package", found.id)
    return _page(request, found, form, status=422)


@require_POST
def slip(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """The slip, with the receipt once it was given."""
    found = evidence.package_for(request.person, handover_id)
    return slip_answer(slips.print_slip(actor=request.actor, handover=found, now=request.now), found)


def slip_answer(made: bytes, found: HandoverFacts) -> HttpResponse:
    """A slip as the browser shows it."""
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.extraction.package}-bordereau.pdf"'
    return answer


def _page(request: OfficeRequest, found: HandoverFacts, form: ReceiptForm, status: int = 200) -> HttpResponse:
    ticket_url = reverse("ticket", args=[found.grant]) if found.grant else ""
    return package_page(request, found, form, ticket_url=ticket_url, status=status)


def package_page(
    request: OfficeRequest,
    found: HandoverFacts,
    form: ReceiptForm,
    *,
    ticket_url: str,
    guest: bool = False,
    status: int,
) -> HttpResponse:
    """One package as its recipient sees it: with an account, or as a guest."""
    context = {
        "guest": guest,
        "handover": found,
        "package": found.extraction,
        "form": form,
        "downloadable": found.downloadable(request.now),
        "verifier_sha256": verifier_sha256(),
        "island": {
            "package": found.extraction.package,
            "ticket_url": ticket_url,
            "texts": player_texts(),
        },
    }
    return render(request, "counter/package.html", context, status=status)
