"""Two parts of the alert's page: who was told and who is next, and what is said to 17 or 18, in the official order."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise

from beffroi.safety import queries
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.escalation import AFTER
from beffroi.safety.core.notices import Delivery, Recipient, may_reach
from beffroi.safety.core.plans import TEACHER, MissionKind, Plan, holders_at, instructions_for, steps_by_role
from beffroi.safety.core.rollcall import line, totals
from beffroi.safety.core.words import FIRST_CALL, Nature
from beffroi.safety.queries import AlertView, Reach
from beffroi.web.building.forms import CallForm
from beffroi.web.building.words import DELIVERIES, HAZARDS, MISSIONS, POSTURES, ROLES
from beffroi.web.shared.requests import OfficeRequest

TAKEN = frozenset({Delivery.HANDED_OVER, Delivery.DELIVERED, Delivery.UNKNOWN, Delivery.SEEN, Delivery.ANSWERED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who is told only if nobody takes the alert, or not at all."""

    reach: Reach
    after: timedelta
    climbing: bool  # the ladder runs: she is next
    drill: bool  # she said no to drills


def board_context(view: AlertView, request: OfficeRequest) -> dict[str, object]:
    """Every recipient with its state; those who were not owed a message say why."""
    alert = view.file.alert
    rows = queries.notices_of(alert.id)
    told = {row.contact_id for row in rows}
    waiting = [
        Waiting(one, AFTER.get(one.rung, timedelta(0)), alert.untaken, _refuses(one, alert.nature))
        for one in queries.reaches(view.building.id, request.now)
        if one.contact not in told
    ]
    gone = len({row.contact_id for row in rows if row.state in TAKEN})
    return {
        "notices": [(row, DELIVERIES[row.state]) for row in rows],
        "waiting": waiting if alert.active else (),
        "told_share": round(100 * gone / len(told)) if told else None,
    }


def card_context(view: AlertView, request: OfficeRequest) -> dict[str, object]:
    """The call card: what is known of each line of the official order; a drill has a simulated one and dials nobody."""
    alert, plan, file = view.file.alert, view.plan, view.file
    holders = holders_at(plan, request.now) if plan else {}
    lines = [
        line(group.id, "", group.size, file.answers, opened_at=alert.opened_at, now=request.now)
        for group in (plan.groups if plan else ())
    ]
    doing: list[tuple[str, str | Promise]] = [
        (zone.name, POSTURES[alert.posture_of(zone.id)])
        for zone in (plan.zones if plan else ())
        if zone.id in alert.zones and alert.posture_of(zone.id) is not alert.posture_of(ALL_ZONES)
    ]
    number = FIRST_CALL[alert.hazard]
    return {
        "missions": [
            (mission.value, MISSIONS[mission.value], holders.get(mission, ""), mission.value in file.missions_done)
            for mission in (MissionKind if plan else ())
        ],
        "steps": instructions_for(plan, hazard=alert.hazard, posture=alert.posture_of(ALL_ZONES), role=TEACHER)
        if plan
        else (),
        "role_steps": _role_steps(view, plan) if plan else (),
        "first_call": number,
        "simulated": alert.nature is not Nature.REAL,
        "calls": file.calls,
        "call_made_form": CallForm(initial={"number": number}),
        "card": {
            "place": alert.triggers[0].place,
            "hazard": HAZARDS[alert.hazard],
            "posture": POSTURES[alert.posture_of(ALL_ZONES)],
            "zones": doing,
            "sums": totals(lines) if lines else None,
            "reception": holders.get(MissionKind.RESPONDER_RECEPTION, ""),
            "line": holders.get(MissionKind.PHONE_LINE, ""),
        },
    }


def _role_steps(view: AlertView, plan: Plan) -> list[tuple[str | Promise, str | Promise, tuple[str, ...]]]:
    """Role, posture and steps of everybody in the plan but the teachers, whose steps their rooms show; every posture
    that is in force somewhere now."""
    alert = view.file.alert
    postures = dict.fromkeys([alert.posture_of(ALL_ZONES), *map(alert.posture_of, alert.zones)])
    return [
        (ROLES.get(role, role), POSTURES[posture], steps)
        for posture in postures
        for role, steps in steps_by_role(plan, hazard=alert.hazard, posture=posture)
        if role != TEACHER
    ]


def _refuses(reach: Reach, nature: Nature) -> bool:
    recipient = Recipient(reach.contact, reach.channel, reach.address, reach.rung, reach.drill_ok)
    return may_reach(recipient, nature) is not None
