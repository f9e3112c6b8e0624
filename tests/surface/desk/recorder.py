"""Recorders of these tests, named in ``settings.BEFFROI_RECORDER``."""

from dataclasses import replace

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import RecorderStatus, VolumeStatus
from beffroi.web.desk.words import VOLUME_NOTES
from tests.conftest import NOW


def nobody() -> RecorderClient:
    """A client of a socket that is not there."""
    return RecorderClient("unix:/nonexistent/recorder.sock", SigningKey(bytes(32)), ManualClock(NOW))


class Troubled:
    """A recorder whose disk needs a person."""

    def status(self) -> RecorderStatus:
        """Everything that the health page has words for."""
        volume = VolumeStatus(
            id="v", total_bytes=100, free_bytes=1, full_at_us=None, state="full", enough=True, notes=tuple(VOLUME_NOTES)
        )
        return RecorderStatus(0, (), (volume, replace(volume, total_bytes=None, free_bytes=None, notes=())))
