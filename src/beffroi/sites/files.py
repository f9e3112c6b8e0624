"""Key files of the data folder that this plane reads: the seal of camera passwords and the office's signature."""

from pathlib import Path

from django.conf import settings

from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.core.secrets import KEY_BYTES


def secrets_key() -> bytes:
    """The AES-256 key that seals camera addresses and passwords; ``Unavailable`` when it is missing or damaged."""
    return _read("secrets.key")


def office_key() -> SigningKey:
    """The office's Ed25519 key; ``Unavailable`` when it is missing or damaged."""
    return SigningKey(_read("office.key"))


def _read(name: str) -> bytes:
    path = Path(settings.BEFFROI_DATA_DIR) / "keys" / name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"The key file keys/{name} cannot be read.", code="key_missing", hint="Bring it back from the backup."
        ) from error
    if len(raw) != KEY_BYTES:
        raise Unavailable(
            f"The key file keys/{name} is damaged: {len(raw)} bytes instead of {KEY_BYTES}.",
            code="key_damaged",
            hint="Bring it back from the backup.",
        )
    return raw
