"""Recorders of these tests, named in ``settings.BEFFROI_RECORDER``."""

from dataclasses import replace
from datetime import timedelta

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import RecorderStatus, VolumeStatus
from beffroi.media.core.disk_health import DiskHealth, Sign, Unreadable
from beffroi.media.core.words import Gap, GapCause, StreamName, Timeline
from beffroi.web.desk.words import VOLUME_NOTES
from tests.conftest import NOW


def nobody() -> RecorderClient:
    """A client of a socket that is not there."""
    return RecorderClient("unix:/nonexistent/recorder.sock", SigningKey(bytes(32)), ManualClock(NOW))


class Troubled:
    """A recorder whose disk needs a person."""

    def status(self) -> RecorderStatus:
        """Everything that the health page has words for, but for disks (``Worn``)."""
        volume = VolumeStatus(
            id="v", total_bytes=100, free_bytes=1, full_at_us=None, state="full", enough=True, notes=tuple(VOLUME_NOTES)
        )
        return RecorderStatus(0, (), (volume, replace(volume, total_bytes=None, free_bytes=None, emergency=True)))


class Broken:
    """A recorder that lost each camera's picture for nine seconds, five hours ago, because nothing answered there."""

    def status(self) -> RecorderStatus:
        """It knows of no camera now."""
        return RecorderStatus(to_us(NOW), (), ())

    def timeline(self, camera: CameraId, span: Span) -> Timeline:
        """One gap, with a cause of many words."""
        lost = to_us(NOW - timedelta(hours=5))
        gap = Gap(camera, StreamName.MAIN, lost, lost + 9_000_000, GapCause.CAMERA, "password_refused")
        return Timeline(camera, StreamName.MAIN, span, (), (gap,), ())


class Worn:
    """A recorder on four disks: one fails, one grows old, one is well, of one nothing is known."""

    def status(self) -> RecorderStatus:
        """Two volumes, one of them on a disk of the other."""
        failing = DiskHealth(
            "sda", model="MADE UP 4000", serial="X1", asked_us=to_us(NOW), figures=(("celsius", 34), ("pending", 8)),
            signs=(Sign.FAILING, Sign.LOST),
        )  # fmt: skip
        worn = DiskHealth("nvme0n1", asked_us=to_us(NOW), figures=(("used", 97),), signs=(Sign.WORN,))
        disks = (DiskHealth("sdb", asked_us=to_us(NOW)), DiskHealth("vdc", Unreadable.VIRTUAL), worn, failing)
        volume = VolumeStatus("v", 100, 50, None, "good", disks=disks)
        return RecorderStatus(to_us(NOW), (), (volume, replace(volume, id="w", disks=(failing,))))
