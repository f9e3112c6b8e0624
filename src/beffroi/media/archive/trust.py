"""Whether the recorder's clock may be believed when footage is to be destroyed by age (I6, docs/design/time.md)."""

import ctypes
import ctypes.util
from pathlib import Path

from beffroi.kernel.clock import Clock

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
        state = ctypes.CDLL(ctypes.util.find_library("c")).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC


class ClockTrust:
    """Trusted when the kernel says synchronised, or while both clocks agree since it last did (same boot)."""

    def __init__(self, clock: Clock, memory: Path) -> None:
        self._clock, self._memory = clock, memory

    def trusted(self) -> bool:
        """Ask now; a yes of the kernel is remembered with both clocks."""
        if kernel_synchronised():
            self._remember()
            return True
        return self._agrees()

    def _boot(self) -> str:
        try:
            return _BOOT_ID.read_text("ascii").strip()
        except OSError:
            return ""

    def _remember(self) -> None:
        text = f"{self._boot()} {self._clock.now_us()} {self._clock.monotonic_ns()}"
        try:
            self._memory.write_text(text, "ascii")
        except OSError:
            return  # a full disk costs trust after the next loss of time service, nothing now

    def _agrees(self) -> bool:
        try:
            boot, wall, monotonic = self._memory.read_text("ascii").split()
            wall_us, monotonic_ns = int(wall), int(monotonic)
        except (OSError, ValueError):
            return False
        if not boot or boot != self._boot():
            return False
        passed_us = (self._clock.monotonic_ns() - monotonic_ns) // 1000
        allowed = _AGREE_US + passed_us * _AGREE_PPM // 1_000_000
        return passed_us >= 0 and abs(self._clock.now_us() - wall_us - passed_us) <= allowed
