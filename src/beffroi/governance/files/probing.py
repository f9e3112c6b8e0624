"""Asking the probe: a process of its own with limits, no network and nothing but the file (``files.probe``)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from beffroi.governance.core.intake import CONTAINERS, Probe
from beffroi.kernel.errors import Invalid, Unavailable

MEMORY_BYTES = 2 * 1024 * 1024 * 1024
CPU_SECONDS = 120
PATIENCE_S = 300
MAX_ANSWER = 4_096
MAX_SIDE = 16_384


def probe_file(path: Path) -> Probe:
    """What a file is. ``Invalid``: no video we know; ``Unavailable``: the probe cannot be locked down here."""
    command = [sys.executable, "-I", "-m", "beffroi.governance.files.probe", str(MEMORY_BYTES), str(CPU_SECONDS)]
    try:
        with path.open("rb") as file:
            done = subprocess.run(
                command, stdin=file, capture_output=True, timeout=PATIENCE_S, check=False, env={}, cwd="/"
            )
    except subprocess.TimeoutExpired as error:
        raise _unreadable("it took too long") from error
    return read_answer(done.stdout[:MAX_ANSWER])


def read_answer(answer: bytes) -> Probe:
    """The probe's line, which is not trusted either."""
    try:
        said: Any = json.loads(answer)
    except ValueError as error:
        raise _unreadable("the probe gave up") from error
    if not isinstance(said, dict) or said.get("error") == "unreadable":
        raise _unreadable(str(said.get("why", "")) if isinstance(said, dict) else "")
    if said.get("error"):
        raise Unavailable(
            "Files cannot be examined safely on this machine.",
            code="probe_unavailable",
            hint="The kernel must allow seccomp filters.",
        )
    numbers = {name: said.get(name) for name in ("width", "height", "frames", "duration_us", "audio_tracks")}
    if not all(isinstance(value, int) and 0 <= value < 1 << 50 for value in numbers.values()):
        raise _unreadable("numbers that cannot be")
    container, codec = str(said.get("container", "")), str(said.get("codec", ""))[:40]
    if container not in CONTAINERS or max(int(said["width"]), int(said["height"])) > MAX_SIDE:
        raise _unreadable("a container that is not known")
    return Probe(
        container,
        codec if codec.isascii() and codec.replace("_", "").isalnum() else "",
        int(said["width"]),
        int(said["height"]),
        int(said["frames"]),
        int(said["duration_us"]),
        int(said["audio_tracks"]),
    )


def _unreadable(why: str) -> Invalid:
    return Invalid(
        f"This file is no video that can be read{f' ({why})' if why else ''}.",
        code="intake_unreadable",
        hint="Export it again as MP4, MKV, AVI or MPEG.",
        fields={"file": "unreadable"},
    )
