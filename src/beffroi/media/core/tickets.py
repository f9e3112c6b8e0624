"""What a ticket says, and how it is sealed and opened (DESIGN §4, docs/design/tickets.md).

A ticket is the only thing that opens the media door (I1). The office signs it after a gate said yes; the door opens
it without asking anyone. It lives 60 seconds at most, is bound to one browser by the digest of the door's own
cookie, travels in the header ``Beffroi-Ticket`` or the first WebSocket message, and never in a URL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Forbidden
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.kernel.spans import Span
from beffroi.media.core.sealed import ForgedError, opened, sealed

MAX_LIFE_US = 60_000_000
CLOCK_TOLERANCE_US = 2_000_000
PREFIX = "bt1"
HEADER = "beffroi-ticket"


class Mode(StrEnum):
    """What may be done with the pictures."""

    LIVE = "live"
    RELAY = "relay"
    REPLAY = "replay"
    STILL = "still"
    EXTRACT = "extract"
    PACKAGE = "package"
    PTZ = "ptz"


@dataclass(frozen=True, slots=True)
class Basis:
    """On what ground: the article of law, order or convention, and the duty, incident, case or requisition."""

    article: str
    kind: str  # duty | incident | case | requisition
    reference: str
    reason: str
    purpose: str = ""  # L251-2:5 …; empty where the ground itself says what it is for


@dataclass(frozen=True, slots=True)
class Ticket:
    """One person, one mode, these cameras, this span of footage, until then, on this ground, in this browser."""

    id: str
    grant: str
    person: str
    person_name: str
    force: str
    mode: Mode
    cameras: tuple[CameraId, ...]
    span: Span | None  # footage the ticket reaches; None for live
    basis: Basis
    binding: str  # hex SHA-256 of the door's cookie; "office" for extraction asked by the office itself
    issued_us: int
    expires_us: int
    heartbeat: bool = False  # closes after two missed heartbeats of the office (relays)
    watermark: str = ""  # shown over the picture; never burned into originals
    package: str = ""  # evidence package, mode PACKAGE only

    def reaches(self, camera: str, mode: Mode, span: Span | None = None) -> bool:
        """Whether the ticket covers this camera, mode and span."""
        if mode is not self.mode or camera not in self.cameras:
            return False
        return self.span is None if span is None else self.span is not None and self.span.covers(span)


def seal(ticket: Ticket, key: SigningKey) -> str:
    """The text form: ``bt1.<payload>.<signature>``. Raises ``ValueError`` for a life over 60 seconds."""
    if not 0 < ticket.expires_us - ticket.issued_us <= MAX_LIFE_US:
        raise ValueError("a ticket lives between 1 microsecond and 60 seconds")
    return sealed(PREFIX, _to_json(ticket), key)


def open_ticket(text: str, keys: Iterable[VerifyKey], *, now_us: int, binding: str) -> Ticket:
    """The ticket in ``text``, if one of ``keys`` signed it, it is alive now and belongs to this browser.

    Raises ``Forbidden`` with code ``ticket_malformed``, ``ticket_forged``, ``ticket_expired``, ``ticket_early`` or
    ``ticket_elsewhere``.
    """
    ticket = read_ticket(text, keys)
    check_alive(ticket, now_us=now_us, binding=binding)
    return ticket


def check_alive(ticket: Ticket, *, now_us: int, binding: str) -> None:
    """Ask again what changes with time: whether ``ticket`` lives now, and whose browser this is.

    Raises ``Forbidden`` with code ``ticket_expired``, ``ticket_early`` or ``ticket_elsewhere``.
    """
    if now_us >= ticket.expires_us:
        raise Forbidden("This ticket has expired.", code="ticket_expired", hint="Ask the office for a new one.")
    if now_us < ticket.issued_us - CLOCK_TOLERANCE_US:
        raise Forbidden(
            "This ticket is not valid yet.",
            code="ticket_early",
            hint="Compare the clocks of office and recorder.",
        )
    if binding != ticket.binding:
        raise Forbidden("This ticket was issued to another browser.", code="ticket_elsewhere")


def read_ticket(text: str, keys: Iterable[VerifyKey]) -> Ticket:
    """The ticket in ``text`` if one of ``keys`` signed it, dead or alive; the part that may be cached.

    Raises ``Forbidden`` with code ``ticket_malformed`` or ``ticket_forged``.
    """
    try:
        return _from_json(opened(PREFIX, text, keys))
    except ForgedError:
        raise Forbidden("This ticket was not issued by this centre.", code="ticket_forged") from None
    except (ValueError, KeyError, TypeError):
        raise Forbidden("This is not a ticket.", code="ticket_malformed") from None


def _to_json(ticket: Ticket) -> Json:
    basis = ticket.basis
    return {
        "id": ticket.id,
        "grant": ticket.grant,
        "person": ticket.person,
        "person_name": ticket.person_name,
        "force": ticket.force,
        "mode": ticket.mode.value,
        "cameras": list(ticket.cameras),
        "span": [ticket.span.start_us, ticket.span.end_us] if ticket.span else None,
        "basis": [basis.article, basis.kind, basis.reference, basis.reason, basis.purpose],
        "binding": ticket.binding,
        "issued_us": ticket.issued_us,
        "expires_us": ticket.expires_us,
        "heartbeat": ticket.heartbeat,
        "watermark": ticket.watermark,
        "package": ticket.package,
    }


def _from_json(data: Mapping[str, Any]) -> Ticket:
    article, kind, reference, reason, purpose = data["basis"]
    return Ticket(
        id=data["id"],
        grant=data["grant"],
        person=data["person"],
        person_name=data["person_name"],
        force=data["force"],
        mode=Mode(data["mode"]),
        cameras=tuple(CameraId(camera) for camera in data["cameras"]),
        span=Span.of_us(*data["span"]) if data["span"] else None,
        basis=Basis(article, kind, reference, reason, purpose),
        binding=data["binding"],
        issued_us=data["issued_us"],
        expires_us=data["expires_us"],
        heartbeat=data["heartbeat"],
        watermark=data["watermark"],
        package=data["package"],
    )
