"""Where papers lie: DATA/documents, by the SHA-256 of their content, sealed with AES-256-GCM (research/law.md §2.1).

A file is ``BFD1``, a 12-byte nonce, and the sealed bytes; the digest is bound to it. The key is derived from
``keys/secrets.key`` (HKDF-SHA-256), so that a copy of the folder alone says nothing.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Corrupt, NotFound
from beffroi.sites.files import secrets_key

MAGIC = b"BFD1"
_NONCE_BYTES = 12


def put(data: bytes) -> str:
    """Store ``data`` durably and return its hexadecimal SHA-256; storing it again changes nothing."""
    digest = sha256(data).hex()
    path = _path(digest)
    if path.exists():
        return digest
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = MAGIC + nonce + AESGCM(_key()).encrypt(nonce, data, bytes.fromhex(digest))
    beside = path.with_suffix(f".{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


def get(digest: str) -> bytes:
    """The bytes under a digest; ``NotFound`` when there are none, ``Corrupt`` when they are not what they were."""
    try:
        sealed = _path(digest).read_bytes()
    except OSError as error:
        raise NotFound("This paper is not in the store.", code="document-missing") from error
    try:
        if not sealed.startswith(MAGIC):
            raise InvalidTag
        nonce, body = sealed[4 : 4 + _NONCE_BYTES], sealed[4 + _NONCE_BYTES :]
        return AESGCM(_key()).decrypt(nonce, body, bytes.fromhex(digest))
    except (InvalidTag, ValueError) as error:
        raise Corrupt(
            f"The stored paper {digest[:12]}… was changed on disk.",
            code="document-changed",
            hint="Bring it back from the backup; its digest is in the register.",
        ) from error


def drop(digest: str) -> None:
    """Forget the bytes under a digest that nothing names any more; nothing happens where there are none."""
    _path(digest).unlink(missing_ok=True)


def _path(digest: str) -> Path:
    if len(digest) != 64 or not all(letter in "0123456789abcdef" for letter in digest):
        raise NotFound("This is no digest of a paper.", code="document-missing")
    return Path(settings.BEFFROI_DATA_DIR) / "documents" / digest[:2] / digest


def _key() -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"beffroi documents 1").derive(secrets_key())
