"""The page of the law says what the pack says, and every file and test it names is there and speaks of the rule."""

from pathlib import Path

import pytest
from tools import law_table

from beffroi.governance.core.law import Rule
from beffroi.governance.core.rules import ACCESS_PREDICATES
from beffroi.governance.core.rules_requisition import REQUISITION_PREDICATES
from beffroi.governance.files.texts import law_packs

ROOT = Path(__file__).resolve().parents[2]
RULES = [rule for pack in law_packs() for rule in pack.rules]


def test_the_page_is_the_one_that_the_pack_makes() -> None:
    page = (ROOT / "docs/law/index.md").read_text("utf-8")
    assert page == law_table.page(), "run: python tools/law_table.py > docs/law/index.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_files_that_exist(rule: Rule) -> None:
    if rule.gate:
        assert rule.tests, rule.id
    elif rule.enforced != "not_yet":
        assert (ROOT / rule.enforced).exists(), rule.enforced
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


def test_every_predicate_is_asked_by_a_rule() -> None:
    asked = {rule.predicate for rule in RULES if rule.predicate}
    assert asked == set(ACCESS_PREDICATES) | set(REQUISITION_PREDICATES)


def test_every_rule_of_the_reference_is_in_the_pack_once() -> None:
    found = [rule.id for rule in RULES]
    assert len(found) == len(set(found))
    assert {f"R-{number:02}" for number in range(1, 47)} <= set(found)
