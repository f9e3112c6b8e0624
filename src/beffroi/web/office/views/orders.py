"""Prefect's authorisations and orders: typed from the paper, looked at again, confirmed; renewed, replaced, ended."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.actions import entered_orders as acts
from beffroi.governance.core.entered_orders import (
    OrderEntry,
    changes,
    entry_from_json,
    following,
    stopped_by,
)
from beffroi.governance.core.order_text import ZONE
from beffroi.governance.core.telling import renewal_subject
from beffroi.governance.queries import entered_orders as queries
from beffroi.governance.queries import notices
from beffroi.governance.queries.entered_orders import EnteredRow, StandingOrder
from beffroi.governance.queries.reach import communes_in_reach
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.queries import directory
from beffroi.sites.core.authorisations import RENEWAL_MONTHS
from beffroi.web.duty.words import STATES
from beffroi.web.office import order_words as words
from beffroi.web.office.order_forms import OrderForm, RecipientForm, WithdrawForm, initial_of, recipient_lines, services
from beffroi.web.shared.gate_words import FORCES, PURPOSES
from beffroi.web.shared.requests import OfficeRequest

FOLLOWS = {"renews", "replaces"}


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """What stands, what ends when, and what waits to be confirmed."""
    found = [_shown(request, one) for one in queries.standing(request.person)]
    context = {
        "orders": [one for one in found if not one["over"]],
        "past": [one for one in found if one["over"]],
        "drafts": queries.drafts(request.person),
        "may_write": _may_write(request),
    }
    return render(request, "office/orders/list.html", context)


@require_http_methods(["GET", "POST"])
def enter(request: OfficeRequest) -> HttpResponse:
    """Type an order from its paper: a new one, one that follows another, or a draft corrected."""
    asked = request.POST if request.method == "POST" else request.GET
    follows, after, corrects = (str(asked.get(name, "")) for name in ("follows", "after", "corrects"))
    draft = _draft(request, corrects) if corrects else None
    if draft is not None:
        follows, after = draft.follows, draft.predecessor
    earlier = queries.by_reference(request.person, after).entry if after and follows in FOLLOWS else None
    start = entry_from_json(draft.entry) if draft else _start(request, earlier, follows)
    known = start.recipients if start else ()
    posted = request.POST if request.method == "POST" else None
    choices = services(directory.organisations(communes_in_reach(request.person)), known)
    lines = recipient_lines(posted, choices=choices, known=known)
    form = OrderForm(
        posted, request.FILES or None, initial=initial_of(start) if start else None,
        cameras=queries.cameras_to_name(request.person),
    )  # fmt: skip
    if request.method == "POST":
        made = _drafted(request, form, lines, follows=follows if earlier else "", after=after, corrects=corrects)
        if made is not None:
            return redirect("office:order", made.id)
    context = {
        "form": form, "lines": lines, "follows": follows if earlier else "", "after": after if earlier else "",
        "corrects": corrects, "draft": draft, "line_problem": form.errors.get("recipients"),
    }  # fmt: skip
    return render(request, "office/orders/enter.html", context, status=422 if request.method == "POST" else 200)


@require_GET
def one(request: OfficeRequest, order: str) -> HttpResponse:
    """An order as entered; a draft with what it would change, to be confirmed. One that was founded without its paper
    opens as well, and says that the paper is missing."""
    try:
        row = queries.one(request.person, order)
    except NotFound:
        standing = queries.by_key(request.person, order)
        context = {"row": None, "may_write": _may_write(request), **_shown(request, standing)}
        return render(request, "office/orders/one.html", context)
    entry = entry_from_json(row.entry)
    context = {"row": row, **_plain(entry), "may_write": _may_write(request)}
    if row.state == "draft":
        context |= _consequences(request, row, entry)
    elif row.state == "confirmed":
        context |= _shown(request, queries.by_reference(request.person, row.reference))
    return render(request, "office/orders/one.html", context)


@require_POST
def confirm(request: OfficeRequest, order: str) -> HttpResponse:
    """Put a draft into force."""
    row = acts.confirm_order(person=request.person, order=order, actor=request.actor, now=request.now)
    messages.success(request, _("Confirmed. It holds in its dates; the cameras follow at once."))
    return redirect("office:order", row.id)


@require_POST
def drop(request: OfficeRequest, order: str) -> HttpResponse:
    """Give a draft up."""
    acts.drop_order(person=request.person, order=order, actor=request.actor, now=request.now)
    return redirect("office:orders")


@require_POST
def withdraw(request: OfficeRequest) -> HttpResponse:
    """The prefect withdrew an order."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Say which order was withdrawn, and why."), code="order_withdraw_fields")
    acts.withdraw_order(
        person=request.person, reference=form.cleaned_data["reference"], reason=form.cleaned_data["reason"],
        actor=request.actor, now=request.now,
    )  # fmt: skip
    return redirect("office:orders")


