"""From the YAML text of a rule pack to values. Pure; a pack with a fault is refused whole."""

from collections.abc import Sequence
from dataclasses import replace

import yaml

from beffroi.governance.core.codec import to_json
from beffroi.governance.core.law import LawPack, LegalBasis, Parameter, Rule
from beffroi.governance.core.yaml_nodes import Table, TextFaults, parse
from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.clock import parse_utc
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Corrupt
from beffroi.kernel.outcome import Severity
from beffroi.kernel.spans import Span

FOREVER = "9999-01-01"
GATES = ("access", "requisition")
_SEVERITIES = {"B": Severity.BLOCK, "A": Severity.ALARM, "W": Severity.WARN}


def parse_pack(text: str) -> LawPack:
    """The pack in ``text``; ``TextFaults`` where it does not follow its form."""
    top = parse(text)
    name, version = top.text("id", required=True), top.text("version", required=True)
    valid = _dates(top)
    bases = tuple(_basis(table) for table in top.tables("legal_bases", required=True))
    rules = tuple(_rule(table) for table in top.tables("rules", required=True))
    top.done()
    if top.faults:
        raise TextFaults(top.faults)
    return LawPack(name, version, digest_of(name, version, valid, rules, bases), valid, rules, bases)


def digest_of(name: str, version: str, valid: Span, rules: Sequence[Rule], bases: Sequence[LegalBasis]) -> str:
    """SHA-256 of what the gates decide by: bases and asked rules in their order, with dates, severity, source and
    parameters. Titles, and what no gate asks, may be worded better without a decision of years ago losing its pack."""
    asked = [replace(one, title=(), enforced="gate", tests=()) for one in rules if one.gate]
    grounds = [replace(one, title=()) for one in bases]
    return sha256(canonical_bytes(to_json([name, version, valid, asked, grounds]))).hex()


def require_predicates(pack: LawPack, known: frozenset[str]) -> None:
    """``Corrupt`` when a rule names a predicate that does not exist: a gate must not skip what it cannot ask."""
    missing = sorted({rule.predicate for rule in pack.rules if rule.predicate} - known)
    if missing:
        raise Corrupt(f"The law pack {pack.id} names unknown predicates: {', '.join(missing)}.", code="law_pack")


def _dates(table: Table) -> Span:
    start = table.day("valid_from", required=True)
    end = table.day("valid_to")
    return Span(parse_utc(f"{start or '1970-01-01'}T00:00:00Z"), parse_utc(f"{end or FOREVER}T00:00:00Z"))


def _basis(table: Table) -> LegalBasis:
    basis = LegalBasis(
        id=table.text("id", required=True),
        code=table.text("code", required=True),
        article=table.text("article", required=True),
        title=table.languages("title", required=True),
        valid=_dates(table),
        judicial=table.flag("judicial"),
        frames=frozenset(table.words("frames")),
        qualities=frozenset(table.words("qualities")),
        authorisations=frozenset(table.words("authorisations")),
    )
    table.done()
    return basis


def _rule(table: Table) -> Rule:
    rule = Rule(
        id=table.text("id", required=True),
        gate=table.text("gate", among=GATES),
        predicate=table.text("predicate"),
        source=table.text("source", required=True),
        severity=_SEVERITIES.get(table.text("severity", required=True, among=tuple(_SEVERITIES)), Severity.BLOCK),
        valid=_dates(table),
        title=table.languages("title", required=True),
        parameters=_parameters(table),
        design_default=table.flag("design_default"),
        enforced=table.text("enforced", default="gate"),
        tests=table.words("tests"),
    )
    table.done()
    if bool(rule.gate) != bool(rule.predicate):
        table.fault("predicate", "contradiction", rule.id, "A rule that a gate asks names both gate and predicate.")
    if not rule.gate and rule.enforced == "gate":
        table.fault("enforced", "missing", rule.id, "Say where it is enforced: a path, or not_yet.")
    return rule


def _parameters(table: Table) -> dict[str, Parameter]:
    inner = table.table("parameters")
    found: dict[str, Parameter] = {}
    for key, node in inner.entries() if inner else ():
        if isinstance(node, yaml.SequenceNode):
            found[key] = inner.words(key) if inner else ()
        elif isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int"):
            found[key] = inner.integer(key, default=0, most=10_000_000) if inner else 0
        elif isinstance(node, yaml.ScalarNode) and node.tag.endswith(":bool"):
            found[key] = inner.flag(key) if inner else False
        else:
            found[key] = inner.text(key) if inner else ""
    return found
