"""A front whose recorder has one camera that moves and one that does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import VerifyKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.core.secrets import seal_secret
from beffroi.media.core.settings import LOOPBACK, CameraSettings, DeviceSettings, RecorderSettings, sign_settings
from tests.media.door.front import Front, running_front
from tests.media.onvif.cameras import Dome, dome


@contextmanager
def front_with_dome(folder: Path) -> Iterator[tuple[Front, Dome]]:
    """``cam-1`` is a dome that keeps what it is told, ``cam-2`` is fixed."""
    with dome() as camera, running_front(folder) as front:
        secret = seal_secret((front.data / "keys" / "secrets.key").read_bytes(), "s3cret", camera="cam-1")
        device = DeviceSettings(f"http://127.0.0.1:{camera.port}/", "main", True, "admin", secret)
        cameras = (
            CameraSettings(CameraId("cam-1"), 1, "Dome", "99123", (), device=device),
            CameraSettings(CameraId("cam-2"), 2, "Fixe", "99123", ()),
        )
        signed = sign_settings(RecorderSettings(1, 1, LOOPBACK, cameras), front.office_key)
        keys = [VerifyKey(front.office_key.public_bytes)]
        SettingsFile(front.data / "recorder" / "cameras.json", lambda: keys, Disk()).put(signed)
        yield front, camera
