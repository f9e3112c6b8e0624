"""A small software authenticator (WebAuthn, P-256, attestation "none"): what a browser would post, right or wrong."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

from beffroi.kernel.canonical import b64

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey on one device. Each answer may be told to be wrong in one thing."""

    origin: str = "http://testserver"
    domain: str = "testserver"
    credential: bytes = b"passkey-of-the-test-1"
    uses: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any], **wrong: Any) -> str:
        """The answer to ``navigator.credentials.create``."""
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        length = len(self.credential).to_bytes(2, "big")
        data = self._data(MADE | wrong.get("flags", PRESENT | VERIFIED), wrong)
        data += bytes(16) + length + self.credential + public
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": self._client("webauthn.create", options, wrong),
            "attestationObject": b64(attestation),
        }
        return self._whole(response)

    def use(self, options: dict[str, Any], **wrong: Any) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.uses += 1
        data = self._data(wrong.get("flags", PRESENT | VERIFIED), wrong)
        client = self._client("webauthn.get", options, wrong)
        signed = data + hashlib.sha256(_plain(client)).digest()
        signature = wrong.get("key", self.key).sign(signed, ec.ECDSA(SHA256()))
        return self._whole({"clientDataJSON": client, "authenticatorData": b64(data), "signature": b64(signature)})

    def _data(self, flags: int, wrong: dict[str, Any]) -> bytes:
        domain = wrong.get("domain", self.domain)
        return (
            hashlib.sha256(domain.encode()).digest() + bytes([flags]) + wrong.get("uses", self.uses).to_bytes(4, "big")
        )

    def _client(self, kind: str, options: dict[str, Any], wrong: dict[str, Any]) -> str:
        client = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin),
        }
        return b64(json.dumps(client).encode())

    def _whole(self, response: dict[str, str]) -> str:
        name = b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _plain(text: str) -> bytes:
    from beffroi.kernel.canonical import unb64

    return unb64(text)
