"""An export that arrives in parts: what a part must be, and by what its end is known to be the file. Pure.

The protocol is tus 1.0 in simple form (creation, HEAD, PATCH, checksum, termination, expiration): parts of one size in
order, each with its SHA-256. A part that was cut on its way counts for nothing and is sent again. The chain over the
digests of the parts is worked out on both sides: from it the browser knows that the beginning which is here is that of
the file it is asked to go on with, and the centre that the whole is what the browser read.
"""

import hashlib
from datetime import timedelta

from beffroi.governance.core.intake import MAX_BYTES
from beffroi.kernel.errors import Conflict, Invalid

PART_BYTES = 4 * 1024 * 1024
KEPT = timedelta(days=1)
"""So long nobody need go on with an upload; then its half is destroyed."""
MOST_OF_ONE_PERSON = 3
START = "0" * 64
"""The chain before the first part."""
DIGEST_BYTES = 32


def check_length(said: int | None) -> int:
    """The length that the whole will have. ``Invalid`` where it is none, or more than a file may hold."""
    if said is None or said <= 0:
        raise Invalid("The length of the file is missing.", code="upload_length", fields={"file": "length"})
    if said > MAX_BYTES:
        raise Invalid("This file is larger than 8 GB.", code="intake_too_large", fields={"file": "large"})
    return said


def check_part(part: bytes, digest: bytes, *, offset: int | None, received: int, length: int) -> None:
    """Whether this part is the next one. ``Conflict``: it begins elsewhere; ``Invalid``: it is not what it says."""
    if offset != received:
        raise Conflict("This part is not the next one.", code="upload_offset")
    if len(part) != min(PART_BYTES, length - received) or not part:
        raise Invalid("This part has not the length of a part.", code="upload_part")
    if len(digest) != DIGEST_BYTES or hashlib.sha256(part).digest() != digest:
        raise Invalid("This part is not what was sent.", code="upload_part_changed")


def chained(before: str, digest: bytes) -> str:
    """The chain after one more part."""
    return hashlib.sha256(bytes.fromhex(before) + digest).hexdigest()
