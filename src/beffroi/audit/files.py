"""The office's signing key, as the log uses it, and the copy of the last checkpoint outside the database."""

from functools import cache
from pathlib import Path

from django.conf import settings

from beffroi.audit.core.checkpoints import NoteKey
from beffroi.audit.core.lived import Reading
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def reading() -> Reading:
    """Both clocks now, by ``settings.BEFFROI_CLOCK``."""
    clock: Clock = settings.BEFFROI_CLOCK
    return Reading(_boot(), clock.since_boot_us(), clock.now_us())


@cache
def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()[:64]
    except OSError:
        return "unknown"  # of no known start: the clock since boot still falls at each, and the wall clock decides


def origin() -> str:
    """The name of this log, first line of every checkpoint."""
    return str(settings.BEFFROI_LOG_ORIGIN)


def office_key() -> SigningKey:
    """The office's Ed25519 key from ``keys/office.key``; ``Unavailable`` where it is missing."""
    path = Path(settings.BEFFROI_DATA_DIR) / "keys" / "office.key"
    try:
        return SigningKey(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"The office's key cannot be read from {path}.",
            code="office_key_missing",
            hint="It is made at the first start; restore it from the backup, do not make another.",
        ) from error


def log_key() -> NoteKey:
    """The public half under the log's name, as published to witnesses."""
    return NoteKey(origin(), office_key().public_bytes)


def keep_checkpoint(note: str) -> None:
    """Write the newest checkpoint beside the database, so that a database cut back is found (replaced as a whole)."""
    path = last_checkpoint_path()
    beside = path.with_suffix(".new")
    try:
        beside.write_text(note)
        beside.replace(path)
    except OSError as error:
        raise Unavailable(
            f"The checkpoint cannot be written to {path}: {error.strerror}.",
            code="checkpoint_unwritten",
            hint="See whether the data folder is writable and has room.",
        ) from error


def last_checkpoint_path() -> Path:
    """Where the copy lies."""
    return Path(settings.BEFFROI_DATA_DIR) / "audit-checkpoint.txt"


def last_checkpoint() -> str:
    """The copy, or nothing where there is none yet."""
    try:
        return last_checkpoint_path().read_text()
    except FileNotFoundError:
        return ""
