"""A recorder's writer that is killed while it brings footage home: ``python -m tests.media.dying_mover DATA WHEN``.

Each copy of the footage is served by a process of its own (forked, so that it starts at once), whose disk kills it with
SIGKILL at its n-th call (each, or each second one where the hold stands before the move begins). A hold for what is
moved is asked for *before* the move or *during* it; the file ``acknowledged`` beside the volumes is there when the
office would have been told that the hold stands.
"""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.media.archive.disk import Disk
from tests.media.feeding import HALL, NOW
from tests.media.test_archive_volumes import Office

LASTS = 55
HELD = (20, 29)  # seconds of the footage, both included
ASKED = {
    "do": "hold_set",
    "hold": "h",
    "camera": HALL,
    "from_us": to_us(NOW) - (LASTS - HELD[0]) * 1_000_000,
    "to_us": to_us(NOW) - (LASTS - HELD[1] - 1) * 1_000_000,
    "reference": "req",
    "judicial": False,
}


class MortalDisk(Disk):
    """Kills its own process at call ``dies_at``; calls ``begins`` when the first byte of a move is written."""

    def __init__(self) -> None:
        self.calls, self.dies_at, self.counting = 0, 0, False
        self.begun = threading.Event()

    def _step(self) -> None:
        if self.counting:
            self.calls += 1
            if self.calls == self.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def create(self, path: Path) -> int:
        self._step()
        self.begun.set()
        return super().create(path)

    def write(self, handle: int, data: bytes) -> None:
        self._step()
        super().write(handle, data)

    def sync(self, handle: int) -> None:
        self._step()  # nothing is flushed: of a process that is killed the kernel has all that was written

    def sync_folder(self, folder: Path) -> None:
        self._step()

    def replace(self, path: Path, data: bytes) -> None:
        self._step()
        super().replace(path, data)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)


def serve(data: Path, when: str, dies_at: int) -> None:
    """Until the hold stands and all is home, or the disk has killed it."""
    disk = MortalDisk()
    disk.dies_at = dies_at
    office = Office(data, ManualClock(NOW), disk=lambda: disk)
    disk.counting = True

    def ask() -> None:
        if when == "during":
            disk.begun.wait(30)
        office.writer.ask(dict(ASKED)).result(30)
        (data / "acknowledged").touch()

    asking = threading.Thread(target=ask)
    if when == "before":
        asking.start()  # it waits in the queue that the writer looks into first
    serving = threading.Thread(target=office.writer.run)
    if when == "during":
        asking.start()
        office.writer.ask({"do": "flush", "segments": [], "gaps": []})  # so that it does not begin by waiting for one
    serving.start()
    asking.join()
    while list((data / "emergency").rglob("*.mp4")):
        threading.Event().wait(0.01)
    office.writer.stop()
    serving.join()


def main() -> None:
    data, when = Path(sys.argv[1]), sys.argv[2]
    step = killed = 1
    while killed:
        copy = shutil.copytree(data, data.with_name(f"{when}-{step}"))
        child = os.fork()
        if not child:
            serve(copy, when, step)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        step += 1 if when == "during" else 2


if __name__ == "__main__":
    main()
