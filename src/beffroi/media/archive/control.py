"""The client of the writer's socket: how door and daemon ask the one process that writes catalogue and journal.

One line of JSON each way. An answer means *durable*: the journal line was flushed to disk before it was sent.
Blocking, safe to share between threads; an asyncio caller runs it in a thread.
"""

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beffroi.kernel.errors import BeffroiError, Conflict, Corrupt, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.spans import Span

_ERRORS: dict[str, type[BeffroiError]] = {
    each.__name__.lower(): each for each in (NotFound, Invalid, Conflict, Unavailable, Corrupt)
}
_MAX_LINE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """What the recorder now holds: since when, and which recorded spans it covers."""

    set_us: int
    covered: tuple[Span, ...]


class WriterControl:
    """Calls on the writer. Every call raises ``Unavailable`` when the writer does not answer in ``timeout_s``."""

    def __init__(self, path: Path, *, timeout_s: float = 5.0) -> None:
        self._path, self._timeout_s = path, timeout_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._buffer = b""

    def hold_set(self, *, hold: HoldId, camera: CameraId, span: Span, reference: str, judicial: bool) -> HoldAnswer:
        """Hold every stream of ``camera`` over ``span``. The same hold again: the same answer."""
        answer = self.call(
            "hold_set",
            hold=hold,
            camera=camera,
            from_us=span.start_us,
            to_us=span.end_us,
            reference=reference,
            judicial=judicial,
        )
        return HoldAnswer(answer["set_us"], tuple(Span.of_us(start, end) for start, end in answer["covered"]))

    def hold_release(self, *, hold: HoldId, reason: str) -> None:
        """Let a hold go; ``NotFound`` when there is no such hold. Releasing twice is no error."""
        self.call("hold_release", hold=hold, reason=reason)

    def status(self) -> dict[str, Any]:
        """``{"now_us", "clock_trusted", "cameras": [{"camera", "stream", "recording", "durable_until_us", "gap":
        {"since_us", "cause", "detail"} | null, "bytes", "oldest_us", "clock_offset_us"}], "volumes": [{"uuid",
        "path", "state", "free_bytes", "total_bytes", "full_on_us", "enough", "notes"}]}``. ``recording`` comes from
        durable bytes only; ``enough`` is ``null`` where it is not known how long the disk lasts (I9).
        """
        return self.call("status")

    def put_cameras(self, document: bytes) -> int:
        """Keep signed settings (``core.settings.sign_settings``) as last good copy; the version kept. ``Invalid`` when
        not rightly signed, ``Conflict`` when older than the copy already kept."""
        return int(self.call("put_cameras", document=document.decode("utf-8", "replace"))["version"])

    def purge(self) -> dict[str, Any]:
        """Delete now what has outlived its term: ``{"segments", "bytes", "left", "refused"}``."""
        return self.call("purge")

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        """One request and its answer; errors of the writer are raised again under their own class."""
        line = json.dumps({"do": do, **arguments}).encode() + b"\n"
        with self._lock:
            try:
                answer = self._exchange(line)
            except (OSError, ValueError, TypeError) as error:
                self._drop()
                raise Unavailable(
                    "The archive's writer does not answer.",
                    code="writer_unavailable",
                    hint="It is restarted by itself.",
                ) from error
        if answer.get("ok") is True:
            return answer
        raise _error_of(answer)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def _exchange(self, line: bytes) -> dict[str, Any]:
        if self._socket is None:
            fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            fresh.settimeout(self._timeout_s)
            self._socket = fresh
            fresh.connect(str(self._path))
        self._socket.sendall(line)
        while b"\n" not in self._buffer:
            part = self._socket.recv(1 << 16)
            if not part or len(self._buffer) > _MAX_LINE:
                raise OSError("the writer closed the connection")
            self._buffer += part
        first, _, self._buffer = self._buffer.partition(b"\n")
        answer = json.loads(first)
        if not isinstance(answer, dict):
            raise TypeError("not an answer")
        return answer


def _error_of(answer: Mapping[str, Any]) -> BeffroiError:
    kind = _ERRORS.get(str(answer.get("error")), Unavailable)
    message = str(answer.get("message", "The archive's writer refused."))
    return kind(message, code=str(answer.get("code", "")), hint=str(answer.get("hint", "")))
