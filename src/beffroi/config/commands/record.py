"""``beffroi record``: a recorder alone, for a look at one camera."""

import json as json_format
import logging
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.ids import is_safe_name
from beffroi.media.archive.stat import statistics
from beffroi.media.ingest.alone import Look, record_alone

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_HINTS = {
    "refused": "Is the camera on, and the port right?",
    "unreachable": "Is the camera on, and on this network?",
    "password_refused": "Write the address as rtsp://USER:PASSWORD@HOST/PATH; special letters as %40 for @.",
    "password_wanted": "Write the address as rtsp://USER:PASSWORD@HOST/PATH",
    "no_stream": "Look up the path of the stream in the camera's own pages.",
    "no_video": "Set the camera to H.264, H.265 or MJPEG.",
    "unreadable": "Set the camera to H.264, H.265 or MJPEG.",
    "rtsp_malformed": "Is this the address of a camera, and the port that of RTSP?",
    "no_tcp": "Allow RTP over TCP (interleaved) in the camera.",
    "refused_stream": "Is another recorder connected? Many cameras serve only a few.",
    "redirected": "Give the address that the camera points to, if you trust it.",
}


def seconds_of(text: str) -> float:
    """``30s``, ``2m``, ``1h`` or plain seconds; ``Invalid`` otherwise."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        raise Invalid(f"{text!r} is no duration.", hint="Write 30s, 2m or 1h.")
    return float(found[1]) * _UNITS[found[2] or "s"]


def command(
    url: Annotated[str, typer.Argument(help="rtsp://… or file:///…; user and password may stand in it.")],
    to: Annotated[Path, typer.Option("--to", help="Folder; it becomes an archive volume.")],
    duration: Annotated[str, typer.Option("--for", help="How long: 30s, 2m, 1h.")] = "30s",
    camera: Annotated[str, typer.Option(help="Name of the camera in the archive.")] = "camera-1",
    json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Record one camera into a folder. Exit 0: recorded; 2: it could not be, and why."""
    if not is_safe_name(camera):
        raise Invalid(f"{camera!r} cannot be a camera's name.", hint="Use lower-case letters, digits and hyphens.")
    logging.getLogger("beffroi").addHandler(logging.NullHandler())  # what matters is told below
    stopping = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopping.set())

    def progress(seconds: float, units: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{seconds:6.1f} s, {units} pictures", nl=False, err=True)

    look = record_alone(
        url, to, camera=camera, for_s=seconds_of(duration), clock=SystemClock(), stopping=stopping, progress=progress
    )
    if look.failure is not None:
        raise Unavailable(
            f"Nothing was recorded: {look.failure.detail}.",
            code=look.failure.code,
            hint=_HINTS.get(look.failure.code, ""),
        )
    _tell(look, to, json=json)


def _tell(look: Look, to: Path, *, json: bool) -> None:
    found = [each for each in statistics(to).streams if each.camera == look.camera]
    if json:
        facts = {"camera": look.camera, "codec": look.codec, "streams": statistics(to).as_json()["streams"]}
        typer.echo(json_format.dumps(facts))
        return
    for each in found:
        typer.echo(
            f"\n{each.recorded_us / 1e6:.1f} s of {look.codec} in {each.segments} files, {each.frames} pictures, "
            f"{each.total_bytes / 1e6:.1f} MB. Prove it: beffroi archive check {to}"
        )
