"""The only reader of holds. Rows leave as values."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from beffroi.governance import models
from beffroi.governance.core.holds import LIVE_HOLDS, HoldLoad, HoldReference, HoldState
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """One hold as pages and jobs see it."""

    id: str
    camera: str
    camera_name: str
    span: Span
    kind: HoldReference
    reference: str
    label: str
    judicial_reference: str
    reason: str
    state: HoldState
    placed_at: datetime
    placed_by_name: str
    confirmed_at: datetime | None
    covered: tuple[Span, ...]
    kept_by: str
    failure: str
    over_cap: bool
    release_at: datetime | None
    release_reason: str
    released_at: datetime | None

    @property
    def releasing(self) -> bool:
        return self.state is HoldState.RELEASING

    @property
    def empty(self) -> bool:
        """Confirmed, but the recorder found no footage in the span."""
        return self.state is HoldState.CONFIRMED and not self.covered


def to_reconcile(now: datetime, limit: int = 200) -> list[HoldFacts]:
    """What the recorder must be asked for at ``now``, the longest waiting first."""
    open_states = (HoldState.PENDING, HoldState.FAILED, HoldState.RELEASING)
    rows = models.Hold.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), state__in=open_states)
    return _facts(rows.order_by("placed_at", "id")[:limit])


def unregularised(now: datetime) -> list[HoldFacts]:
    """Holds whose term for regularising is over at ``now``."""
    return _facts(models.Hold.objects.filter(release_at__lte=now, regularised_at=None, state__in=LIVE_HOLDS))


def holds_of(kind: HoldReference, reference: str) -> list[HoldFacts]:
    """The holds that hang on an incident, requisition, notice or request, by camera."""
    return _facts(models.Hold.objects.filter(kind=kind.value, reference=reference).order_by("camera_name", "start"))


def live(limit: int = 500) -> list[HoldFacts]:
    """Every hold somebody counts on, newest first."""
    return _facts(models.Hold.objects.filter(state__in=LIVE_HOLDS).order_by("-placed_at")[:limit])


def live_visible_to(person: PersonFacts, limit: int = 500) -> list[HoldFacts]:
    """Those of the person's communes, what is released first at the top."""
    rows = models.Hold.objects.filter(state__in=(*LIVE_HOLDS, HoldState.RELEASING))
    known = cameras_in_reach(person)
    if known is not None:
        rows = rows.filter(camera__in=known)
    return _facts(rows.order_by(F("release_at").asc(nulls_last=True), "-placed_at")[:limit])


def visible_to(person: PersonFacts, hold: str) -> HoldFacts:
    """One hold of the person's communes; ``NotFound``."""
    found = next((one for one in _facts(models.Hold.objects.filter(pk=hold)) if _reaches(person, one.camera)), None)
    if found is None:
        raise NotFound("There is no such hold.", code="no-such-hold")
    return found


def loads(person: PersonFacts) -> list[tuple[str, HoldLoad]]:
    """What each requester has held without an accepted requisition, the heaviest first (communes of the person)."""
    rows = models.Hold.objects.filter(state__in=LIVE_HOLDS, regularised_at=None).exclude(requester_key="")
    known = cameras_in_reach(person)
    if known is not None:
        rows = rows.filter(camera__in=known)
    found: dict[str, HoldLoad] = {}
    for key, name, start, end in rows.values_list("requester_key", "requisition__unit_name", "start", "end"):
        called, before = name or key, found.get(name or key, HoldLoad(0, 0))
        found[called] = HoldLoad(before.holds + 1, before.seconds + int((end - start).total_seconds()))
    return sorted(found.items(), key=lambda one: -one[1].seconds)


def _reaches(person: PersonFacts, camera: str) -> bool:
    known = cameras_in_reach(person)
    return known is None or camera in known


def troubled() -> list[HoldFacts]:
    """Holds a person must look at: refused by the recorder, or over a requester's cap."""
    return _facts(models.Hold.objects.filter(Q(state=HoldState.FAILED) | Q(over_cap=True), state__in=LIVE_HOLDS))


def _facts(rows: QuerySet[models.Hold]) -> list[HoldFacts]:
    return [
        HoldFacts(
            id=row.id,
            camera=row.camera,
            camera_name=row.camera_name,
            span=Span(row.start, row.end),
            kind=HoldReference(row.kind),
            reference=row.reference,
            label=row.label,
            judicial_reference=row.judicial_reference,
            reason=row.reason,
            state=HoldState(row.state),
            placed_at=row.placed_at,
            placed_by_name=row.placed_by_name,
            confirmed_at=row.confirmed_at,
            covered=tuple(Span(from_us(start), from_us(end)) for start, end in row.covered),
            kept_by=row.kept_by,
            failure=row.failure,
            over_cap=row.over_cap,
            release_at=row.release_at,
            release_reason=row.release_reason,
            released_at=row.released_at,
        )
        for row in rows
    ]
