"""What an access hangs on, read from where it lives: shift, incident, case, requisition or alert of a building."""

from dataclasses import replace
from datetime import datetime

from beffroi.governance.core.alert_access import event_span
from beffroi.governance.core.context import Ground
from beffroi.governance.core.conventions import CRISIS, INCIDENT, PPMS_ALERT
from beffroi.governance.core.requisitions import State
from beffroi.governance.models import AlertGround, Case, Requisition
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.operations import queries as operations

_ACCEPTED = frozenset({State.ACCEPTED, State.PACKAGED, State.HANDED_OVER, State.ACKNOWLEDGED})
_OVER = frozenset({State.CLOSED, State.PURGED, State.WITHDRAWN, State.REFUSED, State.NEGATIVE})


def ground(kind: str, reference: str, now: datetime) -> Ground | None:
    """The ground as it stands at ``now``; ``None`` when it is not there or of no known kind."""
    try:
        match kind:
            case "duty":
                return _as_written(_duty(reference), now)
            case "incident":
                return _as_written(_incident(reference, now), now)
            case "case":
                return _as_written(_case(reference), now)
            case "requisition":
                return _requisition(reference)
            case "alert":
                return _alert(reference, now)
    except NotFound:
        return None
    return None


def label(kind: str, reference: str, now: datetime) -> str:
    """How the ground is named on screen and in the watermark; empty for duty and for what is not there."""
    try:
        if kind == "incident":
            return operations.incident(reference).reference
    except NotFound:
        return ""
    if kind == "case":
        return Case.objects.filter(pk=reference).values_list("number", flat=True).first() or ""
    if kind == "requisition":
        return Requisition.objects.filter(pk=reference).values_list("number", flat=True).first() or ""
    if kind == "alert":
        return AlertGround.objects.filter(pk=reference).values_list("label", flat=True).first() or ""
    del now
    return ""


def _as_written(found: Ground, now: datetime) -> Ground:
    """What is written down has begun, and what was closed is closed, also where the clock was set back since."""
    closed = None if found.closed_at is None else min(found.closed_at, now)
    return replace(found, opened_at=min(found.opened_at, now), closed_at=closed)


def _duty(reference: str) -> Ground:
    shift = operations.shift(reference)
    return Ground(
        kind="duty",
        reference=shift.id,
        opened_at=shift.begun_at,
        closed_at=shift.ended_at,
        reason=shift.reason,
        until=shift.expires_at,
    )


def _incident(reference: str, now: datetime) -> Ground:
    incident = operations.incident(reference)
    return Ground(
        kind="incident",
        reference=incident.id,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        cameras=frozenset(incident.cameras),
        span=incident.span(max(now, incident.opened_at)),
        event=CRISIS if incident.crisis_at else INCIDENT,
        opened_by=incident.opened_by,
        reason=incident.reason,
        reason_due_at=incident.reason_due_at,
    )


def _case(reference: str) -> Ground:
    row = Case.objects.filter(pk=reference).first()
    if row is None:
        raise NotFound("There is no such case.", code="no_such_case")
    return Ground(
        kind="case",
        reference=row.id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        cameras=frozenset(row.cameras),
        span=Span(row.footage_from, row.footage_until),
        legal_basis=row.legal_basis,
        units=frozenset({row.unit}),
    )


def _requisition(reference: str) -> Ground:
    row = Requisition.objects.filter(pk=reference).first()
    if row is None:
        raise NotFound("There is no such requisition.", code="no_such_requisition")
    span = Span(row.span_from, row.span_to) if row.span_from and row.span_to else None
    state = State(row.state)
    return Ground(
        kind="requisition",
        reference=row.id,
        opened_at=row.received_at,
        closed_at=row.received_at if state in _OVER else None,
        cameras=frozenset(row.cameras.exclude(granted=False).values_list("camera", flat=True)),
        span=span,
        legal_basis=row.legal_basis,
        units=frozenset({row.unit_name}) if row.unit_name else frozenset(),
        reason=f"{row.number} · {row.offence}",  # "vol" alone would be no reason
        approved_by_law=state in _ACCEPTED,
    )


def _alert(reference: str, now: datetime) -> Ground:
    row = AlertGround.objects.filter(pk=reference).first()
    if row is None:
        raise NotFound("There is no such alert.", code="no_such_alert")
    return Ground(
        kind="alert",
        reference=row.alert,
        opened_at=row.opened_at,
        closed_at=row.closes_at,
        cameras=frozenset(row.cameras),
        span=event_span(row.opened_at, now),
        event=PPMS_ALERT,
        opened_by=row.taken_by,
        reason=f"{row.label}, {row.alert}",
    )
