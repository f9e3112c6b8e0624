"""Recorders of these tests, named in ``settings.BEFFROI_RECORDER``."""

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient
from tests.conftest import NOW


def nobody() -> RecorderClient:
    """A client of a socket that is not there."""
    return RecorderClient("unix:/nonexistent/recorder.sock", SigningKey(bytes(32)), ManualClock(NOW))
