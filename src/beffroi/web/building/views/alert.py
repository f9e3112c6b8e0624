"""One alert: what to do now, the roll-call, the keys, the log. The same page for the room and for the head."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from beffroi.audit.files import office_key
from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict
from beffroi.safety import actions, queries
from beffroi.safety.actions.alerts import party_of
from beffroi.safety.actions.notices import opened_by
from beffroi.safety.core.alerts import ALL_ZONES, Alert, keys_missing
from beffroi.safety.core.authority import Act, may_do_alone, may_turn_key, power
from beffroi.safety.core.events import AlertFile, Kind, LogLine
from beffroi.safety.core.plan_views import zones_told
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.report import review
from beffroi.safety.core.rollcall import Line, line, totals
from beffroi.safety.core.sources import Names
from beffroi.safety.core.words import AlertState, Party, Posture
from beffroi.safety.documents.review import Paper, review_pdf
from beffroi.safety.queries import AlertView
from beffroi.safety.queries import follow_up as after
from beffroi.sites import queries as sites
from beffroi.web.building.cameras import cameras_told
from beffroi.web.building.forms import (
    AuthorityForm,
    CallForm,
    FalseAlarmForm,
    MissionForm,
    NoteForm,
    PostureForm,
    RequalifyForm,
    SafeForm,
    VerdictForm,
)
from beffroi.web.building.levels import alert_levels
from beffroi.web.building.views.board import board_context, card_context
from beffroi.web.building.views.follow_up import follow_up_context
from beffroi.web.building.views.home import words
from beffroi.web.building.views.naming import names_in, said_in, source_words
from beffroi.web.building.views.pictures import call_up, pictures_context
from beffroi.web.building.words import ARRIVALS, KINDS, LINES, VERDICTS
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone of the plan and what its people are to do now."""

    id: str
    name: str
    posture: Posture


def alert_page(request: OfficeRequest, alert: str) -> HttpResponse:
    """The whole page."""
    view = queries.alert_visible_to(request.person, alert)
    opened_by(alert=alert, person=request.person.id, now=request.now)
    return whole_page(request, view)


def whole_page(request: OfficeRequest, view: AlertView, status: int = 200, **forms: Form) -> HttpResponse:
    """The page of an alert; ``forms`` are those whose mistakes it shows."""
    alert = view.file.alert
    context = _context(request, view) | pictures_context(request, alert.id)
    if not alert.active:
        context |= follow_up_context(request, alert.id, view.building.id)
    return render(request, "building/alert.html", context | forms, status=status)


@require_GET
def alert_now(request: OfficeRequest, alert: str) -> HttpResponse:
    """The parts that change, asked for every second."""
    view = queries.alert_visible_to(request.person, alert)
    context = _context(request, view)
    seen = request.GET.get("seen", "")
    return render(
        request, "building/alert_now.html", context | {"alone": True, "moved": seen and seen != context["stamp"]}
    )


@require_GET
def review_paper(request: OfficeRequest, alert: str) -> HttpResponse:
    """The after-action review as a PDF, at any moment from the first second on."""
    view = queries.alert_visible_to(request.person, alert)
    drill = next((one for one in queries.drills_of(view.building.id) if one.alert == alert), None)
    paper = Paper(
        building=view.building.name,
        address=view.building.address,
        plan_version=view.plan.version if view.plan else None,
        names=names_in(view),
        centre=settings.BEFFROI_CENTRE,
        zone=ZoneInfo(view.plan.zone_info if view.plan else settings.TIME_ZONE),
        language="en" if get_language() == "en" else "fr",
        room=queries.sees_duress(request.person),
        objectives=drill.objectives if drill else "",
        informed=drill.informed if drill else "",
    )
    found = review(view.file, view.plan, now=request.now)
    pdf = review_pdf(view.file, found, after.follow_up(alert), paper=paper, now=request.now)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{alert}.pdf"'
    return answer


@require_POST
def act(request: OfficeRequest, alert: str, kind: str) -> HttpResponse:
    """One act. A refusal by the alert's rules is said where it was asked, and stays in the log."""
    view = queries.alert_visible_to(request.person, alert)
    chosen = next((one for one in Kind if one.value == kind), None)
    if chosen is None or chosen not in _FORMS:
        raise Http404
    form = _form(chosen, request, view.plan)
    if not form.is_valid():
        return whole_page(request, view, status=422, **{f"{chosen.value}_form": form})
    body: dict[str, Json] = {name: value for name, value in form.cleaned_data.items() if value}
    if chosen is Kind.KEY:
        body["act"] = Act.CANCEL.value if request.POST.get("act") == Act.CANCEL.value else Act.LIFT.value
    if chosen is Kind.RELEASE:
        body["zone"] = request.POST.get("zone") or ALL_ZONES
    try:
        actions.act(
            actor=request.actor,
            person=request.person,
            alert=alert,
            kind=chosen,
            body=body,
            key=office_key(),
            now=request.now,
        )
    except Conflict as refusal:
        if refusal.code == "under_duress" and not queries.sees_duress(request.person):
            refusal = Conflict(refusal.message, code="not_in_this_state")
        messages.error(request, sentence(refusal))
    else:
        if chosen in (Kind.ACKNOWLEDGE, Kind.TAKE_OVER):
            call_up(request, alert)
    return redirect("building:alert", alert)


