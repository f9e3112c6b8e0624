"""Reads an inspection bundle as a stranger does: no database, no network, no key but the one it is given."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from beffroi.audit.core.checkpoints import Checkpoint, NoteKey, read, signed_by
from beffroi.audit.core.facts import entry_bytes
from beffroi.audit.core.merkle import leaf_hash, verify_consistency, verify_inclusion
from beffroi.governance.core.sampling import picks
from beffroi.governance.files.inspection import CHECKPOINT, EARLIER, KEY, MANIFEST, MAX_BYTES, SAMPLE, STAMP, pack
from beffroi.governance.files.verifier.stamp import read_stamp
from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Unavailable

MAX_FILES = 500
MAX_ENTRIES = 10_000
MAX_EARLIER = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which file."""

    file: str
    why: str


@dataclass(slots=True)
class BundleReport:
    """The finding. ``faults`` is empty when every byte is the one that was stamped."""

    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    stamped_at: str = ""
    stamped_by: str = ""
    stamp_trusted: bool | None = None  # None: no authority was given to believe
    log_size: int = 0
    sampled: int = 0
    earlier: int = 0  # checkpoints of earlier days whose log today's begins with
    key_given: bool = False

    def bad(self, file: str, why: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(file, why))


def check_bundle(path: Path, *, key: NoteKey | None = None, roots: list[bytes] | None = None) -> BundleReport:
    """Check a bundle, zip or unpacked folder. ``Unavailable`` where there is nothing that could be checked."""
    report = BundleReport(key_given=key is not None)
    files = _folder(path) if path.is_dir() else _zip(path, report)
    if not files:
        if not report.faults:
            report.bad(str(path.name), "empty")
        return report
    report.files = len(files)
    _manifest(files, report)
    _stamp(files, report, roots)
    _log(files, report, key)
    return report


def _folder(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for one in sorted(path.rglob("*")):
        if one.is_symlink() or not one.is_file():
            continue
        total += one.stat().st_size
        if len(found) >= MAX_FILES or total > MAX_BYTES:
            raise Unavailable(f"{path} is too large for an inspection bundle.", code="bundle-too-large")
        found[one.relative_to(path).as_posix()] = one.read_bytes()
    if MANIFEST not in found and len({name.partition("/")[0] for name in found}) == 1:
        found = {name.partition("/")[2]: data for name, data in found.items()}  # the folder above the bundle's own
    return found


def _zip(path: Path, report: BundleReport) -> dict[str, bytes]:
    try:
        whole = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}.") from error
    if whole is None:
        raise Unavailable(f"{path} is too large for an inspection bundle.", code="bundle-too-large")
    if not whole.startswith(b"PK") and b"PK\x05\x06" not in whole:
        raise Unavailable(f"{path} is no zip file.", hint="Give bundle.zip, or the folder it was unpacked to.")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_FILES or sum(one.file_size for one in infos) > MAX_BYTES:
                raise Unavailable(f"{path} is too large for an inspection bundle.", code="bundle-too-large")
            for one in infos:
                parts = PurePosixPath(one.filename).parts
                if len(parts) < 2 or ".." in parts or one.filename.startswith("/") or one.is_dir():
                    report.bad(one.filename, "a name that does not belong in a bundle")
                    continue
                found["/".join(parts[1:])] = archive.read(one)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        report.bad(path.name, f"the zip is damaged: {error}")
        return found
    roots = {one.filename.partition("/")[0] for one in infos}
    if len(roots) != 1 or pack(roots.pop(), found) != whole:
        report.bad(path.name, "the container is not the one that was made: packed anew, or changed outside its files")
    return found


def _manifest(files: Mapping[str, bytes], report: BundleReport) -> None:
    data = files.get(MANIFEST)
    if data is None:
        report.bad(MANIFEST, "missing")
        return
    said: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or name in said:
            report.bad(MANIFEST, f"a line that cannot be read: {line[:80]!r}")
            continue
        said[name] = digest
    for name, digest in said.items():
        if name not in files:
            report.bad(name, "missing")
        elif sha256(files[name]).hex() != digest:
            report.bad(name, "changed: its SHA-256 is not the one in the manifest")
    for name in sorted(files.keys() - said.keys() - {MANIFEST, STAMP}):
        report.bad(name, "added: the manifest does not know it")


