"""What came in by mail: told apart in a tray, put to its requisition by an officer, or dismissed. Shown as text."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import mail as acts
from beffroi.governance.queries import mail as queries
from beffroi.governance.queries import requisitions
from beffroi.kernel.errors import NotFound
from beffroi.web.shared.mail_words import MAIL_TROUBLES, MAILBOX_TROUBLES
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.requisition_pages import download

UNPROCESSABLE = 422


class NumberForm(forms.Form):
    """The requisition it belongs to, by its number in the register."""

    number = forms.RegexField(
        r"^\d{4}-\d{4,6}$", label=gettext_lazy("Number of the requisition"), strip=True, max_length=11,
        help_text=gettext_lazy("As in the register: 2026-0007."),
    )  # fmt: skip


class DismissForm(forms.Form):
    """Why it belongs nowhere."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is dismissed"), max_length=200,
        help_text=gettext_lazy("The message is blanked here; it stays in the mailbox."),
    )  # fmt: skip


@require_GET
def tray(request: OfficeRequest) -> HttpResponse:
    """What waits for its requisition, and what found it and was not taken note of."""
    context = {
        "to_assign": queries.to_assign(request.person),
        "to_note": queries.to_note(request.person),
        "mailbox": queries.mailbox(),
        "troubles": MAIL_TROUBLES,
        "mailbox_trouble": _trouble(),
    }
    return render(request, "desk/requisitions/tray.html", context)


@require_GET
def one(request: OfficeRequest, mail: str) -> HttpResponse:
    """One message that waits."""
    return _page(request, mail)


@require_POST
def assign(request: OfficeRequest, mail: str) -> HttpResponse:
    """It belongs to this requisition."""
    row = queries.waiting(request.person, mail)
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            found = requisitions.by_number(request.person, form.cleaned_data["number"])
        except NotFound:
            form.add_error("number", _("There is no such requisition."))
        else:
            acts.assign(mail=row.id, requisition=found.id, actor=request.actor, now=request.now)
            messages.success(request, _("The message was put to requisition %(number)s.") % {"number": found.number})
            return redirect("desk:requisition", found.id)
    return _page(request, mail, number_form=form)


@require_POST
def dismiss(request: OfficeRequest, mail: str) -> HttpResponse:
    """It belongs to none."""
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _page(request, mail, dismiss_form=form)
    row = queries.waiting(request.person, mail)
    acts.dismiss(mail=row.id, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now)
    messages.success(request, _("The message was dismissed."))
    return redirect("desk:mail-tray")


@require_GET
def attachment(request: OfficeRequest, mail: str, part: str) -> HttpResponse:
    """An attachment of a message that waits, as a download."""
    found, data = acts.read_part(mail=mail, part=part, person=request.person, actor=request.actor, now=request.now)
    return download(data, found.name, found.media_type)


@require_POST
def note(request: OfficeRequest, requisition: str, mail: str) -> HttpResponse:
    """Read: it leaves the tray."""
    row = requisitions.for_desk(request.person, requisition)
    acts.take_note(mail=mail, requisition=row.id, actor=request.actor, now=request.now)
    return redirect("desk:requisition", row.id)


def _trouble() -> Any:
    box = queries.mailbox()
    return MAILBOX_TROUBLES.get(box.trouble, box.trouble) if box else ""


def _page(request: OfficeRequest, mail: str, **forms: Any) -> HttpResponse:
    row = queries.waiting(request.person, mail)
    context = {
        "mail": row,
        "parts": [(part, MAIL_TROUBLES.get(part.trouble, part.trouble)) for part in row.parts.all()],
        "trouble": MAIL_TROUBLES.get(row.trouble, row.trouble),
        "number_form": NumberForm(),
        "dismiss_form": DismissForm(),
        **forms,
    }
    return render(request, "desk/requisitions/mail.html", context, status=UNPROCESSABLE if forms else 200)
