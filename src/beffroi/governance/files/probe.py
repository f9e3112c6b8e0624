"""The probe itself: ``python -m beffroi.governance.files.probe`` reads one file on standard input, says what it is.

What is exported by other systems, or pretends to be, meets FFmpeg's parsers here and nowhere else: in a process of its
own that has bounded memory, time and files, may write nothing, start nothing, and open no socket (seccomp). It has no
path and no other descriptor; what it answers is a line of numbers and short words.
"""

import ctypes
import json
import os
import platform
import resource
import struct
import sys
from typing import Any

import av

FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,asf,flv,h264,hevc,mjpeg"
MAX_PACKETS = 2_000_000
_ARCHITECTURE = {
    "x86_64": (0xC000003E, (41, 53, 56, 57, 58, 59, 322, 435)),  # socket, socketpair, clone, fork, vfork, execve(at)
    "aarch64": (0xC00000B7, (198, 199, 220, 221, 281, 435)),
}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: EPERM
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2


def lock_down() -> None:
    """No socket, no process, no program from here on, and no way back. Raises ``OSError`` where it cannot be done."""
    architecture, calls = _ARCHITECTURE[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps.append((_AT_LEAST, len(calls) + 1, 0, 0x40000000))
    steps += [(_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((_NO_NEW_PRIVS, 1, 0, 0, 0), (_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0)):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "the probe cannot be locked down")


def limit(memory_bytes: int, seconds: int) -> None:
    """Bounded memory and time; nothing can be written, no further file opened."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(what, (most, most))


def probe() -> dict[str, Any]:
    """What standard input is: container, video codec, size, frames, length, number of sound tracks."""
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
    with os.fdopen(0, "rb", closefd=False) as source, av.open(source, "r", options=options) as container:
        video = next(iter(container.streams.video), None)
        found: dict[str, Any] = {
            "container": container.format.name.partition(",")[0],
            "audio_tracks": len(container.streams.audio),
            "codec": "", "width": 0, "height": 0, "frames": 0, "duration_us": 0,
        }  # fmt: skip
        if video is None:
            return found
        context = video.codec_context
        found |= {"codec": context.name, "width": context.width, "height": context.height}
        first = last = None
        lasting = 0
        for packet in container.demux(video):
            if packet.size == 0:
                continue
            found["frames"] += 1
            at = packet.pts if packet.pts is not None else packet.dts
            if at is not None:
                first = at if first is None else min(first, at)
                last = at if last is None else max(last, at)
                lasting = packet.duration or lasting
            if found["frames"] >= MAX_PACKETS:
                break
        if first is not None and last is not None and video.time_base:
            found["duration_us"] = round((last - first + lasting) * video.time_base * 1_000_000)
        return found


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """One line of JSON: what was found, or ``{"error": …}``."""
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        lock_down()
    except (OSError, KeyError) as error:
        _say(json.dumps({"error": "lock_down", "why": str(error)[:200]}))
        return 2
    try:
        _say(json.dumps(probe()))
    except (av.FFmpegError, ValueError, MemoryError, OverflowError, OSError) as error:
        _say(json.dumps({"error": "unreadable", "why": str(error)[:200]}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
