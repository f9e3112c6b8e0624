"""Tries one camera: connect, wait for the first picture, say what it is. A process of its own.

What answers at an address that somebody typed is as hostile as anything: FFmpeg reads it here, with bounded memory and
time, and not in the door. The request stands on standard input, so that no password is in a process list; the answer
is one line of JSON on standard output, then the bytes of init section and first fragment, whose lengths it names.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError
from beffroi.media.core.fmp4 import Sample, fragment, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.trials import TrialAnswer, TrialRequest, TrialState, answer_to_json, request_from_json
from beffroi.media.ingest.sources import RtspSource, SourceFailed

LIMIT_S = 25
MAX_PICTURE_BYTES = 16 * 1024 * 1024
_MEMORY_BYTES = 4 * 1024**3
_FRAME_90K = 3_600


def try_camera(request: TrialRequest, password: str, clock: Clock) -> tuple[TrialAnswer, bytes, bytes]:
    """The answer, and init section and fragment of the first picture (empty where there is none)."""
    began_ns = clock.monotonic_ns()
    form: StreamFormat | None = None
    try:
        for arrival in RtspSource(request.url, request.username, password, request.networks, clock).arrivals():
            form = arrival.form or form
            if form is None or not arrival.unit.key:
                continue
            took_ms = (clock.monotonic_ns() - began_ns) // 1_000_000
            good = TrialAnswer(TrialState.GOOD, "", form.codec, form.width, form.height, took_ms)
            if len(arrival.unit.data) > MAX_PICTURE_BYTES:
                return good, b"", b""
            sample = Sample(arrival.unit.data, _FRAME_90K, 0, key=True)
            return good, init_section(form), fragment(sequence=1, decode_time_90k=0, samples=[sample])
    except SourceFailed as failure:
        return TrialAnswer(TrialState.FAILED, failure.code), b"", b""
    return TrialAnswer(TrialState.FAILED, "ended"), b"", b""


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer the one request on ``source``."""
    data: dict[str, Any] = json.loads(source.read())
    request = request_from_json(str(data["id"]), data)
    answer, init, first = TrialAnswer(TrialState.FAILED, "password_unreadable"), b"", b""
    password: str | None = ""
    if request.password:
        try:
            password = open_secret(Path(data["key"]).read_bytes(), request.password, camera=request.id)
        except (OSError, BeffroiError, ValueError):
            password = None
    if password is not None:
        answer, init, first = try_camera(request, password, SystemClock())
    head = {"answer": answer_to_json(answer), "init": len(init), "first": len(first)}
    sink.write(json.dumps(head).encode() + b"\n" + init + first)
    sink.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(LIMIT_S)
    serve(sys.stdin.buffer, sys.stdout.buffer)
