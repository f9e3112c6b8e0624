"""Shift leases: what lets the wall of the officer on duty go on while the office is down (I14, docs/design/tickets.md).

``bl1.<payload>.<signature>``, sealed by the office when a shift begins and kept in the page. The door answers it with
live tickets of its own, only while the office has not been heard for three seconds, and journals each use.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Forbidden
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.sealed import ForgedError, opened, sealed

PREFIX = "bl1"
MAX_LEASE_US = 12 * 3_600 * 1_000_000
SILENCE_US = 3_000_000
"""How long the office must have been silent before a lease opens anything."""
_CLOCK_TOLERANCE_US = 2_000_000


@dataclass(frozen=True, slots=True)
class ShiftLease:
    """One officer, on duty in this browser, may watch these cameras live until then."""

    id: str
    grant: str  # the duty grant it stands for
    person: str
    person_name: str
    force: str
    cameras: tuple[CameraId, ...]
    binding: str  # hex SHA-256 of the door's cookie
    shift: str  # reference of the shift
    article: str
    reason: str  # of the shift
    issued_us: int
    until_us: int
    watermark: str = ""
    purpose: str = ""  # of the shift, as the look on duty it stands for


def seal_lease(lease: ShiftLease, key: SigningKey) -> str:
    """The text form. ``ValueError`` for a lease over 12 hours or without a browser."""
    if not 0 < lease.until_us - lease.issued_us <= MAX_LEASE_US:
        raise ValueError("a shift lease lives 12 hours at most")
    if len(lease.binding) != 64:
        raise ValueError("a shift lease belongs to one browser: give the door's binding")
    said: dict[str, Json] = {
        "id": lease.id,
        "grant": lease.grant,
        "person": lease.person,
        "person_name": lease.person_name,
        "force": lease.force,
        "cameras": list(lease.cameras),
        "binding": lease.binding,
        "shift": lease.shift,
        "article": lease.article,
        "reason": lease.reason,
        "issued_us": lease.issued_us,
        "until_us": lease.until_us,
        "watermark": lease.watermark,
        "purpose": lease.purpose,
    }
    return sealed(PREFIX, said, key)


def open_lease(text: str, keys: Iterable[VerifyKey], *, now_us: int, binding: str) -> ShiftLease:
    """The lease in ``text`` if the office signed it, it still runs and belongs to this browser.

    Raises ``Forbidden`` with code ``lease_malformed``, ``lease_forged``, ``lease_expired`` or ``lease_elsewhere``.
    """
    lease = _parse(text, tuple(keys))
    if not lease.issued_us - _CLOCK_TOLERANCE_US <= now_us < lease.until_us:
        raise Forbidden("This shift lease has run out.", code="lease_expired", hint="Begin the shift anew.")
    if lease.binding != binding:
        raise Forbidden("This shift lease was issued to another browser.", code="lease_elsewhere")
    return lease


def _parse(text: str, keys: tuple[VerifyKey, ...]) -> ShiftLease:
    try:
        said = opened(PREFIX, text, keys)
        cameras = tuple(CameraId(camera) for camera in said.pop("cameras"))
        return ShiftLease(cameras=cameras, **said)
    except ForgedError:
        raise Forbidden("This shift lease was not issued by this centre.", code="lease_forged") from None
    except (ValueError, KeyError, TypeError):
        raise Forbidden("This is not a shift lease.", code="lease_malformed") from None
