"""The process of the demonstration's cameras: one RTSP server, one stream for each drawn street or given file.

Drawn cameras cost no encoder: each tick picks the loop's next slice and joins the clock strip, which is encoded once a
second for all of them. Pictures are counted from 1970, so that key frames fall on even seconds of the wall clock.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import structlog

from beffroi.config.demo.footage import Footage, read_folder
from beffroi.config.demo.loops import LIVE, Loops
from beffroi.config.demo.rtp import AccessUnit
from beffroi.config.demo.rtsp import RtspServer, Stream
from beffroi.config.demo.scenes import SCENES
from beffroi.config.demo.strip import StripEncoder
from beffroi.kernel.clock import Clock, SystemClock, from_us

USERNAME = "camera"
LATE_US = 1_000_000

log = structlog.get_logger("demo-cameras")


async def play_village(server: RtspServer, folder: Path, clock: Clock) -> None:
    """Send the drawn streets until cancelled; a street joins as soon as its loop is there."""
    period_us, group = 1_000_000 // LIVE.fps, LIVE.group_frames
    strips = StripEncoder()
    playing: list[tuple[Stream, Loops]] = []
    waiting = {scene.name: Loops(folder, scene, LIVE) for scene in SCENES}
    for name in waiting:
        server.streams[name] = Stream(name)
    number = _next_group(clock, period_us, group)
    while True:
        due_us = number * period_us
        late_us = clock.now_us() - due_us
        if late_us < 0:
            await asyncio.sleep(-late_us / 1e6)
        elif late_us > LATE_US:  # the machine slept: go on at the next key frame
            number = _next_group(clock, period_us, group)
            continue
        at = from_us(due_us)
        if number % group == 0:
            for name in list(waiting):
                with contextlib.suppress(FileNotFoundError):
                    loop = waiting[name].at(at)
                    server.streams[name].parameter_sets = (loop.sequence.sps, loop.sequence.pps)
                    playing.append((server.streams[name], waiting.pop(name)))
        strip = strips.encode(at, key=number % group == 0) if number % LIVE.fps == 0 else None
        for stream, loops in playing:
            if stream.viewers:
                unit = AccessUnit(tuple(loops.at(at).nals(number, strip)), due_us, number % group == 0)
                stream.send(unit)
        number += 1


def _next_group(clock: Clock, period_us: int, group: int) -> int:
    return (clock.now_us() // period_us // group + 1) * group


async def play_file(server: RtspServer, footage: Footage, path: str, clock: Clock) -> None:
    """Send one file for ever, until cancelled."""
    stream = Stream(path, footage.codec, footage.parameter_sets)
    server.streams[path] = stream
    while True:
        for due_us, unit in footage.from_start(clock.now_us()):
            late_us = clock.now_us() - due_us
            if late_us < 0:
                await asyncio.sleep(-late_us / 1e6)
            elif late_us > LATE_US:
                break  # the machine slept: begin anew
            stream.send(unit)


async def serve(folder: Path, *, port: int, password: str, footage: Path | None) -> None:
    """Run until SIGTERM or SIGINT."""
    clock = SystemClock()
    server = RtspServer(clock=clock, username=USERNAME, password=password)
    await server.start("127.0.0.1", port)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if footage is None:
        players = [asyncio.create_task(play_village(server, folder, clock))]
    else:
        files, refused = read_folder(footage)
        for sentence in refused:
            log.warning("file left out", why=sentence)
        players = [asyncio.create_task(play_file(server, file, path, clock)) for path, file in paths_of(files)]
    ended = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait({ended, *players}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*players, ended):
        task.cancel()
    await server.stop()
    for task in done - {ended}:
        task.result()


def paths_of(files: Sequence[Footage]) -> list[tuple[str, Footage]]:
    """The stream's path of each file: ``file-1``, ``file-2`` …"""
    return [(f"file-{n}", file) for n, file in enumerate(files, start=1)]


def run_cameras(data: Path, *, port: int, footage: Path | None) -> None:
    """The process ``beffroi demo-cameras``. The cameras' password comes from the environment, never a command line."""
    asyncio.run(
        serve(data / "demo" / "loops", port=port, password=os.environ["BEFFROI_CAMERA_PASSWORD"], footage=footage)
    )
