"""Key files of the data folder that the office reads."""

from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.media.core.secrets import KEY_BYTES, open_secret, seal_secret


def read_key(name: str) -> bytes:
    """The 32 bytes of ``keys/<name>``; ``Unavailable`` when the file is missing or damaged."""
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


def sealing_key() -> bytes:
    """What seals secrets of sign-in (of authenticator apps, of identity providers): derived, never the cameras' key."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"beffroi sign-in 1").derive(read_key("secrets.key"))


def seal(plain: str, *, owner: str) -> str:
    """A secret as it lies in the database, readable for this row only."""
    return seal_secret(sealing_key(), plain, camera=owner)


def unseal(sealed: str, *, owner: str) -> str:
    """The secret; ``Unavailable`` when the key is another than when it was sealed."""
    try:
        return open_secret(sealing_key(), sealed, camera=owner)
    except Invalid as error:
        raise Unavailable(
            "A secret of sign-in cannot be read with this key.",
            code="secret_unreadable",
            hint="Bring back keys/secrets.key from the backup, or set the second factor anew.",
        ) from error
