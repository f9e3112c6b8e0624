"""What came of it: whether images helped, said by the unit or the officer; and the facts the figures count."""

from datetime import date, datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance import models
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisition_fields import has_control
from beffroi.governance.core.requisitions import Act, Helped
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.sites.core.coverage import PlaceClass


@transaction.atomic
def record_outcome(
    *, actor: Actor, requisition: str, helped: Helped, note: str = "", fact: str = "", now: datetime
) -> None:
    """Whether images helped to clear the facts of a requisition, or one of them. *Unknown* is an answer.

    ``Conflict`` before the requisition was answered; ``NotFound`` for a fact of another requisition.
    """
    row = locked(requisition)
    note = _line(note, "note", 500)
    facts = list(row.facts.select_for_update())
    chosen = [one for one in facts if not fact or one.id == fact]
    if not chosen:
        raise NotFound("There is no such fact in this requisition.", code="no-such-fact")
    step(row, Act.RECORD_OUTCOME, actor=actor, now=now, note=helped.value, body={"helped": helped.value})
    for one in chosen:
        one.helped = helped
        one.helped_recorded_at = now
        one.helped_recorded_by = actor.id
        one.helped_note = note
        one.save()
        _record(actor, "recorded-fact:outcome", one, now, {"helped": helped.value, "requisition": row.number})


@transaction.atomic
def amend_fact(
    *,
    actor: Actor,
    fact: str,
    nature: str,
    committed_on: date | None,
    place: str,
    place_class: PlaceClass,
    now: datetime,
) -> None:
    """Correct what a fact is and where: its place class is a denominator of the year's figures."""
    row = models.RecordedFact.objects.select_for_update().filter(pk=fact).first()
    if row is None:
        raise NotFound("There is no such fact.", code="no-such-fact")
    if committed_on is not None and committed_on > now.date():
        raise Invalid("A fact lies in the past.", code="fact-fields", fields={"committed_on": "in-the-future"})
    row.nature = _line(nature, "nature", 200)
    row.place = _line(place, "place", 300)
    row.committed_on = committed_on
    row.place_class = place_class
    row.save()
    _record(actor, "recorded-fact:amend", row, now, {"place_class": place_class.value, "nature": row.nature})


@transaction.atomic
def add_fact(
    *,
    actor: Actor,
    requisition: str,
    nature: str,
    reference: str = "",
    committed_on: date | None,
    place: str = "",
    place_class: PlaceClass,
    now: datetime,
) -> models.RecordedFact:
    """One more fact that a requisition is about: a string of thefts is one requisition and several facts."""
    row = locked(requisition)
    made = models.RecordedFact.objects.create(
        id=new_id(to_us(now)),
        reference=_line(reference, "reference", 80),
        nature=_line(nature, "nature", 200),
        committed_on=committed_on,
        place=_line(place, "place", 300),
        place_class=place_class,
        created_at=now,
    )
    made.requisitions.add(row)
    _record(actor, "recorded-fact:amend", made, now, {"place_class": place_class.value, "requisition": row.number})
    return made


def _line(text: str, field: str, most: int) -> str:
    text = " ".join(text.split())
    if len(text) > most or has_control(text):
        raise Invalid("This text cannot be kept.", code="fact-fields", fields={field: "too-long"})
    return text


def _record(actor: Actor, name: str, row: models.RecordedFact, now: datetime, body: dict[str, Json]) -> None:
    record(actor=actor, name=name, subject=f"recorded-fact:{row.id}", body=body, at=now)
