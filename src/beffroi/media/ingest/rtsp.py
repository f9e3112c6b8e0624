"""A camera by RTSP, over TCP: our own reader (docs/design/rtsp.md). One connection, from DESCRIBE to TEARDOWN.

The camera is asked over the one connection that then carries its pictures, redirects are refused in it, and no text
of anyone else's is ever passed on: errors are ours, and none has the password in it.
"""

import socket
import ssl
import struct
from collections.abc import Sequence
from contextlib import suppress

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Invalid
from beffroi.media.core.cutter import Unit
from beffroi.media.core.formats import FormatWatch
from beffroi.media.core.interleaved import Interleaved
from beffroi.media.core.nal import Family
from beffroi.media.core.rtp import AccessUnit
from beffroi.media.core.rtsp import Answer, Credentials, Session, base_of, joined, read_answer, request, session_of
from beffroi.media.core.sdp import Track, read_sdp
from beffroi.media.core.words import GapCause
from beffroi.media.ingest.addresses import Address, allowed_address
from beffroi.media.ingest.gathering import Gathering
from beffroi.media.ingest.sources import Arrival, SourceFailed, Take, no_video

CONNECT_S = 3.0
OPEN_S, READ_S = 15.0, 8.0  # a camera may keep us waiting for its next key frame
_TICK = struct.pack("ll", 1, 0)
_CAMERA_CLOCK_EVERY_NS = 1_000_000_000
_ROOM = 128 * 1024  # two of the longest packets there are


class RtspSource:
    """A camera."""

    def __init__(
        self, url: str, username: str, password: str, networks: Sequence[str], clock: Clock, gathering: Gathering
    ) -> None:
        self._url, self._username, self._password = url, username, password
        self._networks, self._clock, self._gathering = networks, clock, gathering

    def deliver(self, take: Take) -> None:
        try:
            address = allowed_address(self._url, self._networks)
        except Invalid as error:
            raise SourceFailed(GapCause.CAMERA, error.code, error.message) from None
        with _connected(address) as connection:
            talk = _Talk(connection, address.url(), Credentials(self._username, self._password), self._clock)
            try:
                track, watch = talk.open()
                connection.setblocking(False)
                self._gathering.carry(_Stream(talk, track, watch, self._clock, take))
            except Invalid as error:
                raise _failure(error) from None
            except (ConnectionError, ssl.SSLError):
                raise SourceFailed(GapCause.NETWORK, "broken_off", "the connection to the camera broke off") from None
            except OSError:
                raise SourceFailed(GapCause.NETWORK, "unreachable", "the camera cannot be reached") from None
            finally:
                talk.leave()


def _connected(address: Address) -> socket.socket:
    """A connection whose reads give up each second, so that someone looks at the time."""
    try:
        connection = socket.create_connection((address.host, address.port), timeout=CONNECT_S)
        if address.scheme == "rtsps":
            # Encrypted, but anyone's certificate: cameras make their own. The declared networks say who it may be.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection.settimeout(OPEN_S)
            connection = context.wrap_socket(connection)
    except ConnectionRefusedError:
        raise SourceFailed(GapCause.NETWORK, "refused", "nothing listens at the camera's address") from None
    except TimeoutError:
        raise SourceFailed(GapCause.NETWORK, "unreachable", "the camera does not answer") from None
    except OSError:
        raise SourceFailed(GapCause.NETWORK, "unreachable", "the camera cannot be reached") from None
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TICK)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TICK)
    return connection


def _failure(error: Invalid) -> SourceFailed:
    return SourceFailed(GapCause.CAMERA, error.code, error.message[:1].lower() + error.message[1:].rstrip("."))


