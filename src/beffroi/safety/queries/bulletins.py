"""Alerts from outside (CAP) as a person may see them: of the communes in which she sees a building."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from beffroi.kernel.errors import NotFound
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.core import cap
from beffroi.safety.core.bulletins import Ordered, Proposal, Standing, name_of, posture_of, proposal, referred
from beffroi.safety.core.cap_areas import Concern, Place
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.words import Hazard
from beffroi.safety.queries.buildings import BuildingFacts, buildings_visible_to
from beffroi.sites import queries as sites

KEPT_IN_VIEW = timedelta(days=30)
MOST = 50


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one building; ``alert`` is empty where it was set aside."""

    alert: str
    active: bool  # the alert goes on
    reason: str
    person_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """One building of the commune: what is or would be ordered there, and what was decided."""

    building: BuildingFacts
    ordered: Ordered
    decision: Decision | None
    running: tuple[str, ...]  # alerts that go on there


@dataclass(frozen=True, slots=True)
class BulletinView:
    """A message with what it proposes now to whom."""

    id: str
    message: cap.Message
    proposal: Proposal
    rows: tuple[BuildingRow, ...]
    received_at: datetime
    brought_by: str
    earlier: tuple[str, ...]  # alerts that go on and were relayed from a message this one refers to

    @property
    def title(self) -> str:
        """What it is called on screen."""
        info = self.proposal.info
        return (info.headline or info.event if info else "") or self.message.identifier

    @property
    def waiting(self) -> tuple[BuildingRow, ...]:
        """The buildings for which somebody is still to decide."""
        return tuple(row for row in self.rows if row.decision is None)

    @property
    def open(self) -> bool:
        """Whether it proposes something to somebody."""
        return self.proposal.standing is Standing.PROPOSES and bool(self.waiting)

    @property
    def goes_on(self) -> tuple[str, ...]:
        """Alerts relayed from it that go on, though it was cancelled: nobody but two keys ends them."""
        if self.proposal.standing is not Standing.CANCELLED:
            return ()
        return tuple(row.decision.alert for row in self.rows if row.decision and row.decision.active)


def bulletins_visible_to(person: PersonFacts, now: datetime, *, language: str = "fr") -> list[BulletinView]:
    """The messages of the last thirty days, newest first."""
    buildings = buildings_visible_to(person)
    found = models.Bulletin.objects.filter(
        insee__in={one.insee for one in buildings}, received_at__gt=now - KEPT_IN_VIEW
    )
    rows = list(found.prefetch_related("decisions").order_by("-received_at", "-id")[:MOST])
    return _views(person, rows, rows, now, language)


def bulletin_visible_to(person: PersonFacts, bulletin: str, now: datetime, *, language: str = "fr") -> BulletinView:
    """One message; absent and foreign are the same ``NotFound`` (I1)."""
    buildings = buildings_visible_to(person)
    row = models.Bulletin.objects.filter(id=bulletin, insee__in={one.insee for one in buildings}).first()
    if row is None:
        raise NotFound("There is no such alert from outside.", code="no_such_bulletin")
    near = models.Bulletin.objects.filter(insee=row.insee, received_at__gt=row.received_at - KEPT_IN_VIEW)
    return _views(person, [row], list(near), now, language)[0]


def place_of(insee: str) -> Place:
    """The commune as areas are held against it; one that is not entered is known by its code and buildings alone."""
    commune = next((one for one in sites.communes() if one.insee == insee), None)
    rows = models.Building.objects.filter(insee=insee, latitude__isnull=False, longitude__isnull=False)
    points = [(float(one.latitude or 0), float(one.longitude or 0)) for one in rows]
    if commune is None:
        return Place(insee, "", tuple(points))
    return Place(insee, commune.name, ((commune.latitude, commune.longitude), *points), commune.boundary)


@lru_cache(maxsize=64)
def _read(document: bytes) -> cap.Message:
    """The same bytes say the same: a board that is opened again reads nothing anew."""
    return cap.read(document)


def _views(
    person: PersonFacts,
    rows: list[models.Bulletin],
    near: Iterable[models.Bulletin],
    now: datetime,
    language: str,
) -> list[BulletinView]:
    messages = {one.id: (one.insee, _read(bytes(one.document))) for one in near}
    buildings = buildings_visible_to(person)
    plans = {one.id: queries.plan_in_force(one.id) for one in buildings} if rows else {}
    active: dict[str, list[str]] = {}
    for view in queries.active_visible_to(person):  # not those that nobody on site may notice
        active.setdefault(view.building.id, []).append(view.file.alert.id)
    found = []
    for row in rows:
        insee, message = messages[row.id]
        others = [one for commune, one in messages.values() if commune == insee]
        concerns = [Concern(one) for one in row.concerns]
        proposed = proposal(message, concerns, others, now=now, language=language)
        here = [one for one in buildings if one.insee == row.insee]
        found.append(
            BulletinView(
                row.id,
                message,
                proposed,
                _building_rows(row, here, plans, proposed.recognised.hazard, active),
                row.received_at,
                row.brought_by_name,
                _earlier(row, message, active),
            )
        )
    return found


def _building_rows(
    row: models.Bulletin,
    buildings: list[BuildingFacts],
    plans: dict[str, Plan | None],
    hazard: Hazard,
    active: dict[str, list[str]],
) -> tuple[BuildingRow, ...]:
    decided = {one.building_id: one for one in row.decisions.all()}
    running = {alert for alerts in active.values() for alert in alerts}
    return tuple(
        BuildingRow(
            one,
            posture_of(plans[one.id], hazard),
            _decision(decided[one.id], running) if one.id in decided else None,
            tuple(active.get(one.id, ())),
        )
        for one in buildings
    )


def _decision(row: models.BulletinDecision, running: set[str]) -> Decision:
    alert = row.alert_id or ""
    return Decision(alert, alert in running, row.reason, row.person_name, row.at)


def _earlier(row: models.Bulletin, message: cap.Message, active: dict[str, list[str]]) -> tuple[str, ...]:
    names = [name_of(message.sender, one) for one in referred(message)]
    going = [alert for alerts in active.values() for alert in alerts]
    found = models.BulletinDecision.objects.filter(bulletin__insee=row.insee, bulletin__name__in=names, alert__in=going)
    return tuple(found.order_by("at").values_list("alert_id", flat=True))
