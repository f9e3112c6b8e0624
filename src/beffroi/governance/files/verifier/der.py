"""A strict little reader of DER (X.690) and the three public-key checks an expert needs, in plain arithmetic.

RSA PKCS #1 v1.5 (RFC 8017), ECDSA on P-256/P-384/P-521 (FIPS 186-5) and Ed25519 (RFC 8032). Only verification of
public data is done here, so constant time does not matter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any


class DerError(ValueError):
    """The bytes are not the structure that was expected."""


@dataclass
class Node:
    """One element: its tag byte, its content, and all of its bytes."""

    tag: int
    body: bytes
    whole: bytes

    def parts(self) -> list[Node]:
        """The elements inside."""
        found, at = [], 0
        while at < len(self.body):
            node, at = _node(self.body, at)
            found.append(node)
            if len(found) > 10_000:
                raise DerError("too many elements")
        return found

    def number(self) -> int:
        """The value of an INTEGER."""
        if self.tag != 0x02 or not self.body or len(self.body) > 2_048:
            raise DerError("not an integer")
        return int.from_bytes(self.body, "big", signed=True)

    def oid(self) -> str:
        """The dotted form of an OBJECT IDENTIFIER."""
        if self.tag != 0x06 or not self.body or len(self.body) > 64 or self.body[-1] & 0x80:
            raise DerError("not an object identifier")
        values, value = [], 0
        for byte in self.body:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                values.append(value)
                value = 0
        first = min(values[0] // 40, 2)
        return ".".join(str(number) for number in [first, values[0] - 40 * first, *values[1:]])


def _node(data: bytes, at: int) -> tuple[Node, int]:
    start = at
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise DerError("cut short")
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or at + count > len(data) or data[at] == 0:
            raise DerError("bad length")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
        if length < 0x80:
            raise DerError("bad length")
    if at + length > len(data):
        raise DerError("cut short")
    return Node(tag, data[at : at + length], data[start : at + length]), at + length


def parse(data: bytes, tag: int = 0x30) -> Node:
    """The one element that ``data`` is, nothing after it."""
    node, end = _node(data, 0)
    if end != len(data) or node.tag != tag:
        raise DerError("not one element of the expected kind")
    return node


HASHES = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
RSA_KEY = "1.2.840.113549.1.1.1"
EC_KEY = "1.2.840.10045.2.1"
SIGNATURES = {  # signature algorithm -> (key algorithm, hash; "" means: the digest algorithm named beside it)
    RSA_KEY: (RSA_KEY, ""),
    "1.2.840.113549.1.1.5": (RSA_KEY, "sha1"),
    "1.2.840.113549.1.1.11": (RSA_KEY, "sha256"),
    "1.2.840.113549.1.1.12": (RSA_KEY, "sha384"),
    "1.2.840.113549.1.1.13": (RSA_KEY, "sha512"),
    "1.2.840.10045.4.3.2": (EC_KEY, "sha256"),
    "1.2.840.10045.4.3.3": (EC_KEY, "sha384"),
    "1.2.840.10045.4.3.4": (EC_KEY, "sha512"),
}
_DIGEST_INFO = {
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}
_CURVES = {  # p, b, n, x, y of the base point; a = -3
    "1.2.840.10045.3.1.7": (
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": (
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
}


def signature_holds(
    key_info: Node, algorithm: str, digest_algorithm: str, signature: bytes, data: bytes
) -> bool | None:
    """Whether ``signature`` over ``data`` is that of a SubjectPublicKeyInfo; ``None``: algorithm not known here."""
    kind, key_bits = key_info.parts()[:2]
    key_algorithm = kind.parts()[0].oid()
    wanted, hash_name = SIGNATURES.get(algorithm, ("", ""))
    hash_name = hash_name or HASHES.get(digest_algorithm, "")
    if wanted != key_algorithm or not hash_name or key_bits.tag != 0x03:
        return None
    if key_algorithm == RSA_KEY:
        modulus, exponent = (part.number() for part in parse(key_bits.body[1:]).parts())
        return _rsa_holds(modulus, exponent, hash_name, signature, data)
    curve = _CURVES.get(kind.parts()[1].oid())
    if curve is None:
        return None
    return _ecdsa_holds(curve, key_bits.body[1:], hashlib.new(hash_name, data).digest(), signature)


def _rsa_holds(modulus: int, exponent: int, hash_name: str, signature: bytes, data: bytes) -> bool:
    if not (1_024 <= modulus.bit_length() <= 8_192 and 3 <= exponent < 2**32):
        return False
    size = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= modulus:
        return False
    tail = bytes.fromhex(_DIGEST_INFO[hash_name]) + hashlib.new(hash_name, data).digest()
    return (
        pow(value, exponent, modulus).to_bytes(size, "big") == b"\0\1" + b"\xff" * (size - 3 - len(tail)) + b"\0" + tail
    )


def _ecdsa_holds(curve: tuple[int, int, int, int, int], point: bytes, digest: bytes, signature: bytes) -> bool:
    p, b, n, gx, gy = curve
    size = (p.bit_length() + 7) // 8
    numbers = [part.number() for part in parse(signature).parts()]
    if len(point) != 1 + 2 * size or point[0] != 4 or len(numbers) != 2:
        return False
    r, s = numbers
    x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
    if not (0 < r < n and 0 < s < n and x < p and y < p and (y * y - x * x * x + 3 * x - b) % p == 0):
        return False
    z = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - n.bit_length())
    inverse = pow(s, -1, n)
    total = _add(_times(z * inverse % n, (gx, gy), p), _times(r * inverse % n, (x, y), p), p)
    return total is not None and total[0] % n == r


Point = Any  # coordinates on a curve; None is the point at infinity of a Weierstrass curve


def _add(one: Point | None, two: Point | None, p: int) -> Point | None:
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % p == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, p)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, p)
    x = (slope * slope - one[0] - two[0]) % p
    return x, (slope * (one[0] - x) - one[1]) % p


def _times(count: int, point: Point | None, p: int) -> Point | None:
    total = None
    while count:
        if count & 1:
            total = _add(total, point, p)
        point, count = _add(point, point, p), count >> 1
    return total


_P25519 = 2**255 - 19
_D25519 = -121665 * pow(121666, -1, _P25519) % _P25519
_L25519 = 2**252 + 27742317777372353535851937790883648493


def ed25519_holds(public: bytes, signature: bytes, data: bytes) -> bool:
    """RFC 8032 §5.1.7, in the extended coordinates of §5.1.4."""
    key, nonce = _unpack(public), _unpack(signature[:32])
    base = _unpack((4 * pow(5, -1, _P25519) % _P25519).to_bytes(32, "little"))
    s = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or base is None or len(signature) != 64 or s >= _L25519:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % _L25519
    left, right = _edwards_times(s, base), _edwards_add(nonce, _edwards_times(k, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P25519 == 0
    return bool(same_x and (left[1] * right[2] - right[1] * left[2]) % _P25519 == 0)


def _unpack(data: bytes) -> Point | None:
    if len(data) != 32:
        return None
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= _P25519:
        return None
    square = (y * y - 1) * pow(_D25519 * y * y + 1, -1, _P25519) % _P25519
    x = pow(square, (_P25519 + 3) // 8, _P25519)
    if (x * x - square) % _P25519:
        x = x * pow(2, (_P25519 - 1) // 4, _P25519) % _P25519
    if (x * x - square) % _P25519 or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else _P25519 - x
    return x, y, 1, x * y % _P25519


def _edwards_add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P25519
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P25519
    c, d = 2 * one[3] * two[3] * _D25519 % _P25519, 2 * one[2] * two[2] % _P25519
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P25519, g * h % _P25519, f * g % _P25519, e * h % _P25519


def _edwards_times(count: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while count:
        if count & 1:
            total = _edwards_add(total, point)
        point, count = _edwards_add(point, point), count >> 1
    return total
