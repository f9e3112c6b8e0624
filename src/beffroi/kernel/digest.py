"""SHA-256, the one digest of Beffroi: accepted by every expert, hardware-fast, checked by ``sha256sum`` anywhere."""

import hashlib

from beffroi.kernel.canonical import Json, canonical_bytes

GENESIS = bytes(32)
"""What the first link of every chain points back to."""


def sha256(data: bytes | memoryview) -> bytes:
    """The 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


def link(previous: bytes, value: bytes) -> bytes:
    """The next head of a hash chain: SHA-256 of the previous head followed by the SHA-256 of the new value."""
    return sha256(previous + sha256(value))


def digest_of(value: Json) -> str:
    """Hexadecimal SHA-256 of the canonical form of ``value``."""
    return sha256(canonical_bytes(value)).hex()
