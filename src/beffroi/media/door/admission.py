"""Who may see what at the door: cookie, ticket, heartbeat. A signature is checked once, all else each time."""

import secrets
from collections import OrderedDict
from collections.abc import Collection

from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Forbidden, NotFound
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.leases import ShiftLease, open_lease
from beffroi.media.core.tickets import MAX_LIFE_US, Basis, Mode, Ticket, check_alive, read_ticket, seal
from beffroi.media.door.asgi import Request
from beffroi.media.door.beats import Beats

COOKIE = "beffroi_door"
_COOKIE_LETTERS = 43
_CACHE = 4_096


def fresh_cookie() -> str:
    """256 random bits, as the cookie carries them."""
    return b64(secrets.token_bytes(32))


def is_cookie(value: str) -> bool:
    """Whether ``value`` could be one of ours."""
    return len(value) == _COOKIE_LETTERS and value.isascii() and value.replace("-", "a").replace("_", "a").isalnum()


def binding_of(cookie: str) -> str:
    """What tickets are bound to; ``Forbidden`` where the browser has no cookie of the door."""
    if not is_cookie(cookie):
        raise Forbidden("This browser has no session at the door.", code="door_session", hint="Reload the page.")
    return sha256(cookie.encode("ascii")).hex()


class Admission:
    """Opens tickets and leases. ``office`` are the public keys of the office."""

    def __init__(self, office: tuple[VerifyKey, ...], own: SigningKey, clock: Clock, beats: Beats) -> None:
        self._office = office
        self._own = own
        self._own_public = VerifyKey(own.public_bytes)
        self._clock = clock
        self._beats = beats
        self._read: OrderedDict[str, Ticket] = OrderedDict()
        self._first: OrderedDict[str, int] = OrderedDict()  # when a ticket was first seen, on the clock nobody sets

    def admit(self, text: str, *, binding: str, modes: Collection[Mode], camera: str | None = None) -> Ticket:
        """The ticket in ``text``, alive, of this browser, for one of ``modes`` and for ``camera``.

        ``Forbidden`` says what is wrong with the ticket; a camera or mode it does not reach is ``NotFound``, as an
        absent one would be (I1).
        """
        ticket = self._opened(text)
        self.recheck(ticket, binding=binding)
        if ticket.mode not in modes or (camera is not None and camera not in ticket.cameras):
            raise NotFound("There is nothing here for this ticket.", code="not_found")
        return ticket

    def known(self, text: str) -> Ticket | None:
        """The ticket in ``text`` where its signature was found good before: who it was that is refused."""
        return self._read.get(text)

    def recheck(self, ticket: Ticket, *, binding: str) -> None:
        """Ask again what time and the office may have changed; ``Forbidden`` when the ticket is over."""
        check_alive(ticket, now_us=self._clock.now_us(), binding=binding)
        check_alive(ticket, now_us=self._least_now_us(ticket), binding=binding)
        if not self._beats.keeps(ticket):
            raise Forbidden("This access was stopped.", code="access_stopped")

    def from_lease(self, text: str, *, binding: str, camera: str) -> tuple[ShiftLease, str, int]:
        """A live ticket of the door's own for one camera of a shift lease, and when it ends (I14).

        The caller has seen that the office is silent. ``Forbidden`` as ``open_lease``; ``NotFound`` for a camera the
        lease does not name.
        """
        now_us = self._clock.now_us()
        surely_us = max(now_us, self._beats.least_now_us())
        lease = open_lease(text, self._office, now_us=surely_us, binding=binding)
        if camera not in lease.cameras:
            raise NotFound("There is nothing here for this lease.", code="not_found")
        if not self._beats.keeps_lease(lease.grant):
            raise Forbidden("The office's last word names no such shift.", code="access_stopped")
        expires_us = now_us + min(MAX_LIFE_US, lease.until_us - surely_us)
        ticket = Ticket(
            id=b64(secrets.token_bytes(12)),
            grant=lease.grant,
            person=lease.person,
            person_name=lease.person_name,
            force=lease.force,
            mode=Mode.LIVE,
            cameras=(CameraId(camera),),
            span=None,
            basis=Basis(lease.article, "duty", lease.shift, lease.reason, lease.purpose),
            binding=binding,
            issued_us=now_us,
            expires_us=expires_us,
            watermark=lease.watermark,
        )
        return lease, seal(ticket, self._own), expires_us

    def _least_now_us(self, ticket: Ticket) -> int:
        """The earliest it can be: the ticket was sealed before it was first seen, and that was so long ago."""
        since_boot_us = self._clock.since_boot_us()
        first = self._first.setdefault(ticket.id, since_boot_us)
        while len(self._first) > _CACHE:
            self._first.popitem(last=False)
        return ticket.issued_us + since_boot_us - first

    def _opened(self, text: str) -> Ticket:
        known = self._read.get(text)
        if known is not None:
            self._read.move_to_end(text)
            return known
        ticket = read_ticket(text, (*self._office, self._own_public))
        self._read[text] = ticket
        while len(self._read) > _CACHE:
            self._read.popitem(last=False)
        return ticket


def binding_in(request: Request) -> str:
    """The binding of the browser that sent ``request``."""
    return binding_of(request.cookie(COOKIE))
