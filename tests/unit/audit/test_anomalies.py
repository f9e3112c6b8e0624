"""Each rule of the DPO's list: what makes it speak, what leaves it silent, and that nothing else matters to it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core.anomalies import DAY, Occurrence, Rule, occurrences
from beffroi.audit.core.anomaly_rules import RULES
from beffroi.audit.core.facts import Actor, Fact
from beffroi.audit.core.names import NAMES
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = {rule.id: rule for rule in RULES}
Line = tuple[float, str, str, str, dict[str, Json]]  # minutes after noon, who, name, subject, body


def facts(lines: Iterable[Line], force: str = "PM") -> list[Fact]:
    return sorted(
        (
            Fact(f"f{n:03}", NOON + timedelta(minutes=minutes), name, subject, Actor(who, who, force), body)
            for n, (minutes, who, name, subject, body) in enumerate(lines)
        ),
        key=lambda one: (one.at, one.id),
    )


def found(rule: str, given: Sequence[Fact], *, days: float = 70) -> list[Occurrence]:
    return list(occurrences(RULE[rule], given, since=NOON - 70 * DAY, until=NOON + timedelta(days=days)))


def duty(at: float, grant: str = "g1") -> Line:
    return (at, "ana", "look:begin", "camera:c1", {"grant": grant, "mode": "live", "basis": {"kind": "duty"}})


def back(at: float, grant: str, kind: str = "incident") -> Line:
    return (at, "ana", "look:begin", "camera:c1", {"grant": grant, "mode": "replay", "basis": {"kind": kind}})


def opened(at: float, id_: str, ground: str = "incident") -> Line:
    body: dict[str, Json] = {"person": "gil", "mode": "relay", "ground": [ground, "i1", ""], "cameras": ["c2", "c1"]}
    return (at, "gil", "access:open", f"access:{id_}", {**body, "state": "active"})


def over(at: float, id_: str, why: str = "term") -> Line:
    return (at, "system", "access:end", f"access:{id_}", {"why": why})


def refused(at: float, code: str, count: int) -> Line:
    return (at, "system", "look:refuse", "door", {"code": code, "count": count, "peer": "10.0.0.9"})


def end(at: float, mode: str = "live", why: str = "stopped") -> Line:
    return (at, "ana", "look:end", "camera:c1", {"grant": "g1", "mode": mode, "why": why})


SHIFT: Line = (0, "ana", "shift:begin", "shift:s1", {"until": iso(NOON + timedelta(hours=8))})
BUILT: Line = (0, "ana", "extraction:build", "extraction:p1", {})
GIVEN: Line = (60, "ana", "package:open", "extraction:p1", {"handover": "h1"})
RECEIVED: Line = (90, "gil", "package:receive", "extraction:p1", {"handover": "h1"})
RESET: Line = (0, "eva", "factor:reset", "person:ana", {})
STOP: Line = (0, "eva", "access:stop", "access:g1", {})
OLD, YOUNG = to_us(NOON - 40 * DAY), to_us(NOON - 9 * DAY)
DENIED: list[Line] = [(n, "gil", "access:deny", f"access:{n}", {"person": "gil"}) for n in range(5)]
SIGN_INS: list[Line] = [(n / 2, "system", "session:refuse", "account", {"address": "10.0.0.9"}) for n in range(10)]
AGAIN: list[Line] = [opened(0, "1"), over(60, "1"), opened(61, "2"), over(120, "2"), opened(125, "3")]


def confirm(covered: Json, judicial: str = "") -> list[Line]:
    return [(0, "system", "hold:confirm", "hold:h", {"covered": covered, "judicial": judicial})]


SPEAKS: list[tuple[str, list[Line]]] = [
    ("A-01", [duty(0)]),
    ("A-01", [SHIFT, duty(481)]),
    ("A-01", [SHIFT, (10, "eva", "shift:end", "shift:s1", {}), duty(11), duty(12)]),
    ("A-02", [BUILT]),
    ("A-02", [BUILT, GIVEN]),
    ("A-03", [(0, "system", "access:late", "access:1", {})]),
    ("A-04", AGAIN),
    ("A-05", [back(n, f"g{n}") for n in range(5)]),
    ("A-06", [refused(0, "ticket_forged", 1), refused(1, "ticket_forged", 9)]),
    ("A-07", DENIED),
    ("A-08", SIGN_INS),
    ("A-09", [RESET, back(60, "g1"), back(61, "g1")]),
    ("A-10", confirm([[OLD, YOUNG]])),
    ("A-11", [(0, "ana", "access:approve", "access:1", {"person": "ana"})]),
    ("A-13", [STOP, end(0.1)]),
    ("A-13", [STOP, duty(0.05)]),
    ("A-14", [(0, "system", "journal:break", "journal:r", {})]),
    ("A-14", [(0, "eva", "log:verify", "log", {"good": False})]),
]
SILENT: list[tuple[str, list[Line]]] = [
    ("A-01", [SHIFT, duty(0), duty(479)]),
    ("A-01", [back(0, "g1")]),
    ("A-02", [BUILT, GIVEN, RECEIVED]),
    ("A-02", [BUILT, GIVEN, (70, "ana", "package:withdraw", "extraction:p1", {"handover": "h1"})]),
    ("A-03", []),
    ("A-04", [opened(0, "1"), over(60, "1"), opened(61, "2"), over(120, "2"), opened(131, "3")]),
    ("A-04", [opened(0, "1"), over(60, "1", "ground"), opened(61, "2"), over(120, "2"), opened(125, "3")]),
    ("A-05", [*(back(n, f"g{n}") for n in range(4)), back(5, "g3"), back(6, "g4", "case")]),
    ("A-06", [refused(0, "ticket_expired", 50), refused(1, "ticket_forged", 9), refused(7, "ticket_forged", 9)]),
    ("A-07", [*DENIED[:4], (70, "gil", "access:deny", "access:9", {"person": "gil"})]),
    ("A-07", [*DENIED[:4], (5, "eva", "access:deny", "access:9", {"person": "eva"})]),
    ("A-08", [(n * 2, *line[1:]) for n, line in enumerate(SIGN_INS)]),
    ("A-09", [RESET, back(24 * 60, "g1")]),
    ("A-10", [*confirm([[YOUNG, to_us(NOON)]]), *confirm([[OLD, YOUNG]], "PV 12/2026"), *confirm([]), *confirm("x")]),
    ("A-11", [(0, "eva", "access:approve", "access:1", {"person": "ana"})]),
    ("A-12", [(0, "eva", "log:read", "log:looks", {})]),
    ("A-13", [STOP, end(0.03), end(1, "replay", "idle")]),
    ("A-14", [(0, "eva", "log:verify", "log", {"good": True})]),
]


@pytest.mark.parametrize(("rule", "lines"), SPEAKS)
def test_a_rule_speaks_once(rule: str, lines: list[Line]) -> None:
    assert [one.rule for one in found(rule, facts(lines))] == [rule]


@pytest.mark.parametrize(("rule", "lines"), SILENT)
def test_a_rule_is_silent(rule: str, lines: list[Line]) -> None:
    assert found(rule, facts(lines)) == []


def test_a_partner_who_reads_the_log() -> None:
    assert len(found("A-12", facts([(0, "gil", "log:read", "log:looks", {})], "GN"))) == 1


def test_every_rule_has_its_cases_and_reads_names_that_exist() -> None:
    assert {rule for rule, _lines in SPEAKS} | {"A-12"} == {rule for rule, _lines in SILENT} == set(RULE)
    assert all(rule.names <= set(NAMES) and rule.source for rule in RULES)


def test_a_package_is_late_from_its_thirtieth_day() -> None:
    assert found("A-02", facts([BUILT]), days=30) == []
    (one,) = found("A-02", facts([BUILT]), days=30.1)
    assert one.at == NOON + 30 * DAY


def test_a_series_that_goes_on_is_one_line_a_day() -> None:
    flood = facts([refused(n / 10, "ticket_forged", 10) for n in range(500)])
    assert len(found("A-06", flood)) == 1


ALL = [line for _rule, lines in SPEAKS + SILENT for line in lines]
MIXED = st.lists(st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(ALL)), max_size=60).map(
    lambda picked: facts([(at + line[0], *line[1:]) for at, line in picked])
)


@given(given=MIXED, rule=st.sampled_from(RULES), noise=st.lists(st.integers(0, 5000), max_size=20))
def test_what_is_unrelated_changes_nothing(given: list[Fact], rule: Rule, noise: list[int]) -> None:
    names = sorted(set(NAMES) - rule.names)
    others = facts([(at, "ana", names[at % len(names)], "camera:c1", {"grant": "g1"}) for at in noise])
    mixed = sorted([*given, *others], key=lambda one: one.at)
    assert found(rule.id, mixed) == found(rule.id, given)


@given(given=MIXED, rule=st.sampled_from(RULES), cut=st.integers(0, 4 * 24 * 60))
def test_two_ranges_say_what_one_says(given: list[Fact], rule: Rule, cut: int) -> None:
    at, since, until = NOON + timedelta(minutes=cut), NOON - DAY, NOON + 60 * DAY
    read = [one for one in given if one.at >= at - rule.before]
    parts = [*occurrences(rule, given, since=since, until=at), *occurrences(rule, read, since=at, until=until)]
    assert parts == list(occurrences(rule, given, since=since, until=until))
