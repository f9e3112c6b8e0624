"""Who may open which page of the edge, without accounts: a card in the room, a code for the crisis cell.

A room's card carries an address with a token made from the edge's own secret, so a card opens its own room and no
other, and a new secret voids all cards at once. The crisis cell signs in with its code; attempts are slowed down.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from beffroi.edge.journal import Journal
from beffroi.kernel.canonical import b64
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Forbidden, Unavailable

TRIES = 5
PAUSE_US = 60_000_000
SESSION_US = 12 * 3_600_000_000


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    until_us: int = 0


@dataclass(slots=True)
class Access:
    """Tokens of rooms and sessions of the crisis cell."""

    journal: Journal
    clock: Clock
    _tries: dict[str, _Tries] = field(default_factory=dict)
    _sessions: dict[str, int] = field(default_factory=dict)
    _duress: set[str] = field(default_factory=set)  # sessions opened or continued under duress
    _last_secret: str = ""
    _over: set[tuple[str, str]] = field(default_factory=set)  # session, alert: shown there as over

    def room_token(self, room: str) -> str:
        """The token on the card of ``room``: 128 bits of HMAC-SHA-256."""
        return b64(hmac.new(self._secret(), f"room:{room}".encode(), sha256).digest()[:16])

    def room_is_open(self, room: str, token: str) -> bool:
        """Whether ``token`` is the one on the room's card."""
        return hmac.compare_digest(self.room_token(room).encode(), token.encode())

    def renew_cards(self) -> None:
        """Void every card; new ones must be printed."""
        self.journal.remember("card-secret", secrets.token_hex(32))

    def check_not_paused(self, peer: str) -> None:
        """Raise ``Forbidden`` while ``peer`` is made to wait after wrong codes."""
        if self.clock.now_us() < self._tries.get(peer, _Tries()).until_us:
            raise Forbidden("Too many wrong codes from here.", code="code_paused", hint="Wait one minute.")

    def note_code(self, peer: str, *, right: bool) -> None:
        """Remember the outcome of an attempt: five wrong ones in a row cost a minute."""
        tries = self._tries.setdefault(peer, _Tries())
        tries.failed = 0 if right else tries.failed + 1
        if tries.failed >= TRIES:
            tries.failed, tries.until_us = 0, self.clock.now_us() + PAUSE_US

    def open_session(self, *, duress: bool = False) -> str:
        """A new session of the crisis cell; the value of its cookie."""
        session = secrets.token_urlsafe(32)
        if duress:
            self._duress.add(session)
        self._sessions[session] = self.clock.now_us() + SESSION_US
        return session

    def session_is_open(self, session: str) -> bool:
        """Whether the cookie belongs to a session that is alive."""
        return self._sessions.get(session, 0) > self.clock.now_us()

    def under_duress(self, session: str) -> bool:
        """Whether a code of duress was typed in this session: what it asks for is seemingly done."""
        return session in self._duress

    def seem_over(self, session: str, alert: str) -> None:
        """Show the alert as over in this session, whatever it is."""
        self._duress.add(session)
        self._over.add((session, alert))

    def seems_over(self, session: str, alert: str) -> bool:
        """Whether this session is shown the alert as over."""
        return (session, alert) in self._over

    def form_token(self, session: str) -> str:
        """The hidden value of the session's forms, so that no other page can post in its name."""
        return b64(hmac.new(self._secret(), f"form:{session}".encode(), sha256).digest()[:16])

    def _secret(self) -> bytes:
        try:
            stored = self._last_secret = self.journal.setting("card-secret")
        except Unavailable:
            stored = self._last_secret  # a disk that cannot be read shuts no page that was open before
        if not stored:
            self.renew_cards()
            stored = self.journal.setting("card-secret")
        return bytes.fromhex(stored)
