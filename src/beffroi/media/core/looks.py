"""The door's journal: one fact per look, chained and signed (I2; docs/design/tickets.md).

A line is the JSON object ``{"v", "n", "at_us", "name", "body", "previous", "digest", "signature"}``. ``digest`` links
``previous`` with the canonical bytes of ``{at_us, body, n, name, v}``; ``signature`` is Ed25519 over the digest.
Names: ``look:begin`` (durable before the first byte), ``look:end`` (totals of what was delivered), ``look:refuse``,
``look:search`` (movement, with its zone), ``lease:use``, ``duty:hear`` (the office's word on duty),
``device:event`` (what a camera told by its own events), ``device:mask`` (whether it burns in its masks),
``door:start``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.digest import GENESIS, link
from beffroi.kernel.errors import Corrupt
from beffroi.kernel.signing import SigningKey, VerifyKey

VERSION = 1


class LineName(StrEnum):
    """What a line of the journal says."""

    START = "door:start"
    BEGIN = "look:begin"
    END = "look:end"
    REFUSE = "look:refuse"
    LEASE = "lease:use"
    SEARCH = "look:search"
    DUTY = "duty:hear"
    DEVICE = "device:event"
    MASK = "device:mask"


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line as it stands in the journal."""

    number: int  # counts from 1
    at_us: int
    name: str
    body: Mapping[str, Json]
    previous: str  # hex digest of the line before; zeros for the first
    digest: str  # hex
    signature: str  # base64url

    def to_json(self) -> dict[str, Json]:
        """The object that is written."""
        return {
            "v": VERSION,
            "n": self.number,
            "at_us": self.at_us,
            "name": self.name,
            "body": self.body,
            "previous": self.previous,
            "digest": self.digest,
            "signature": self.signature,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "JournalLine":
        """Read what ``to_json`` wrote; ``Corrupt`` where a part is missing or of another kind."""
        try:
            if data["v"] != VERSION:
                raise Corrupt(f"The door's journal has format {data['v']}, known is {VERSION}.", code="journal_version")
            return cls(
                int(data["n"]), int(data["at_us"]), str(data["name"]), dict(data["body"]), str(data["previous"]),
                str(data["digest"]), str(data["signature"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise Corrupt(f"This is not a line of the door's journal: {error}", code="journal_line") from error


def next_line(
    previous: JournalLine | None, *, at_us: int, name: str, body: Mapping[str, Json], key: SigningKey
) -> JournalLine:
    """The line that follows ``previous`` (``None``: the first), chained and signed."""
    head = bytes.fromhex(previous.digest) if previous else GENESIS
    number = previous.number + 1 if previous else 1
    digest = link(head, _covered(number, at_us, name, body))
    return JournalLine(number, at_us, name, body, head.hex(), digest.hex(), b64(key.sign(digest)))


def check_lines(lines: Iterable[JournalLine], previous: JournalLine | None, key: VerifyKey) -> JournalLine | None:
    """Check that ``lines`` follow ``previous`` unbroken; returns the last one. ``Corrupt`` names the first bad line."""
    for line in lines:
        head = bytes.fromhex(previous.digest) if previous else GENESIS
        digest = link(head, _covered(line.number, line.at_us, line.name, line.body))
        expected = previous.number + 1 if previous else 1
        if line.number != expected or line.previous != head.hex() or line.digest != digest.hex():
            raise Corrupt(f"The door's journal is broken at line {line.number}.", code="journal_broken")
        if not _signed(line, key):
            raise Corrupt(f"Line {line.number} of the door's journal is not signed by the door.", code="journal_forged")
        previous = line
    return previous


def parse_line(text: str | bytes) -> JournalLine:
    """A line of the file; ``Corrupt`` when it is none."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Corrupt("A line of the door's journal is not JSON.", code="journal_line") from error
    if not isinstance(data, dict):
        raise Corrupt("A line of the door's journal is not an object.", code="journal_line")
    return JournalLine.from_json(data)


def _covered(number: int, at_us: int, name: str, body: Mapping[str, Json]) -> bytes:
    return canonical_bytes({"v": VERSION, "n": number, "at_us": at_us, "name": name, "body": body})


def _signed(line: JournalLine, key: VerifyKey) -> bool:
    try:
        return key.verifies(unb64(line.signature), bytes.fromhex(line.digest))
    except ValueError:
        return False
