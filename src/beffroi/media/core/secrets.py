"""Camera passwords at rest: AES-256-GCM (NIST SP 800-38D), bound to the camera they belong to.

The key lies in ``DATA/keys``, outside every database. While it is changed (``beffroi secrets rotate``) there are
several, 32 bytes each, one after the other: the first seals, each opens. A sealed password is text: ``bs1.`` and
base64url of nonce, ciphertext and tag. Moved to another camera it is unreadable: a row copied by hand is noticed.
"""

import secrets
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.errors import Invalid

KEY_BYTES = 32
PREFIX = "bs1."
_NONCE_BYTES = 12


def seal_secret(key: bytes, plain: str, *, camera: str) -> str:
    """The sealed form of a camera's password. ``key`` is 32 bytes, or several keys of which the first seals."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return PREFIX + b64(nonce + AESGCM(key[:KEY_BYTES]).encrypt(nonce, plain.encode(), camera.encode()))


def open_secret(key: bytes, sealed: str, *, camera: str) -> str:
    """The password in ``sealed``; ``Invalid`` with code ``secret_unreadable`` when it is not this key's or camera's."""
    unreadable = Invalid(
        f"The password of camera {camera} cannot be read with this key.",
        code="secret_unreadable",
        hint="Enter the password again, or bring back keys/secrets.key from the backup.",
    )
    if not sealed.startswith(PREFIX):
        raise unreadable
    try:
        raw = unb64(sealed.removeprefix(PREFIX))
    except ValueError:
        raise unreadable from None
    for one in _each(key):
        with suppress(ValueError, InvalidTag):
            return AESGCM(one).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], camera.encode()).decode()
    raise unreadable


def sealed_by_first(key: bytes, sealed: str, *, camera: str) -> bool:
    """Whether ``sealed`` no longer needs any key but the first."""
    try:
        open_secret(key[:KEY_BYTES], sealed, camera=camera)
    except Invalid:
        return False
    return True


def _each(key: bytes) -> list[bytes]:
    """The keys of a ring; none where its length is wrong."""
    if len(key) % KEY_BYTES:
        return []
    return [key[at : at + KEY_BYTES] for at in range(0, len(key), KEY_BYTES)]
