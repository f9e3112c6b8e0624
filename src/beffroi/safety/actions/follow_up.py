"""The only writer of what follows from an alert or a drill: observations, what is decided, and who did it."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions.notices import remind
from beffroi.governance.core.telling import Channel, Occasion, Recipient
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.ids import new_id
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.core.follow_up import owed_by_mail, words
from beffroi.safety.queries import follow_up as reader
from beffroi.safety.queries.follow_up import OwnedMeasure
from beffroi.safety.queries.plans import reminded


@transaction.atomic
def observe(*, actor: Actor, person: PersonFacts, alert: str, text: str, now: datetime) -> None:
    """Write down what was noticed. ``Conflict`` while the alert goes on: its log takes notes then."""
    _ended(person, alert)
    if not text.strip():
        raise Invalid("Nothing was written.", code="empty_remark", fields={"text": "empty_remark"})
    models.Observation.objects.create(
        alert_id=alert, text=text.strip()[:1_000], person=person.id, person_name=person.called, at=now
    )
    record(actor=actor, name="alert:observe", subject=f"alert:{alert}", body={"text": text.strip()[:1_000]}, at=now)


@transaction.atomic
def decide(
    *, actor: Actor, person: PersonFacts, alert: str, what: str, owner: str, owner_name: str, due: date, now: datetime
) -> str:
    """Decide that somebody does something by a day; returns its id. ``owner`` is a person of the centre, or empty for
    somebody who is only named. ``Invalid`` without an owner, or for a person who does not see the building."""
    building = _ended(person, alert)
    if owner:
        found = next((one for one in reader.owners(building, now) if one.id == owner), None)
        if found is None:
            raise Invalid("This person does not see the building.", code="owner_unknown", fields={"owner": "unknown"})
        owner_name = found.called
    if not what.strip() or not owner_name.strip():
        raise Invalid("Say what, and whose it is.", code="owner_missing", fields={"owner_name": "missing"})
    row = models.Measure.objects.create(
        id=new_id(to_us(now)),
        alert_id=alert,
        what=what.strip()[:500],
        owner=owner,
        owner_name=owner_name.strip()[:200],
        due=due,
        decided_by=person.id,
        decided_at=now,
    )
    body: dict[str, Json] = {
        "measure": row.id,
        "what": row.what,
        "owner": row.owner_name,
        "due": due.isoformat(),
    }
    record(actor=actor, name="alert:decide", subject=f"alert:{alert}", body=body, at=now)
    return row.id


@transaction.atomic
def close(*, actor: Actor, person: PersonFacts, measure: str, outcome: str, now: datetime) -> None:
    """Say that it is done, by name. ``Conflict`` where somebody said so already."""
    found = reader.measure_visible_to(person, measure)
    row = models.Measure.objects.select_for_update().get(id=found.id)
    if row.done_at is not None:
        raise Conflict("Somebody said already that it is done.", code="done_already")
    row.done_at, row.done_by, row.done_by_name, row.outcome = now, person.id, person.called, outcome.strip()[:500]
    row.save(update_fields=["done_at", "done_by", "done_by_name", "outcome"])
    body: dict[str, Json] = {"measure": row.id, "outcome": row.outcome}
    record(actor=actor, name="alert:done", subject=f"alert:{row.alert_id}", body=body, at=now)


@transaction.atomic
def mail_owed(*, owed: OwnedMeasure, today: date, now: datetime) -> int:
    """Write the mail that is owed about one, to whoever has none of it yet; returns how many.

    Before its day its owner is told; once the day has passed, and where the owner has no account, whoever answers for
    the building and the commune's chief."""
    measure = owed.measure
    occasion = owed_by_mail(measure, today)
    if not occasion:
        return 0
    name = queries.building(owed.building).name
    link = str(settings.BEFFROI_LINKS["alert"]).format(measure.alert)
    made = 0
    for person in _told(owed, occasion, now):
        language = people.language_of(person.id) or "fr"
        title, text = words(measure, occasion, building=name, link=link, language=language)
        to = Recipient("building", person.id, person.called, Channel.EMAIL, person.email, language)
        subject = f"measure:{measure.id}"
        made += remind(subject=subject, occasion=Occasion(occasion), to=to, title=title, text=text, now=now)
    if made:
        body: dict[str, Json] = {"measure": measure.id, "occasion": occasion, "notices": made}
        record(actor=SYSTEM, name="notice:plan", subject=f"alert:{measure.alert}", body=body, at=now)
    return made


def _told(owed: OwnedMeasure, occasion: str, now: datetime) -> list[PersonFacts]:
    owner = [one for one in reader.owners(owed.building, now) if one.id == owed.measure.owner]
    if owner and occasion == "reminder":
        return owner
    return list({one.id: one for one in (*owner, *reminded(owed.building, now))}.values())


def _ended(person: PersonFacts, alert: str) -> str:
    """The building of an alert that is over."""
    view = queries.alert_visible_to(person, alert)
    if view.file.alert.active:
        raise Conflict("The alert is still going on.", code="alert_is_active")
    return view.building.id
