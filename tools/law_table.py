"""The table article → rule → file → test, made from the law pack: ``python tools/law_table.py > docs/law/index.md``.

A test compares the committed page with what this prints, and every file it names with what exists.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

from beffroi.governance.core.law import LawPack, LegalBasis, Rule  # noqa: E402
from beffroi.governance.core.law_text import parse_pack  # noqa: E402
from beffroi.governance.core.rule_table import WATCHED  # noqa: E402

PACKS = ROOT / "src/beffroi/governance/data/law"
SEVERITIES = {"block": "blocks", "alarm": "alarm", "warn": "warns"}
CORE = "src/beffroi/governance/core"
FILES = {"access": f"{CORE}/rules.py", "requisition": f"{CORE}/rules_requisition.py"}
HEAD = """# The law, and where it is kept

*Status*: current; made by `python tools/law_table.py` from the pack below and compared with it by
`tests/architecture/test_law_table.py`. *Objective*: let a lawyer, an inspector or a developer go from an
article to the rule, from the rule to the code, from the code to its test. *Non-goals*: legal advice. Sources
and their doubts are in the pack's own text.

Rules are data (I7): dated, in `src/beffroi/governance/data/law/`. A rule **blocks**, raises an **alarm** that
is logged, or **warns**. Numbers that no text gives are *design defaults* and marked ◇. Some are only *watched*: the
rule table (office, Rules) shows where they stand and nothing is blocked. Rules that nothing keeps yet are listed as
such, honestly. Where each rule stands on an installation now is `src/beffroi/governance/core/rule_table.py`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path in sorted(PACKS.glob("*.yaml")):
        pack = parse_pack(path.read_text("utf-8"))
        parts.append(f"\n## Pack `{pack.id}` {pack.version}\n\n")
        parts.append(f"Valid from {pack.valid.start.date()}. `{path.relative_to(ROOT)}`\n")
        parts.append(_rules(pack, "access", "Asked by gate B (access), in this order"))
        parts.append(_rules(pack, "requisition", "Asked by gate A (requisitions), in this order"))
        parts.append(_elsewhere(pack))
        parts.append(_watched(pack))
        parts.append(_not_yet(pack))
        parts.append(_bases(pack))
    return "".join(parts)


def _head(title: str, *columns: str) -> str:
    return f"\n### {title}\n\n| {' | '.join(columns)} |\n| {' | '.join('---' for _ in columns)} |\n"


def _rules(pack: LawPack, gate: str, title: str) -> str:
    head = _head(title, "article", "rule", "what it asks", "does", "file", "test")
    lines = (
        f"| {rule.source} | {_id(rule)} | {_title(rule)} | {SEVERITIES[rule.severity.value]} "
        f"| `{FILES[gate]}: {rule.predicate}` | {', '.join(f'`{one}`' for one in rule.tests)} |\n"
        for rule in pack.rules
        if rule.gate == gate
    )
    return head + "".join(lines)


def _elsewhere(pack: LawPack) -> str:
    head = _head("Kept elsewhere than in a gate", "article", "rule", "what it asks", "does", "file", "test")
    lines = (
        f"| {rule.source} | {_id(rule)} | {_title(rule)} | {SEVERITIES[rule.severity.value]} | `{rule.enforced}` "
        f"| {', '.join(f'`{one}`' for one in rule.tests)} |\n"
        for rule in pack.rules
        if not rule.gate and rule.enforced not in {"not_yet", WATCHED}
    )
    return head + "".join(lines)


def _watched(pack: LawPack) -> str:
    head = _head(
        "Watched on the rule table, blocking nothing", "article", "rule", "what it asks", "raises", "file", "test"
    )
    lines = (
        f"| {rule.source} | {_id(rule)} | {_title(rule)} | {SEVERITIES[rule.severity.value]} | `{rule.enforced}` "
        f"| {', '.join(f'`{one}`' for one in rule.tests)} |\n"
        for rule in pack.rules
        if rule.enforced == WATCHED
    )
    return head + "".join(lines)


def _not_yet(pack: LawPack) -> str:
    head = _head("Not kept by the program yet", "article", "rule", "what it asks", "would")
    lines = (
        f"| {rule.source} | {_id(rule)} | {_title(rule)} | {SEVERITIES[rule.severity.value]} |\n"
        for rule in pack.rules
        if rule.enforced == "not_yet"
    )
    return head + "".join(lines)


def _bases(pack: LawPack) -> str:
    head = _head("Legal bases", "id", "article", "what", "from", "until")
    return head + "".join(_basis(base) for base in pack.bases)


def _basis(base: LegalBasis) -> str:
    until = "" if base.valid.end.year == 9999 else str(base.valid.end.date())
    words = dict(base.title).get("en", "")
    return f"| `{base.id}` | {base.name} | {words} | {base.valid.start.date()} | {until} |\n"


def _id(rule: Rule) -> str:
    return f"{rule.id} ◇" if rule.design_default else rule.id


def _title(rule: Rule) -> str:
    words = dict(rule.title)
    return words.get("en") or words["fr"]


if __name__ == "__main__":
    sys.stdout.write(page())
