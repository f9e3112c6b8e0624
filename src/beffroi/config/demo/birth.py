"""What the demonstration makes once: picture loops, and the archive of the hours before. Later both are left alone."""

import json
import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import structlog

from beffroi.config.demo import loops
from beffroi.config.demo.past import LENGTH, stretch_before, write_past
from beffroi.config.demo.scenes import Scene
from beffroi.config.supervisor import die_with
from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import CameraId

log = structlog.get_logger("demo-birth")


Work = tuple[Scene, bool, tuple[loops.Rate, ...]]


def draw_needed(data: Path, clock: Clock) -> int:
    """Draw what the recorder's start waits for; returns how many scenes were drawn."""
    now = clock.now()
    return _draw(data, list(loops.needed(now, now - LENGTH)), max(1, os.cpu_count() or 1))


def draw_rest(data: Path) -> int:
    """Draw what the change of light will ask for, one after the other: nobody waits for it."""
    return _draw(data, list(loops.everything()), 1)


def _draw(data: Path, wanted: list[Work], workers: int) -> int:
    folder = data / "demo" / "loops"
    missing = [
        (scene, night, rates)
        for scene, night, rates in wanted
        if not all(loops.file_of(folder, scene, rate, night=night).exists() for rate in rates)
    ]
    if not missing:
        return 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(missing)), mp_context=context, initializer=die_with, initargs=(os.getpid(),)
    ) as pool:
        tasks = [pool.submit(loops.build, folder, scene, night=night, rates=rates) for scene, night, rates in missing]
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
