"""What the demonstration makes once: picture loops, and the archive of the hours before. Later both are left alone."""

import json
import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import structlog

from beffroi.config.demo import loops
from beffroi.config.demo.past import stretch_before, write_past
from beffroi.config.supervisor import die_with
from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import CameraId

log = structlog.get_logger("demo-birth")


def draw(data: Path, clock: Clock) -> int:
    """Draw all loops that are missing, those needed now first; returns how many scenes were drawn."""
    folder = data / "demo" / "loops"
    wanted = list(loops.work(clock.now()))
    missing = [
        (scene, night)
        for scene, night in wanted
        if not all(loops.file_of(folder, scene, rate, night=night).exists() for rate in (loops.LIVE, loops.PAST))
    ]
    if not missing:
        return 0
    workers = min(len(missing), max(1, os.cpu_count() or 1))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=die_with, initargs=(os.getpid(),)) as pool:
        tasks = {pool.submit(loops.build, folder, scene, night=night): (scene.name, night) for scene, night in missing}
        for done, task in enumerate(as_completed(tasks), start=1):
            task.result()
            _tell(data, "drawing", done, len(tasks))
    return len(missing)


def remember(data: Path, cameras: Mapping[int, CameraId], clock: Clock) -> bool:
    """Write the hours before, if the archive is empty; returns whether it was."""
    archive = data / "archive"
    mark = data / "demo" / "past.json"
    if mark.exists() or any(archive.glob("**/*.mp4")):
        return False
    stretch = stretch_before(clock.now())
    key = (data / "keys" / "archive.key").read_bytes()
    began = clock.monotonic_ns()
    written = write_past(
        archive,
        data / "demo" / "loops",
        cameras,
        stretch,
        writer_key=key,
        told=lambda done, whole: _tell(data, "remembering", done, whole),
    )
    took_s = (clock.monotonic_ns() - began) / 1e9
    log.info("past written", bytes=written, took_s=round(took_s, 1))
    mark.write_text(json.dumps({"from_s": stretch.start_s, "until_s": stretch.end_s, "bytes": written}))
    return True


def _tell(data: Path, step: str, done: int, whole: int) -> None:
    """Progress, for the terminal and the page."""
    log.info("progress", step=step, done=done, whole=whole)
    path = data / "demo" / "progress.json"
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"step": step, "done": done, "whole": whole}))
    beside.replace(path)
