"""What a fact is: who did what to what, when, where and why; and the one byte form in which it is committed to.

Every act and every look leaves one fact (I2, R-26). The log never holds the fact itself but its *entry*: a digest of
the salted fact, so that a person can be forgotten on time without breaking the log (I11, R-27).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.digest import sha256

FORMAT = 1
"""Version of the committed form: a change of the fields below is a new number, never an edit."""
SALT_BYTES = 32
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*:[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of one force and unit at one station, or the program itself (``SYSTEM``)."""

    id: str
    name: str
    force: str = ""
    unit: str = ""
    station: str = ""


SYSTEM = Actor("system", "Beffroi")
"""The program acting by itself: expiry, purge, import, sequencing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One act as it was recorded. ``subject`` is what it was done to (``requisition:2026-0042``, ``camera:…``)."""

    id: str
    at: datetime
    name: str
    subject: str
    actor: Actor
    body: Mapping[str, Json]


def is_name(text: str) -> bool:
    """Whether ``text`` has the form ``subject:act`` in small letters and hyphens."""
    return _NAME.fullmatch(text) is not None


def document(fact: Fact) -> dict[str, Json]:
    """The JSON object that a fact is committed to."""
    actor = fact.actor
    return {
        "v": FORMAT,
        "id": fact.id,
        "at": iso(fact.at),
        "name": fact.name,
        "subject": fact.subject,
        "actor": {
            "id": actor.id,
            "name": actor.name,
            "force": actor.force,
            "unit": actor.unit,
            "station": actor.station,
        },
        "body": fact.body,
    }


def commitment(fact: Fact, salt: bytes) -> bytes:
    """SHA-256 over the salt and the canonical fact: what stays when salt and fact are gone."""
    return sha256(salt + canonical_bytes(document(fact)))


def entry_bytes(fact_id: str, name: str, committed: bytes) -> bytes:
    """The log entry of a fact, hashed as a leaf of the tree (RFC 6962 §2.1). It names no person."""
    return canonical_bytes({"fact": fact_id, "name": name, "sha256": committed.hex()})


def born_ms(fact_id: str) -> int:
    """Milliseconds since 1970 that a fact's identifier carries (UUID version 7): its time even after erasure."""
    return int(fact_id.replace("-", "")[:12], 16)


def agrees_with_id(fact_id: str, at: datetime) -> bool:
    """Whether ``at`` is the millisecond in which the identifier was made."""
    try:
        return to_us(at) // 1_000 == born_ms(fact_id)
    except ValueError:
        return False


def read_body(text: str) -> Mapping[str, Json]:
    """The body of a stored fact; ``ValueError`` where the text is no JSON object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("the body of a fact is a JSON object")  # noqa: TRY004  stored bytes are wrong, not a caller
    return value
