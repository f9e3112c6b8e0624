"""The one place that seals tickets and shift leases. Gate B is asked again for each: a grant is never enough alone."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.decisions import ask_gate_b
from beffroi.governance.actions.granting import State, asked_of
from beffroi.governance.actions.steering import let_go_with
from beffroi.governance.core.context import AccessRequest
from beffroi.governance.core.gate_b import decide
from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access, grounds, guests, law
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Forbidden, NotFound
from beffroi.kernel.ids import CameraId, new_id
from beffroi.kernel.outcome import Outcome, Refused
from beffroi.kernel.spans import Span
from beffroi.media.core.leases import MAX_LEASE_US, ShiftLease, seal_lease
from beffroi.media.core.tickets import MAX_LIFE_US, Basis, Mode, Ticket, seal
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.sites import queries as sites
from beffroi.sites.files import office_key

OFFICE_BINDING = "office"


def issue_ticket(*, grant: str, binding: str, camera: str | None = None, actor: Actor, now: datetime) -> str:
    """A ticket of at most 60 s for the person of ``grant``, in the browser named by ``binding``.

    ``NotFound`` for another person's grant or a camera outside it; ``Forbidden`` (``access_over``, or the gate's own
    reason with its article) when it no longer holds: then the grant has ended.
    """
    row = AccessGrant.objects.filter(pk=grant, person=actor.id).first()
    if row is None or (camera is not None and camera not in row.cameras):
        raise NotFound("There is no such access.", code="no_such_access")
    until = access.end_of(row, now)
    if row.state != State.ACTIVE or until <= now:
        raise Forbidden("This access is over.", code="access_over", article=row.article)
    outcome = ask_again(row, now)
    if isinstance(outcome, Refused):
        end_by_gate(grant=row.id, outcome=outcome, actor=actor, now=now)
        raise Forbidden("This access does not hold any more.", code=outcome.reason, article=outcome.article)
    return seal(_ticket(row, binding, camera, until, now), office_key())


def issue_shift_lease(*, binding: str, actor: Actor, now: datetime) -> str:
    """What keeps the wall of the officer on duty alive while the office is down (I14), for this browser.

    ``Conflict`` when the person has no open look on duty; ``Forbidden`` when the gate says no.
    """
    row = (
        AccessGrant.objects.filter(
            access.lasts(now), person=actor.id, basis_kind="duty", mode=Mode.LIVE.value, state=State.ACTIVE
        )
        .order_by("-opened_at")
        .first()
    )
    if row is None or row.until is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    outcome = ask_again(row, now)
    if isinstance(outcome, Refused):
        raise Forbidden("This shift does not open pictures.", code=outcome.reason, article=outcome.article)
    until_us = min(to_us(access.end_of(row, now)), to_us(now) + MAX_LEASE_US)
    lease = ShiftLease(
        id=new_id(to_us(now)),
        grant=row.id,
        person=row.person,
        person_name=row.person_name,
        force=row.force,
        cameras=tuple(CameraId(one) for one in row.cameras),
        binding=binding,
        shift=row.basis_reference,
        article=row.article,
        reason=row.reason,
        issued_us=to_us(now),
        until_us=until_us,
        purpose=row.purpose,
    )
    with transaction.atomic():
        body: dict[str, Json] = {"cameras": len(row.cameras), "until_us": until_us, "grant": row.id}
        record(actor=actor, name="access:lease", subject=f"shift:{row.basis_reference}", body=body, at=now)
    return seal_lease(lease, office_key())


@transaction.atomic
def issue_trial_ticket(*, trial: str, binding: str, actor: Actor, now: datetime) -> str:
    """A ticket for the first picture of a camera that is being tried: for whoever is on duty, as a live look is.

    Gate B is asked as for a camera of the commune under the order in force on its system. ``Conflict`` when the person
    is not on duty; ``Forbidden`` with the gate's article.
    """
    found = sites.trial_of(actor.id, trial)
    person = people.person_facts(actor.id, now)
    shift = operations.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    until = min(shift.expires_at, now + timedelta(microseconds=MAX_LIFE_US))
    request = AccessRequest(
        mode=Mode.LIVE, cameras=(trial,), span=None, until=until, purpose=shift.purpose, legal_basis="DUTY",
        reason=shift.reason,
    )  # fmt: skip
    question = access.assembled(person=person, request=request, ground=grounds.ground("duty", shift.id, now), now=now)
    question = replace(question, cameras=access.tried_camera(person, trial, found.camera, now))
    outcome = ask_gate_b(context=question, subject=f"trial:{trial}", now=now)
    if isinstance(outcome, Refused):
        raise Forbidden("This picture is not for you.", code=outcome.reason, article=outcome.article)
    body: dict[str, Json] = {"shift": shift.id, "article": outcome.article, "camera": found.camera}
    record(actor=actor, name="camera:trial-look", subject=f"trial:{trial}", body=body, at=now)
    ticket = Ticket(
        id=new_id(to_us(now)),
        grant=trial,
        person=person.id,
        person_name=person.called,
        force=person.force.value,
        mode=Mode.STILL,
        cameras=(CameraId(trial),),
        span=Span(now - timedelta(hours=1), now + timedelta(hours=1)),
        basis=Basis(outcome.article, "duty", shift.id, shift.reason, shift.purpose),
        binding=binding,
        issued_us=to_us(now),
        expires_us=to_us(until),
    )
    return seal(ticket, office_key())


def ask_again(row: AccessGrant, now: datetime) -> Outcome:
    """Gate B for an open grant as everything stands at ``now``. Only a changed answer is stored."""
    facts = guests.taker if row.mode == Mode.PACKAGE else people.person_facts
    person = facts(row.person, now)
    asked = asked_of(row, person, row.until or now)
    question = access.context(
        person=person, request=asked.request, ground_kind=row.basis_kind, ground=row.basis_reference, now=now
    )
    outcome = decide(question, law.law_pack(now), now)
    if isinstance(outcome, Refused):
        ask_gate_b(context=question, subject=f"access:{row.id}", now=now)
    return outcome


@transaction.atomic
def end_by_gate(*, grant: str, outcome: Refused, actor: Actor, now: datetime) -> bool:
    """End a grant that the gate no longer carries. Whether it was still open."""
    row = AccessGrant.objects.select_for_update().filter(pk=grant, state=State.ACTIVE).first()
    if row is None:
        return False
    row.state, row.ended_at, row.stop_reason = State.ENDED, now, outcome.reason
    row.save(update_fields=["state", "ended_at", "stop_reason"])
    body = {"why": outcome.reason, "article": outcome.article}
    record(actor=actor, name="access:end", subject=f"access:{row.id}", body=body, at=now)
    let_go_with(row, actor=actor, now=now)
    return True


@transaction.atomic
def end_at_term(*, grant: str, actor: Actor, now: datetime) -> bool:
    """End a grant whose time is up. Whether it was still open."""
    row = AccessGrant.objects.select_for_update().filter(pk=grant, state=State.ACTIVE).first()
    if row is None or not access.over(row, now):
        return False
    by_clock = row.until is None or row.until <= now
    row.state, row.ended_at, row.stop_reason = State.ENDED, row.until if by_clock else now, "term"
    row.save(update_fields=["state", "ended_at", "stop_reason"])
    body: dict[str, Json] = {"why": "term"} if by_clock else {"why": "term", "clock": "set back"}
    record(actor=actor, name="access:end", subject=f"access:{row.id}", body=body, at=now)
    let_go_with(row, actor=actor, now=now)
    return True


@transaction.atomic
def end_idle(*, grant: str, actor: Actor, now: datetime) -> bool:
    """End an access at which nobody looks. Whether it was still open."""
    row = AccessGrant.objects.select_for_update().filter(pk=grant, state=State.ACTIVE).first()
    if row is None:
        return False
    row.state, row.ended_at, row.stop_reason = State.ENDED, now, "idle"
    row.save(update_fields=["state", "ended_at", "stop_reason"])
    since = row.looked_at or row.opened_at
    body: dict[str, Json] = {"since": iso(since) if since else ""}
    record(actor=actor, name="access:idle", subject=f"access:{row.id}", body=body, at=now)
    let_go_with(row, actor=actor, now=now)
    return True


def note_looking(grants: Collection[str], now: datetime) -> None:
    """The door says that pictures of these flow now. No fact: each look has its own."""
    AccessGrant.objects.filter(pk__in=list(grants), state=State.ACTIVE).update(looked_at=now)


def _ticket(row: AccessGrant, binding: str, camera: str | None, until: datetime, now: datetime) -> Ticket:
    cameras = (camera,) if camera is not None else tuple(row.cameras)
    span = Span(row.footage_from, row.footage_until) if row.footage_from and row.footage_until else None
    hour = timezone.localtime(now).strftime("%d/%m/%Y %H:%M")
    expires = min(until, now + timedelta(microseconds=MAX_LIFE_US))
    return Ticket(
        id=new_id(to_us(now)),
        grant=row.id,
        person=row.person,
        person_name=row.person_name,
        force=row.force,
        mode=Mode(row.mode),
        cameras=tuple(CameraId(one) for one in cameras),
        span=span,
        basis=Basis(row.article, row.basis_kind, row.basis_label or row.basis_reference, row.reason, row.purpose),
        binding=binding,
        issued_us=to_us(now),
        expires_us=to_us(expires),
        heartbeat=row.heartbeat,
        watermark=f"{row.watermark} · {hour}" if row.watermark else "",
        package=row.package,
    )