def _stamp(files: Mapping[str, bytes], report: BundleReport, roots: list[bytes] | None) -> None:
    if STAMP not in files:
        report.bad(STAMP, "missing")
        return
    stamp = read_stamp(files[STAMP], files.get(MANIFEST, b""), roots)
    for why in (*stamp.faults, *stamp.unknown):
        report.bad(STAMP, why)
    if stamp.trusted is False:
        report.bad(STAMP, "not signed by the authority that was given")
    report.stamped_at = stamp.time.strftime("%Y-%m-%dT%H:%M:%SZ") if stamp.time else ""
    report.stamped_by, report.stamp_trusted = stamp.signer, stamp.trusted


def _log(files: Mapping[str, bytes], report: BundleReport, given: NoteKey | None) -> None:
    try:
        note = files[CHECKPOINT].decode()
        inside = NoteKey.from_text(files[KEY].decode())
        sample = json.loads(files[SAMPLE])
        checkpoint = read(note)
        size, seed, wanted, entries = sample["size"], sample["seed"], sample["wanted"], sample["entries"]
    except KeyError as error:
        report.bad("log/", f"missing: {error}")
        return
    except (ValueError, TypeError, RecursionError) as error:
        report.bad("log/", f"cannot be read: {error}")
        return
    if not signed_by(note, given or inside):
        report.bad(CHECKPOINT, "not signed by the key " + ("that was given" if given else "in the bundle"))
    if given is not None and given != inside:
        report.bad(KEY, "another key than the one that was given")
    report.log_size = checkpoint.size
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES or size != checkpoint.size:
        report.bad(SAMPLE, "it is not about this checkpoint")
        return
    indexes = [one.get("index") for one in entries if isinstance(one, dict)]
    if not isinstance(wanted, int) or not 0 <= wanted <= MAX_ENTRIES or indexes != list(picks(str(seed), size, wanted)):
        report.bad(SAMPLE, "its entries are not those that the seed chooses")
    for one in entries:
        why = _entry(one, checkpoint)
        if why:
            report.bad(SAMPLE, why)
        else:
            report.sampled += 1
    if EARLIER in files:  # bundles from before 24 November 2026 have none
        _earlier(files[EARLIER], checkpoint, given or inside, report)


def _earlier(data: bytes, newest: Checkpoint, key: NoteKey, report: BundleReport) -> None:
    try:
        said = json.loads(data)["checkpoints"]
        if not isinstance(said, list) or len(said) > MAX_EARLIER:
            raise ValueError("not a short list")
        told = [(str(one["checkpoint"]), [bytes.fromhex(part) for part in one["proof"]]) for one in said]
        notes = [(note, read(note), proof) for note, proof in told]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        report.bad(EARLIER, f"cannot be read: {error}")
        return
    for note, old, proof in notes:
        if old.origin != newest.origin or not signed_by(note, key):
            report.bad(EARLIER, f"the checkpoint of {old.size} entries is not signed by this centre")
        elif not verify_consistency(
            old=old.size, new=newest.size, old_root=old.root, new_root=newest.root, proof=proof
        ):  # fmt: skip
            report.bad(EARLIER, f"the log does not begin with the log of the checkpoint of {old.size} entries")
        else:
            report.earlier += 1


def _entry(one: Any, checkpoint: Checkpoint) -> str:
    """What is wrong with one entry, or an empty text."""
    try:
        index, committed = int(one["index"]), bytes.fromhex(one["sha256"])
        proof = [bytes.fromhex(part) for part in one["proof"]]
        leaf = leaf_hash(entry_bytes(str(one["fact"]), str(one["name"]), committed))
        said = one.get("document")
        shown = canonical_bytes(said) if said is not None else b""
        salt = bytes.fromhex(one.get("salt", ""))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return f"an entry that cannot be read: {error}"
    if not verify_inclusion(leaf=leaf, index=index, size=checkpoint.size, proof=proof, root=checkpoint.root):
        return f"entry {index} is not in the log of the checkpoint"
    if said is not None and sha256(salt + shown) != committed:
        return f"entry {index} says something else than what was committed to"
    return ""
