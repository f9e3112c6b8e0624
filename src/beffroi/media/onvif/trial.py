"""Tries one camera: connect, wait for the first picture, say what it is. A process of its own.

What answers at an address that somebody typed is as hostile as anything: FFmpeg reads it here, with bounded memory and
time, and not in the door. The request stands on standard input, so that no password is in a process list; the answer
is one line of JSON on standard output, then the bytes of init section and first fragment, whose lengths it names.
"""

import json
import resource
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError, Invalid
from beffroi.media.archive.settings_file import camera_keys
from beffroi.media.core.fmp4 import Sample, fragment, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.trials import (
    FoundStreams,
    TrialAnswer,
    TrialRequest,
    TrialState,
    answer_to_json,
    request_from_json,
)
from beffroi.media.ingest.addresses import DEVICE_SCHEMES, allowed_address
from beffroi.media.ingest.gathering import Gathering
from beffroi.media.ingest.rtsp import RtspSource
from beffroi.media.ingest.sources import Arrival, SourceFailed
from beffroi.media.onvif.device import DEVICE_PATH, OnvifDevice, streams_of
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.soap import PTZ
from beffroi.media.onvif.wire import Endpoint

LIMIT_S = 25
MAX_PICTURE_BYTES = 16 * 1024 * 1024
_MEMORY_BYTES = 4 * 1024**3
_FRAME_90K = 3_600


def try_camera(request: TrialRequest, password: str, clock: Clock) -> tuple[TrialAnswer, bytes, bytes]:
    """The answer, and init section and fragment of the first picture (empty where there is none).

    A device's own address (``http:``) is asked for its streams first.
    """
    found = None
    try:
        if request.url.startswith("http:"):
            found = ask_device(request, password, clock)
            request = replace(request, url=found.main_url)
        answer, init, first = _first_picture(request, password, clock)
    except (SourceFailed, OnvifFailed) as failure:
        return TrialAnswer(TrialState.FAILED, failure.code, found=found), b"", b""
    except Invalid as error:
        return TrialAnswer(TrialState.FAILED, error.code), b"", b""
    return replace(answer, found=found), init, first


def ask_device(request: TrialRequest, password: str, clock: Clock) -> FoundStreams:
    """The streams that a device offers, by ONVIF. ``OnvifFailed``; ``Invalid`` for its address."""
    address = allowed_address(request.url, request.networks, DEVICE_SCHEMES)
    device = OnvifDevice(
        Endpoint(address.host, address.port),
        request.username,
        password,
        clock,
        address.path if address.path != "/" else DEVICE_PATH,
    )
    try:
        offset_ms = int(device.clock_offset() / timedelta(milliseconds=1))
    except OnvifFailed as failure:
        if failure.code != "onvif_clock":
            raise
        offset_ms = 0
    said = device.information()
    main, sub = streams_of(device.profiles())
    return FoundStreams(
        main_url=device.stream_address(main.token),
        sub_url=device.stream_address(sub.token) if sub else "",
        profile=main.token,
        ptz=main.ptz and PTZ in device.services(),
        model=f"{said.maker} {said.model}".strip(),
        clock_offset_ms=offset_ms,
    )


def _first_picture(request: TrialRequest, password: str, clock: Clock) -> tuple[TrialAnswer, bytes, bytes]:
    """Read until the first key picture."""
    began_ns = clock.monotonic_ns()
    seen: list[tuple[StreamFormat, bytes]] = []
    form: StreamFormat | None = None

    def take(arrival: Arrival | None) -> bool:
        nonlocal form
        if arrival is None:
            return True
        form = arrival.form or form
        if form is None or not arrival.unit.key:
            return True
        seen.append((form, arrival.unit.data))
        return False

    gathering = Gathering(clock)
    gathering.start()
    try:
        RtspSource(request.url, request.username, password, request.networks, clock, gathering).deliver(take)
    finally:
        gathering.stop()
    if not seen:
        return TrialAnswer(TrialState.FAILED, "ended"), b"", b""
    (shown, data), took_ms = seen[0], (clock.monotonic_ns() - began_ns) // 1_000_000
    good = TrialAnswer(TrialState.GOOD, "", shown.codec, shown.width, shown.height, took_ms)
    if len(data) > MAX_PICTURE_BYTES:
        return good, b"", b""
    sample = Sample(data, _FRAME_90K, 0, key=True)
    return good, init_section(shown), fragment(sequence=1, decode_time_90k=0, samples=[sample])


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer the one request on ``source``."""
    data: dict[str, Any] = json.loads(source.read())
    request = request_from_json(str(data["id"]), data)
    answer, init, first = TrialAnswer(TrialState.FAILED, "password_unreadable"), b"", b""
    password: str | None = ""
    if request.password:
        try:
            password = open_secret(camera_keys(Path(data["keys"])), request.password, camera=request.id)
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
