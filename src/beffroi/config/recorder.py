"""How this installation's office reaches its recorder: the socket in the run folder, signed with the office's key."""

import os
from functools import cache
from pathlib import Path

from django.conf import settings

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient


def recorder_client() -> RecorderClient:
    """The client of the one recorder; ``Unavailable`` where this process was started without one."""
    run = os.environ.get("BEFFROI_RUN", "")
    if not run:
        raise Unavailable("No recorder belongs to this process.", hint="Start it with beffroi up.")
    return _client(Path(run), Path(settings.BEFFROI_DATA_DIR))


@cache
def _client(run: Path, data: Path) -> RecorderClient:
    key = SigningKey((data / "keys" / "office.key").read_bytes())
    return RecorderClient(f"unix:{run / 'recorder.sock'}", key, SystemClock())
