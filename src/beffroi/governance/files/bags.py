"""Writing an evidence package: a BagIt folder, sealed by a time stamp, then one stored zip file of it.

Everything is written under a working folder and flushed to disk before it is renamed into place: a package that was
broken off never looks whole.
"""

import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as running_sha256
from pathlib import Path, PurePosixPath
from typing import IO

from beffroi.governance.core import evidence
from beffroi.governance.files.stamps import Stamper
from beffroi.governance.files.verifier.command import verify
from beffroi.governance.files.verifier.container import (
    central_header,
    chunks_of,
    delivery_order,
    end_records,
    local_header,
)
from beffroi.governance.files.verifier.reading import unsafe_name
from beffroi.governance.files.verifier.texts import sentence
from beffroi.kernel.errors import Corrupt

WORK_PREFIX = ".building-"
ZIP_NAME = "package.zip"
COPIED = Callable[[int], None]


def unwatched(count: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Written:
    """A file of the bag as it was written."""

    sha256: str = ""
    size: int = 0
    crc: int = 0


class _Sink:
    """An open file that counts and digests what goes into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha256 = running_sha256()
        self.written = Written()

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._file.write(chunk)
        self._sha256.update(chunk)
        self.written.size += len(chunk)
        self.written.crc = zlib.crc32(chunk, self.written.crc)

    def close(self) -> Written:
        """What was written, once all of it is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.written.sha256 = self._sha256.hexdigest()
        return self.written


class BagWriter:
    """One package being written in ``folder``, which must not exist yet."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self.folder = folder
        self.files: dict[str, Written] = {}

    @contextmanager
    def stream(self, name: str) -> Iterator[_Sink]:
        """A payload or tag file written piece by piece; listed only when the block ends well."""
        if unsafe_name(name) or name in self.files:
            raise ValueError(f"{name!r} cannot be a file of a package")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            sink = _Sink(file)
            yield sink
            self.files[name] = sink.close()

    def write(self, name: str, data: bytes) -> Written:
        """A whole small file."""
        with self.stream(name) as sink:
            sink.write(data)
        return self.files[name]

    def seal(self, info: Iterable[tuple[str, str]], stamper: Stamper, now: datetime) -> str:
        """Write declaration, manifests and stamp; returns the SHA-256 of the tag manifest, which seals everything."""
        payload = {name: written for name, written in self.files.items() if name.startswith("data/")}
        fields = [*info, ("Payload-Oxum", evidence.oxum(written.size for written in payload.values()))]
        self.write("bagit.txt", evidence.BAGIT_TEXT.encode())
        self.write("bag-info.txt", evidence.info_text(fields).encode())
        digests = {name: written.sha256 for name, written in payload.items()}
        self.write(evidence.MANIFEST, evidence.manifest_text(digests).encode())
        tags = {name: one.sha256 for name, one in self.files.items() if not name.startswith("data/")}
        text = evidence.manifest_text(tags).encode()
        sealed = self.write(evidence.TAG_MANIFEST, text)
        stamp = self.write(evidence.STAMP, stamper.stamp(text, now))
        self.write(evidence.STAMP_SUM, f"{stamp.sha256}  {evidence.STAMP}\n".encode())
        return sealed.sha256


def write_zip(
    source: Path, files: Mapping[str, Written], target: Path, root: str, copied: COPIED = unwatched
) -> tuple[str, int]:
    """Pack a bag folder into ``target``: stored, fixed order and dates, so that the same bag gives the same bytes and a
    download can go on where it broke off. Returns SHA-256 and size. ``Corrupt`` when a file has changed meanwhile."""
    directory: list[bytes] = []
    with target.open("xb") as file:
        sink = _Sink(file)
        for name in delivery_order(list(files)):
            written = files[name]
            shown = f"{root}/{name}".encode()
            directory.append(central_header(shown, written.size, written.crc, sink.written.size))
            sink.write(local_header(shown, written.size, written.crc))
            crc = 0
            with (source / name).open("rb") as part:
                for chunk in chunks_of(part):
                    crc = zlib.crc32(chunk, crc)
                    sink.write(chunk)
                    copied(len(chunk))
            if crc != written.crc:
                raise Corrupt(f"{name} changed on disk while it was packed.", code="package_changed")
        offset = sink.written.size
        tail = b"".join(directory)
        sink.write(tail + end_records(len(directory), len(tail), offset))
        done = sink.close()
    return done.sha256, done.size


def check_before_delivery(path: Path, authority: list[bytes] | None = None, read: COPIED = unwatched) -> None:
    """Read the finished package back from disk with the very verifier that travels in it; ``Corrupt`` if it fails."""
    last = 0

    def count(done: int, _total: int) -> None:
        nonlocal last
        read(done - last)
        last = done

    report = verify(str(path), roots=authority, progress=count)
    if report["verdict"] != "valid":
        first = next(one for one in report["findings"] if one["level"] != "note")
        told = sentence(first["code"], "en", first["where"], first["data"])
        raise Corrupt(
            f"The package did not pass its own check: {first['where']} {told}",
            code="package_not_valid",
            hint="Try again; if it fails again, have the disk checked.",
        )


def publish(work: Path, final: Path) -> None:
    """Give a finished working folder its name, durably.

    What has the name already was published by a builder killed before anybody could be told: it is replaced.
    """
    _sync(work)
    if final.exists():
        shutil.rmtree(final)
    work.rename(final)
    _sync(final.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_work(vault: Path, package: str) -> Path:
    """A working folder of this try's own; what earlier tries of the package left is taken away.

    A builder that lost its lease loses its folder with it: it can neither finish nor harm the one that follows.
    """
    for left in vault.glob(f"{WORK_PREFIX}{package}.*"):
        shutil.rmtree(left)
    return vault / f"{WORK_PREFIX}{package}.{secrets.token_hex(4)}"


def unpack(package: Path, target: Path, copied: COPIED = unwatched) -> Path:
    """Unpack one of our own zip files below ``target`` as a folder, flushed to disk; returns the bag's folder.

    Written beside its name and renamed at the end. ``Corrupt`` when the zip is not one of ours.
    """
    with zipfile.ZipFile(package) as archive:
        roots = {PurePosixPath(name).parts[0] for name in archive.namelist() if not unsafe_name(name)}
        if len(roots) != 1 or any(unsafe_name(name) for name in archive.namelist()):
            raise Corrupt("The stored package is not as it was written.", code="package_changed")
        root = roots.pop()
        work = target / f".{root}.part"
        if work.exists():
            shutil.rmtree(work)
        try:
            for info in archive.infolist():
                path = work / PurePosixPath(info.filename).relative_to(root)
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as part, path.open("xb") as file:
                    for chunk in chunks_of(part):
                        file.write(chunk)
                        copied(len(chunk))
                    file.flush()
                    os.fsync(file.fileno())
            final = target / root
            work.rename(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    _sync(target)
    return final
