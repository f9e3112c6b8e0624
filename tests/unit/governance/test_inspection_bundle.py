"""The bundle as a stranger reads it: whole, then with one bit flipped anywhere, a file added, taken away or swapped."""

import json
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core.checkpoints import Checkpoint, NoteKey, sign
from beffroi.audit.core.facts import entry_bytes
from beffroi.audit.core.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of
from beffroi.governance.core.sampling import picks
from beffroi.governance.files import inspection
from beffroi.governance.files.inspection_check import check_bundle
from beffroi.governance.files.stamps import OwnAuthority, create_authority
from beffroi.governance.files.verifier.stamp import pem_certificates
from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
KEY = SigningKey(bytes(range(32)))
NAMED = NoteKey("beffroi/essai/log", KEY.public_bytes)
SIZE, WANTED = 57, 12
EARLIER = (1, 8, 21, 56)
DOCUMENTS = [{"id": f"f{number}", "name": "look:begin"} for number in range(SIZE)]
SALTS = [bytes([number]) * 32 for number in range(SIZE)]
SEALED = [sha256(salt + canonical_bytes(one)) for salt, one in zip(SALTS, DOCUMENTS, strict=True)]


def _leaves() -> list[bytes]:
    return [leaf_hash(entry_bytes(f"f{number}", "look:begin", SEALED[number])) for number in range(SIZE)]


def _log() -> dict[str, bytes]:
    leaves = _leaves()
    entries = [
        {
            "index": index, "fact": f"f{index}", "name": "look:begin", "sha256": SEALED[index].hex(),
            "proof": [part.hex() for part in inclusion_proof(leaves, index)], "document": DOCUMENTS[index],
            "salt": SALTS[index].hex(),
        }
        for index in picks("graine", SIZE, WANTED)
    ]  # fmt: skip
    sample = {"size": SIZE, "seed": "graine", "wanted": WANTED, "entries": entries}
    note = sign(Checkpoint("beffroi/essai/log", SIZE, root_of(leaves)), KEY)
    return {
        inspection.EARLIER: _earlier(leaves),
        inspection.SAMPLE: json.dumps(sample).encode(),
        inspection.CHECKPOINT: note.encode(),
        inspection.KEY: NAMED.to_text().encode(),
    }


def _earlier(leaves: list[bytes], *, key: SigningKey = KEY, other: int = -1, proved: int = 0) -> bytes:
    """Earlier checkpoints; ``other``: an entry that was another one then; ``proved``: the size the proofs are of."""
    then = [leaf_hash(b"another") if number == other else leaf for number, leaf in enumerate(leaves)]
    told = [
        {
            "checkpoint": sign(Checkpoint("beffroi/essai/log", size, root_of(then[:size])), key),
            "proof": [part.hex() for part in consistency_proof(leaves, proved or size)],
        }
        for size in EARLIER
    ]
    return json.dumps({"size": SIZE, "checkpoints": told}).encode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OwnAuthority:
    keys = tmp_path_factory.mktemp("keys")
    create_authority(keys, organisation="Essai", now=NOW)
    return OwnAuthority(keys)


@pytest.fixture(scope="module")
def bundle(authority: OwnAuthority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**_log(), "registers/requisitions.csv": "numéro;état\r\n".encode(), "README.txt": b"read me\n"}
    folder = tmp_path_factory.mktemp("vault")
    built = inspection.write_bundle(folder, "controle-1", files, stamper=authority, now=NOW)
    path = folder / inspection.FILE_NAME
    assert sha256(path.read_bytes()).hex() == built.zip_sha256
    return path


