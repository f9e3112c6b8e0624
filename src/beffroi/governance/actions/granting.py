"""How an access is born: the gate is asked, its answer stored, the row written, the fact recorded, all in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from beffroi.audit import queries as audit
from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import notices
from beffroi.governance.actions.decisions import ask_gate_b
from beffroi.governance.core.codec import to_json
from beffroi.governance.core.context import OWN_FORCES, AccessRequest
from beffroi.governance.core.gate_b import approvers_of, until_of
from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access, grounds
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.outcome import Allowed, Outcome, Refused
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.facts import PersonFacts

MAX_CAMERAS = 256
State = AccessGrant.State


@dataclass(frozen=True, slots=True)
class Asked:
    """What an access is asked with."""

    person: PersonFacts
    mode: Mode
    cameras: tuple[str, ...]
    span: Span | None
    ground_kind: str
    ground: str
    purpose: str
    legal_basis: str
    reason: str
    until: datetime
    emergency: bool = False
    package: str = ""

    @property
    def request(self) -> AccessRequest:
        return AccessRequest(
            mode=self.mode,
            cameras=self.cameras,
            span=self.span,
            until=self.until,
            purpose=self.purpose,
            legal_basis=self.legal_basis,
            reason=self.reason,
            emergency=self.emergency,
            copy=self.mode in {Mode.EXTRACT, Mode.PACKAGE},
        )


def checked(cameras: Sequence[str], span: Span | None, reason: str, duration: timedelta) -> tuple[str, ...]:
    """The cameras, each once. ``Invalid`` for what no gate needs to see."""
    chosen = tuple(dict.fromkeys(cameras))
    fields: dict[str, str] = {}
    if not chosen or len(chosen) > MAX_CAMERAS:
        fields["cameras"] = "camera_none" if not chosen else "camera_too_many"
    if duration <= timedelta(0) or duration > timedelta(days=31):
        fields["duration"] = "duration_out_of_range"
    if len(reason) > 500:
        fields["reason"] = "reason_too_long"
    if span is not None and span.duration > timedelta(days=31):
        fields["span"] = "span_too_long"
    if fields:
        raise Invalid("This request cannot be asked as it stands.", code="access_invalid", fields=fields)
    return chosen


def create(asked: Asked, *, actor: Actor, now: datetime, approver: PersonFacts | None = None) -> AccessGrant:
    """Ask gate B and write the row: refused, waiting for a person, or open. ``approver`` says yes in the same act."""
    grant_id = new_id(to_us(now))
    context = access.context(
        person=asked.person, request=asked.request, ground_kind=asked.ground_kind, ground=asked.ground, now=now
    )
    outcome = ask_gate_b(context=context, subject=f"access:{grant_id}", now=now)
    own = asked.person.force in OWN_FORCES
    row = AccessGrant(
        id=grant_id,
        person=asked.person.id,
        person_name=asked.person.called,
        force=asked.person.force.value,
        unit=asked.person.unit,
        mode=asked.mode.value,
        cameras=list(asked.cameras),
        footage_from=asked.span.start if asked.span else None,
        footage_until=asked.span.end if asked.span else None,
        basis_kind=asked.ground_kind,
        basis_reference=asked.ground,
        basis_label=grounds.label(asked.ground_kind, asked.ground, now),
        legal_basis=asked.legal_basis,
        purpose=asked.purpose,
        reason=" ".join(asked.reason.split()),
        emergency=asked.emergency,
        package=asked.package,
        heartbeat=not (own and asked.mode is Mode.LIVE and asked.ground_kind == "duty"),
        requested_at=now,
        requested_until=asked.until,
    )
    row.watermark = "" if own else watermark(row)
    name = settle(row, outcome, now=now, approver=approver)
    row.save(force_insert=True)
    record(actor=actor, name=name, subject=f"access:{row.id}", body=body_of(row), at=now)
    if row.state == State.ACTIVE:
        notices.tell_opened(grant=row.id, now=now)
    return row


def settle(row: AccessGrant, outcome: Outcome, *, now: datetime, approver: PersonFacts | None = None) -> str:
    """Put the gate's answer on the row and return the name of the fact it makes."""
    row.article = outcome.article
    row.trace = cast("list[Json]", to_json(outcome.trace))
    if isinstance(outcome, Refused):
        row.state, row.refusal, row.ended_at = State.REFUSED, outcome.reason, now
        return "access:deny"
    row.obligations = list(outcome.obligations)
    roles = frozenset(role.value for role in approver.roles) if approver else frozenset()
    waits = bool(approvers_of(outcome)) and not roles & set(approvers_of(outcome))
    if waits:
        row.state = State.REQUESTED
        return "access:request"
    if approver is not None and approvers_of(outcome):
        row.decided_by, row.decided_by_name, row.decided_at = approver.id, approver.called, now
        if wants_second(outcome):
            row.state = State.REQUESTED
            return "access:request"
    open_now(row, outcome, now)
    return "access:open"


def wants_second(outcome: Allowed) -> bool:
    """Whether the convention asks for two persons' yes."""
    return any(one.startswith("second:") for one in outcome.obligations)


def open_now(row: AccessGrant, outcome: Allowed, now: datetime) -> None:
    """Let the access begin; it ends by itself."""
    row.state, row.opened_at, row.until = State.ACTIVE, now, until_of(outcome)
    row.ends_lived_us = audit.lives_until(now, row.until)
    seconds = _seconds(outcome, "regularise_seconds:") or _seconds(outcome, "review_seconds:")
    row.regularise_by = now + timedelta(seconds=seconds) if seconds else None


def asked_of(row: AccessGrant, person: PersonFacts, until: datetime) -> Asked:
    """The same question as when the row was written, for asking the gate again."""
    span = Span(row.footage_from, row.footage_until) if row.footage_from and row.footage_until else None
    return Asked(
        person=person,
        mode=Mode(row.mode),
        cameras=tuple(row.cameras),
        span=span,
        ground_kind=row.basis_kind,
        ground=row.basis_reference,
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        reason=row.reason,
        until=until,
        emergency=row.emergency,
        package=row.package,
    )


def body_of(row: AccessGrant) -> dict[str, Json]:
    """What the log keeps of an access; never more than the registers need."""
    return {
        "person": row.person,
        "person_name": row.person_name,
        "force": row.force,
        "unit": row.unit,
        "mode": row.mode,
        "cameras": list(row.cameras),
        "footage": [iso(row.footage_from), iso(row.footage_until)] if row.footage_from and row.footage_until else [],
        "ground": [row.basis_kind, row.basis_reference, row.basis_label],
        "legal_basis": row.legal_basis,
        "purpose": row.purpose,
        "reason": row.reason,
        "emergency": row.emergency,
        "article": row.article,
        "refusal": row.refusal,
        "state": str(row.state),
        "until": iso(row.until) if row.until else "",
        "package": row.package,
    }


def watermark(row: AccessGrant) -> str:
    """NAME · UNIT · file: what stands over pictures that leave the room. The hour is added with each ticket."""
    parts = (row.person_name.upper(), row.unit, row.basis_label or row.id[:8])
    return " · ".join(part for part in parts if part)[:180]


def _seconds(outcome: Allowed, prefix: str) -> int:
    return next((int(one[len(prefix) :]) for one in outcome.obligations if one.startswith(prefix)), 0)
