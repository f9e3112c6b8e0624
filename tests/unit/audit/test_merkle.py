"""The tree: against a log that is not ours, against itself, and for every proof that must not pass."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core import checkpoints, merkle

MATERIAL = Path(os.environ.get("BEFFROI_MATERIAL", Path(__file__).parents[4] / "shared"))
LOG = MATERIAL / "fixtures" / "tlog" / "log"
foreign = pytest.mark.skipif(not LOG.exists(), reason="needs the material (BEFFROI_MATERIAL)")

leaves_of = st.lists(st.binary(min_size=32, max_size=32), max_size=40)


def _foreign_entries(size: int) -> list[bytes]:
    data, entries = (LOG / "tile/entries/000.p" / str(size)).read_bytes(), []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


@foreign
@pytest.mark.parametrize("size", range(1, 16))
def test_leaves_and_roots_agree_with_a_log_that_is_not_ours(size: int) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in _foreign_entries(size)]
    assert b"".join(leaves) == (LOG / "tile/0/000.p" / str(size)).read_bytes()
    signed = checkpoints.read((LOG / f"checkpoint.{size}").read_text())
    assert (signed.size, signed.root) == (size, merkle.root_of(leaves))


@foreign
@pytest.mark.parametrize("old", range(1, 15))
def test_proofs_hold_between_the_checkpoints_of_a_log_that_is_not_ours(old: int) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in _foreign_entries(15)]
    first = checkpoints.read((LOG / f"checkpoint.{old}").read_text())
    last = checkpoints.read((LOG / "checkpoint.15").read_text())
    proof = merkle.consistency_proof(leaves, old)
    assert merkle.verify_consistency(old=old, new=15, old_root=first.root, new_root=last.root, proof=proof)
    inclusion = merkle.inclusion_proof(leaves, old)
    assert merkle.verify_inclusion(leaf=leaves[old], index=old, size=15, proof=inclusion, root=last.root)


@foreign
def test_the_signature_of_a_log_that_is_not_ours_verifies() -> None:
    key = checkpoints.NoteKey.from_text(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    )
    note = (LOG / "checkpoint").read_text()
    assert checkpoints.signed_by(note, key)
    assert not checkpoints.signed_by(note.replace("\n15\n", "\n14\n"), key)


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert base64.b64encode(merkle.Frontier().root()) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@given(leaves_of, leaves_of)
def test_growing_in_steps_is_growing_at_once(some: list[bytes], more: list[bytes]) -> None:
    stepwise = merkle.Frontier().grown(some)
    stepwise = merkle.Frontier.from_bytes(stepwise.size, stepwise.to_bytes()).grown(more)
    assert stepwise.root() == merkle.root_of([*some, *more])


@given(st.data(), leaves_of.filter(bool))
def test_every_leaf_is_proved_and_no_other(data: st.DataObject, leaves: list[bytes]) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle.root_of(leaves), merkle.inclusion_proof(leaves, index)
    size = len(leaves)
    assert merkle.verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root)
    forged = bytes(32) if leaves[index] != bytes(32) else b"\x01" * 32
    assert not merkle.verify_inclusion(leaf=forged, index=index, size=size, proof=proof, root=root)
    assert not merkle.verify_inclusion(leaf=leaves[index], index=size, size=size, proof=proof, root=root)
    assert not merkle.verify_inclusion(leaf=leaves[index], index=index, size=size, proof=[*proof, root], root=root)


@given(st.data(), leaves_of.filter(lambda some: len(some) > 1))
def test_a_rewritten_past_is_never_consistent(data: st.DataObject, leaves: list[bytes]) -> None:
    old = data.draw(st.integers(1, len(leaves) - 1))
    proof = merkle.consistency_proof(leaves, old)
    before, after = merkle.root_of(leaves[:old]), merkle.root_of(leaves)
    new = len(leaves)
    assert merkle.verify_consistency(old=old, new=new, old_root=before, new_root=after, proof=proof)
    other = merkle.root_of([merkle.leaf_hash(b"another past"), *leaves[1:old]])
    assert not merkle.verify_consistency(old=old, new=new, old_root=other, new_root=after, proof=proof)
    assert not merkle.verify_consistency(old=old, new=new, old_root=before, new_root=other, proof=proof)


def test_an_unchanged_log_needs_no_proof_and_the_empty_log_precedes_all() -> None:
    root = merkle.root_of([bytes(32)])
    assert merkle.verify_consistency(old=1, new=1, old_root=root, new_root=root, proof=[])
    assert not merkle.verify_consistency(old=1, new=1, old_root=root, new_root=merkle.EMPTY, proof=[])
    assert merkle.verify_consistency(old=0, new=1, old_root=merkle.EMPTY, new_root=root, proof=[])
    assert not merkle.verify_consistency(old=2, new=1, old_root=root, new_root=root, proof=[])
    assert not merkle.verify_consistency(old=2, new=3, old_root=root, new_root=root, proof=[])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_what_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="not in a tree of 3"):
        merkle.inclusion_proof([bytes(32)] * 3, index)
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof([bytes(32)] * 3, 4 if index == 3 else 0)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="full subtrees"):
        merkle.Frontier(2, ())
    with pytest.raises(ValueError, match="32-byte"):
        merkle.Frontier.from_bytes(1, b"short")