@require_GET
def paper(request: OfficeRequest, order: str) -> HttpResponse:
    """The paper as it was kept. Opening it is a fact."""
    row = queries.one(request.person, order)
    data = acts.read_order_paper(row=row, actor=request.actor, now=request.now)
    response = HttpResponse(data, content_type=row.document_type)
    ending = {"image/jpeg": "jpg", "image/png": "png"}.get(row.document_type, "pdf")
    response["Content-Disposition"] = f'attachment; filename="order-{row.id}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response


def _drafted(
    request: OfficeRequest, form: OrderForm, lines: list[RecipientForm], *, follows: str, after: str, corrects: str
) -> EnteredRow | None:
    """The draft, or ``None`` with every problem at its field."""
    if not all([form.is_valid(), *(line.is_valid() for line in lines)]):
        return None
    recipients = tuple(found for line in lines if (found := line.recipient()) is not None)
    try:
        return acts.draft_order(
            person=request.person, entry=form.entry(recipients), document=form.cleaned_data["document"],
            follows=follows, predecessor=after if follows else "", corrects=corrects, actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except Invalid as error:
        for name, code in error.fields.items():
            _tell(form, name, str(words.PROBLEMS.get(code, code)))
    return None


def _tell(form: forms.Form, name: str, problem: str) -> None:
    if name in form.fields:
        form.add_error(name, problem)
    else:
        form.errors.setdefault(name, form.error_class()).append(problem)  # beside the table of recipients


def _start(request: OfficeRequest, earlier: OrderEntry | None, follows: str) -> OrderEntry | None:
    if earlier is None:
        return None
    return following(earlier, renews=follows == "renews", today=request.now.astimezone(ZONE).date())


def _draft(request: OfficeRequest, order: str) -> EnteredRow:
    row = queries.one(request.person, order)
    if row.state != "draft":
        raise NotFound("There is no such draft.", code="no_such_order")
    return row


def _consequences(request: OfficeRequest, row: EnteredRow, entry: OrderEntry) -> dict[str, Any]:
    earlier = queries.by_reference(request.person, row.predecessor) if row.predecessor else None
    stops = stopped_by(
        entry,
        queries.cameras_to_name(request.person),
        ends=earlier.authorisation.id if earlier and earlier.authorisation else "",
        replaces=row.follows == "replaces",
        now=request.now,
    )
    return {
        "changes": [words.change_words(one) for one in changes(earlier.entry if earlier else None, entry)],
        "stops": [{"words": words.stop_words(one), "at": one.at} for one in stops],
        "at_once": entry.valid.start <= request.now,
    }


def _shown(request: OfficeRequest, order: StandingOrder) -> dict[str, Any]:
    said, level = words.STATES[order.state(request.now)]
    return {
        "order": order, "label": said, "level": level, "over": order.over(request.now),
        "alarms": order.alarms(request.now), "mails": _mails(order),
        "withdraw_form": WithdrawForm(initial={"reference": order.reference}),
        "mine": queries.within(request.person, order.entry.cameras), **_plain(order.entry),
    }  # fmt: skip


def _mails(order: StandingOrder) -> list[tuple[Any, Any]]:
    """Who was reminded, and how far each mail has come."""
    subjects = [renewal_subject(order.reference, months) for months in RENEWAL_MONTHS]
    return [(one, STATES[one.state][0]) for one in notices.about(subjects)]


def _plain(entry: OrderEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "purposes": [PURPOSES.get(one, one) for one in entry.purposes],
        "recipients": [
            {"force": FORCES[one.force], "line": one, "uses": words.use_words(one.uses)} for one in entry.recipients
        ],
    }


def _may_write(request: OfficeRequest) -> bool:
    return Permission.OFFICE_ORDER_WRITE in permissions_of(request.person.roles)
