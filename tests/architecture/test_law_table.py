"""The page of the law says what the pack says, and every file and test it names is there and speaks of the rule."""

import re
from pathlib import Path

import pytest
from tools import law_table

from beffroi.governance.core.law import Rule
from beffroi.governance.core.rule_table import CHECKS
from beffroi.governance.core.rules import ACCESS_PREDICATES
from beffroi.governance.core.rules_requisition import REQUISITION_PREDICATES
from beffroi.governance.files.texts import law_packs
from beffroi.web.office.rule_words import EVIDENCE

ROOT = Path(__file__).resolve().parents[2]
RULES = [rule for pack in law_packs() for rule in pack.rules]


def test_the_page_is_the_one_that_the_pack_makes() -> None:
    page = (ROOT / "docs/law/index.md").read_text("utf-8")
    assert page == law_table.page(), "run: python tools/law_table.py > docs/law/index.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_files_that_exist(rule: Rule) -> None:
    if rule.enforced == "not_yet":
        assert not rule.tests, f"{rule.id} is tested: say where it is kept"
    else:
        assert rule.tests, f"{rule.id} is kept by nobody's test"
        assert rule.gate or (ROOT / rule.enforced).exists(), rule.enforced
    for test in rule.tests:
        assert (ROOT / test).is_file(), test


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.gate], ids=lambda rule: rule.id)
def test_every_refusal_of_an_asked_rule_is_met_by_its_test(rule: Rule) -> None:
    """Each reason code that the predicate can return stands in one of its tests."""
    predicates = ACCESS_PREDICATES if rule.gate == "access" else REQUISITION_PREDICATES
    codes = {one for one in predicates[rule.predicate].__code__.co_consts if isinstance(one, str) and "_" in one}
    codes = {one for one in codes if one.isidentifier() and one not in rule.parameters and not one.startswith("CPP_")}
    tests = "".join((ROOT / test).read_text("utf-8") for test in rule.tests)
    assert not {one for one in codes if one not in tests}


def test_every_rule_stands_in_the_page_once_under_its_way() -> None:
    """Each rule is in the table of the page or named as not kept yet."""
    page = (ROOT / "docs/law/index.md").read_text("utf-8")
    kept, _, after = page.partition("### Not kept by the program yet")
    not_yet = after.partition("### Legal bases")[0]
    for rule in RULES:
        row = f"| {rule.id} ◇ |" if rule.design_default else f"| {rule.id} |"
        assert (kept.count(row), not_yet.count(row)) == ((0, 1) if rule.enforced == "not_yet" else (1, 0)), rule.id


def test_the_rule_table_checks_only_rules_of_the_pack_and_has_words_for_its_evidence() -> None:
    assert set(CHECKS) <= {rule.id for rule in RULES}
    core = ROOT / "src/beffroi/governance/core"
    text = "".join((core / name).read_text("utf-8") for name in ("standing.py", "standing_people.py", "rule_table.py"))
    said = set(re.findall(r'Evidence\(\s*"([a-z_]+)"', text))
    said |= {
        one for pair in re.findall(r'"([a-z_]+)" if [a-z .]+ else "([a-z_]+)"', text) for one in pair if "_" in one
    }
    orders = (ROOT / "src/beffroi/sites/core/authorisations.py").read_text("utf-8")
    found = re.findall(r'reason="([a-z_]+)"|else "([a-z]+_[a-z_]+)"', orders)
    said |= {one for pair in found for one in pair if one}
    said |= {f"authorisation_{state}" for state in ("future", "expired", "withdrawn")}
    assert said - {"gate_a", "gate_b"} <= set(EVIDENCE), said - set(EVIDENCE)


def test_every_predicate_is_asked_by_a_rule() -> None:
    asked = {rule.predicate for rule in RULES if rule.predicate}
    assert asked == set(ACCESS_PREDICATES) | set(REQUISITION_PREDICATES)


def test_every_rule_of_the_reference_is_in_the_pack_once() -> None:
    found = [rule.id for rule in RULES]
    assert len(found) == len(set(found))
    assert {f"R-{number:02}" for number in range(1, 47)} <= set(found)
