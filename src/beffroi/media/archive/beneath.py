"""Which disks a folder stands on, as the kernel tells without touching one: ``/proc/self/mountinfo`` and ``/sys``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MOST = 64
_ESCAPED = re.compile(r"\\([0-7]{3})")
_VIRTUAL = re.compile(r"vd[a-z]+|xvd[a-z]+|nbd\d+|rbd\d+|zram\d+|loop\d+|ram\d+")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a folder stands on. ``disks`` empty: a network, memory, or a file system that does not say."""

    disks: tuple[str, ...] = ()
    read_only: bool = False
    degraded: bool = False  # a mirror (md) that lacks a disk


@dataclass(frozen=True, slots=True)
class _Mount:
    point: str
    device: str  # major:minor
    source: str
    read_only: bool


class Kernel:
    """``/sys`` and ``/proc`` of this machine. Reads nothing of a disk itself, so none can hang here."""

    def __init__(self, sys: Path = Path("/sys"), proc: Path = Path("/proc")) -> None:
        self._sys, self._proc = sys, proc

    def ground(self, folder: Path) -> Ground:
        """What ``folder`` stands on. ``OSError``."""
        mount = self._mount(str(folder.absolute()))
        if mount is None:
            return Ground()
        node = self._node(mount)
        devices = list(self._devices(node)) if node is not None else []
        return Ground(
            tuple(sorted({each.name for each in devices if not _inside(each, "slaves")})),
            mount.read_only,
            any(_number(each / "md" / "degraded") for each in devices),
        )

    def is_virtual(self, disk: str) -> bool:
        """Whether the disk is none of its own: only its machine knows how it is."""
        node = str((self._sys / "block" / disk).resolve())  # NVMe of several paths stands in virtual/nvme-subsystem
        return _VIRTUAL.fullmatch(disk) is not None or "/devices/virtual/block/" in node

    def errors(self, disk: str) -> int | None:
        """How many calls to the disk have failed since it came, as the SCSI layer counts; ``None``: it does not."""
        return _number(self._sys / "block" / disk / "device" / "ioerr_cnt")

    def _mount(self, folder: str) -> _Mount | None:
        """The last line of the longest point that the folder stands below: later mounts cover earlier ones."""
        best: _Mount | None = None
        for line in (self._proc / "self" / "mountinfo").read_text("utf-8", "replace").splitlines():
            left, _, right = line.partition(" - ")
            before, after = left.split(" "), right.split(" ")
            if len(before) < 6 or len(after) < 3:
                continue
            point = _plain(before[4])
            if folder == point or folder.startswith(point.rstrip("/") + "/"):
                options = {*before[5].split(","), *after[2].split(",")}
                mount = _Mount(point, before[2], _plain(after[1]), "ro" in options)
                best = mount if best is None or len(point) >= len(best.point) else best
        return best

    def _node(self, mount: _Mount) -> Path | None:
        """The device in ``/sys``; btrfs and overlays show a number of no device, and some name theirs."""
        for name in (f"dev/block/{mount.device}", f"class/block/{Path(mount.source).resolve().name}"):
            is_named = name.startswith("dev/") or mount.source.startswith("/dev/")
            if is_named and (self._sys / name).exists():
                return (self._sys / name).resolve()
        return None

    def _devices(self, node: Path) -> Iterator[Path]:
        """The device and all that lie beneath it: partitions stand in their disk, LVM and md name theirs."""
        seen: set[Path] = set()
        waiting = [node]
        while waiting and len(seen) < _MOST:
            each = waiting.pop().resolve()
            each = each.parent if (each / "partition").exists() else each
            if each in seen:
                continue
            seen.add(each)
            yield each
            waiting += [each / "slaves" / name for name in _inside(each, "slaves")]


def _inside(node: Path, name: str) -> list[str]:
    try:
        return [each.name for each in (node / name).iterdir()]
    except OSError:
        return []


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii").strip(), 0)  # ioerr_cnt is written as 0x1f
    except (OSError, ValueError):
        return None


def _plain(text: str) -> str:
    """Spaces and the like stand as octal numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
