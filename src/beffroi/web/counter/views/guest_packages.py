"""The package of a guest's requisition: by download that resumes, in its window, with a receipt; without an account.

Whoever reads these pages has proved the visit in this browser, as for every page of a guest; the tickets are of the
visit's own grant, which gate B is asked about each time, and every look at the door is a fact with the guest's name.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import guests, handover, slips
from beffroi.governance.queries import evidence
from beffroi.governance.queries import guests as queries
from beffroi.governance.queries.evidence import HandoverFacts
from beffroi.governance.queries.guests import Visit
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.web.counter.forms_packages import ReceiptForm
from beffroi.web.counter.views.guests import of_guest
from beffroi.web.counter.views.packages import package_page, slip_answer
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.tickets import sealed_for


@never_cache
@require_GET
@of_guest
def package(request: OfficeRequest, visit: Visit, handover_id: str) -> HttpResponse:
    """The package that was opened to this guest."""
    initial = {"name": f"{visit.rank} {visit.name}", "unit": visit.unit_name}
    initial["quality"] = queries.person_of(visit.id).quality.value
    return _page(request, _found(visit, handover_id), ReceiptForm(initial=initial), 200)


@require_POST
@of_guest
def ticket(request: OfficeRequest, visit: Visit, handover_id: str) -> HttpResponse:
    """A ticket of at most 60 s for this browser; the gate is asked again each time."""
    return sealed_for(request, _found(visit, handover_id).grant, actor=guests.actor(visit.id))


@require_POST
@of_guest
def receipt(request: OfficeRequest, visit: Visit, handover_id: str) -> HttpResponse:
    """The guest's own receipt, for the digest that the page showed."""
    found = _found(visit, handover_id)
    form = ReceiptForm(request.POST)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("name", "quality", "unit")}
        try:
            handover.acknowledge_receipt(
                actor=guests.actor(visit.id), handover=found.id, digest=found.extraction.zip_sha256, now=request.now,
                **said,
            )  # fmt: skip
        except (Invalid, Conflict) as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, _("Your receipt is written down. Thank you."))
            return redirect("counter:guest-package", found.id)
    return _page(request, found, form, 422)


@require_POST
@of_guest
def slip(request: OfficeRequest, visit: Visit, handover_id: str) -> HttpResponse:
    """The slip, with the receipt once it was given."""
    found = _found(visit, handover_id)
    made = slips.print_slip(actor=guests.actor(visit.id), handover=found, now=request.now)
    return slip_answer(made, found)


def _found(visit: Visit, handover_id: str) -> HandoverFacts:
    return evidence.package_for(queries.person_of(visit.id), handover_id)


def _page(request: OfficeRequest, found: HandoverFacts, form: ReceiptForm, status: int) -> HttpResponse:
    ticket_url = reverse("counter:guest-package-ticket", args=[found.id])
    return package_page(request, found, form, ticket_url=ticket_url, guest=True, status=status)
