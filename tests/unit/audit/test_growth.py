"""An earlier checkpoint against today's leaves: contained, altered, cut, broken since, foreign, forged, unreadable."""

import pytest

from beffroi.audit.core.checkpoints import Checkpoint, NoteKey, sign
from beffroi.audit.core.growth import WORDS, Growth, compare, pasted
from beffroi.audit.core.merkle import leaf_hash, root_of
from beffroi.kernel.signing import SigningKey

OFFICE, OTHER = SigningKey(bytes(range(32))), SigningKey(bytes(32))
LEAVES = [leaf_hash(bytes([place])) for place in range(13)]
KEY = NoteKey("centre.example/log", OFFICE.public_bytes)


def _note(size: int, *, origin: str = KEY.name, key: SigningKey = OFFICE) -> str:
    return sign(Checkpoint(origin, size, root_of(LEAVES[:size])), key)


@pytest.mark.parametrize("size", range(14))
def test_every_earlier_size_is_contained(size: int) -> None:
    found = compare(_note(size), tip=_note(13), leaves=LEAVES, key=KEY)
    assert (found.growth, found.size) == (Growth.CONTAINED, 13)


@pytest.mark.parametrize("size", [1, 7, 8, 12, 13])
def test_an_edit_below_the_checkpoint_is_told_from_one_after_it(size: int) -> None:
    for edited in range(13):
        leaves = [*LEAVES[:edited], leaf_hash(b"edited"), *LEAVES[edited + 1 :]]
        expected = Growth.ALTERED if edited < size else Growth.BROKEN_SINCE
        assert compare(_note(size), tip=_note(13), leaves=leaves, key=KEY).growth is expected


def test_a_log_cut_back_a_foreign_and_a_forged_checkpoint() -> None:
    def told(note: str) -> Growth:
        return compare(note, tip=_note(5), leaves=LEAVES[:5], key=KEY).growth

    assert told(_note(6)) is Growth.CUT
    assert told(_note(3, origin="elsewhere.example/log")) is Growth.FOREIGN
    assert told(_note(3, key=OTHER)) is Growth.FORGED
    assert told("3\n") is Growth.UNREADABLE


def test_a_tip_that_the_centre_did_not_sign_proves_nothing() -> None:
    assert compare(_note(3), tip=_note(13, key=OTHER), leaves=LEAVES, key=KEY).growth is Growth.BROKEN_SINCE


def test_what_a_slip_or_a_browser_gives_is_read() -> None:
    note = _note(4)
    for text in (note, note.replace("\n", "\r\n"), f"  {note.strip()}  ", f"BEFFROI1\n{'ab' * 32}\n{note}".rstrip()):
        assert pasted(text) == note


def test_each_answer_has_its_words() -> None:
    assert set(WORDS) == set(Growth)
    assert all(english != french for english, french in WORDS.values())
