"""What speaks of pupils is sealed before it is written: one key an alert, in a file of its own, destroyed afterwards.

Roll-call answers and free texts reach the journal only as AES-256-GCM under the alert's key, their signature inside (a
signature in the clear would confirm whoever guesses three small numbers). The journal chains what it stores, so the
chain can be walked with or without the key. Without the key nobody reads the text again, in whatever copy of the
journal. Invariants: S1 a sealed row never lay in the clear on this disk; S2 a key is durable before the first row
under it; S3 a key goes only when the alert is over and the centre holds every event of it (``Edge.drop_pupils``).
"""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beffroi.kernel.errors import Unavailable
from beffroi.safety.core.events import Event, Kind

SEALED = frozenset({Kind.ROLL_CALL, Kind.NOTE, Kind.CALL_MADE, Kind.ORDER_RECEIVED, Kind.MISSION_DONE})
"""What may hold words or numbers about pupils; none of it decides the state of an alert."""
MAGIC = b"BSE1"
NONCE_BYTES, SIGNATURE_BYTES, KEY_BYTES = 12, 64, 32


class Seals:
    """The keys of the alerts, one file each, in a folder that a copy of the journal leaves behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    def has(self, alert: str) -> bool:
        """Whether what was said about this alert can still be read."""
        return self._path(alert).exists()

    def close_up(self, event: Event, document: bytes, signature: bytes) -> bytes:
        """The sealed form of an event. Raises ``Unavailable`` when its key cannot be kept."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        name = _name(*event.key)
        return MAGIC + nonce + AESGCM(self._key(event.alert)).encrypt(nonce, signature + document, name)

    def open_up(self, stored: bytes, *, alert: str, key: tuple[str, str, int]) -> tuple[bytes, bytes] | None:
        """Document and signature of a sealed row; ``None`` when its key is gone."""
        secret = self._kept(alert)
        if secret is None:
            return None
        nonce, body = stored[len(MAGIC) : len(MAGIC) + NONCE_BYTES], stored[len(MAGIC) + NONCE_BYTES :]
        try:
            plain = AESGCM(secret).decrypt(nonce, body, _name(*key))
        except InvalidTag:  # sealed under a key that was destroyed before something more was said
            return None
        return plain[SIGNATURE_BYTES:], plain[:SIGNATURE_BYTES]

    def destroy(self, alert: str) -> None:
        """Overwrite and remove the key of an alert, durably. Raises ``Unavailable`` when the disk refuses."""
        path = self._path(alert)
        try:
            with path.open("r+b") as file:
                file.write(bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._sync_folder()
        except OSError as error:
            raise Unavailable(f"A key could not be destroyed: {error}", code="journal_unwritable") from error
        self._known.pop(alert, None)

    def _kept(self, alert: str) -> bytes | None:
        if alert not in self._known and self.has(alert):
            self._known[alert] = self._path(alert).read_bytes()
        return self._known.get(alert)

    def _key(self, alert: str) -> bytes:
        try:
            return self._kept(alert) or self._make(alert)
        except OSError as error:
            raise Unavailable(f"The key of the alert cannot be kept: {error}", code="journal_unwritable") from error

    def _make(self, alert: str) -> bytes:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path, key = self._path(alert), secrets.token_bytes(KEY_BYTES)
        half = path.with_suffix(".new")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        self._sync_folder()
        self._known[alert] = key
        return key

    def _sync_folder(self) -> None:
        for folder in (self._folder, self._folder.parent):
            opened = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)

    def _path(self, alert: str) -> Path:
        return self._folder / f"{sha256(alert.encode()).hexdigest()}.key"  # the name of an alert is a partner's text


def _name(origin: str, boot: str, sequence: int) -> bytes:
    return f"{origin}/{boot}/{sequence}".encode()
