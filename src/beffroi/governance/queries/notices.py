"""Who is told in which capacity, and how far each message has come. The only reader of notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from beffroi.governance.core.telling import Channel, Occasion, Recipient
from beffroi.governance.models import AccessGrant, Notice
from beffroi.governance.queries import access, requisitions
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.delivery import WAITING, Delivery
from beffroi.operations import queries as operations
from beffroi.operations.core.calls import Call
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites

_MOST = 50
_SHOWN_FOR = timedelta(days=3)
_CAPACITIES = {"chief": Role.CHIEF, "mayor": Role.MAYOR, "dpo": Role.DPO}


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One message as pages show it."""

    id: str
    subject: str
    occasion: str
    capacity: str
    person_name: str
    channel: Channel
    title: str
    text: str
    state: Delivery
    attempts: int
    trouble: str
    made_at: datetime
    moved_at: datetime

    @property
    def requisition(self) -> str:
        """The id of the requisition it is about; empty where it is about something else."""
        return self.subject.removeprefix("requisition:") if self.subject.startswith("requisition:") else ""

    @property
    def access(self) -> str:
        """The id of the access it is about; empty where it is about something else."""
        return self.subject.removeprefix("access:") if self.subject.startswith("access:") else ""


def recipients(capacity: str, one: GrantFacts, now: datetime) -> list[Recipient]:
    """Everybody to be told of an access in this capacity, by every channel that reaches her; never who looks."""
    if capacity == "unit":
        return _mailbox(one, now)
    communes = {camera.insee for camera in sites.cameras(retired=True) if camera.id in set(one.cameras)}
    if capacity == "room":
        found = _room(communes, now)
    else:
        role = _CAPACITIES[capacity]
        found = [person for person in people.persons(now=now, role=role) if _answers_for(person, role, communes)]
    return [way for person in found if person.id != one.person for way in ways_to(person, capacity)]


def ways_to(person: PersonFacts, capacity: str, *, phone: str = "") -> list[Recipient]:
    """Page, mail and telephone, as far as this person has them. Where nothing reaches her a mail without address
    stands for that, and says so."""
    language = people.language_of(person.id) or "fr"
    found = []
    if Permission.ACCESS_READ in permissions_of(person.roles) and people.language_of(person.id):
        found.append(Recipient(capacity, person.id, person.called, Channel.PAGE, "", language))
    if phone and settings.BEFFROI_SMS_URL:
        found.append(Recipient(capacity, person.id, person.called, Channel.SMS, phone, language))
    if person.email or not found:
        found.append(Recipient(capacity, person.id, person.called, Channel.EMAIL, person.email, language))
    return found


def due(now: datetime, *, limit: int = 50) -> list[tuple[str, str]]:
    """Id and channel of what is to be handed over now, the oldest first. Pages fetch theirs themselves."""
    turn = Q(next_at=None) | Q(next_at__lte=now)
    rows = Notice.objects.filter(turn, state__in=[one.value for one in WAITING]).exclude(channel=Channel.PAGE.value)
    return list(rows.order_by("made_at", "id").values_list("id", "channel")[:limit])


def of_access(grant: str) -> list[NoticeFacts]:
    """Everybody who was told of an access, and how far that has come. Callers have seen that the reader may."""
    return _facts(Notice.objects.filter(subject=f"access:{grant}").order_by("made_at", "capacity", "id"))


def about(subjects: Iterable[str]) -> list[NoticeFacts]:
    """Everybody who was told of these, and how far that has come. Callers have seen that the reader may."""
    return _facts(Notice.objects.filter(subject__in=list(subjects)).order_by("made_at", "person_name", "id"))


def on_page(person: PersonFacts) -> list[NoticeFacts]:
    """What this person's page shows until she says that she has seen it, newest first."""
    rows = Notice.objects.filter(person=person.id, channel=Channel.PAGE.value)
    waiting = (Delivery.PLANNED.value, Delivery.DELIVERED.value)
    return _facts(rows.filter(state__in=waiting).order_by("-made_at")[:20])


