"""Requests of persons for images of themselves: the queue, one request, what its number says to a stranger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from beffroi.governance import models
from beffroi.governance.core.holds import LIVE_HOLDS, HoldReference
from beffroi.governance.core.rights import KEPT_AFTER_ANSWER, OPEN, RightsState, read_number
from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites

RightsRow = models.RightsRequest
"""A request as it is read; pages know it by this name."""

READERS = frozenset({Role.DPO, Role.CHIEF})
ENDED = (RightsState.NEGATIVE, RightsState.REFUSED, RightsState.WITHDRAWN, RightsState.CLOSED)


@dataclass(frozen=True, slots=True)
class PublicStanding:
    """All that a tracking number tells: nothing of a person, a place or a picture."""

    number: str
    state: RightsState
    received_at: datetime
    due_at: datetime
    answered_at: datetime | None


def in_reach(person: PersonFacts, rows: Iterable[RightsRow]) -> list[RightsRow]:
    """Those whose cameras stand in the person's communes, and those that name no camera yet: no commune's, then.

    A DPO who belongs to no commune serves them all.
    """
    communes = (person.territory | {people.home_of(person.id)}) - {""}
    if Role.DPO in person.roles and not communes:
        return list(rows)
    known = {str(one.id) for one in sites.cameras(retired=True) if one.insee in communes}
    return [row for row in rows if not row.cameras or known.intersection(row.cameras)]


def visible_to(person: PersonFacts) -> "QuerySet[models.RightsRequest]":
    """Requests are read by the DPO and the chief, by nobody else; ``in_reach`` narrows them to their communes."""
    rows = models.RightsRequest.objects.all()
    return rows if person.roles & READERS else rows.none()


def queue(person: PersonFacts) -> list[RightsRow]:
    """What waits for an answer, the most urgent first."""
    return in_reach(person, visible_to(person).filter(state__in=OPEN).order_by("due_at", "id"))


def answered(person: PersonFacts, limit: int = 50) -> list[RightsRow]:
    """What was answered or withdrawn, the newest first."""
    rows = visible_to(person).exclude(state__in=OPEN).order_by("-received_at", "-id")
    return in_reach(person, rows[: 10 * limit])[:limit]


def one(person: PersonFacts, request_id: str) -> RightsRow:
    """One request; absent and foreign are the same ``NotFound`` (I1)."""
    found = in_reach(person, visible_to(person).filter(pk=request_id))
    if not found:
        raise NotFound("There is no such request.", code="no-such-rights-request")
    return found[0]


def holds_of(request_id: str) -> list[models.Hold]:
    """What is held for a request."""
    rows = models.Hold.objects.filter(kind=HoldReference.RIGHTS, reference=request_id)
    return list(rows.order_by("placed_at", "camera_name"))


def live_holds_of(request_id: str) -> list[str]:
    """Ids of the holds that somebody still counts on."""
    rows = models.Hold.objects.filter(kind=HoldReference.RIGHTS, reference=request_id, state__in=LIVE_HOLDS)
    return list(rows.values_list("id", flat=True))


def by_number(text: str) -> PublicStanding:
    """Where the request of this number stands; ``NotFound`` for a number that is none, and for any other."""
    number = read_number(text)
    row = models.RightsRequest.objects.filter(number=number).first() if number else None
    if row is None:
        raise NotFound("There is no request of this number.", code="no-such-rights-request")
    return PublicStanding(row.number, RightsState(row.state), row.received_at, row.due_at, row.answered_at)


def taken_since(since: datetime, source: str = "") -> int:
    """How many requests came in, from one source or from all."""
    rows = models.RightsRequest.objects.filter(received_at__gt=since)
    return (rows.filter(source=source) if source else rows).count()


def register(person: PersonFacts, limit: int = 20_000) -> list[RightsRow]:
    """The requests of the person's communes, the newest first, for a register that names nobody."""
    rows = models.RightsRequest.objects.defer("description", "name", "contact").order_by("-received_at")
    return in_reach(person, rows[:limit])


def to_forget(now: datetime) -> list[str]:
    """Ids of requests whose persons are to be forgotten: a year after the answer, or after they were withdrawn."""
    rows = models.RightsRequest.objects.filter(forgotten_at=None, state__in=ENDED)
    before = now - KEPT_AFTER_ANSWER
    return [row.id for row in rows if (row.answered_at or row.received_at) <= before]


def with_source(now: datetime) -> list[str]:
    """Ids of requests older than a day that still carry the digest of an address."""
    rows = models.RightsRequest.objects.filter(received_at__lt=now - timedelta(days=1)).exclude(source="")
    return list(rows.values_list("id", flat=True))
