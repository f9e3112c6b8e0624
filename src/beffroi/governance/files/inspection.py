"""The inspection bundle on disk: files, one manifest that ``sha256sum -c`` reads, one time stamp over it, one zip.

The zip is stored, in a fixed order, with fixed dates, so that it can be told again from its contents.
"""

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from beffroi.governance.files.stamps import Stamper
from beffroi.governance.files.verifier.container import central_header, end_records, local_header
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Unavailable

MANIFEST = "manifest-sha256.txt"
STAMP = f"{MANIFEST}.tsr"
AUTHORITY = "stamp-authority.pem"
CHECKPOINT, KEY, SAMPLE = "log/checkpoint.txt", "log/key.txt", "log/sample.json"
EARLIER = "log/earlier.json"
FILE_NAME = "bundle.zip"
MAX_BYTES = 64 << 20
"""A bundle is words and numbers; a bigger one is a fault, not a bigger machine."""


@dataclass(frozen=True, slots=True)
class BuiltBundle:
    """What came of it."""

    zip_sha256: str
    zip_bytes: int


def write_bundle(
    folder: Path, root: str, files: Mapping[str, bytes], *, stamper: Stamper, now: datetime
) -> BuiltBundle:
    """Write ``folder/bundle.zip`` whole or not at all; every path in it begins with ``root``."""
    whole = dict(files)
    if stamper.authority_pem:
        whole[AUTHORITY] = stamper.authority_pem
    manifest = manifest_of(whole)
    whole[MANIFEST] = manifest
    whole[STAMP] = stamper.stamp(manifest, now)
    data = pack(root, whole)
    if len(data) > MAX_BYTES:
        raise Unavailable(f"The bundle has {len(data)} bytes; {MAX_BYTES} are the most.", code="bundle-too-large")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put(folder / FILE_NAME, data)
    except OSError as error:
        raise Unavailable(
            f"The vault cannot be written: {error.strerror}.", code="bundle-disk", hint="See its room and rights."
        ) from error
    return BuiltBundle(sha256(data).hex(), len(data))


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """One line a file, by name, as ``sha256sum`` writes them."""
    return "".join(f"{sha256(files[name]).hex()}  {name}\n" for name in sorted(files)).encode()


def pack(root: str, files: Mapping[str, bytes]) -> bytes:
    """The zip of these files, always the same bytes for the same contents."""
    parts, directory, at = [], [], 0
    for name in sorted(files):
        full, data = f"{root}/{name}".encode(), files[name]
        crc = zlib.crc32(data)
        head = local_header(full, len(data), crc)
        directory.append(central_header(full, len(data), crc, at))
        parts += [head, data]
        at += len(head) + len(data)
    tail = b"".join(directory)
    return b"".join([*parts, tail, end_records(len(files), len(tail), at)])


def _put(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
