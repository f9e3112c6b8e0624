"""Packages of a requisition: make one, see how far it is, hand it over by download or medium, take the receipt."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import extractions, handover, slips
from beffroi.governance.core.evidence import Channel, State
from beffroi.governance.files.media import media
from beffroi.governance.queries import evidence, guests, intake, requisitions
from beffroi.governance.queries.evidence import ExtractionFacts, HandoverFacts
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.web.desk.forms_handover import CopyForm, DownloadForm, MakeForm, ReceiptForm, WithdrawForm
from beffroi.web.shared.errors import SENTENCES, hint_of, sentence
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest


def packages(request: OfficeRequest, requisition: str) -> HttpResponse:
    """The packages of one requisition, and the form that makes one."""
    return _list(request, requisition, MakeForm(initial={"language": settings.LANGUAGE_CODE}))


@require_POST
def make(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Ask for the package of exactly the cameras and span that were granted."""
    row = requisitions.for_desk(request.person, requisition)
    form = MakeForm(request.POST)
    if form.is_valid():
        try:
            made = extractions.request_extraction(
                actor=request.actor,
                requisition=row.pk,
                language=form.cleaned_data["language"],
                intake=intake.ready(row.pk),
                now=request.now,
            )
        except (Invalid, Forbidden, Conflict) as error:
            _blame(form, error)
        else:
            messages.success(request, _("The package is being made."))
            return redirect("desk:package", made.id)
    return _list(request, requisition, form, status=422)


def package(request: OfficeRequest, extraction: str) -> HttpResponse:
    """One package: how far it is, what is in it, how it leaves."""
    return _page(request, evidence.for_desk(request.person, extraction), {})


def status(request: OfficeRequest, extraction: str) -> HttpResponse:
    """How far the building is: a fragment that asks again until it is done, then reloads the page."""
    found = evidence.for_desk(request.person, extraction)
    answer = render(request, "desk/package_status.html", {"package": found, "told": _told(found)})
    if not found.running and request.headers.get("HX-Request") == "true":
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def retry(request: OfficeRequest, extraction: str) -> HttpResponse:
    """Try a failed package again."""
    found = evidence.for_desk(request.person, extraction)
    try:
        extractions.try_again(actor=request.actor, extraction=found.id, now=request.now)
    except (Forbidden, Conflict) as error:
        messages.error(request, _words(error))
    else:
        messages.success(request, _("The package is being made again."))
    return redirect("desk:package", found.id)


@require_POST
def download(request: OfficeRequest, extraction: str) -> HttpResponse:
    """Open the package to a person with an account, or to the guest who asked."""
    found = evidence.for_desk(request.person, extraction)

    def act(form: Form) -> None:
        handover.open_download(actor=request.actor, extraction=found.id, now=request.now, **form.cleaned_data)

    form = DownloadForm(request.POST, persons=_recipients(request, found.requisition))
    return _acted(request, found, "download_form", form, act, _("The recipient may download it now."))


@require_POST
def copy(request: OfficeRequest, extraction: str) -> HttpResponse:
    """Copy it to a medium that is plugged in."""
    found = evidence.for_desk(request.person, extraction)
    roots = list(settings.BEFFROI_MEDIUM_ROOTS)

    def act(form: Form) -> None:
        handover.copy_to_medium(
            actor=request.actor, extraction=found.id, roots=roots, now=request.now, **form.cleaned_data
        )

    form = CopyForm(request.POST, media=_media())
    done = _("The copy is being made; it is read back and verified before it counts.")
    return _acted(request, found, "copy_form", form, act, done)


