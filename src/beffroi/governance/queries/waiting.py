"""What waits for a person's answer, whom to call about it, and who was called (J0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from beffroi.governance.core.requisitions import Channel, State
from beffroi.governance.models import AccessGrant, Requisition
from beffroi.governance.queries import access, notices
from beffroi.kernel.ids import PersonId
from beffroi.operations import queries as operations
from beffroi.operations.core.calls import Call, Staffing, Waits, call_due_at
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.sites import queries as sites


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for an answer of one of ``answerers``, the first to be called first."""

    kind: Waits
    id: str
    asked_at: datetime
    urgent: bool
    answerers: tuple[PersonId, ...]

    @property
    def subject(self) -> str:
        """How facts and messages name it."""
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class CallBoard:
    """Who was called about something, and when the next one is."""

    called: tuple[tuple[str, datetime], ...]  # name, when
    next_name: str  # empty: nobody is left
    next_at: datetime
    unanswered: bool


def waiting(now: datetime) -> list[Waiting]:
    """Every access and requisition that waits, the oldest first."""
    if not (_requested(now).exists() or _untaken().exists()):
        return []
    known = {one.id: one for one in people.persons(now=now)}
    order = _order(known, now)
    found = [*_accesses(order, now), *_requisitions(order)]
    return sorted(found, key=lambda one: one.asked_at)


def requisitions_untaken(person: PersonFacts) -> list[Requisition]:
    """Those that nobody has taken and that this person may decide on, the oldest first."""
    if not _decides(person):
        return []
    return [row for row, communes in _untaken_with_communes() if _may_take(person, row, communes)]


def boards(now: datetime) -> dict[str, CallBoard]:
    """Who was called about everything that waits, by its subject."""
    found = waiting(now)
    names = {person.id: person.called for person in people.persons(now=now)} if found else {}
    staffing = operations.staffing(now)
    return {one.subject: _board(one, staffing, names) for one in found}


def board(subject: str, now: datetime) -> CallBoard | None:
    """Who was called about ``subject``; ``None`` where it waits no longer."""
    return boards(now).get(subject)


def _board(one: Waiting, staffing: Staffing, names: Mapping[PersonId, str]) -> CallBoard:
    calls = notices.calls_about(one.subject)
    called = {call.person for call, _ in calls}
    following = next((person for person in one.answerers if person not in called), None)
    return CallBoard(
        called=tuple((name, call.at) for call, name in calls),
        next_name=names.get(following, "") if following else "",
        next_at=due_at(one, [call for call, _ in calls], staffing),
        unanswered=notices.alarmed(one.subject),
    )


def due_at(one: Waiting, calls: Sequence[Call], staffing: Staffing) -> datetime:
    """When the next call is made if nobody answers."""
    return call_due_at(calls, asked_at=one.asked_at, patience=staffing.patience(one.kind, urgent=one.urgent))


def _order(known: dict[PersonId, PersonFacts], now: datetime) -> list[PersonFacts]:
    """Whoever is on duty first, then the order of call."""
    on_duty = [shift.person for shift in operations.on_duty(now)]
    called = [line.person for line in operations.order_of_call(now)]
    return [known[one] for one in dict.fromkeys([*on_duty, *called]) if one in known]


def _accesses(order: Sequence[PersonFacts], now: datetime) -> list[Waiting]:
    found = []
    for one in map(access.facts_of, _requested(now)):
        may = [person for person in order if access.may_decide(person, one) and access.in_reach(person, [one])]
        ids = tuple(person.id for person in may)
        found.append(Waiting(Waits.ACCESS, one.id, one.decided_at or one.requested_at, one.emergency, ids))
    return found


def _requisitions(order: Sequence[PersonFacts]) -> list[Waiting]:
    found = []
    for row, communes in _untaken_with_communes():
        may = [one.id for one in order if _decides(one) and _may_take(one, row, communes)]
        found.append(Waiting(Waits.REQUISITION, row.id, row.entered_at, row.urgent, tuple(may)))
    return found


def _untaken_with_communes() -> list[tuple[Requisition, frozenset[str]]]:
    communes: dict[str, str] = {camera.id: camera.insee for camera in sites.cameras(retired=True)}
    rows = _untaken().prefetch_related("cameras")
    return [(row, frozenset(communes.get(one.camera, "") for one in row.cameras.all())) for row in rows]


def _may_take(person: PersonFacts, row: Requisition, communes: frozenset[str]) -> bool:
    """Of her communes, or of a place nobody has found yet; never her own."""
    return row.requester != person.id and (not communes or bool(communes & person.territory))


def _requested(now: datetime) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.filter(state=AccessGrant.State.REQUESTED, requested_at__lte=now)


def _untaken() -> QuerySet[Requisition]:
    """Came in through the counter, not answered, and no officer has taken it."""
    waits = (State.RECEIVED.value, State.CHECKED.value)
    rows = Requisition.objects.filter(channel=Channel.COUNTER.value, state__in=waits, officers=None)
    return rows.order_by("entered_at")


def _decides(person: PersonFacts) -> bool:
    return Permission.DESK_REQUISITION_DECIDE in permissions_of(person.roles)
