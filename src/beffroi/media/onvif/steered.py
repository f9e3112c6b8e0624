"""The cameras as devices, as the recorder's last good settings say: asked, and those that move steered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError, NotFound, Unavailable
from beffroi.kernel.signing import VerifyKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.settings_file import SettingsFile, camera_keys, office_keys
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.settings import CameraSettings, RecorderSettings
from beffroi.media.ingest.addresses import DEVICE_SCHEMES, allowed_address
from beffroi.media.onvif.device import DEVICE_PATH, OnvifDevice
from beffroi.media.onvif.wire import Endpoint


@dataclass(frozen=True, slots=True)
class Steered:
    """A camera that moves, ready to be told."""

    device: OnvifDevice
    profile: str


class SteeredCameras:
    """Reads settings when they changed; one device a camera, which keeps its services and clock."""

    def __init__(self, settings: Path, keys: Callable[[], Sequence[VerifyKey]], own_keys: Path, clock: Clock) -> None:
        self._path, self._own_keys, self._clock = settings, own_keys, clock
        self._file = SettingsFile(settings, keys, Disk())
        self._seen: tuple[int, int] | None = None
        self._settings: RecorderSettings | None = None
        self._built: dict[str, Steered] = {}

    @classmethod
    def of(cls, data: Path, clock: Clock) -> "SteeredCameras":
        """As the data folder of this recorder says."""
        keys = data / "keys"
        return cls(data / "recorder" / "cameras.json", lambda: office_keys(keys), keys, clock)

    def get(self, camera: str) -> Steered:
        """The camera's device. ``NotFound`` for one that does not move; ``Unavailable`` where it cannot be called."""
        self._refresh()
        built = self._built.get(camera)
        if built is None:
            built = self._built[camera] = self._build(self._wanted(camera))
        return built

    def device(self, camera: str) -> OnvifDevice:
        """Any camera that is a device, to be asked. ``NotFound`` for one that is a stream alone; ``Unavailable``."""
        self._refresh()
        cameras = self._settings.cameras if self._settings else ()
        found = next((one for one in cameras if one.id == camera and one.device is not None), None)
        if found is None:
            raise NotFound("This camera is no device.", code="no_device")
        return self._build(found).device

    def device_or_none(self, camera: str) -> OnvifDevice | None:
        """The same; ``None`` where it cannot be had, which whoever asks the camera itself tells with its reason."""
        try:
            return self.device(camera)
        except BeffroiError:
            return None

    def _refresh(self) -> None:
        try:
            facts = self._path.stat()
        except OSError:
            facts = None
        seen = (facts.st_mtime_ns, facts.st_ino) if facts else None
        if seen != self._seen:
            self._seen, self._settings, self._built = seen, self._file.read(), {}

    def _wanted(self, camera: str) -> CameraSettings:
        cameras = self._settings.cameras if self._settings else ()
        found = next((one for one in cameras if one.id == camera and one.enabled), None)
        if found is None or found.device is None or not found.device.moves:
            raise NotFound("There is nothing here for this ticket.", code="not_found")
        return found

    def _build(self, camera: CameraSettings) -> Steered:
        assert camera.device is not None, "only cameras with one are built"
        assert self._settings is not None, "read before"
        said = camera.device
        try:
            address = allowed_address(said.url, self._settings.networks, DEVICE_SCHEMES)
            key = camera_keys(self._own_keys)
            password = open_secret(key, said.password, camera=camera.id) if said.password else ""
        except (OSError, BeffroiError, ValueError):
            raise Unavailable("This camera cannot be steered now.", code="ptz_unreachable") from None
        path = address.path if address.path != "/" else DEVICE_PATH
        endpoint = Endpoint(address.host, address.port)
        return Steered(OnvifDevice(endpoint, said.username, password, self._clock, path), said.profile)
