"""Ed25519 signatures (RFC 8032) over canonical bytes, and secrets that two parties agree on without sending them
(X25519, RFC 7748; HKDF, RFC 5869). Keys are raw 32-byte values; reading files is others' work."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SigningKey:
    """A private key and the short id by which its public half is known."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_bytes = self._key.public_key().public_bytes_raw()
        raw = HKDF(SHA256(), 32, salt=None, info=b"beffroi agreement key").derive(seed)
        self._agreement = X25519PrivateKey.from_private_bytes(raw)
        self.agreement_bytes = self._agreement.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of ``data``."""
        return self._key.sign(data)

    def agree(self, theirs: bytes, *, purpose: str) -> bytes:
        """The secret that this party and the one whose ``agreement_bytes`` these are both compute for one purpose.

        ``ValueError`` for bytes that are no such key.
        """
        shared = self._agreement.exchange(X25519PublicKey.from_public_bytes(theirs))
        return HKDF(SHA256(), 32, salt=None, info=f"beffroi {purpose}".encode()).derive(shared)


class VerifyKey:
    """A public key."""

    def __init__(self, public_bytes: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public_bytes)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is this key's over ``data``."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True