@require_POST
def receipt(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """Type in the receipt from the signed slip."""
    found = evidence.handover_for_desk(request.person, handover_id)

    def act(form: Form) -> None:
        handover.acknowledge_receipt(actor=request.actor, handover=found.id, now=request.now, **form.cleaned_data)

    form = ReceiptForm(request.POST)
    done = _("The receipt is written down; the hand-over is closed.")
    return _acted(request, found.extraction, f"receipt_{found.id}", form, act, done)


@require_POST
def withdraw(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """Close a hand-over before its receipt."""
    found = evidence.handover_for_desk(request.person, handover_id)

    def act(form: Form) -> None:
        handover.withdraw_handover(actor=request.actor, handover=found.id, now=request.now, **form.cleaned_data)
        say_what_is_open(request.now)

    done = _("The hand-over is withdrawn.")
    return _acted(request, found.extraction, f"withdraw_{found.id}", WithdrawForm(request.POST), act, done)


@require_POST
def slip(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """The slip to print; its printing is written in the log."""
    found = evidence.handover_for_desk(request.person, handover_id)
    return slip_answer(slips.print_slip(actor=request.actor, handover=found, now=request.now), found)


@require_POST
def attestation(request: OfficeRequest, handover_id: str) -> HttpResponse:
    """The attestation of clearance that goes with the slip; its printing is written in the log."""
    found = evidence.handover_for_desk(request.person, handover_id)
    made = slips.print_attestation(actor=request.actor, handover=found, now=request.now)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.extraction.package}-attestation.pdf"'
    return answer


def slip_answer(made: bytes, found: HandoverFacts) -> HttpResponse:
    """A slip as the browser shows it."""
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.extraction.package}-bordereau.pdf"'
    return answer


def _list(request: OfficeRequest, requisition: str, form: Form, status: int = 200) -> HttpResponse:
    row = requisitions.for_desk(request.person, requisition)
    found = evidence.extractions_of(request.person, requisition)
    context = {
        "requisition": row,
        "packages": found,
        "form": form,
        "may_make": row.state in extractions.EXTRACTABLE and not any(one.running for one in found),
    }
    return render(request, "desk/packages.html", context, status=status)


def _page(request: OfficeRequest, found: ExtractionFacts, forms: Mapping[str, Form], status: int = 200) -> HttpResponse:
    plugged = _media()
    requester = requisitions.for_desk(request.person, found.requisition).requester
    rows = [
        {
            "handover": one,
            "receipt_form": forms.get(f"receipt_{one.id}") or _receipt_form(one),
            "withdraw_form": forms.get(f"withdraw_{one.id}") or WithdrawForm(),
            "copying": one.channel is Channel.USB and one.state == "open",
        }
        for one in evidence.handovers_of(found.id)
    ]
    context: dict[str, Any] = {
        "package": found,
        "told": _told(found),
        "built": found.state is State.BUILT,
        "rows": rows,
        "plugged": plugged,
        "download_form": DownloadForm(
            persons=_recipients(request, found.requisition), initial={"recipient": requester}
        ),
        "copy_form": CopyForm(media=plugged),
        **{name: form for name, form in forms.items() if name in {"download_form", "copy_form"}},
    }
    return render(request, "desk/package.html", context, status=status)


def _receipt_form(one: HandoverFacts) -> Form:
    initial = {"name": one.recipient_name, "unit": one.recipient_unit, "digest": one.extraction.zip_sha256}
    return ReceiptForm(initial=initial)


def _media() -> list[tuple[str, str]]:
    found = media(settings.BEFFROI_MEDIUM_ROOTS)
    return [
        (one.path, _("%(path)s, %(free)d MB free") % {"path": one.path, "free": one.free_bytes // 1_000_000})
        for one in found
    ]


def _recipients(request: OfficeRequest, requisition: str) -> list[tuple[str, str]]:
    """The guest who asked, and investigators with an account; the gate judges whether the package is this one's."""
    found = people.persons(now=request.now, role=Role.INVESTIGATOR)
    guest = guests.guest_of(requisition, request.now)
    asked = [(guest.id, f"{guest.rank} {guest.name} · {guest.unit_name} · {_('guest')}")] if guest else []
    return [*asked, *((one.id, f"{one.called} · {one.unit}") for one in found)]


def _acted(
    request: OfficeRequest, found: ExtractionFacts, name: str, form: Form, act: Callable[[Form], None], done: str
) -> HttpResponse:
    """Run one act on a valid form and go back to the page; else show the page with what is wrong."""
    if form.is_valid():
        try:
            act(form)
        except (Invalid, Forbidden, Conflict) as error:
            _blame(form, error)
        else:
            messages.success(request, done)
            return redirect("desk:package", found.id)
    return _page(request, found, {name: form}, status=422)


def _blame(form: Form, error: BeffroiError) -> None:
    """Put an act's refusal where the person typed, or above the form."""
    fields = error.fields if isinstance(error, Invalid) else {}
    known = [name for name in fields if name in form.fields]
    for name in known:
        told = PROBLEMS.get(fields[name])
        form.add_error(name, told() if told else fields[name])
    if not known:
        form.add_error(None, _words(error))


def _told(found: ExtractionFacts) -> str:
    """Why it failed, in the user's language where its code has a sentence."""
    return str(SENTENCES.get(found.failure, ""))


def _words(error: BeffroiError) -> str:
    return " ".join(part for part in (sentence(error), getattr(error, "article", ""), hint_of(error)) if part)


PROBLEMS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("This is missing."),
    "no-medium": lambda: _("This medium is no longer plugged in."),
    "other-digest": lambda: _("This is not the digest of this package: compare it with the slip."),
    "out-of-range": lambda: _("This number of days is not possible."),
}
