"""A village under control: keys, cameras, a DPO, and a recorder whose status is chosen."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit import jobs as audit
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.media.core.answers import CameraStatus, RecorderStatus
from beffroi.media.core.words import StreamName
from tests.conftest import NOW
from tests.requisition_world import make_keys, make_village


@dataclass
class StatusOf:
    """What the recorder says of its cameras; ``None`` as status: it is silent."""

    said: RecorderStatus | None = None

    def status(self) -> RecorderStatus:
        if self.said is None:
            raise Unavailable("The recorder does not answer.", code="recorder_silent")
        return self.said


def recorded(*cameras: str, days: float = 20) -> RecorderStatus:
    """Main streams whose oldest footage is ``days`` old."""
    oldest = to_us(NOW - timedelta(days=days))
    streams = tuple(
        CameraStatus(CameraId(one), StreamName.MAIN, True, to_us(NOW), oldest, None, 10**9, 12_000, "avc1.640028")
        for one in cameras
    )
    return RecorderStatus(to_us(NOW), streams, ())


def village(folder: Path, settings: Any) -> tuple[str, str]:
    """Keys and two cameras; the log has its first checkpoint."""
    make_keys(folder, settings)
    cameras = make_village()
    audit.sequence(NOW)
    return cameras


def use_recorder(monkeypatch: pytest.MonkeyPatch, source: StatusOf) -> None:
    """Let the pages meet this recorder."""
    monkeypatch.setattr("beffroi.web.shared.recorder.client", lambda: source)
