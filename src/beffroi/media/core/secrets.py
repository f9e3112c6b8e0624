"""Camera passwords at rest: AES-256-GCM (NIST SP 800-38D), bound to the camera they belong to.

The key is ``DATA/keys/secrets.key``, outside every database. A sealed password is text: ``bs1.`` and base64url of
nonce, ciphertext and tag. Moving it to another camera makes it unreadable, so that a row copied by hand is noticed.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.errors import Invalid

KEY_BYTES = 32
PREFIX = "bs1."
_NONCE_BYTES = 12


def seal_secret(key: bytes, plain: str, *, camera: str) -> str:
    """The sealed form of a camera's password. ``key`` is 32 bytes."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return PREFIX + b64(nonce + AESGCM(key).encrypt(nonce, plain.encode(), camera.encode()))


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
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], camera.encode()).decode()
    except (ValueError, InvalidTag):
        raise unreadable from None
