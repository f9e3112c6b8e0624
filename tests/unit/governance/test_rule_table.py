"""The rule table on installations made by hand: what holds, what fails and on which camera, what is unknown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beffroi.governance.core.installation import (
    GrantFacts,
    HoldFacts,
    Installation,
    LogFacts,
    PaperFacts,
    RightsFacts,
    StreamFacts,
)
from beffroi.governance.core.rule_table import CHECKS, RuleLine, Standing, Way, table
from beffroi.governance.files.texts import law_packs
from beffroi.kernel.ids import CameraId, PersonId
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import ClearanceFacts, PersonFacts, Term, TrainingFacts
from beffroi.people.core.roles import Force, Quality, Role
from beffroi.sites.core.authorisations import AuthorisationFacts, MaskFacts
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.purposes import Purpose

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PACK = law_packs()[-1]
ORDER = AuthorisationFacts(
    "a", "AP-1", "99", frozenset({Purpose.SAFETY_OF_PERSONS}), 7, 30, NOW - 400 * DAY, NOW + 800 * DAY
)
CAMERA = CameraFacts(
    id=CameraId("c3"), number=3, name="Halle", insee="99123", site="Centre", tags=frozenset(), latitude=48.5,
    longitude=2.5, bearing_degrees=0, view_angle_degrees=90, view_range_m=50, public_road=True,
    purposes=frozenset({Purpose.SAFETY_OF_PERSONS}), retention_days=30, placed_at=NOW - 300 * DAY,
    commissioned_at=NOW - 200 * DAY, retired_at=None, authorisations=(ORDER,),
    mask=MaskFacts(1, "one", "two", NOW - 250 * DAY),
)  # fmt: skip
PERSON = PersonFacts(
    PersonId("p"), "Agathe Morel", "Brigadière", "M1", Force.PM, "PM", "u", "Commune", Quality.NONE,
    frozenset({Role.DUTY_OFFICER}), frozenset({"99123"}),
    (ClearanceFacts("h", "H", "Maire", frozenset({"99123"}), Term(NOW - 300 * DAY)),), None,
    TrainingFacts("t", "T", Term(NOW - 300 * DAY, NOW + 300 * DAY)),
)  # fmt: skip
STREAM = StreamFacts("c3", "main", "avc1.640028", NOW - 29 * DAY, 12_000)
GOOD = Installation(
    cameras=(CAMERA,), authorisations=(ORDER,), orders=(("AP-V", NOW + 100 * DAY),),
    conventions=(("CONV", NOW + 100 * DAY),), persons=(PERSON,), streams=(STREAM,),
    grants=(GrantFacts("p", "Agathe Morel", "PM", "live", NOW + timedelta(hours=1), cleared=True),),
    consents=frozenset({"99123"}), decisions=(("A", 4), ("B", 9)), bundle_at=NOW - DAY,
    papers=(PaperFacts("dpia", "AIPD 2025", "", NOW - 100 * DAY), PaperFacts("panel", "P1", "Centre", NOW - 9 * DAY)),
    log=LogFacts(True, NOW - DAY, 900, NOW), rights=(RightsFacts("DP-1", NOW + DAY, None),),
)  # fmt: skip


def _line(here: Installation, rule: str) -> RuleLine:
    return next(line for line in table(PACK, here, NOW) if line.rule.id == rule)


def _failing(here: Installation) -> set[str]:
    return {line.rule.id for line in table(PACK, here, NOW) if line.standing is Standing.FAILS}


def test_every_rule_of_the_pack_has_its_line_and_none_fails_where_all_is_well() -> None:
    lines = table(PACK, GOOD, NOW)
    assert {line.rule.id for line in lines} == {rule.id for rule in PACK.rules if NOW in rule.valid}
    assert _failing(GOOD) == set()
    assert not [line.rule.id for line in lines if line.standing is Standing.UNKNOWN]


def test_what_nothing_enforces_is_named_so() -> None:
    for line in table(PACK, GOOD, NOW):
        assert (line.rule.enforced == "not_yet") == (line.way is Way.NOT_YET)
        if line.way is Way.NOT_YET and line.rule.id not in CHECKS:
            assert line.standing is Standing.NOT_ENFORCED
        if line.way in {Way.GATE_A, Way.GATE_B} and line.rule.id not in CHECKS:
            assert line.standing is Standing.EACH_ACT
            assert line.place == line.rule.predicate


def test_a_silent_recorder_makes_unknown_never_kept() -> None:
    silent = replace(GOOD, streams=None)
    for rule in ("R-07", "R-08", "R-10", "R-31"):
        assert _line(silent, rule).standing is Standing.UNKNOWN


def _camera(**changes: Any) -> Installation:
    return replace(GOOD, cameras=(replace(CAMERA, **changes),))


def _order(**changes: Any) -> Installation:
    order = replace(ORDER, **changes)
    return replace(GOOD, authorisations=(order,), cameras=(replace(CAMERA, authorisations=(order,)),))


def _stream(**changes: Any) -> Installation:
    return replace(GOOD, streams=(replace(STREAM, **changes),))


def _log(**changes: Any) -> Installation:
    return replace(GOOD, log=replace(GOOD.log, **changes))


BROKEN: list[tuple[str, str, Installation]] = [
    ("R-01", "no_authorisation", _camera(authorisations=())),
    ("R-01", "authorisation_expired", _order(valid_to=NOW - DAY)),
    ("R-01", "authorisation_withdrawn", _order(withdrawn_at=NOW - DAY)),
    ("R-02", "renewal_due", _order(valid_to=NOW + 200 * DAY)),
    ("R-02", "no_order_in_force", replace(GOOD, authorisations=())),
    ("R-03", "purpose_not_authorised", _camera(purposes=frozenset({Purpose.RISKS}))),
    ("R-05", "mask_not_reviewed", _camera(mask=None)),
    ("R-05", "mask_review_before_move", _camera(placed_at=NOW - 100 * DAY)),
    ("R-07", "stream_not_video", _stream(codec="avc1.640028, mp4a.40.2")),
    ("R-08", "retention_outside_order", _order(retention_max_days=15)),
    ("R-08", "oldest_beyond", _stream(oldest=NOW - 32 * DAY)),
    ("R-10", "minimum_missing", _stream(oldest=NOW - 2 * DAY)),
    ("R-31", "clock_off", _stream(clock_offset_us=-1_400_000)),
    ("R-11", "looks_uncleared", replace(GOOD, grants=(replace(GOOD.grants[0], cleared=False),))),
    ("R-13", "no_training", replace(GOOD, persons=(replace(PERSON, training=None),))),
    (
        "R-16", "partners_without_order",
        replace(GOOD, orders=(), grants=(replace(GOOD.grants[0], force="GN", mode="relay"),)),
    ),
    ("R-17", "access_beyond_term", replace(GOOD, grants=(replace(GOOD.grants[0], until=NOW),))),
    ("R-40", "access_beyond_term", replace(GOOD, grants=(replace(GOOD.grants[0], until=NOW - DAY),))),
    ("R-21", "receipt_late", replace(GOOD, unreceipted=(("P-1", NOW - 20 * DAY),))),
    ("R-26", "log_broken", _log(good=False)),
    ("R-26", "journal_broken", _log(journals_broken=("recorder",))),
    ("R-27", "log_past_term", _log(past_term=3)),
    ("R-36", "no_dpia", replace(GOOD, papers=())),
    ("R-36", "dpia_old", replace(GOOD, papers=(PaperFacts("dpia", "X", "", NOW - 1_200 * DAY),))),
    ("R-36", "dpia_more_cameras", _camera(commissioned_at=NOW - 50 * DAY)),
    ("R-38", "no_panel", replace(GOOD, papers=GOOD.papers[:1])),
    ("R-39", "rights_late", replace(GOOD, rights=(RightsFacts("DP-1", NOW - DAY, None),))),
    ("R-39", "rights_late", replace(GOOD, rights=(RightsFacts("DP-1", NOW - 2 * DAY, NOW - DAY),))),
    ("R-41", "breakglass_late", replace(GOOD, breakglass_late=(("Agathe Morel", NOW - DAY),))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code", "here"), BROKEN, ids=[f"{rule} {code}" for rule, code, _ in BROKEN])
def test_what_is_broken_fails_with_its_evidence(rule: str, code: str, here: Installation) -> None:
    line = _line(here, rule)
    assert line.standing is Standing.FAILS
    found = next(one for one in line.evidence if one.code == code)
    assert found.held is False


@pytest.mark.parametrize(
    ("rule", "code", "here"),
    [
        ("R-26", "log_never_verified", _log(good=None, verified_at=None)),
        ("R-26", "log_verified_long_ago", _log(verified_at=NOW - 40 * DAY)),
        ("R-46", "bundle_never", replace(GOOD, bundle_at=None)),
    ],
)
def test_what_nobody_looked_at_is_unknown(rule: str, code: str, here: Installation) -> None:
    line = _line(here, rule)
    assert line.standing is Standing.UNKNOWN
    assert code in {one.code for one in line.evidence}


def test_a_judicial_hold_explains_old_footage_and_another_does_not() -> None:
    old = _stream(oldest=NOW - 40 * DAY)
    span = Span(NOW - 40 * DAY, NOW - 39 * DAY)
    assert _line(replace(old, holds=(HoldFacts("c3", "3", span, judicial=True),)), "R-08").standing is Standing.HOLDS
    weak = replace(old, holds=(HoldFacts("c3", "3", span, judicial=False),))
    assert _line(weak, "R-08").standing is Standing.FAILS
    assert "hold_spent" in {one.code for one in _line(weak, "R-09").evidence}


def test_persons_are_told_before_their_clearance_ends() -> None:
    short = replace(PERSON.clearances[0], term=Term(NOW - DAY, NOW + 10 * DAY))
    here = replace(GOOD, persons=(replace(PERSON, clearances=(short,)),))
    assert "clearance_ends" in {one.code for one in _line(here, "R-11").evidence}
    none = replace(GOOD, persons=(replace(PERSON, clearances=()),))
    assert "person_uncleared" in {one.code for one in _line(none, "R-11").evidence}
