"""Who is told of an alert, on which rung, and how far each message has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from beffroi.kernel.errors import NotFound
from beffroi.operations import queries as operations
from beffroi.operations.core.words import RotaLine
from beffroi.people import queries as people
from beffroi.people.core.roles import Force
from beffroi.safety import models
from beffroi.safety.core.escalation import rung_of
from beffroi.safety.core.events import AlertFile, Kind, LogLine
from beffroi.safety.core.words import ACTIVE
from beffroi.safety.queries.buildings import building_ids_visible_to

TELL_AFTER_END = timedelta(hours=24)
"""An all-clear that could not be handed over is tried for a day after the end; then a person must see to it."""


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One line of the board: who, by what, how far, and what stands in the way."""

    id: str
    contact_id: str
    contact: str
    channel: str
    tier: int
    order: int
    state: str
    attempts: int
    moved_at: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach somebody for a building, and on which rung she stands now."""

    contact: str
    person: str
    name: str
    channel: str
    address: str
    rung: int
    drill_ok: bool
    language: str
    room: bool  # of the commune's own police: hears what nobody on site may hear


def reaches(building_id: str, now: datetime) -> list[Reach]:
    """Everybody who may be told of this building's alerts: its own contacts, and the telephones of our people who
    answer for it, the first rung first."""
    rows = models.Contact.objects.filter(removed_at=None).filter(Q(building=building_id) | Q(building=None))
    line = next_in_line(now)
    in_line = str(line.person) if line else ""
    found = [(row, _rung(row, building_id, in_line, now)) for row in rows.order_by("tier", "id")]
    placed = [_reach(row, rung, now) for row, rung in found if rung]
    return sorted(placed, key=lambda one: one.rung)


def next_in_line(now: datetime) -> RotaLine | None:
    """The first of the order of call who is not on duty already."""
    return next((one for one in operations.order_of_call(now) if operations.shift_of(one.person, now) is None), None)


def ways_of(person_id: str) -> list[Reach]:
    """How a person of ours is reached herself."""
    rows = models.Contact.objects.filter(person=person_id, removed_at=None).order_by("channel", "id")
    return [
        Reach(row.id, row.person, row.name, row.channel, row.address, 1, row.drill_ok, row.language, True)
        for row in rows
    ]


def untaken_since(file: AlertFile) -> datetime:
    """Since when, by the centre's clock, nobody holds this alert."""
    kinds = (Kind.TRIGGER, Kind.UNHELD)
    last = next(one.event for one in reversed(file.log) if one.event.kind in kinds and _opens(file, one))
    return models.Event.objects.get(origin=last.origin, boot=last.boot, sequence=last.sequence).received_at


def taken_at(file: AlertFile) -> datetime | None:
    """When whoever holds this alert took it, by the centre's clock."""
    kinds = (Kind.ACKNOWLEDGE, Kind.TAKE_OVER)
    taken = next((one.event for one in reversed(file.log) if one.event.kind in kinds and not one.without_effect), None)
    if taken is None:
        return None
    return models.Event.objects.get(origin=taken.origin, boot=taken.boot, sequence=taken.sequence).received_at


def alerts_to_tell(now: datetime) -> list[str]:
    """Alerts that are active, or ended so lately that somebody may not have heard the end."""
    active = Q(state__in=[state.value for state in ACTIVE])
    rows = models.Alert.objects.filter(active | Q(ended_at__gt=now - TELL_AFTER_END))
    return [row.id for row in rows.order_by("opened_at")]


def notices_due(now: datetime) -> list[tuple[str, str]]:
    """Notices whose turn it is, with their channel: their time has come and nothing before them on the same road still
    waits (an update never overtakes its alert)."""
    waiting = models.Notice.objects.filter(state__in=["planned", "retrying"], alert__in=alerts_to_tell(now))
    rows = waiting.select_related("contact").order_by("contact__tier", "order", "id")
    first: dict[tuple[str, str], models.Notice] = {}
    for row in rows:
        road = (row.alert_id, row.contact_id)
        if road not in first or row.order < first[road].order:
            first[road] = row
    return [(row.id, row.contact.channel) for row in first.values() if row.next_at is None or row.next_at <= now]


def notices_of(alert_id: str) -> list[NoticeFacts]:
    """The board of an alert: every contact and message with its state."""
    rows = (
        models.Notice.objects.filter(alert=alert_id).select_related("contact").order_by("contact__tier", "order", "id")
    )
    return [
        NoticeFacts(
            row.id,
            row.contact_id,
            row.contact.name,
            row.contact.channel,
            row.contact.tier,
            row.order,
            row.state,
            row.attempts,
            row.moved_at,
            row.trouble,
        )
        for row in rows
    ]


def _opens(file: AlertFile, line: LogLine) -> bool:
    return not line.without_effect and (line.event.kind is Kind.UNHELD or line is file.log[0])


def _rung(row: models.Contact, building_id: str, in_line: str, now: datetime) -> int:
    """The rung of a contact, 0 for one who has no business with this building."""
    if not row.person:
        return row.tier
    try:
        person = people.person_facts(row.person, now)
    except NotFound:
        return 0
    if building_id not in building_ids_visible_to(person):
        return 0
    staff = models.BuildingStaff.objects.filter(building=building_id, person=row.person, until=None).exists()
    on_duty = operations.shift_of(row.person, now) is not None
    return rung_of(on_duty=on_duty, answers_for_building=staff, next_in_line=row.person == in_line, roles=person.roles)


def _reach(row: models.Contact, rung: int, now: datetime) -> Reach:
    room = bool(row.person) and people.person_facts(row.person, now).force is Force.PM
    return Reach(row.id, row.person, row.name, row.channel, row.address, rung, row.drill_ok, row.language, room)
