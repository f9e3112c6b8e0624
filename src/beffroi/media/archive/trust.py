"""Whether the recorder's clock may be believed when footage is to be destroyed by age (I6, docs/design/time.md)."""

import ctypes
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import new_id

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_AGREE_US = 2_000_000
_AGREE_PPM = 500


class _Timex(ctypes.Structure):
    """``struct timex`` of adjtimex(2), as far as ``status``; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 512),
    )


def kernel_synchronised() -> bool:
    """Whether the kernel says that a time service disciplines the clock. False where it cannot be asked."""
    timex = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC


class ClockTrust:
    """Trusted when the kernel says synchronised, or while both clocks agree since it last did (same boot)."""

    def __init__(self, clock: Clock, memory: Path) -> None:
        self._clock, self._memory = clock, memory
        self._boot = _boot()
        self._agreed = self._read()  # wall and monotonic clock when the kernel last said yes

    def trusted(self) -> bool:
        """Ask now. It touches no disk, so that it can be asked while one hangs."""
        if kernel_synchronised():
            self._agreed = (self._clock.now_us(), self._clock.monotonic_ns())
            return True
        if self._agreed is None:
            return False
        wall_us, monotonic_ns = self._agreed
        passed_us = (self._clock.monotonic_ns() - monotonic_ns) // 1000
        allowed = _AGREE_US + passed_us * _AGREE_PPM // 1_000_000
        return passed_us >= 0 and abs(self._clock.now_us() - wall_us - passed_us) <= allowed

    def keep(self) -> None:
        """Write down what the kernel last said, for whoever comes after in this boot."""
        if self._agreed is None:
            return
        try:
            self._memory.write_text(f"{self._boot} {self._agreed[0]} {self._agreed[1]}", "ascii")
        except OSError:
            return  # a full disk costs trust after the next loss of time service, nothing now

    def _read(self) -> tuple[int, int] | None:
        try:
            boot, wall, monotonic = self._memory.read_text("ascii").split()
            known = int(wall), int(monotonic)
        except (OSError, ValueError):
            return None
        return known if boot == self._boot else None


def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return "unknown-until-" + new_id(0)  # of no other process: nothing is believed that one has written
