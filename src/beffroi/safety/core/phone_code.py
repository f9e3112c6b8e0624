"""The second key by telephone: a one-time code that box and centre both compute while no link joins them. Pure.

Both ends of a pairing agree on one secret from their keys (``SigningKey.agree``), so that it never travels. A code is
an HMAC over what it opens and a number that only grows, cut to eight digits as RFC 4226 cuts them: it is good for one
alert, one zone, one act, once. The box takes the next few numbers, so that a code read out and not used does not close
the way; with five tries a minute, guessing one takes more than a year.
"""

import hmac
from hashlib import sha256

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.safety.core.authority import Act

PURPOSE = "telephone code"
DIGITS = 8
AHEAD = 20
"""How many numbers past the last one used the box still takes."""
REFERENCE_CHARACTERS = 6


def reference_of(alert: str) -> str:
    """What is read out on the telephone for an alert: its last six characters."""
    return alert.replace("-", "")[-REFERENCE_CHARACTERS:].upper()


def code(secret: bytes, *, reference: str, act: Act, zone: str, number: int) -> str:
    """The eight digits for this alert, act and zone under this number."""
    body: Json = {"act": act.value, "number": number, "reference": reference.upper(), "zone": zone}
    digest = hmac.new(secret, canonical_bytes(body), sha256).digest()
    start = digest[-1] & 0x0F
    value = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}d}"


def number_of(secret: bytes, given: str, *, reference: str, act: Act, zone: str, last: int) -> int:
    """The number a code was made with, beyond the ``last`` one used; 0 for one that is wrong, used or another's."""
    digits = "".join(one for one in given if one.isdigit())
    found = 0
    for number in range(last + 1, last + 1 + AHEAD):
        if hmac.compare_digest(code(secret, reference=reference, act=act, zone=zone, number=number), digits):
            found = found or number
    return found