class _Talk:
    """Requests and answers on a connection, and what came in between."""

    def __init__(self, connection: socket.socket, url: str, credentials: Credentials, clock: Clock) -> None:
        self._connection, self._url, self._credentials, self._clock = connection, url, credentials, clock
        self._number = 0
        self._base = url
        self._session: Session | None = None
        self._keep_alive = "OPTIONS"
        self.waiting = bytearray()

    def open(self) -> tuple[Track, FormatWatch]:
        """Ask for the first video that can be recorded, and have it played."""
        options = self._ask("OPTIONS", self._url)
        if "GET_PARAMETER" in options.headers.get("public", "").upper():
            self._keep_alive = "GET_PARAMETER"
        answer = self._good(self._ask("DESCRIBE", self._url, {"Accept": "application/sdp"}))
        said = read_sdp(answer.body)
        if not said.tracks:
            raise no_video(", ".join(said.videos)[:80] or "no video")
        track = said.tracks[0]
        self._base = base_of(answer, self._url)
        wanted = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
        answer = self._ask("SETUP", joined(self._base, track.control), wanted)
        if answer.status == 461:
            raise SourceFailed(GapCause.CAMERA, "no_tcp", "the camera does not send over TCP")
        self._session = session_of(self._good(answer))
        whole = joined(self._base, said.control)
        self._good(self._ask("PLAY", whole, {"Range": "npt=0.000-"}))
        return track, FormatWatch(track.family, track.form)

    @property
    def channel(self) -> int:
        """The channel of the pictures."""
        return self._session.channel if self._session is not None else 0

    @property
    def keep_alive_s(self) -> float:
        """How often the camera wants to hear of us."""
        return min(self._session.timeout_s / 2, 25.0) if self._session is not None else 25.0

    def keep_alive(self) -> None:
        """Tell the camera that someone is still there; its answer comes among the pictures."""
        self._send(self._keep_alive, self._url)

    def heard(self, answer: Answer) -> None:
        """An answer that came among the pictures."""
        if answer.status == 401:
            self._credentials.challenged(answer)  # its nonce is for the next time
        elif answer.status in (405, 501):
            self._keep_alive = "OPTIONS"

    def leave(self) -> None:
        """Free the camera's session: many have only a few."""
        if self._session is not None:
            with suppress(OSError):
                self._connection.setblocking(True)
                self._send("TEARDOWN", self._base)

    def fileno(self) -> int:
        """Of the connection."""
        return self._connection.fileno()

    def read(self, into: memoryview) -> int:
        """Bytes read. ``BlockingIOError`` or ``SSLWantReadError`` when none came; ``SourceFailed`` at the end."""
        count = self._connection.recv_into(into)
        if isinstance(self._connection, ssl.SSLSocket):  # what is decrypted already wakes nobody
            while self._connection.pending() and count < len(into):
                count += self._connection.recv_into(into[count:])
        if not count:
            raise SourceFailed(GapCause.CAMERA, "ended", "the camera ended the stream")
        return count

    def _send(self, method: str, url: str, headers: dict[str, str] | None = None) -> None:
        self._number += 1
        session = {"Session": self._session.id} if self._session is not None else {}
        sent = (headers or {}) | session | {"Authorization": self._credentials.header(method, url)}
        self._connection.sendall(request(method, url, self._number, sent))

    def _ask(self, method: str, url: str, headers: dict[str, str] | None = None) -> Answer:
        """The answer to a request, with user and password where the camera wants them."""
        self._send(method, url, headers)
        answer = self._next_answer()
        tried = 0
        while answer.status == 401:
            # A wrong password is tried once: cameras lock whoever tries it often.
            known = self._credentials.challenged(answer)
            if not known or (tried and not self._credentials.stale) or tried > 2:
                raise _unauthorised(had_password=bool(self._credentials.user))
            tried += 1
            self._send(method, url, headers)
            answer = self._next_answer()
        if 300 <= answer.status < 400:
            raise SourceFailed(GapCause.CAMERA, "redirected", "the camera sends the recorder elsewhere: not followed")
        return answer

    @staticmethod
    def _good(answer: Answer) -> Answer:
        if answer.status == 200:
            return answer
        if answer.status == 403:
            raise _unauthorised(had_password=True)
        if answer.status == 404:
            raise SourceFailed(GapCause.CAMERA, "no_stream", "the camera has no stream of this name")
        raise SourceFailed(GapCause.CAMERA, "refused_stream", f"the camera answers with error {answer.status}")

    def _next_answer(self) -> Answer:
        """The next answer; pictures that come before it are passed over, the camera sends them again soon."""
        until_ns = self._clock.monotonic_ns() + int(OPEN_S * 1e9)
        room = memoryview(bytearray(16 * 1024))
        while True:
            while self.waiting[:1] == b"$" and len(self.waiting) >= 4 + int.from_bytes(self.waiting[2:4], "big"):
                del self.waiting[: 4 + int.from_bytes(self.waiting[2:4], "big")]
            if self.waiting and self.waiting[:1] != b"$":
                found = read_answer(self.waiting)
                if found is not None:
                    del self.waiting[: found[1]]
                    return found[0]
            if self._clock.monotonic_ns() > until_ns:
                raise silent()
            with suppress(BlockingIOError, ssl.SSLWantReadError):
                self.waiting += room[: self.read(room)]


