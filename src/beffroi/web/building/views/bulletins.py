"""Alerts from outside (CAP): the list, bringing one in, reading it, and the decision of a person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.audit.files import office_key
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.safety.actions import bulletins as acts
from beffroi.safety.core.words import Hazard
from beffroi.safety.queries import bulletins as reader
from beffroi.safety.queries.bulletins import BulletinView
from beffroi.web.building.bulletin_words import CONCERNS, FOUND_BY, RESPONSES, STANDINGS, STATUSES, TYPES
from beffroi.web.building.forms_bulletins import BringForm, RelayBulletinForm, SetAsideForm
from beffroi.web.building.views.home import words
from beffroi.web.building.views.waiting import language
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def bulletins(request: OfficeRequest) -> HttpResponse:
    """Those of the last thirty days, and the form that brings one in."""
    return _list(request, BringForm())


@require_POST
def bring(request: OfficeRequest) -> HttpResponse:
    """Take in a message. What is wrong with it is said where it was given; what was typed stays."""
    form = BringForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        bulletin, new = acts.receive(
            actor=request.actor, person=request.person, document=form.cleaned_data["document"], now=request.now
        )
    except (Invalid, Conflict) as refusal:
        form.add_error("file" if form.cleaned_data.get("file") else "text", f"{sentence(refusal)} ({refusal.message})")
        return _list(request, form, status=422)
    if not new:
        messages.info(request, _("This message was brought in before: here it is."))
    return redirect("building:bulletin", bulletin)


@require_GET
def bulletin(request: OfficeRequest, bulletin: str) -> HttpResponse:
    """One message: what it says, what it proposes, what was decided."""
    return _page(request, _view(request, bulletin))


@require_POST
def relay(request: OfficeRequest, bulletin: str) -> HttpResponse:
    """Raise the alert in the chosen buildings, on the word of the message."""
    view = _view(request, bulletin)
    form = RelayBulletinForm(request.POST, buildings=_choices(view))
    if not form.is_valid():
        return _page(request, view, status=422, relay_form=form)
    given = form.cleaned_data
    try:
        alerts = acts.relay(
            actor=request.actor,
            person=request.person,
            bulletin=view.id,
            buildings=given["buildings"],
            hazard=Hazard(given["hazard"]),
            authority=given["authority"],
            note=given["note"],
            key=office_key(),
            now=request.now,
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, sentence(refusal))
        return redirect("building:bulletin", view.id)
    if len(alerts) == 1:
        messages.success(request, _("The alert is raised. Its building sounds it as soon as its box hears it."))
        return redirect("building:alert", alerts[0])
    said = _("%(count)d alerts are raised. Each building sounds its own as soon as its box hears it.")
    messages.success(request, said % {"count": len(alerts)})
    return redirect("building:home")


@require_POST
def set_aside(request: OfficeRequest, bulletin: str) -> HttpResponse:
    """Say why the message is not relayed."""
    view = _view(request, bulletin)
    form = SetAsideForm(request.POST, buildings=_choices(view), auto_id="aside_%s")
    if not form.is_valid():
        return _page(request, view, status=422, aside_form=form)
    try:
        acts.set_aside(
            actor=request.actor,
            person=request.person,
            bulletin=view.id,
            buildings=form.cleaned_data["buildings"],
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("Set aside, with your reason."))
    return redirect("building:bulletin", view.id)


def _list(request: OfficeRequest, form: BringForm, status: int = 200) -> HttpResponse:
    views = reader.bulletins_visible_to(request.person, request.now, language=language())
    context = {
        "rows": [(view, STANDINGS[view.proposal.standing], STATUSES[view.message.status]) for view in views],
        "form": form,
        "may_bring": acts.may_relay(request.person),
        **words(),
    }
    return render(request, "building/bulletins.html", context, status=status)


def _page(request: OfficeRequest, view: BulletinView, status: int = 200, **forms: object) -> HttpResponse:
    found, info = view.proposal, view.proposal.info
    may_decide = acts.may_relay(request.person) and bool(view.waiting)
    context = {
        "view": view,
        "message": view.message,
        "proposal": found,
        "info": info,
        "standing": STANDINGS[found.standing],
        "status": STATUSES[view.message.status],
        "type": TYPES[view.message.message_type],
        "concern": CONCERNS[found.concern],
        "found_by": FOUND_BY[found.recognised.by],
        "asks": RESPONSES.get(info.response, info.response) if info else "",
        "may_decide": may_decide,
        "relay_form": _relay_form(view) if may_decide and view.open else None,
        "aside_form": SetAsideForm(buildings=_choices(view), auto_id="aside_%s") if may_decide else None,
        **words(),
    }
    return render(request, "building/bulletin.html", context | forms, status=status)


def _relay_form(view: BulletinView) -> RelayBulletinForm:
    info = view.proposal.info
    sender = (info.sender_name if info else "") or view.message.sender
    said = [one for one in (info.headline, info.instruction) if one] if info else []
    initial = {
        "hazard": view.proposal.recognised.hazard.value,
        "authority": f"{sender[:120]} (CAP {view.message.identifier[:60]})",
        "note": " · ".join(said or ([info.event] if info else []))[:1_000],
    }
    return RelayBulletinForm(initial=initial, buildings=_choices(view))


def _choices(view: BulletinView) -> list[tuple[str, str]]:
    return [(row.building.id, row.building.name) for row in view.waiting]


def _view(request: OfficeRequest, bulletin: str) -> BulletinView:
    return reader.bulletin_visible_to(request.person, bulletin, request.now, language=language())
