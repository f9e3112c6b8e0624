"""Checkpoints: what is signed is what is read, and nothing else is a checkpoint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core.checkpoints import Checkpoint, NoteKey, read, sign, signed_by
from beffroi.kernel.signing import SigningKey

KEY = SigningKey(bytes(range(32)))
ORIGIN = "beffroi/village/log"
PUBLIC = NoteKey(ORIGIN, KEY.public_bytes)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_and_verifies(size: int, root: bytes) -> None:
    note = sign(Checkpoint(ORIGIN, size, root), KEY)
    assert read(note) == Checkpoint(ORIGIN, size, root)
    assert signed_by(note, PUBLIC)


@given(st.data())
def test_any_changed_letter_of_the_text_breaks_the_signature(data: st.DataObject) -> None:
    note = sign(Checkpoint(ORIGIN, 42, bytes(32)), KEY)
    end = note.index("\n\n")
    at = data.draw(st.integers(0, end - 1))
    letter = data.draw(st.characters(codec="ascii", categories=("L", "N")).filter(lambda one: one != note[at]))
    assert not signed_by(note[:at] + letter + note[at + 1 :], PUBLIC)


def test_another_key_or_another_name_did_not_sign() -> None:
    note = sign(Checkpoint(ORIGIN, 1, bytes(32)), KEY)
    assert not signed_by(note, NoteKey(ORIGIN, SigningKey(bytes(32)).public_bytes))
    assert not signed_by(note, NoteKey("another/log", KEY.public_bytes))


def test_a_witness_may_add_its_signature() -> None:
    note = sign(Checkpoint(ORIGIN, 1, bytes(32)), KEY)
    assert signed_by(note + "— witness.example AAAAAAAA\n— broken %%%\n", PUBLIC)


def test_keys_are_published_as_text() -> None:
    assert NoteKey.from_text(PUBLIC.to_text()) == PUBLIC


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000+AAAA", "n+1+%%%", PUBLIC.to_text().replace("village", "v")]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        NoteKey.from_text(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "origin\n1\n",
        "origin\n1\nAAAA\n\n— k s\n",
        "origin\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— k s\n",
        "origin\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— k s\n",
        "origin\n²\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— k s\n",
        "origin\n1\n%%%\n\n— k s\n",
        "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— k s\n",
        "x" * 20_000 + "\n\n— k s\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"checkpoint|signed"):
        read(note)
    assert not signed_by(note, PUBLIC)


@given(st.text(max_size=300))
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        read(text)
    except ValueError:
        assert not signed_by(text, PUBLIC)
