"""Web Push with our own keys: encryption by RFC 8291 (aes128gcm, RFC 8188), identification by VAPID (RFC 8292).

The push service's 201 says that it took the message, not that a phone showed it: *unknown* (RFC 8030 §5).
"""

import http.client
import os
import struct
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from beffroi.kernel.canonical import b64, canonical_bytes, unb64
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Unavailable

TIMEOUT_SECONDS = 10
TTL_SECONDS = 3_600
RECORD_BYTES = 4_096
CURVE = ec.SECP256R1()


def own_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The centre's VAPID key (RFC 8292), made at first use (0600), whichever process comes first."""
    if not path.exists():
        pem = ec.generate_private_key(CURVE).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        with suppress(FileExistsError):
            os.link(fresh, path)  # never over a key that another process has just made
        fresh.unlink()
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Its public half as browsers take it when they subscribe (base64url of the uncompressed point)."""
    return b64(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def encrypt(text: bytes, *, p256dh: bytes, auth: bytes, private: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body of a push message (RFC 8291 §3–4): one aes128gcm record. Raises ``ValueError`` for over 3,993 bytes."""
    if len(text) > RECORD_BYTES - 103:
        raise ValueError("a push message holds 3,993 bytes at most")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    ours = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), theirs)
    info = b"WebPush: info\x00" + p256dh + ours
    secret = HKDF(hashes.SHA256(), 32, salt=auth, info=info).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\x00").derive(secret)
    nonce = HKDF(hashes.SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\x00").derive(secret)
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(ours)) + ours + sealed


class Push:
    """Hands messages to push services. ``subject`` is a mailto: or https: address of the centre (RFC 8292 §2.1)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, subject: str, clock: Clock) -> None:
        self._key, self._subject, self._clock = key, subject, clock

    def hand_over(self, *, address: str, keys: dict[str, str], subject: str, text: str, message_id: str) -> bool:
        """Encrypt and post one message to the subscription's address."""
        parts = urlsplit(address)
        try:
            body = encrypt(
                f"{subject}\n{text}".encode()[: RECORD_BYTES - 103],
                p256dh=unb64(keys["p256dh"]),
                auth=unb64(keys["auth"]),
                private=ec.generate_private_key(CURVE),
                salt=os.urandom(16),
            )
        except (KeyError, ValueError) as error:
            raise Unavailable("This phone's subscription is damaged.", code="push_keys") from error
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_SECONDS),
            "Urgency": "high",
            "Authorization": self._authorization(f"{parts.scheme}://{parts.netloc}"),
        }
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", parts.path or "/", body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                f"The push service did not answer: {type(error).__name__}.", code="push_refused"
            ) from error
        finally:
            connection.close()
        if status not in (200, 201, 202):
            raise Unavailable(f"The push service answered {status}.", code="push_refused")
        return False

    def _authorization(self, audience: str) -> str:
        expires = self._clock.now_us() // 1_000_000 + 12 * 3_600
        head = b64(canonical_bytes({"typ": "JWT", "alg": "ES256"}))
        claims = b64(canonical_bytes({"aud": audience, "exp": expires, "sub": self._subject}))
        r, s = decode_dss_signature(self._key.sign(f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())))
        signature = b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        public = b64(self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        return f"vapid t={head}.{claims}.{signature}, k={public}"
