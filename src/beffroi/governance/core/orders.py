"""The prefect's order naming who may receive pictures (CSI L252-3). Pure.

It stands between the law and the convention: nobody outside the commune gets live pictures or replay who is not in it.
"""

from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class Recipient:
    """A service, or named agents of one, that the order lets receive pictures."""

    force: str  # GN, PN, PREF, SDIS …
    unit: str = ""  # empty: every unit of the force
    persons: frozenset[str] = frozenset()  # matricules; non-empty: these agents only
    uses: frozenset[str] = frozenset({"live_view", "replay"})

    def names(self, force: str, unit: str, matricule: str) -> bool:
        """Whether this line of the order is about this agent."""
        if force != self.force or (self.unit and unit != self.unit):
            return False
        return not self.persons or matricule in self.persons


@dataclass(frozen=True, slots=True)
class Order:
    """One order in its dates: cameras, purposes, recipients, how long recipients and recorder may keep pictures."""

    number: str
    prefecture: str  # department
    signed_on: datetime
    valid: Span
    purposes: frozenset[str]
    recipients: tuple[Recipient, ...]
    cameras: frozenset[int] = frozenset()  # camera numbers; empty: every camera of ``communes``
    communes: frozenset[str] = frozenset()  # INSEE codes
    retention_min_days: int = 0
    retention_max_days: int = 30
    recipient_retention_days: int = 30
    doubt_waived: bool = False  # relay without a local verification

    def covers(self, number: int, insee: str) -> bool:
        """Whether the order reaches this camera."""
        return insee in self.communes and (not self.cameras or number in self.cameras)

    def recipient(self, force: str, unit: str, matricule: str) -> Recipient | None:
        """The first line that names this agent."""
        return next((line for line in self.recipients if line.names(force, unit, matricule)), None)

    def in_force(self, at: datetime) -> bool:
        """Inside its dates."""
        return at in self.valid
