"""The recorder's last good copy of the camera settings, and the keys of the data folder (I14)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from beffroi.kernel.errors import BeffroiError, Conflict
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.archive.disk import Disk
from beffroi.media.core.settings import RecorderSettings, open_settings

_KEY_BYTES = 32


def office_keys(keys: Path) -> list[VerifyKey]:
    """The public keys that may sign settings: ``office.pub`` (32 bytes each, one after the other) where the office is
    elsewhere, else the public half of ``office.key``."""
    try:
        raw = (keys / "office.pub").read_bytes()
        return [VerifyKey(raw[at : at + _KEY_BYTES]) for at in range(0, len(raw) - _KEY_BYTES + 1, _KEY_BYTES)]
    except FileNotFoundError:
        seed = _seed(keys / "office.key")
        return [VerifyKey(SigningKey(seed).public_bytes)] if seed else []


def camera_keys(keys: Path) -> bytes:
    """The keys that open camera passwords: ``camera.key`` once they were changed, else ``secrets.key``. ``OSError``."""
    try:
        return (keys / "camera.key").read_bytes()
    except FileNotFoundError:
        return (keys / "secrets.key").read_bytes()


def archive_key(keys: Path) -> SigningKey | None:
    """The key that signs destruction lines; ``None`` where the archive has none (a recorder alone, for a look)."""
    seed = _seed(keys / "archive.key")
    return SigningKey(seed) if seed else None


def _seed(path: Path) -> bytes | None:
    try:
        seed = path.read_bytes()
    except FileNotFoundError:
        return None
    return seed if len(seed) == _KEY_BYTES else None


class SettingsFile:
    """``recorder/cameras.json``: kept only when rightly signed and not older than the copy before."""

    def __init__(self, path: Path, keys: Callable[[], Sequence[VerifyKey]], disk: Disk) -> None:
        self._path, self._keys, self._disk = path, keys, disk

    def read(self) -> RecorderSettings | None:
        """The last good copy; ``None`` when there is none that can be trusted."""
        try:
            return open_settings(self._path.read_bytes(), self._keys())
        except (OSError, BeffroiError):
            return None

    def put(self, document: bytes) -> RecorderSettings:
        """Keep a new copy, durable. ``Invalid`` when not rightly signed, ``Conflict`` when older than the one kept."""
        fresh = open_settings(document, self._keys())
        kept = self.read()
        if kept is not None and fresh.version < kept.version:
            raise Conflict(
                f"These camera settings have version {fresh.version}; the recorder already has version {kept.version}.",
                code="settings_old",
            )
        self._disk.replace(self._path, document)
        return fresh


class FollowedSettings:
    """The last good copy, read again when its file changed."""

    def __init__(self, data: Path) -> None:
        self._path = data / "recorder" / "cameras.json"
        self._file = SettingsFile(self._path, lambda: office_keys(data / "keys"), Disk())
        self._seen: tuple[int, int] | None = None
        self.now: RecorderSettings | None = None

    def look(self) -> bool:
        """Whether the file is another than at the last look; ``now`` is what it says."""
        try:
            facts = self._path.stat()
        except OSError:
            return False
        seen = (facts.st_mtime_ns, facts.st_ino)
        if seen == self._seen:
            return False
        self._seen, self.now = seen, self._file.read()
        return True
