"""Identifiers. Typed strings that sort by birth (UUID version 7, RFC 9562) and never carry meaning in their letters."""

import re
import secrets
from typing import NewType

CameraId = NewType("CameraId", str)
PersonId = NewType("PersonId", str)
SegmentId = NewType("SegmentId", str)
RunId = NewType("RunId", str)
HoldId = NewType("HoldId", str)
GrantId = NewType("GrantId", str)

_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def new_id(now_us: int) -> str:
    """A fresh UUIDv7 in its usual 36-letter form; ``now_us`` gives the millisecond it sorts by."""
    head = (now_us // 1_000) & 0xFFFF_FFFF_FFFF
    value = head << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_safe_name(text: str) -> bool:
    """Whether ``text`` may be part of a file name: lower-case letters, digits and hyphens, 63 at most."""
    return _SAFE.fullmatch(text) is not None
