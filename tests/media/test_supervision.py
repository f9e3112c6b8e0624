"""The process that looks after cameras: there while there is something to do, and no fault of one task ends another."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.archive.kept import KeptThread
from beffroi.media.core.masking import Wanted
from beffroi.media.core.settings import DeviceSettings
from tests.media.onvif.cameras import serving
from tests.media.onvif.masking_camera import MaskingCamera
from tests.media.recorder import camera, running
from tests.waiting import until


class Hasty(SystemClock):
    """A monotonic clock that runs a hundred times too fast."""

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() * 100


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_falls_is_taken_up_again_after_a_pause_and_what_ends_is_not() -> None:
    ran: list[str] = []
    rested = threading.Event()

    def falls() -> None:
        ran.append("falls")
        if len(ran) < 4:
            raise RuntimeError("nobody foresaw this")
        rested.wait(20)

    one, other = KeptThread("falls", falls, Hasty()), KeptThread("ends", lambda: None, Hasty())
    stood = []
    until(lambda: stood.append(one.look()) or len(ran) == 4, 20, "taken up three times")
    assert False in stood, "a pause lies between"
    assert one.falls == 3
    rested.set()
    one.join(20)
    other.join(20)
    assert one.look()
    assert other.look()
    assert other.falls == 0


def test_supervision_runs_only_while_a_camera_has_need_of_it_and_returns_when_killed(tmp_path: Path) -> None:
    with running(tmp_path) as recorder:
        alone = replace(camera("hall", "rtsp://127.0.0.1:1/x"), watched=False)
        recorder.put(alone)
        until(lambda: len(recorder.pids("archive.writer")) == 1, 20)
        assert recorder.pids("media.supervision") == []
        recorder.put(replace(alone, watched=True))
        until(lambda: recorder.pids("media.supervision"), 20, "it is started")
        first = recorder.pids("media.supervision")
        recorder.kill_part("media.supervision")
        until(lambda: recorder.pids("media.supervision") not in ([], first), 20, "it is back")
        masks = MaskingCamera()
        with serving(masks.answer) as port:
            device = DeviceSettings(f"http://127.0.0.1:{port}", "main", moves=False)
            recorder.put(replace(alone, device=device, dwellings=Wanted(1, (((0, 0), (300, 0), (300, 300)),))))
            until((recorder.data / "recorder" / "heard.json").exists, 20, "a device is listened to")
            until(lambda: "mask1" in masks.masks, 20, "its mask is put there")
            until(lambda: b'"same"' in (recorder.data / "recorder" / "masks.json").read_bytes(), 20, "and read back")
        recorder.put(alone)
        until(lambda: recorder.pids("media.supervision") == [], 20, "nothing to do, no process")
        recorder.stop()
