"""Looks after the disks beneath the volumes, on a thread of its own: what hangs here delays no footage.

Each minute the kernel's own signs, which cost nothing and touch no disk: a file system that turned read-only, a mirror
that lacks a disk, calls that failed. Each hour what the disk itself says (``smart``).
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from beffroi.media.archive.beneath import Ground, Kernel
from beffroi.media.archive.smart import Smart
from beffroi.media.core.disk_health import DiskHealth, Sign, Unreadable

EVERY_S = 60.0
READ_ONLY, DEGRADED = "disk-read-only", "mirror-degraded"
_LOOKS, _OFTEN = 60, 3  # smartctl itself makes the kernel's counter grow, once an hour or two


@dataclass(frozen=True, slots=True)
class Beneath:
    """What one volume stands on. No disks: a network, memory, or a file system that does not say."""

    disks: tuple[DiskHealth, ...] = ()
    notes: tuple[str, ...] = ()


class DiskWatch:
    """``see`` is told of every look, by volume."""

    def __init__(
        self,
        folders: Callable[[], Sequence[Path]],
        see: Callable[[Mapping[Path, Beneath]], None],
        *,
        kernel: Kernel,
        smart: Smart,
    ) -> None:
        self._folders, self._see, self._kernel, self._smart = folders, see, kernel, smart
        self._errors: dict[str, tuple[int, deque[bool]]] = {}
        self.stopping = threading.Event()

    def serve(self) -> None:
        """Until ``stopping``."""
        while not self.stopping.is_set():
            self.look()
            self.stopping.wait(EVERY_S)

    def look(self) -> None:
        """Once."""
        grounds = {folder: self._ground(folder) for folder in self._folders()}
        known = {disk: self._disk(disk) for disk in sorted({disk for each in grounds.values() for disk in each.disks})}
        self._see(
            {
                folder: Beneath(
                    tuple(known[disk] for disk in ground.disks),
                    (*((READ_ONLY,) if ground.read_only else ()), *((DEGRADED,) if ground.degraded else ())),
                )
                for folder, ground in grounds.items()
            }
        )

    def _ground(self, folder: Path) -> Ground:
        try:
            return self._kernel.ground(folder)
        except OSError:
            return Ground()

    def _disk(self, disk: str) -> DiskHealth:
        virtual = self._kernel.is_virtual(disk)
        told = DiskHealth(disk, Unreadable.VIRTUAL) if virtual else self._smart.reading(disk)
        counted = self._kernel.errors(disk)
        if counted is None:
            return told
        before, grew = self._errors.setdefault(disk, (counted, deque(maxlen=_LOOKS)))
        grew.append(counted > before)
        self._errors[disk] = counted, grew
        signs = (*told.signs, Sign.ERRORS.value) if sum(grew) >= _OFTEN else told.signs
        return replace(
            told, figures=tuple(sorted({**dict(told.figures), "kernel_errors": counted}.items())), signs=signs
        )
