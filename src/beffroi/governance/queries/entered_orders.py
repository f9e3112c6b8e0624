"""Prefect's orders as their pages show them: what stands, by which paper, what ends when, and drafts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from beffroi.governance.core.entered_orders import OrderEntry, RecipientEntry, alarms, entry_from_json
from beffroi.governance.core.order_text import ZONE
from beffroi.governance.models import EnteredOrder
from beffroi.governance.queries import law
from beffroi.governance.queries.reach import cameras_in_reach, communes_in_reach
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.authorisations import AuthorisationFacts, AuthorisationState, state_of
from beffroi.sites.core.cameras import CameraFacts

EnteredRow = EnteredOrder


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """One order by its number: what it authorises, whom it names, and the paper where one was kept."""

    entry: OrderEntry
    authorisation: AuthorisationFacts | None
    named: bool  # it stands among the orders that name recipients
    withdrawn_at: datetime | None
    row: EnteredOrder | None
    followed_by: str = ""  # number of the confirmed order that renews or replaces it

    @property
    def reference(self) -> str:
        """Its number."""
        return self.entry.reference

    @property
    def key(self) -> str:
        """What names it in an address: the entered paper, else a digest of its number (which may hold any letter)."""
        return self.row.id if self.row else f"number-{sha256(self.reference.encode()).hex()[:24]}"

    def state(self, at: datetime) -> AuthorisationState:
        """Where it stands: the same words as an authorisation, for both kinds."""
        span = self.entry.valid
        return state_of(
            AuthorisationFacts(
                "", self.reference, "", frozenset(), 0, 1, span.start, span.end, withdrawn_at=self.withdrawn_at
            ),
            at,
        )

    def over(self, at: datetime) -> bool:
        """It names nobody and authorises nothing any more."""
        return self.state(at) in {AuthorisationState.EXPIRED, AuthorisationState.WITHDRAWN}

    def alarms(self, now: datetime) -> tuple[tuple[int, datetime, bool], ...]:
        """The reminders of R-02; none once it is over or followed."""
        return () if self.followed_by or self.over(now) else alarms(self.entry.valid.end, now)


def standing(person: PersonFacts) -> list[StandingOrder]:
    """The orders over cameras of the person's communes, the one that ends last first."""
    return [one for one in _all() if _meets(person, one.entry)]


def by_reference(person: PersonFacts, reference: str) -> StandingOrder:
    """One whose every camera is the person's affair; else ``NotFound``, whether it is there or not."""
    found = next((one for one in _all() if one.reference == reference and _holds(person, one.entry)), None)
    if found is None:
        raise NotFound("There is no such order.", code="no_such_order")
    return found


def by_key(person: PersonFacts, key: str) -> StandingOrder:
    """One that stands, over any camera of the person's communes; absent and foreign are the same ``NotFound``."""
    found = next((one for one in _all() if one.key == key and _meets(person, one.entry)), None)
    if found is None:
        raise NotFound("There is no such order.", code="no_such_order")
    return found


def renewals(now: datetime) -> list[tuple[StandingOrder, int]]:
    """Orders that end and that nothing follows, each with the last of its reminders that has come, in months."""
    found = []
    for one in _all():
        come = [months for months, _, reached in one.alarms(now) if reached]
        if come:
            found.append((one, min(come)))
    return found


def answer_for(order: StandingOrder, now: datetime) -> list[PersonFacts]:
    """Who is to have it renewed: the chiefs and mayors of its communes."""
    found = {one.id: one for role in (Role.CHIEF, Role.MAYOR) for one in people.persons(now=now, role=role)}
    return [one for one in found.values() if set(order.entry.communes) & communes_in_reach(one)]


def drafts(person: PersonFacts) -> list[EnteredOrder]:
    """What was typed and waits to be confirmed, newest first."""
    rows = EnteredOrder.objects.filter(state=EnteredOrder.State.DRAFT).order_by("-drafted_at")
    return [row for row in rows if _meets(person, entry_from_json(row.entry))]