def undelivered(person: PersonFacts, now: datetime) -> list[NoticeFacts]:
    """What could not leave, to whoever was not reached by another way either: shown to the room, so that somebody
    telephones. Of accesses, those of this person's communes; guests are of no commune yet."""
    reached = Notice.objects.filter(
        subject=OuterRef("subject"),
        occasion=OuterRef("occasion"),
        person=OuterRef("person"),
        state__in=(Delivery.DELIVERED.value, Delivery.SEEN.value),
    )
    rows = Notice.objects.filter(
        ~Exists(reached),
        Q(state=Delivery.RETRYING.value) | Q(state=Delivery.EXPIRED.value, moved_at__gt=now - _SHOWN_FOR),
    ).order_by("-made_at")[:_MOST]
    named = access.grants_named([row.subject.removeprefix("access:") for row in rows])
    near = {f"access:{one.id}" for one in access.in_reach(person, named)}
    about = [row.subject.split(":")[1] for row in rows if row.subject.startswith("unit:")]
    seen = requisitions.desk_rows(person).filter(pk__in=about).values_list("pk", flat=True)
    near |= {f"unit:{one}" for one in seen}
    return _facts(
        row
        for row in rows
        if row.subject in near or row.subject.startswith("guest:") or row.subject.rpartition(":")[0] in near
    )


def late_reviews(now: datetime) -> list[str]:
    """Accesses whose review is overdue and of which that was not said yet."""
    said = Notice.objects.filter(occasion=Occasion.LATE.value).values_list("subject", flat=True)
    rows = AccessGrant.objects.filter(regularise_by__lte=now, regularised_by="").order_by("regularise_by")
    told = {one.removeprefix("access:") for one in said}
    return [one for one in rows.values_list("id", flat=True) if one not in told]


def calls_about(subject: str) -> list[tuple[Call, str]]:
    """Who was called about it, with the name, in order."""
    rows = Notice.objects.filter(subject=subject, occasion=Occasion.ASKED.value).order_by("made_at", "id")
    first: dict[str, tuple[Call, str]] = {}
    for row in rows:
        first.setdefault(row.person, (Call(row.person, row.made_at), row.person_name))
    return list(first.values())


def alarmed(subject: str) -> bool:
    """Whether it was said that nobody answers."""
    return Notice.objects.filter(subject=subject, occasion=Occasion.UNANSWERED.value).exists()


def _room(communes: Iterable[str], now: datetime) -> list[PersonFacts]:
    """Whoever is on duty in these communes; else the first in the order of call who is still there."""
    known = {one.id: one for one in people.persons(now=now)}
    wanted = set(communes)
    on_duty = [known[shift.person] for shift in operations.on_duty(now) if shift.person in known]
    found = [one for one in on_duty if one.territory & wanted]
    if found:
        return found
    called = [known[line.person] for line in operations.order_of_call(now) if line.person in known]
    return [one for one in called if one.territory & wanted][:1]


def _answers_for(person: PersonFacts, role: Role, communes: Iterable[str]) -> bool:
    wanted = set(communes)
    return role is Role.DPO or bool(person.territory & wanted) or people.home_of(person.id) in wanted


def _mailbox(one: GrantFacts, now: datetime) -> list[Recipient]:
    unit = people.person_facts(one.person, now).unit_id
    return [Recipient("unit", "", one.unit, Channel.EMAIL, people.mailbox_of(unit))]


def _facts(rows: Iterable[Notice]) -> list[NoticeFacts]:
    return [
        NoticeFacts(
            id=row.id,
            subject=row.subject,
            occasion=row.occasion,
            capacity=row.capacity,
            person_name=row.person_name,
            channel=Channel(row.channel),
            title=row.title,
            text=row.text,
            state=Delivery(row.state),
            attempts=row.attempts,
            trouble=row.trouble,
            made_at=row.made_at,
            moved_at=row.moved_at,
        )
        for row in rows
    ]