def test_a_whole_bundle_holds_zipped_and_unpacked(bundle: Path, authority: OwnAuthority, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    for path in (bundle, tmp_path, tmp_path / "controle-1"):
        report = check_bundle(path, key=NAMED, roots=pem_certificates(authority.authority_pem))
        assert report.faults == []
        assert (report.sampled, report.log_size, report.stamp_trusted) == (WANTED, SIZE, True)
        assert report.earlier == len(EARLIER)
        assert report.stamped_at == "2026-11-23T10:00:00Z"


def test_one_flipped_bit_anywhere_is_found(bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    rng = random.Random(20261123)
    places = {*range(64), *range(len(whole) - 200, len(whole)), *(rng.randrange(len(whole)) for _ in range(250))}
    copy = tmp_path / "bundle.zip"
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.randrange(8)
        copy.write_bytes(changed)
        try:
            faults = check_bundle(copy).faults
        except Unavailable:
            continue  # no zip any more: told as such, exit 2
        assert faults, f"byte {place}"


@pytest.mark.parametrize(
    "name", [inspection.SAMPLE, inspection.STAMP, inspection.MANIFEST, "registers/requisitions.csv"]
)
def test_a_bit_in_an_unpacked_file_is_placed(bundle: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "controle-1" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    faults = check_bundle(tmp_path).faults
    assert faults
    assert name in {one.file for one in faults} or name == inspection.MANIFEST


def test_added_missing_and_swapped(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    root = tmp_path / "controle-1"
    (root / "more.txt").write_text("more")
    (root / "README.txt").unlink()
    why = {one.file: one.why for one in check_bundle(root).faults}
    assert why["more.txt"].startswith("added")
    assert why["README.txt"] == "missing"


def test_entries_that_the_seed_did_not_choose(authority: OwnAuthority, tmp_path: Path) -> None:
    files = _log()
    sample = json.loads(files[inspection.SAMPLE])
    sample["seed"] = "a kinder seed"
    files[inspection.SAMPLE] = json.dumps(sample).encode()
    inspection.write_bundle(tmp_path, "controle-1", files, stamper=authority, now=NOW)
    report = check_bundle(tmp_path / inspection.FILE_NAME)
    assert [one.why for one in report.faults] == ["its entries are not those that the seed chooses"]


def test_another_key_than_the_one_given(bundle: Path) -> None:
    other = NoteKey("beffroi/essai/log", SigningKey(b"\x07" * 32).public_bytes)
    assert {one.file for one in check_bundle(bundle, key=other).faults} == {
        inspection.CHECKPOINT, inspection.EARLIER, inspection.KEY,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 4096])
def test_what_is_no_bundle_cannot_be_checked(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(Unavailable):
        check_bundle(path)


@given(st.binary(max_size=400))
def test_hostile_log_files_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "log").mkdir()
    for name in (inspection.SAMPLE, inspection.CHECKPOINT, inspection.KEY, inspection.MANIFEST, inspection.STAMP):
        (folder / name).write_bytes(data)
    assert check_bundle(folder).faults


@given(st.text(max_size=80), st.integers(0, 500), st.integers(0, 60))
def test_picks_are_different_places_of_the_log(seed: str, size: int, count: int) -> None:
    found = picks(seed, size, count)
    assert len(found) == len(set(found)) == min(size, count)
    assert list(found) == sorted(found)
    assert all(0 <= one < size for one in found)
    assert found == picks(seed, size, count)


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ({"other": 20}, 2),  # what the two smaller ones cover is as it was
        ({"proved": 21}, 1),
        ({"key": SigningKey(bytes(32))}, 0),
    ],
)
def test_a_log_that_did_not_only_grow_is_seen_though_the_whole_bundle_was_made_anew(
    authority: OwnAuthority, tmp_path: Path, said: dict[str, Any], good: int
) -> None:
    files = _log()
    leaves = _leaves()
    assert files[inspection.EARLIER] == _earlier(leaves)
    files[inspection.EARLIER] = _earlier(leaves, **said)
    inspection.write_bundle(tmp_path, "controle-2", files, stamper=authority, now=NOW)
    report = check_bundle(tmp_path / inspection.FILE_NAME, key=NAMED)
    assert report.earlier == good
    assert {fault.file for fault in report.faults} == {inspection.EARLIER}
    assert len(report.faults) == len(EARLIER) - good


UNREADABLE = [b"", b"[]", b"{}", b'{"checkpoints": 3}', b'{"checkpoints": [{"checkpoint": 1}]}', b"[" * 9_000]


@pytest.mark.parametrize("data", UNREADABLE)
def test_earlier_checkpoints_that_cannot_be_read_are_a_fault_not_a_crash(
    authority: OwnAuthority, tmp_path: Path, data: bytes
) -> None:
    inspection.write_bundle(tmp_path, "controle-3", {**_log(), inspection.EARLIER: data}, stamper=authority, now=NOW)
    report = check_bundle(tmp_path / inspection.FILE_NAME, key=NAMED)
    assert [fault.file for fault in report.faults] == [inspection.EARLIER]
