"""An answer carries its reason. A gate returns ``Allowed`` or ``Refused``, with the trace of every rule it asked."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What a failed rule does (research/law.md §9): block the act, raise an alarm and log, or warn."""

    BLOCK = "block"
    ALARM = "alarm"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule as it was asked: its id, its source in law or convention, whether it held, and why not."""

    rule: str
    source: str
    held: bool
    severity: Severity = Severity.BLOCK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, by this article, with what must be done because of it (``obligations``: watermark, notify:room …)."""

    article: str
    obligations: tuple[str, ...] = ()
    trace: tuple[RuleResult, ...] = field(default=(), compare=False)

    @property
    def ok(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Refused:
    """No, for this reason (a stable code the pages translate), by this article or rule."""

    reason: str
    article: str = ""
    trace: tuple[RuleResult, ...] = field(default=(), compare=False)

    @property
    def ok(self) -> bool:
        return False


Outcome = Allowed | Refused