def silent() -> SourceFailed:
    """Nothing comes any more."""
    return SourceFailed(GapCause.NETWORK, "silent", "the camera went silent")


def _unauthorised(*, had_password: bool) -> SourceFailed:
    code, detail = (
        ("password_refused", "the camera refuses user or password")
        if had_password
        else ("password_wanted", "the camera wants a user and a password")
    )
    return SourceFailed(GapCause.CAMERA, code, detail, refused=True)


class _Stream:
    """Packets to arrivals, after PLAY."""

    def __init__(self, talk: _Talk, track: Track, watch: FormatWatch, clock: Clock, take: Take) -> None:
        self._talk, self._track, self._watch, self._clock, self._take = talk, track, watch, clock, take
        self._wire = Interleaved(track.family, track.payload_type, talk.channel)
        self._view = memoryview(bytearray(_ROOM))
        self._fill = len(talk.waiting)
        self._view[: self._fill] = talk.waiting  # what came behind the answer to PLAY
        talk.waiting.clear()
        self._heard_ns = now_ns = clock.monotonic_ns()
        self._arrived_ns = now_ns + int((OPEN_S - READ_S) * 1e9)
        self._alive_ns = now_ns + int(talk.keep_alive_s * 1e9)
        self._stamp: int | None = None
        self._pts = 0
        self._camera_ns = 0

    def fileno(self) -> int:
        """For whoever waits."""
        return self._talk.fileno()

    def ready(self, now_ns: int) -> bool:
        """Read what is there, and give the units in it on."""
        count = self._talk.read(self._view[self._fill :])
        self._heard_ns = now_ns
        self._fill += count
        return self._feed(now_ns)

    def look(self, now_ns: int) -> bool:
        """Keep the session alive; tell silence."""
        if now_ns > self._alive_ns:
            self._alive_ns = now_ns + int(self._talk.keep_alive_s * 1e9)
            self._talk.keep_alive()
        if now_ns - self._arrived_ns > READ_S * 1e9:
            if now_ns - self._heard_ns > (READ_S / 2) * 1e9:
                raise silent()
            raise SourceFailed(GapCause.CAMERA, "unreadable", "what the camera sends is not video that can be read")
        return self._take(None)

    def _feed(self, now_ns: int) -> bool:
        view, wire = self._view, self._wire
        used = wire.feed(view, self._fill)
        if used:
            view[: self._fill - used] = view[used : self._fill]
            self._fill -= used
        for unit in wire.taken():
            arrival = self._arrival(unit, now_ns)
            if arrival is not None:
                self._arrived_ns = max(self._arrived_ns, now_ns)
                if not self._take(arrival):
                    return False
        for answer in wire.answers():
            self._talk.heard(answer)
        return True

    def _arrival(self, unit: AccessUnit, now_ns: int) -> Arrival | None:
        """The unit as the recorder takes it; ``None`` while its format is not known."""
        if self._track.family is Family.MJPEG:
            form = self._watch.changed_jpeg(unit.data)
        else:
            form = self._watch.changed(unit.sets)
        if self._watch.form is None:
            return None
        if self._stamp is None:
            self._pts = unit.stamp
        else:
            step = (unit.stamp - self._stamp) & 0xFFFFFFFF
            self._pts += step - (step >> 31 << 32)
        self._stamp = unit.stamp
        hertz = self._track.clock_hz
        pts = self._pts if hertz == 90_000 else self._pts * 90_000 // hertz
        taken = Unit(
            unit.data, unit.key, pts, self._clock.now_us(), now_ns, self._camera_clock(unit.stamp, now_ns), unit.lost
        )
        return Arrival(taken, form)

    def _camera_clock(self, stamp: int, now_ns: int) -> int | None:
        """UTC of the unit by the camera's clock, once a second, where sender reports gave it."""
        report = self._wire.report
        if report is None or now_ns - self._camera_ns < _CAMERA_CLOCK_EVERY_NS:
            return None
        self._camera_ns = now_ns
        step = (stamp - report[1]) & 0xFFFFFFFF
        return report[0] + (step - (step >> 31 << 32)) * 1_000_000 // self._track.clock_hz
