"""Bytes sealed with a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM seals and is the proof of it."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from beffroi.kernel.errors import Corrupt, Forbidden, Invalid

MAGIC = b"beffroi-sealed-1\n"
SHORTEST = 12
_SALT, _NONCE = 16, 12
_COST = 1 << 16  # 64 MiB and a fraction of a second for each guess


def seal(plain: bytes, passphrase: str) -> bytes:
    """``plain`` sealed. ``Invalid`` for a passphrase that is too short to be one."""
    if len(passphrase) < SHORTEST:
        raise Invalid(
            f"A passphrase has at least {SHORTEST} characters.",
            code="passphrase_short",
            hint="A sentence is easy to remember and hard to guess. Keep it apart from the backup.",
        )
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    return MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, MAGIC)


def unseal(sealed: bytes, passphrase: str) -> bytes:
    """What was sealed. ``Forbidden`` for another passphrase or altered bytes: the two cannot be told apart."""
    if not sealed.startswith(MAGIC) or len(sealed) < len(MAGIC) + _SALT + _NONCE + 16:
        raise Corrupt("The sealed keys are none of ours.", hint="Take another backup.")
    rest = sealed[len(MAGIC) :]
    salt, nonce, body = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, body, MAGIC)
    except InvalidTag as error:
        raise Forbidden(
            "The keys do not open with this passphrase.", code="passphrase_wrong", hint="Check it, and the file."
        ) from error


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
