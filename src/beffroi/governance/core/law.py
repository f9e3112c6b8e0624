"""The law as data: a dated pack of rules and legal bases (I7). Pure; the packs lie in ``governance/data/law``.

A rule names its predicate (a function of ``rules`` or ``rules_requisition``), its source, what its failure does, from
when to when it holds, and its parameters. A rule that the gates do not ask says where it is enforced instead, or that
it is not enforced yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.outcome import Severity
from beffroi.kernel.spans import Span

Parameter = int | str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One ground in law, in its dates: the Code changes its numbers, old requisitions keep theirs."""

    id: str  # CPP_60_1
    code: str  # CPP
    article: str  # 60-1
    title: tuple[tuple[str, str], ...]
    valid: Span
    judicial: bool
    frames: frozenset[str] = frozenset()  # Frame values it fits
    qualities: frozenset[str] = frozenset()  # Quality values that may invoke it
    authorisations: frozenset[str] = frozenset()  # AuthorisationKind values; empty: none is needed

    @property
    def name(self) -> str:
        return f"{self.code} {self.article}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule R-xx. ``gate`` is ``access``, ``requisition`` or empty where no gate asks it."""

    id: str
    gate: str
    predicate: str
    source: str
    severity: Severity
    valid: Span
    title: tuple[tuple[str, str], ...]
    parameters: Mapping[str, Parameter]
    design_default: bool = False
    enforced: str = "gate"  # gate | a path under src | not_yet
    tests: tuple[str, ...] = ()

    def number(self, name: str) -> int:
        """An integer parameter; ``KeyError`` where the pack lacks it, ``TypeError`` where it is no integer."""
        value = self.parameters[name]
        if not isinstance(value, int):
            raise TypeError(f"{self.id}: {name} is no integer")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list parameter, empty where the pack lacks it."""
        value = self.parameters.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True, slots=True)
class LawPack:
    """A whole pack. ``rules`` stand in the order in which gates ask them and traces show them."""

    id: str
    version: str
    digest: str
    valid: Span
    rules: tuple[Rule, ...]
    bases: tuple[LegalBasis, ...]

    def asked(self, gate: str, at: datetime) -> tuple[Rule, ...]:
        """The rules in force at ``at`` that this gate asks."""
        return tuple(rule for rule in self.rules if rule.gate == gate and rule.predicate and at in rule.valid)

    def basis(self, basis_id: str, at: datetime) -> LegalBasis | None:
        """The legal basis of this id that is in force at ``at``."""
        return next((base for base in self.bases if base.id == basis_id and at in base.valid), None)

    def rule(self, rule_id: str) -> Rule | None:
        """A rule by its id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
