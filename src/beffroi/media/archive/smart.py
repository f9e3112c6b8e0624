"""Asks disks how they are, by ``smartctl`` of smartmontools, which is not required. Costs one process a disk an hour.

What it wrote is kept as a file, so that a writer that is started again does not ask again. A timer that runs as root
may write the same files into ``READ_BY_ROOT`` (docs/guide/archive.en.md): then nothing here needs a right of its own.
A disk that sleeps is not woken, and a ``smartctl`` that hangs, or talks without end, is ended.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.media.archive.disk import Disk
from beffroi.media.core.disk_health import MOST_BYTES, DiskHealth, Unreadable, read_smart

READ_BY_ROOT = Path("/run/beffroi-disks")
EVERY_US = 3_600_000_000
_ROOT_LATE_US = 2 * EVERY_US  # a timer may miss a turn
_WAIT_S = 20.0
_PLACES = "/usr/sbin:/sbin"


class Smart:
    """The last word of each disk, asked for when it is older than an hour."""

    def __init__(self, clock: Clock, kept: Path, *, by_root: Path = READ_BY_ROOT, wait_s: float = _WAIT_S) -> None:
        self._clock, self._kept, self._by_root, self._wait_s = clock, kept, by_root, wait_s
        self._left: dict[str, subprocess.Popen[bytes]] = {}  # those that the kernel does not let go of yet
        self._told: dict[str, tuple[int, DiskHealth]] = {}  # and when it was asked

    def reading(self, disk: str) -> DiskHealth:
        """How it is, or why that is not known. ``disk`` is a name of the kernel's."""
        for known, within_us in (
            (_read(self._by_root / f"{disk}.json", disk), _ROOT_LATE_US),
            (self._told.get(disk) or _read(self._kept / f"{disk}.json", disk), EVERY_US),
        ):
            if known is not None and 0 <= self._clock.now_us() - known[0] < within_us:
                return known[1]
        program = shutil.which("smartctl", path=f"{os.environ.get('PATH', '')}:{_PLACES}")
        if program is None:
            return DiskHealth(disk, Unreadable.NO_TOOL)
        return self._ask(program, disk)

    def _ask(self, program: str, disk: str) -> DiskHealth:
        said = b""
        if disk not in self._left or self._left[disk].poll() is not None:
            said = self._run([program, "--json=c", "-n", "standby", "-a", f"/dev/{disk.replace('!', '/')}"], disk)
        now_us = self._clock.now_us()
        told = read_smart(disk, said, asked_us=now_us)
        self._told[disk] = now_us, told
        with suppress(OSError):  # a full disk costs one question more at the next start
            self._kept.mkdir(parents=True, exist_ok=True)
            kept = self._kept / f"{disk}.json"
            Disk().replace(kept, said)
            os.utime(kept, ns=(now_us * 1_000, now_us * 1_000))
        return told

    def _run(self, command: list[str], disk: str) -> bytes:
        """All that it writes, within its time and size; nothing of one that does not keep to them."""
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            return b""
        assert process.stdout is not None
        with process.stdout as out:
            said = _all_of(out.fileno(), until=time.monotonic() + self._wait_s)
        with suppress(subprocess.TimeoutExpired):
            process.wait(1.0 if said is not None else 0.0)
            return said or b""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:  # it waits in the kernel for the disk: that one is not asked again before
            self._left[disk] = process
        return b""


def _all_of(handle: int, *, until: float) -> bytes | None:
    """What is written until it ends; ``None`` when it does not, in time, or is too much."""
    said = b""
    with selectors.DefaultSelector() as ready:
        ready.register(handle, selectors.EVENT_READ)
        while len(said) <= MOST_BYTES and ready.select(max(0.0, until - time.monotonic())):
            more = os.read(handle, 65_536)
            if not more:
                return said
            said += more
    return None


def _read(path: Path, disk: str) -> tuple[int, DiskHealth] | None:
    """When it was written, and what it says."""
    try:
        with path.open("rb") as file:
            at_us = os.fstat(file.fileno()).st_mtime_ns // 1_000
            return at_us, read_smart(disk, file.read(MOST_BYTES + 1), asked_us=at_us)
    except OSError:
        return None
