"""Media that a package can be copied to: USB disks where the system mounts them.

A root with ``*`` offers the mount points it matches (``/media/*``); a root without is itself a target (a share).
"""

import os
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from beffroi.governance.files.bags import COPIED, ZIP_NAME, check_before_delivery, unpack, unwatched
from beffroi.kernel.errors import BeffroiError, Conflict, Corrupt, Unavailable

SPARE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Medium:
    """A folder that can be written, and its free bytes."""

    path: str
    free_bytes: int


def media(roots: Iterable[str]) -> list[Medium]:
    """What is plugged in now and can be written, by path."""
    found: dict[str, Medium] = {}
    for root in roots:
        starred = "*" in root
        for path in glob(root) if starred else [root]:  # noqa: PTH207  roots are patterns of whole paths
            place = Path(path)
            if place.is_symlink() or not place.is_dir() or (starred and not place.is_mount()):
                continue
            if os.access(path, os.W_OK | os.X_OK):
                found[path] = Medium(path, shutil.disk_usage(path).free)
    return [found[path] for path in sorted(found)]


def is_medium(path: str, roots: Iterable[str]) -> bool:
    """Whether ``path`` is one of those offered now."""
    return any(one.path == path for one in media(roots))


def copy_package(vault: Path, package: str, medium: Path, copied: COPIED = unwatched) -> Path:
    """Unpack a package from the vault to a folder on the medium, read it back and verify it; returns the folder.

    ``Conflict`` when the folder is there already, ``Unavailable`` when the medium is gone or full, ``Corrupt`` when
    what was read back is not what was sealed (then the folder is taken away again).
    """
    source = vault / package / ZIP_NAME
    try:
        if (medium / package).exists():
            raise Conflict(
                f"{medium / package} exists already.", code="medium_taken", hint="Remove it, then copy again."
            )
        free, wanted = shutil.disk_usage(medium).free, source.stat().st_size + SPARE_BYTES
        if free < wanted:
            raise Unavailable(
                f"The medium has {free // 1_000_000} MB free; {wanted // 1_000_000} MB are needed.",
                code="medium_full",
                hint="Take a larger one.",
            )
        folder = unpack(source, medium, copied)
    except zipfile.BadZipFile as error:
        raise Corrupt(
            f"The stored package {package} was changed on disk.",
            code="package_changed",
            hint="Nothing was handed over. Bring it back from the backup; its digest is on record.",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The medium cannot be written: {error.strerror or error}.",
            code="medium_failed",
            hint="See whether it is still plugged in and not write-protected.",
        ) from error
    try:
        check_before_delivery(folder)
    except BeffroiError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder
