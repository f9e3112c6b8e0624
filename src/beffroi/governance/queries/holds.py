"""The only reader of holds. Rows leave as values."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from beffroi.governance import models
from beffroi.governance.core.holds import LIVE_HOLDS, HoldReference, HoldState
from beffroi.kernel.clock import from_us
from beffroi.kernel.spans import Span


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
            failure=row.failure,
            over_cap=row.over_cap,
            release_at=row.release_at,
            release_reason=row.release_reason,
            released_at=row.released_at,
        )
        for row in rows
    ]
