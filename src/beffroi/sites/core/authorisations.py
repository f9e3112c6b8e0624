"""The prefect's authorisation of the system as rules (research/law.md R-01, R-02, R-03, R-05, R-08). Pure.

Numbers marked *design default* are ours, not the law's (law.md §9). Nothing here refuses by itself: the acts of the
plane ask, and say which rule did not hold.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.kernel.outcome import RuleResult, Severity
from beffroi.media.core.masking import Burnt, Shape
from beffroi.sites.core.purposes import Purpose

RENEWAL_MONTHS = (12, 8, 4)  # T-12, T-8, T-4; the renewal file is due four months before the end
MASK_REVIEW_DAYS = 365  # design default


class AuthorisationState(StrEnum):
    """Where an authorisation stands at a moment."""

    FUTURE = "future"
    IN_FORCE = "in_force"
    RENEWAL_DUE = "renewal_due"  # in force, within twelve months of its end
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class AuthorisationFacts:
    """The prefect's order on the system: which cameras, for what, how long pictures are kept, from when to when."""

    id: str
    reference: str  # number of the order
    department: str
    purposes: frozenset[Purpose]
    retention_min_days: int
    retention_max_days: int
    valid_from: datetime
    valid_to: datetime
    withdrawn_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """``from ≤ at < to`` and not withdrawn."""
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= at
        return self.valid_from <= at < self.valid_to and not withdrawn


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """The latest dwelling mask of a camera (R-05): who drew it, who reviewed it, and when."""

    version: int
    author: str  # person id
    reviewer: str  # person id; empty while nobody reviewed it
    reviewed_at: datetime | None
    burnt: Burnt | None = None  # what the camera says of it; None: it was never asked
    burnt_why: str = ""
    burnt_since: datetime | None = None
    read_back_at: datetime | None = None
    shapes: tuple[Shape, ...] = ()  # what it hides; none: looked at, no dwelling in view


def months_before(at: datetime, months: int) -> datetime:
    """The same day ``months`` calendar months earlier, or that month's last day."""
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    day = min(at.day, calendar.monthrange(years, month + 1)[1])
    return at.replace(year=years, month=month + 1, day=day)


def state_of(order: AuthorisationFacts, at: datetime) -> AuthorisationState:
    """Where ``order`` stands at ``at``."""
    if order.withdrawn_at is not None and order.withdrawn_at <= at:
        return AuthorisationState.WITHDRAWN
    if at < order.valid_from:
        return AuthorisationState.FUTURE
    if at >= order.valid_to:
        return AuthorisationState.EXPIRED
    due = at >= months_before(order.valid_to, RENEWAL_MONTHS[0])
    return AuthorisationState.RENEWAL_DUE if due else AuthorisationState.IN_FORCE


def covered_by_order(order: AuthorisationFacts | None, at: datetime) -> RuleResult:
    """R-01: a camera records only under an authorisation in force."""
    held = order is not None and order.in_force(at)
    reason = "" if held else ("no_authorisation" if order is None else f"authorisation_{state_of(order, at).value}")
    return RuleResult("R-01", "CSI L252-1", held, Severity.BLOCK, reason)


def renewal_in_time(order: AuthorisationFacts, at: datetime) -> RuleResult:
    """R-02: the last of the three reminders that is due, as an alarm. ``reason`` is ``renewal_T-12`` and so on."""
    passed = [months for months in RENEWAL_MONTHS if at >= months_before(order.valid_to, months)]
    reason = f"renewal_T-{min(passed)}" if passed else ""
    return RuleResult("R-02", "CSI R252-15", not passed, Severity.ALARM, reason)


def purposes_authorised(purposes: Collection[Purpose], order: AuthorisationFacts | None) -> RuleResult:
    """R-03: the camera's purposes are among the order's, and there is at least one."""
    wanted = frozenset(purposes)
    if not wanted:
        return RuleResult("R-03", "CSI L251-2", held=False, reason="no_purpose")
    held = order is not None and wanted <= order.purposes
    return RuleResult("R-03", "CSI L251-2", held, Severity.BLOCK, "" if held else "purpose_not_authorised")


def dwellings_reviewed(
    public_road: bool,
    mask: MaskFacts | None,
    *,
    placed_at: datetime,
    at: datetime,
) -> RuleResult:
    """R-05: on the public road a second person reviewed the dwelling mask since the camera last moved.

    A review older than a year is an alarm (the year is our default), and so is a camera that does not burn in what was
    reviewed; a missing review blocks.
    """
    source = "CSI L251-3"
    if not public_road:
        return RuleResult("R-05", source, held=True)
    if mask is None or not mask.reviewer or mask.reviewed_at is None:
        return RuleResult("R-05", source, held=False, reason="mask_not_reviewed")
    if mask.reviewer == mask.author:
        return RuleResult("R-05", source, held=False, reason="mask_reviewed_by_author")
    if mask.reviewed_at < placed_at:
        return RuleResult("R-05", source, held=False, reason="mask_review_before_move")
    if mask.burnt is Burnt.DIFFERS:
        return RuleResult("R-05", source, held=False, severity=Severity.ALARM, reason="mask_lost")
    if at >= mask.reviewed_at + timedelta(days=MASK_REVIEW_DAYS):
        return RuleResult("R-05", source, held=False, severity=Severity.ALARM, reason="mask_review_old")
    return RuleResult("R-05", source, held=True)


def retention_allowed(days: int, order: AuthorisationFacts | None) -> RuleResult:
    """R-08: days kept lie between the order's minimum and maximum. The calendar month is enforced where bytes die."""
    held = order is not None and order.retention_min_days <= days <= order.retention_max_days and days >= 1
    return RuleResult("R-08", "CSI L252-5", held, Severity.BLOCK, "" if held else "retention_outside_order")
