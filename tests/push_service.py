"""The browser's half of RFC 8291: what a push message says, from its body and the subscription's private key."""

import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def decrypted(body: bytes, *, private: ec.EllipticCurvePrivateKey, auth: bytes) -> str:
    """The text of one aes128gcm record."""
    salt, (_size, length) = body[:16], struct.unpack("!IB", body[16:21])
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    secret = HKDF(hashes.SHA256(), 32, salt=auth, info=b"WebPush: info\x00" + own + theirs).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\x00").derive(secret)
    nonce = HKDF(hashes.SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\x00").derive(secret)
    return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")[:-1].decode()
