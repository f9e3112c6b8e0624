"""How a part of the recorder begins: what every part is told, and that it dies with its parent, so that ``kill -9`` of
the daemon leaves nothing behind that holds the archive.
"""

import argparse
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)


def arguments_of(program: str) -> argparse.ArgumentParser:
    """What the daemon tells each of its parts; a part may add its own."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--parent", type=int, default=None)
    return parser


def begin(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments, speak on standard error, and live no longer than the parent."""
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s", stream=sys.stderr)
    die_with(arguments.parent)
    return arguments


def die_with(parent: int | None) -> None:
    """Ask the kernel for SIGTERM when process ``parent`` ends; leave at once when it already has."""
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
