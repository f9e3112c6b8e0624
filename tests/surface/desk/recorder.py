"""Recorders of these tests, named in ``settings.BEFFROI_RECORDER``."""

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import RecorderStatus, VolumeStatus
from tests.conftest import NOW


def nobody() -> RecorderClient:
    """A client of a socket that is not there."""
    return RecorderClient("unix:/nonexistent/recorder.sock", SigningKey(bytes(32)), ManualClock(NOW))


class Troubled:
    """A recorder whose disk needs a person."""

    def status(self) -> RecorderStatus:
        """Everything that the health page has words for."""
        notes = ("journal-broken", "holds-unknown", "destroyed-early", "nothing-to-free")
        return RecorderStatus(0, (), (VolumeStatus("v", 100, 1, None, "full", True, notes),))
