"""How long the log remembers persons (R-27): looks three years, technical lines one, by default. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)
SHORTEST, LONGEST = 182 * DAY, 1_096 * DAY
"""CNIL 2021-122: six months to three years, another length than the default with its reason written down."""


@dataclass(frozen=True, slots=True)
class Term:
    """Facts with these names are forgotten after ``kept``, by ``rule``."""

    rule: str
    names: tuple[str, ...]
    kept: timedelta

    def __post_init__(self) -> None:
        if not SHORTEST <= self.kept <= LONGEST:
            raise ValueError(f"the log remembers between six months and three years, not {self.kept.days} days")


REGISTER = ("look:begin", "look:end", "look:refuse", "look:search", "lease:use")
TECHNICAL = (
    "session:begin",
    "session:refuse",
    "session:end",
    "log:read",
    "log:verify",
    "log:compare",
    "door:start",
    "duty:hear",
)


def terms(kept: Mapping[str, timedelta] | None = None) -> tuple[Term, ...]:
    """The terms in force; ``kept`` may set ``register`` and ``technical``. ``ValueError`` outside what is allowed."""
    given = kept or {}
    return (
        Term("R-27", REGISTER, given.get("register", LONGEST)),
        Term("R-27", TECHNICAL, given.get("technical", 366 * DAY)),
    )
