"""What goes on, in words, for whom an alert of a building opened its cameras: the page without pictures (G6).

Counts, never names; the roll-call and the postures as the room sees them. Only the access itself lets anyone read it.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import alert_access
from beffroi.governance.queries import access as grants
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.safety import queries
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.plans import MissionKind, holders_at
from beffroi.safety.core.rollcall import line, totals
from beffroi.safety.core.telling import HAZARD_WORDS, NATURE_WORDS, POSTURE_WORDS
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def event(request: OfficeRequest, grant: str) -> HttpResponse:
    """The event of an open access, asked for every two seconds."""
    found = grants.grant_for(request.person, grant)
    if found.basis_kind != "alert" or not found.active_at(request.now):
        raise NotFound("There is no such access.", code="no_such_access")
    return render(request, "counter/access/event.html", event_context(request, found))


@require_POST
def renew(request: OfficeRequest, grant: str) -> HttpResponse:
    """The same access anew while the alert goes on."""
    try:
        again = alert_access.renew(grant=grant, actor=request.actor, now=request.now)
    except Conflict:
        return redirect("counter:access", grant)
    return redirect("counter:access", again.id)


def event_context(request: OfficeRequest, grant: GrantFacts) -> dict[str, object]:
    """What the page says of the event; empty for an access that hangs on something else."""
    if grant.basis_kind != "alert":
        return {}
    view = queries.alert_of_access(grant.basis_reference)
    file, plan, alert = view.file, view.plan, view.file.alert
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    postures = POSTURE_WORDS[language]
    lines = [
        line(group.id, "", group.size, file.answers, opened_at=alert.opened_at, now=request.now)
        for group in (plan.groups if plan else ())
    ]
    holders = holders_at(plan, request.now) if plan else {}
    return {
        "event": alert,
        "building": view.building,
        "nature": NATURE_WORDS[language][alert.nature],
        "hazard": HAZARD_WORDS[language][alert.hazard],
        "posture": postures[alert.posture_of(ALL_ZONES)],
        "zones": [
            (zone.name, postures[alert.posture_of(zone.id)])
            for zone in (plan.zones if plan else ())
            if zone.id in alert.zones
        ],
        "sums": totals(lines) if lines else None,
        "classes": len(lines),
        "calls": file.calls,
        "reception": holders.get(MissionKind.RESPONDER_RECEPTION, ""),
    }
