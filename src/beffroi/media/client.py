"""How the office speaks to the recorder: signed HTTP over a Unix socket, or TCP elsewhere (docs/design/shape.md).

Blocking, for threads of the office and its worker; one connection per call. Whatever the recorder refuses comes back
as the matching error of ``kernel.errors``; a recorder that does not answer is ``Unavailable``.
"""

import http.client
import json
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import Clock
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import BeffroiError, Conflict, Corrupt, Forbidden, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import (
    DeviceAnswer,
    ExtractionPlan,
    HoldResult,
    LookSession,
    PiecePlan,
    RecorderStatus,
    hold_result_from_json,
    plan_from_json,
    session_from_json,
    status_from_json,
    timeline_from_json,
)
from beffroi.media.core.calls import HEADER, Call, sign_call
from beffroi.media.core.looks import JournalLine
from beffroi.media.core.trials import FoundCamera, TrialAnswer, TrialRequest, answer_from_json, request_to_json
from beffroi.media.core.words import StreamName, Timeline

ERRORS: dict[int, type[BeffroiError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Corrupt,
    503: Unavailable,
}
"""Status of the recorder's answer to the error it stands for; both sides of the wire use this table."""


class RecorderClient:
    """One recorder. ``address`` is ``unix:/path/recorder.sock``, ``http://host:port`` or ``https://host:port``."""

    def __init__(self, address: str, key: SigningKey, clock: Clock, *, timeout_s: float = 10.0) -> None:
        self._address = address
        self._key = key
        self._clock = clock
        self._timeout_s = timeout_s

    def push_cameras(self, document: bytes) -> int:
        """Hand over camera settings as ``core.settings.sign_settings`` made them; returns the version now kept.

        The recorder keeps them as its last good copy and follows within 2 s. ``Conflict`` when it has newer ones.
        """
        with self._open("PUT", "/recorder/cameras", document) as response:
            return int(json.loads(response.read())["version"])

    def timeline(self, camera: CameraId, span: Span, stream: StreamName = StreamName.MAIN) -> Timeline:
        """What is recorded, what is not and why, what is held. Never a picture."""
        query = urlencode({"camera": camera, "stream": stream.value, "from_us": span.start_us, "to_us": span.end_us})
        return timeline_from_json(self._json("GET", f"/recorder/timeline?{query}"))

    def status(self) -> RecorderStatus:
        """Every stream and volume, from durable bytes."""
        return status_from_json(self._json("GET", "/recorder/status"))

    def begin_trial(self, request: TrialRequest) -> TrialAnswer:
        """Try a camera's address. ``Conflict`` when too many are tried at once."""
        body: Json = request_to_json(request)
        return answer_from_json(self._json("POST", f"/recorder/trials/{request.id}", body))

    def trial(self, id_: str) -> TrialAnswer:
        """How far a trial is; ``NotFound`` when the recorder has forgotten it (ten minutes)."""
        return answer_from_json(self._json("GET", f"/recorder/trials/{id_}"))

    def discover(self, networks: Sequence[str]) -> list[FoundCamera]:
        """The ONVIF devices that answer on these networks within two seconds."""
        found = self._json("POST", "/recorder/discoveries", {"networks": list(networks)})["devices"]
        return [FoundCamera(str(one["url"]), str(one["host"]), str(one["name"]), str(one["hardware"])) for one in found]

    def device(self, camera: CameraId) -> DeviceAnswer:
        """What a camera says of itself now. ``Unavailable`` with why it does not, ``NotFound`` for a mere stream."""
        said = self._json("GET", f"/recorder/devices/{camera}")
        maker, model, firmware, serial = (str(said[name])[:120] for name in ("maker", "model", "firmware", "serial"))
        return DeviceAnswer(maker, model, firmware, serial, int(said["clock_offset_ms"]))

    def set_hold(self, hold: HoldId, camera: CameraId, span: Span, *, reference: str, judicial: bool) -> HoldResult:
        """Keep this footage. Returns only when the recorder has the hold on disk; repeating it is safe."""
        body: Json = {
            "camera": camera,
            "span": [span.start_us, span.end_us],
            "reference": reference,
            "judicial": judicial,
        }
        return hold_result_from_json(self._json("PUT", f"/recorder/holds/{hold}", body))

    def release_hold(self, hold: HoldId, *, reason: str) -> None:
        """Let the footage go by its term again, and say why; releasing twice is no error."""
        self._json("DELETE", f"/recorder/holds/{hold}", {"reason": reason})

    def plan_extraction(
        self, ticket: str, camera: CameraId, span: Span, stream: StreamName = StreamName.MAIN
    ) -> ExtractionPlan:
        """What an extraction would deliver. ``ticket`` is sealed for mode ``extract`` with binding ``office``.

        Opens one look in the door's journal; pieces can be fetched for half an hour after the last one.
        """
        body: Json = {
            "ticket": ticket,
            "camera": camera,
            "stream": stream.value,
            "span": [span.start_us, span.end_us],
        }
        return plan_from_json(self._json("POST", "/recorder/extractions", body))

    def piece(self, plan: ExtractionPlan, number: int) -> Iterator[bytes]:
        """The bytes of one piece: init, then each whole fragment, each checked against the plan's digest.

        ``Corrupt`` names the fragment that differs; ``Unavailable`` when the recorder breaks off.
        """
        wanted = plan.pieces[number]
        path = f"/recorder/extractions/{plan.id}/{number}"
        with self._open("GET", path, b"") as response:
            try:
                for index, (length, digest) in enumerate(_parts(wanted)):
                    chunk = response.read(length)
                    if len(chunk) != length:
                        raise self._broken_off(plan, number, index)
                    if sha256(chunk).hex() != digest:
                        raise Corrupt(
                            f"Part {index} of piece {number} of camera {plan.camera} differs from its digest.",
                            code="fragment_changed",
                        )
                    yield chunk
            except (OSError, http.client.HTTPException) as error:
                raise self._broken_off(plan, number, 0) from error

    def end_extraction(self, plan: ExtractionPlan) -> None:
        """Say that all wanted pieces came, so that the look's totals are written at once."""
        self._json("DELETE", f"/recorder/extractions/{plan.id}")

    def journal(self, after: int = 0, *, limit: int = 1_000) -> list[JournalLine]:
        """The door's lines with a number above ``after``, in order, ``limit`` at most."""
        data = self._json("GET", f"/recorder/journal?{urlencode({'after': after, 'limit': limit})}")
        return [JournalLine.from_json(line) for line in data["lines"]]

    def door_key(self) -> bytes:
        """The public half of the door's key, by which its journal is verified."""
        return bytes.fromhex(self._json("GET", "/recorder/journal?after=0&limit=0")["door_key"])

    def beat(self, ask: Callable[[], tuple[Iterable[str], Iterable[str]]], *, kept: bool = False) -> None:
        """``heartbeat`` with what ``ask`` finds open. Of two beats the one asked for later counts, not the one sent
        later: whoever has just ended something and says so is not talked over. ``kept``: written down before it is
        answered, even where nothing changed."""
        asked_us = self._clock.now_us()
        grants, duty = ask()
        self.heartbeat(grants, duty, asked_us=asked_us, kept=kept)

    def heartbeat(
        self, grants: Iterable[str], duty: Iterable[str] | None = None, *, asked_us: int = 0, kept: bool = False
    ) -> None:
        """Say, once a second, that the office lives and which relays and duty looks are open now (I12). Without
        ``duty`` the beat says nothing of duty looks, and they go on."""
        at_us = asked_us or self._clock.now_us()
        beat: dict[str, Json] = {"at_us": at_us, "grants": list[Json](sorted(grants)), "kept": kept}
        if duty is not None:
            beat["duty"] = list[Json](sorted(duty))
        self._json("POST", "/recorder/heartbeat", beat)

    def sessions(self) -> list[LookSession]:
        """Who is looking now."""
        return [session_from_json(one) for one in self._json("GET", "/recorder/sessions")["sessions"]]

    def _broken_off(self, plan: ExtractionPlan, number: int, index: int) -> BeffroiError:
        """Why the recorder stopped in the middle of a piece, as it says itself."""
        try:
            self._json("GET", f"/recorder/extractions/{plan.id}")
        except BeffroiError as error:
            return error
        return Unavailable(
            f"The recorder broke off in piece {number} at part {index}.", code="extraction_broken", hint="Try again."
        )

    def _json(self, method: str, path: str, body: Json = None) -> Any:
        raw = b"" if body is None else canonical_bytes(body)
        with self._open(method, path, raw) as response:
            try:
                return json.loads(response.read() or b"{}")
            except (ValueError, OSError, http.client.HTTPException) as error:
                raise Unavailable("The recorder's answer cannot be read.", code="recorder_answer") from error

    @contextmanager
    def _open(self, method: str, path: str, body: bytes) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection()
        try:
            try:
                signature = sign_call(Call(method, path, body), self._key, now_us=self._clock.now_us())
                connection.request(method, path, body=body or None, headers={HEADER: signature})
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise Unavailable(
                    "The recorder does not answer.", code="recorder_silent", hint="See whether it is running."
                ) from error
            if response.status != 200:
                raise error_of(response.status, response.read(65_536))
            yield response
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._address.startswith("unix:"):
            return _UnixConnection(self._address.removeprefix("unix:"), self._timeout_s)
        parts = urlsplit(self._address)
        if parts.hostname is None or parts.scheme not in {"http", "https"}:
            raise Invalid(
                f"{self._address!r} is no recorder's address.", hint="Write unix:/path or http(s)://host:port."
            )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname, parts.port, timeout=self._timeout_s)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("recorder", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _parts(piece: PiecePlan) -> Iterator[tuple[int, str]]:
    yield piece.init_length, piece.init_sha256
    for fragment in piece.fragments:
        yield fragment.length, fragment.sha256


def error_of(status: int, body: bytes) -> BeffroiError:
    """The error that an answer of the recorder stands for."""
    try:
        data = json.loads(body)
        message, code, hint = str(data["message"]), str(data["code"]), str(data["hint"])
    except (ValueError, KeyError, TypeError):
        message, code, hint = f"The recorder answered {status}.", "recorder_answer", ""
    return ERRORS.get(status, Unavailable)(message, code=code, hint=hint)


def status_of(error: BeffroiError) -> int:
    """The status by which the recorder answers ``error``."""
    return next((status for status, kind in ERRORS.items() if isinstance(error, kind)), 500)
