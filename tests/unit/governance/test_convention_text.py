"""What people write: every fault with its line and its remedy; bombs are refused before anything is built."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.core.convention_text import parse_convention
from beffroi.governance.core.law_text import parse_pack
from beffroi.governance.core.order_text import parse_order
from beffroi.governance.core.yaml_nodes import TextFaults
from tests.unit.governance.samples import DATA

MODELS = sorted((DATA / "conventions").glob("*.yaml"))
TEXT = (DATA / "conventions/petite-commune.yaml").read_text("utf-8")


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(TextFaults) as caught:
        parse_convention(text)
    return [(one.line, one.path, one.code) for one in caught.value.faults]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_the_model_conventions_are_without_fault(path: object) -> None:
    convention = parse_convention(path.read_text("utf-8"))  # type: ignore[attr-defined]
    assert convention.grants
    assert convention.parties.names[-1].startswith("GN:")


def line_of(part: str) -> int:
    return TEXT[: TEXT.index(part)].count("\n") + 1


CHANGES = [
    ("mode: live_view", "mode: live_vue", "convention.grants[1].what.mode", "not_one_of"),
    ("max_duration: PT2H", "max_duration: 2 hours", "convention.grants[1].when.max_duration", "not_a_duration"),
    ("max_duration: PT2H", "max_duration: PT13H", "convention.grants[1].when.max_duration", "too_long_a_look"),
    ("event_required: true", "event_required: yep", "convention.grants[1].why.event_required", "not_a_flag"),
    ("event_required: true", "event_requird: true", "convention.grants[1].why.event_requird", "unknown_key"),
    ('communes: ["99123"]', "communes: [99123]", "convention.parties.communes", "not_text"),
    ('communes: ["99123"]', "communes: []", "convention.parties.communes", "empty_list"),
    ("to: 2029-01-31", "to: 2025-01-31", "convention.valid.to", "ends_before_it_begins"),
    ("to: 2029-01-31", "to: 2029-02-31", "convention.valid.to", "not_a_value"),
    ("to: 2029-01-31", "to: 9999-12-31", "convention.valid.to", "not_a_day"),
    ("from: 2026-02-01", "from: 0001-01-01", "convention.valid.from", "not_a_day"),
    ("id: G3-relecture", "id: G1-direct", "grants", "twice"),
    ("named_agents_only: true", "named_agents_only: false", "convention.grants[4].who", "below_the_law"),
    ("requisition_required: true", "requisition_required: false", "convention.grants[3].why", "below_the_law"),
    ("by: [duty_officer, video_officer, chief]", "second: [chief]", "convention.grants[1].approval.by", "missing"),
    ("PT24H", "PT48H", "convention.grants[1].approval.emergency", "below_the_law"),
    ("zone: Europe/Paris", "zone: Europe/Nulle-Part", "convention.zone", "unknown_zone"),
    ("    article: article 12\n", "    article: article 12\n    article: article 13\n", "", "duplicate_key"),
]


@pytest.mark.parametrize(
    ("was", "becomes", "path", "code"), CHANGES, ids=[f"{one[3]}:{one[1][:24]}" for one in CHANGES]
)
def test_a_fault_has_its_line_its_place_and_its_kind(was: str, becomes: str, path: str, code: str) -> None:
    found = faults(TEXT.replace(was, becomes, 1))
    codes = [one for one in found if one[2] == code and one[1].endswith(path)]
    assert codes, found
    assert abs(codes[0][0] - line_of(was)) <= 12


def test_a_misspelt_key_is_named_on_its_line_with_the_word_that_was_meant() -> None:
    with pytest.raises(TextFaults) as caught:
        parse_convention(TEXT.replace("approval:", "aproval:", 1))
    unknown = next(one for one in caught.value.faults if one.code == "unknown_key")
    assert unknown.line == line_of("    approval:")
    assert unknown.remedy == "Did you mean approval?"


def test_all_faults_come_at_once_in_the_order_of_lines() -> None:
    found = faults(TEXT.replace("PT2H", "2h", 1).replace("force: GN", "force: GM", 1).replace("P8D", "8", 1))
    assert [one[2] for one in found] == ["not_one_of", "not_a_duration", "not_a_duration"]
    assert [one[0] for one in found] == sorted(one[0] for one in found)


def test_two_grants_that_answer_one_question_overlap() -> None:
    start = TEXT.index("  - id: G1-direct")
    grant = TEXT[start : TEXT.index("  - id: G3-relecture")]
    found = faults(TEXT + grant.replace("G1-direct", "G9-encore"))
    assert ("grants", "overlap") in [one[1:] for one in found]


BOMBS = {
    "alias": "a: &x [1, 1]\nb: *x\n",
    "billions": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "tag": "convention: !!python/object/apply:os.system [echo]\n",
    "too_deep": "a: " + "[" * 60 + "]" * 60,
    "too_long": "a: " + "x" * 70_000,
    "too_many_values": "a: [" + "1, " * 6_000 + "1]",
    "control_character": "a: \u202e\n",
    "not_a_mapping": "- 1\n",
    "empty_text": "# nothing\n",
    "not_yaml": "a: [1\n",
    "duplicate_key": "a: 1\na: 2\n",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_and_rubbish_are_refused_quickly(kind: str) -> None:
    started = time.monotonic()
    found = faults(BOMBS[kind])
    assert time.monotonic() - started < 5
    assert found[0][2] == {"billions": "alias"}.get(kind, kind)


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_a_convention_or_faults(text: str) -> None:
    for parse in (parse_convention, parse_order, parse_pack):
        with suppress(TextFaults):
            assert parse(text)


@given(st.integers(0, len(TEXT) - 1), st.text(max_size=3), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_any_small_slip_gives_a_convention_or_faults(at: int, more: str, less: int) -> None:
    with suppress(TextFaults):
        assert parse_convention(TEXT[:at] + more + TEXT[at + less :]).grants


def test_an_order_that_lets_the_prefecture_in_without_names_is_refused() -> None:
    text = (DATA / "orders/saint-aubin.yaml").read_text("utf-8").replace("persons: [PREF-0042], ", "")
    with pytest.raises(TextFaults) as caught:
        parse_order(text)
    assert [one.code for one in caught.value.faults] == ["below_the_law"]
