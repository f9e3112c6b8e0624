"""A whole recorder on real cameras: GStreamer's RTSP server, writer, ingest workers, and the front before them."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beffroi.kernel.ids import CameraId
from beffroi.media.core.settings import LOOPBACK, CameraSettings, RecorderSettings, StreamSettings, sign_settings
from beffroi.media.core.words import StreamName
from tests.media.door.front import CLOCK, Front, data_folder, running_front, short_folder
from tests.media.rtsp import RtspCameras, footage
from tests.waiting import until

_PROGRAM = """
import sys
from pathlib import Path
from beffroi.media.daemon import run_recorder
run_recorder(Path(sys.argv[1]), Path(sys.argv[2]), workers=1)
"""


@contextmanager
def recording(base: Path, clips: dict[str, str], *, host: str = "") -> Iterator[tuple[Front, RtspCameras]]:
    """``clips``: camera id to the beginning of a clip's name. Yields when every camera is being recorded.

    ``host``: the front speaks HTTPS under this name, with the data folder's own authority.
    """
    data, _, _ = data_folder(base)
    with short_folder() as run, RtspCameras(base) as cameras:
        for name, clip in clips.items():
            cameras.add(name, footage(clip))
        cameras.start()
        daemon = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(data), str(run)])
        try:
            with running_front(base, run, name=host) as front:
                push(front, cameras, list(clips))
                until(lambda: recorded(front) >= set(clips), timeout=60, what="all cameras are recorded")
                yield front, cameras
        finally:
            daemon.terminate()
            daemon.wait(timeout=20)


def push(front: Front, cameras: RtspCameras, names: list[str]) -> None:
    """Send the signed settings through the front, as the office does."""
    now_us = CLOCK.now_us()
    settings = RecorderSettings(
        version=now_us,
        issued_us=now_us,
        networks=LOOPBACK,
        cameras=tuple(
            CameraSettings(
                id=CameraId(name),
                number=number,
                name=name,
                insee="99123",
                streams=(StreamSettings(StreamName.MAIN, cameras.url(name), retention_days=15),),
            )
            for number, name in enumerate(names, 1)
        ),
    )
    document = sign_settings(settings, front.office_key)

    def taken() -> bool:
        with contextlib.suppress(Exception):  # the writer may still be starting
            return front.client().push_cameras(document) == now_us
        return False

    until(taken, timeout=20, what="the recorder takes its settings")


def recorded(front: Front) -> set[str]:
    """The cameras that the recorder says it records."""
    return {one.camera for one in front.client().status().cameras if one.recording}
