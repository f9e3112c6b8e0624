"""Acts on who is called and in which order, how the centre is staffed, and what one shift leaves to the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.operations import models, queries
from beffroi.operations.actions.incidents import write_line
from beffroi.operations.actions.shifts import end_shift
from beffroi.operations.core.calls import PeriodKind
from beffroi.operations.core.words import EntryKind, OpenThing
from beffroi.operations.files import presets
from beffroi.people.core.facts import PersonFacts

LONGEST_PERIOD = timedelta(days=366)


@transaction.atomic
def enter_period(*, actor: Actor, person: str, kind: PeriodKind, span: Span, now: datetime) -> str:
    """Enter a turn or an absence of somebody of the rota. ``Invalid`` for one that is over, endless or of a stranger
    to the rota."""
    line = next((one for one in queries.rota() if one.person == person), None)
    if line is None:
        raise Invalid("Choose somebody of the order of call.", code="not_in_rota", fields={"person": "not_in_rota"})
    if span.end <= now or span.duration > LONGEST_PERIOD:
        raise Invalid("It ends after now, within a year.", code="rota_period", fields={"until": "rota_period"})
    row = models.RotaPeriod.objects.create(
        id=new_id(to_us(now)),
        person=line.person,
        person_name=line.person_name,
        kind=kind.value,
        start=span.start,
        until=span.end,
        entered_at=now,
    )
    body: dict[str, Json] = {"person": line.person, "kind": kind.value, "from": iso(span.start), "to": iso(span.end)}
    record(actor=actor, name="rota:period", subject="rota:duty", body=body, at=now)
    return row.id


@transaction.atomic
def remove_period(*, actor: Actor, period: str, now: datetime) -> None:
    """Take a turn or an absence back; ``NotFound``."""
    row = models.RotaPeriod.objects.select_for_update().filter(pk=period, removed_at=None).first()
    if row is None:
        raise NotFound("There is no such period.", code="no_such_period")
    row.removed_at = now
    row.save(update_fields=["removed_at"])
    body: dict[str, Json] = {"person": row.person, "kind": row.kind, "from": iso(row.start), "to": iso(row.until)}
    record(actor=actor, name="rota:period-remove", subject="rota:duty", body=body, at=now)


@transaction.atomic
def choose_staffing(*, actor: Actor, preset: str, now: datetime) -> None:
    """Say how the centre is staffed from now on. ``Invalid`` for a preset that does not ship."""
    if preset not in presets():
        raise Invalid("There is no such preset.", code="preset_unknown", fields={"preset": "preset_unknown"})
    models.StaffingChoice.objects.create(preset=preset, since=now, by=actor.id, by_name=actor.name)
    record(actor=actor, name="staffing:choose", subject="staffing:duty", body={"preset": preset}, at=now)


@transaction.atomic
def give_over(
    *, actor: Actor, person: PersonFacts, note: str, still_open: Sequence[OpenThing], insee: str, now: datetime
) -> str:
    """End one's shift and leave it to whoever comes: the words, and what is open. ``Conflict`` off duty, or while an
    incident lacks its reason."""
    shift = queries.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    words = " ".join(note.split())[:2_000]
    row = models.ShiftHandover.objects.create(
        id=new_id(to_us(now)),
        insee=insee,
        given_by=person.id,
        given_by_name=person.called,
        given_at=now,
        note=words,
        still_open=[[one.kind, one.id, one.label] for one in still_open],
    )
    body: dict[str, Json] = {"open": [f"{one.kind}:{one.id}" for one in still_open], "shift": shift.id}
    record(actor=actor, name="handover:give", subject=f"handover:{row.id}", body=body, at=now)
    open_words = ", ".join(one.label for one in still_open)
    text = " · ".join(part for part in (words, open_words) if part) or "—"
    write_line(actor=actor, kind=EntryKind.HANDOVER, text=text[:2_000], insee=insee, now=now)
    end_shift(actor=actor, shift=shift.id, now=now)
    return row.id


@transaction.atomic
def take_over(*, actor: Actor, person: PersonFacts, handover: str, now: datetime) -> None:
    """Take what another shift left. ``Conflict`` off duty or when somebody has it; ``NotFound`` for another commune's
    or one's own."""
    row = (
        models.ShiftHandover.objects.select_for_update()
        .filter(pk=handover, insee__in=person.territory)
        .exclude(given_by=person.id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such hand-over.", code="no_such_handover")
    if row.taken_at is not None:
        raise Conflict("Somebody has taken it over.", code="handover_taken")
    if queries.shift_of(person.id, now) is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    row.taken_by, row.taken_by_name, row.taken_at = person.id, person.called, now
    row.save(update_fields=["taken_by", "taken_by_name", "taken_at"])
    record(actor=actor, name="handover:take", subject=f"handover:{row.id}", body={}, at=now)