_FORMS: dict[Kind, type[Form]] = {
    Kind.ACKNOWLEDGE: Form,
    Kind.TAKE_OVER: Form,
    Kind.DURESS_OVER: SafeForm,
    Kind.QUALIFY: VerdictForm,
    Kind.STABILISE: Form,
    Kind.POSTURE: PostureForm,
    Kind.REQUEST_LIFT: Form,
    Kind.KEY: AuthorityForm,
    Kind.RELEASE: Form,
    Kind.CLOSE: Form,
    Kind.CALL_MADE: CallForm,
    Kind.NOTE: NoteForm,
    Kind.MISSION_DONE: MissionForm,
    Kind.REQUALIFY: RequalifyForm,
}


def _form(kind: Kind, request: OfficeRequest, plan: Plan | None) -> Form:
    if kind is Kind.POSTURE:
        return PostureForm(request.POST, plan=plan)
    if kind is Kind.KEY and request.POST.get("act") == Act.CANCEL.value:
        return FalseAlarmForm(request.POST)
    return _FORMS[kind](request.POST)


def _context(request: OfficeRequest, view: AlertView) -> dict[str, object]:
    file, plan = view.file, view.plan
    alert, party = file.alert, party_of(request.person)
    lines, zones = _lines(file, plan, request), _zones(view)
    late = queries.late(alert.id)
    hidden = () if queries.sees_duress(request.person) else (Kind.DURESS, Kind.DURESS_OVER)
    seen = {camera.id for camera in sites.cameras_visible_to(request.person)}
    names = names_in(view)
    return {
        "view": view,
        "alert": alert,
        "building": view.building,
        "zones": zones,
        "one_posture": bool(zones) and {zone.posture for zone in zones} == {alert.posture_of(ALL_ZONES)},
        "levels": alert_levels(request.person, view),
        "posture": alert.posture_of(ALL_ZONES) if alert.active else Posture.RELEASED,
        "lines": [(one, LINES[one.state]) for one in lines],
        "sums": totals(lines),
        "group_names": {group.id: group.name for group in plan.groups} if plan else {},
        **board_context(view, request),
        **card_context(view, request),
        "others": [one for one in queries.active_visible_to(request.person) if one.file.alert.id != alert.id],
        "stamp": _stamp(alert),
        "holder": names.persons.get(alert.acknowledged_by, ""),
        "holds_it": alert.acknowledged_by == request.person.id,
        "log": [
            _told(one, names, late.get(one.event.key)) for one in reversed(file.log) if one.event.kind not in hidden
        ],
        "arrivals": [
            _told(one, names) for one in file.log if one.event.kind is Kind.NOTE and one.event.body.get("about")
        ],
        "cameras": [one for one in cameras_told(view.building.cameras, request.now) if one[0].id in seen],
        "keys_missing": keys_missing(alert),
        "can": _powers(party, alert.state),
        "verdicts": VERDICTS,
        "qualify_form": VerdictForm(initial={"verdict": alert.verdict.value if alert.verdict else ""}),
        "posture_form": PostureForm(plan=plan),
        "key_form": AuthorityForm(),
        "false_alarm_form": FalseAlarmForm(),
        "safe_form": SafeForm(),
        "sees_duress": queries.sees_duress(request.person),
        "note_form": NoteForm(),
        "requalify_form": RequalifyForm(),
        **words(),
    }


def _stamp(alert: Alert) -> str:
    """Changes with whatever the page's forms depend on."""
    keys = ",".join(sorted(f"{key.person}" for key in alert.keys))
    text = (
        f"{alert.state.value}|{alert.acknowledged_by}|{alert.duress}|{alert.keys_for}|{keys}|{sorted(alert.released)}"
    )
    return sha256(text.encode()).hex()[:16]


def _powers(party: Party, state: AlertState) -> dict[str, bool]:
    taken = state not in (AlertState.TRIGGERED, AlertState.LIFTING)
    return {
        "hold": party in (Party.CHIEF, Party.OPERATOR),
        "posture": may_do_alone(party, Act.CHANGE_POSTURE),
        "request_lift": taken and may_do_alone(party, Act.REQUEST_LIFT),
        "lift": state is AlertState.LIFT_REQUESTED and may_turn_key(party, Act.LIFT),
        "cancel": state in (AlertState.TRIGGERED, AlertState.ACKNOWLEDGED, AlertState.QUALIFIED)
        and may_turn_key(party, Act.CANCEL),
        "release": state is AlertState.LIFTING,
        "order_only": power(party, Act.CHANGE_POSTURE).value == "order",
    }


def _zones(view: AlertView) -> list[ZoneRow]:
    told = zones_told(view.plan, view.file.alert) if view.plan else ()
    return [ZoneRow(zone.id, zone.name, posture) for zone, posture in told]


def _lines(file: AlertFile, plan: Plan | None, request: OfficeRequest) -> list[Line]:
    if plan is None:
        return []
    zone_of = {room.id: room.zone for room in plan.rooms}
    opened = file.alert.opened_at
    return [
        line(group.id, zone_of.get(group.room, ""), group.size, file.answers, opened_at=opened, now=request.now)
        for group in plan.groups
    ]


def _told(line: LogLine, names: Names, late: timedelta | None = None) -> dict[str, object]:
    return {
        "at": line.event.at,
        "kind": ARRIVALS.get(str(line.event.body.get("about", "")), KINDS[line.event.kind]),
        "who": source_words(line.event, names),
        "said": " · ".join(said_in(line.event, names)),
        "refused": line.without_effect,
        "late": round(late.total_seconds() / 60) if late else 0,
    }