def one(person: PersonFacts, row_id: str) -> EnteredOrder:
    """One entered order within the person's reach; absent and foreign are the same ``NotFound``."""
    row = EnteredOrder.objects.filter(pk=row_id).first()
    if row is None or not _meets(person, entry_from_json(row.entry)):
        raise NotFound("There is no such order.", code="no_such_order")
    return row


def cameras_to_name(person: PersonFacts) -> list[CameraFacts]:
    """The cameras that the person may write into an order: those of her communes, by number."""
    known = cameras_in_reach(person)
    return [one for one in sites.cameras() if known is None or one.id in known]


def within(person: PersonFacts, numbers: Iterable[int]) -> bool:
    """Whether every camera of these numbers is the person's affair."""
    return set(numbers) <= {one.number for one in cameras_to_name(person)}


def stands(reference: str) -> bool:
    """Whether an order of this number is here, in force or not."""
    return any(one.reference == reference for one in _all())


def _all() -> list[StandingOrder]:
    cameras = sites.cameras(retired=True)
    rows = {row.reference: row for row in EnteredOrder.objects.filter(state=EnteredOrder.State.CONFIRMED)}
    follows = {row.predecessor: row.reference for row in rows.values() if row.predecessor}
    authorised = {one.reference: one for one in sites.authorisations()}
    named = {one.order.number: one for one in law.orders()}
    found = []
    for reference in [*authorised, *(number for number in named if number not in authorised)]:
        facts, order, row = authorised.get(reference), named.get(reference), rows.get(reference)
        entry = entry_from_json(row.entry) if row else _entry(reference, facts, order, cameras)
        parts = [*([facts.withdrawn_at] if facts else ()), *([order.revoked_at] if order else ())]
        ended = [at for at in parts if at is not None]
        withdrawn = max(ended) if len(ended) == len(parts) else None  # over when each part is
        found.append(StandingOrder(entry, facts, order is not None, withdrawn, row, follows.get(reference, "")))
    return sorted(found, key=lambda one: (one.entry.valid.end, one.reference), reverse=True)


def _entry(
    reference: str, facts: AuthorisationFacts | None, named: law.OrderFacts | None, cameras: list[CameraFacts]
) -> OrderEntry:
    """What an order says that no paper was entered for (founding file, demonstration)."""
    order = named.order if named else None
    held = [one for one in cameras if facts is not None and facts.id in {each.id for each in one.authorisations}]
    told = [
        one for one in cameras if order is not None and one.retired_at is None and order.covers(one.number, one.insee)
    ]
    if facts is not None:
        start, end, prefecture = facts.valid_from, facts.valid_to, facts.department
        days, purposes = (facts.retention_min_days, facts.retention_max_days), [one.value for one in facts.purposes]
    else:
        assert order is not None  # a reference comes from one of the two
        start, end, prefecture = order.valid.start, order.valid.end, order.prefecture
        days, purposes = (order.retention_min_days, order.retention_max_days), list(order.purposes)
    chosen = held or told
    communes = {one.insee for one in chosen} | (set(order.communes) if order else set())
    return OrderEntry(
        reference=reference,
        prefecture=prefecture,
        signed_on=_day(order.signed_on if order else start),
        first_day=_day(start),
        last_day=_day(end - timedelta(microseconds=1)),
        cameras=tuple(sorted(one.number for one in chosen)),
        communes=tuple(sorted(communes)),
        purposes=tuple(sorted(purposes)),
        retention_min_days=days[0],
        retention_max_days=days[1],
        authorises=facts is not None,
        recipients=tuple(
            RecipientEntry(one.force, one.unit, tuple(sorted(one.persons)), tuple(sorted(one.uses)))
            for one in (order.recipients if order else ())
        ),
        recipient_days=order.recipient_retention_days if order else 30,
        doubt_waived=order.doubt_waived if order else False,
    )


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _meets(person: PersonFacts, entry: OrderEntry) -> bool:
    return Role.DPO in person.roles or bool(set(entry.communes) & communes_in_reach(person))


def _holds(person: PersonFacts, entry: OrderEntry) -> bool:
    return set(entry.communes) <= communes_in_reach(person)
