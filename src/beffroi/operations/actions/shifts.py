"""Acts on duty: who is in the room or carries the phone, for which purpose and why."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from beffroi.audit import queries as audit
from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import PersonId, new_id
from beffroi.operations import models, queries
from beffroi.operations.core.words import DEFAULT_SHIFT, RotaLine, Shift, reason_given, shift_end
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.core.purposes import Purpose


@transaction.atomic
def begin_shift(
    *,
    actor: Actor,
    person: PersonFacts,
    purpose: Purpose,
    reason: str,
    until: datetime | None = None,
    station: str = "",
    now: datetime,
) -> Shift:
    """Put ``person`` on duty, for one purpose and one reason (DESIGN §2); ends by itself after 12 hours at most.

    ``Invalid`` for a reason that says nothing (R-15), ``Conflict`` when the person is on duty already.
    """
    if not reason_given(reason):
        raise Invalid(
            "Say in a few words why you are on duty.",
            code="reason_empty",
            hint="For instance: evening patrol support, market day.",
            fields={"reason": "reason_empty"},
        )
    if until is not None and until <= now:
        raise Invalid("A shift ends after it begins.", code="shift_over", fields={"until": "shift_over"})
    open_rows = models.Shift.objects.select_for_update().filter(person=person.id, ended_at__isnull=True)
    for row in open_rows:
        if row.expires_at > now:
            raise Conflict("You are on duty already.", code="on_duty_already", hint="End that shift first.")
        row.ended_at = row.expires_at
        row.save(update_fields=["ended_at"])
    end = shift_end(now, until - now if until else DEFAULT_SHIFT)
    row = models.Shift.objects.create(
        id=new_id(to_us(now)),
        person=person.id,
        person_name=person.called,
        purpose=purpose.value,
        reason=" ".join(reason.split())[:300],
        station=station,
        begun_at=now,
        expires_at=end,
        ends_lived_us=audit.lives_until(now, end),
    )
    body: dict[str, Json] = {"purpose": row.purpose, "reason": row.reason, "until": iso(row.expires_at)}
    record(actor=actor, name="shift:begin", subject=f"shift:{row.id}", body=body, at=now)
    return queries.shift(row.id)


@transaction.atomic
def end_shift(*, actor: Actor, shift: str, now: datetime) -> None:
    """End a shift. ``NotFound``; ``Conflict`` when it has ended, or while an incident of hers lacks its reason."""
    row = models.Shift.objects.select_for_update().filter(pk=shift).first()
    if row is None:
        raise NotFound("There is no such shift.", code="no_such_shift")
    if row.ended_at is not None or row.expires_at <= now:
        raise Conflict("This shift has ended.", code="shift_ended")
    due = queries.reasons_due(row.person, now)
    if due:
        raise Conflict(
            "Before the shift ends, say why you looked back.",
            code="reasons_due",
            hint=f"Missing: {', '.join(incident.reference for incident in due)}.",
        )
    row.ended_at = max(now, row.begun_at)
    row.save(update_fields=["ended_at"])
    record(actor=actor, name="shift:end", subject=f"shift:{row.id}", body={}, at=now)


@transaction.atomic
def end_elapsed(*, now: datetime) -> int:
    """End the shifts that have lasted as long as they may, although the wall clock was set back; returns how many."""
    rows = models.Shift.objects.select_for_update().filter(ended_at=None, expires_at__gt=now)
    ended = list(rows.filter(ends_lived_us__lte=audit.lived_us()))
    for row in ended:
        row.ended_at = max(now, row.begun_at)
        row.save(update_fields=["ended_at"])
        record(actor=SYSTEM, name="shift:end", subject=f"shift:{row.id}", body={"why": "term-elapsed"}, at=now)
    return len(ended)


@transaction.atomic
def leave(*, actor: Actor, person: str, reason: str, now: datetime) -> int:
    """A person's duty here ends for good: her shift with it, and every session (their number is returned).

    Nothing she holds counts from now on, so the gates close her accesses within two seconds. ``Conflict`` twice.
    """
    ended = people.end_duty(person=person, reason=reason, actor=actor, now=now)
    for row in models.Shift.objects.select_for_update().filter(person=person, ended_at=None, expires_at__gt=now):
        row.ended_at = max(now, row.begun_at)
        row.save(update_fields=["ended_at"])
        record(actor=actor, name="shift:end", subject=f"shift:{row.id}", body={"why": "duty-ended"}, at=now)
    return ended


@transaction.atomic
def set_rota(*, actor: Actor, lines: Sequence[RotaLine], now: datetime) -> None:
    """Set the order of substitutes anew. ``Invalid`` when a person or a rank stands twice."""
    if len({line.person for line in lines}) != len(lines) or len({line.rank for line in lines}) != len(lines):
        raise Invalid("Each person and each rank stands once in the rota.", code="rota_twice")
    models.RotaEntry.objects.all().delete()
    models.RotaEntry.objects.bulk_create(
        models.RotaEntry(rank=line.rank, person=line.person, person_name=line.person_name, phone=line.phone)
        for line in lines
    )
    body: dict[str, Json] = {"order": [PersonId(line.person) for line in sorted(lines, key=lambda line: line.rank)]}
    record(actor=actor, name="rota:set", subject="rota:duty", body=body, at=now)
