"""A law pack keeps what it says: stored decisions of ten years ago are taken again by the very pack of their time."""

from beffroi.governance.core.law_text import parse_pack
from beffroi.governance.files.texts import law_packs

TEXT = """
id: test
version: "1"
valid_from: 2020-01-01
legal_bases:
- id: DUTY
  code: CSI
  article: "R253-3"
  valid_from: 2020-01-01
  title: {fr: Mission, en: Duty}
  frames: [flagrance, disparition]
rules:
- id: R-01
  gate: access
  predicate: cameras_authorised
  source: "CSI L252-1"
  severity: B
  valid_from: 2020-02-01
  title: {fr: Un, en: One}
  parameters: {days: 5}
  tests: [tests/a.py]
- {id: R-02, source: "L252-2", severity: W, valid_from: 2020-01-01, title: {fr: Deux, en: Two}, enforced: not_yet}
"""
KEPT = {
    ("beffroi-fr", "2026-1"): "76a862936645839d50918c79efcc16319786431db18b6217ef16334e4a7c9ee7",
}
"""What each version that ever shipped decides by. A line is added, with its file; none is changed, none goes."""


def test_a_version_never_says_something_else():
    """Red: what gates decide by was edited. Leave that file as it was; write another, with a version of its own and
    ``valid_from`` where it begins to hold, and add it here."""
    assert {(pack.id, pack.version): pack.digest for pack in law_packs()} == KEPT


def test_words_may_be_mended_and_what_is_decided_by_may_not():
    digest = parse_pack(TEXT).digest
    for was, becomes in (("fr: Un", "fr: Une"), ("tests/a.py", "tests/b.py"), ("not_yet", "src/beffroi/x.py")):
        assert parse_pack(TEXT.replace(was, becomes)).digest == digest, becomes
    decided_by = (
        ("days: 5", "days: 6"),
        ("severity: B", "severity: A"),
        ('"CSI L252-1"', '"CSI L252-9"'),
        ("cameras_authorised", "purpose_authorised"),
        ("[flagrance, disparition]", "[flagrance]"),
        ('version: "1"', 'version: "2"'),
        ("valid_from: 2020-02-01", "valid_from: 2021-02-01"),
    )
    changed = {parse_pack(TEXT.replace(was, becomes)).digest for was, becomes in decided_by}
    assert len(changed) == len(decided_by)
    assert digest not in changed
