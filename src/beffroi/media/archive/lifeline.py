"""A child that dies with its parent, so that ``kill -9`` of the daemon leaves nothing behind that holds the archive."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with(parent: int | None) -> None:
    """Ask the kernel for SIGTERM when process ``parent`` ends; leave at once when it already has."""
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
