"""Live: how much later a frame reaches a viewer than a direct RTSP reader, and how soon the first picture comes.

``.venv/bin/python bench/live.py [--seconds N] [--viewers N] [--clip NAME] [--json]``. One real RTSP camera (GStreamer),
a whole recorder and front; the direct reader is PyAV on the same camera in a process of its own. Frames are matched by
their last bytes. Target: p99 at most 100 ms above the direct reader, first picture within 300 ms, 100 viewers.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import aiohttp  # noqa: E402
from tests.media.door.front import Front, browser  # noqa: E402
from tests.media.door.recording import recording  # noqa: E402

from beffroi.kernel.ids import CameraId  # noqa: E402
from beffroi.media.core.tickets import Mode  # noqa: E402

TAIL = 48
DIRECT = """
import sys, time, av
container = av.open(sys.argv[1], options={"rtsp_transport": "tcp"})
for packet in container.demux(video=0):
    if packet.size:
        print(time.monotonic_ns(), bytes(packet)[-48:].hex(), flush=True)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--clip", default="02-carpark")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bf-") as folder, recording(Path(folder), {"cam": wanted.clip}) as running:
        front, cameras = running
        direct = subprocess.Popen(
            [sys.executable, "-c", DIRECT, cameras.url("cam")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            found = asyncio.run(measure(front, wanted.viewers, wanted.seconds))
        finally:
            direct.terminate()
            said = direct.communicate()[0]
    report({**found, "clip": wanted.clip, **compare(said, found.pop("arrivals"))}, as_json=wanted.json)


async def measure(front: Front, viewers: int, seconds: float) -> dict:
    """First pictures one after another, then ``viewers`` at once for ``seconds``."""
    session, binding = await browser(front)
    async with session:
        first = [await first_picture(front, session, binding) for _ in range(20)]
        arrivals = await asyncio.gather(*(view(front, session, binding, seconds) for _ in range(viewers)))
    return {"viewers": viewers, "first_ms": sorted(first), "arrivals": arrivals}


async def opened(front: Front, session: aiohttp.ClientSession, binding: str) -> aiohttp.ClientWebSocketResponse:
    """A socket whose ticket was sent."""
    socket = await session.ws_connect(f"{front.url}/door/live", headers=front.origin, max_msg_size=1 << 25)
    ticket = front.ticket(Mode.LIVE, binding, cameras=(CameraId("cam"),))
    await socket.send_json({"ticket": ticket, "camera": "cam", "hevc": True})
    return socket


async def first_picture(front: Front, session: aiohttp.ClientSession, binding: str) -> float:
    """Milliseconds from connecting to the first key frame in hand."""
    began = time.monotonic_ns()
    socket = await opened(front, session, binding)
    parts = 0
    while parts < 2:  # init, then the key frame
        parts += (await socket.receive()).type is aiohttp.WSMsgType.BINARY
    took = (time.monotonic_ns() - began) / 1e6
    await socket.close()
    return took


async def view(front: Front, session: aiohttp.ClientSession, binding: str, seconds: float) -> list[tuple[int, str]]:
    """When each frame came, and its last bytes. What was cached before the viewer came is left out."""
    socket = await opened(front, session, binding)
    got: list[tuple[int, str]] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            got.append((time.monotonic_ns(), message.data[-TAIL:].hex()))
    await socket.close()
    return [one for one in got if one[0] > got[0][0] + 1_000_000_000]


def compare(said: str, arrivals: list[list[tuple[int, str]]]) -> dict:
    """Milliseconds that viewers had each frame later than the direct reader."""
    direct: dict[str, list[int]] = {}
    for line in said.splitlines():
        at, tail = line.split()
        direct.setdefault(tail, []).append(int(at))
    late = sorted(
        min(((at - other) / 1e6 for other in direct[tail]), key=abs)
        for one in arrivals
        for at, tail in one
        if tail in direct
    )
    frames = sum(map(len, arrivals))
    return {"frames": frames, "matched": len(late), "late_ms": late}


def at(values: list[float], part: float) -> float:
    """A quantile of sorted values."""
    return round(values[min(len(values) - 1, int(len(values) * part))], 1)


def report(found: dict, *, as_json: bool) -> None:
    """Print what was found."""
    late, first = found.pop("late_ms"), found.pop("first_ms")
    result = {
        **found,
        "late_p50_ms": round(median(late), 1),
        "late_p99_ms": at(late, 0.99),
        "first_p50_ms": round(median(first), 1),
        "first_p95_ms": at(first, 0.95),
        "target": "late p99 <= 100 ms, first <= 300 ms",
    }
    if as_json:
        print(json.dumps(result))
        return
    print(f"{found['clip']}, {found['viewers']} viewer(s): {found['matched']} of {found['frames']} frames matched")
    print(
        f"  later than a direct RTSP reader: p50 {result['late_p50_ms']} ms, p99 {result['late_p99_ms']} ms  (<= 100)"
    )
    print(
        f"  first picture at the door:       p50 {result['first_p50_ms']} ms, p95 {result['first_p95_ms']} ms  (<= 300)"
    )


if __name__ == "__main__":
    main()
