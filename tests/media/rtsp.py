"""Real clips as endless RTSP cameras, by peers nobody here wrote: ffmpeg replays the clip, GStreamer serves it by RTSP.

``with RtspCameras(folder) as cameras: url = cameras.add("hall", clip)`` then ``cameras.start()``. ``stall`` stops the
pictures while the server stays up; ``kill`` takes the server away; ``start`` brings it back on the same port.
"""

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
_SERVER = Path(__file__).with_name("gst_camera.py")


def material() -> Path:
    """The folder of test material (BEFFROI_MATERIAL, else ../shared beside the repository); skips where absent."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("BEFFROI_MATERIAL", str(root.parent / "shared")))
    if not (folder / "footage").is_dir():
        if os.environ.get("CI"):
            pytest.fail("BEFFROI_MATERIAL is not there; CI does not go on without the footage")
        pytest.skip("no footage: set BEFFROI_MATERIAL")
    return folder


def footage(name: str) -> Path:
    """One clip by the beginning of its name."""
    return next((material() / "footage").glob(f"{name}*"))


@dataclass
class _Mount:
    name: str
    stream: Path
    codec: str


class RtspCameras:
    """Some clips behind one RTSP server."""

    def __init__(
        self, folder: Path, *, user: str = "", password: str = "", method: str = "digest", tls: str = ""
    ) -> None:
        self._folder, self._user, self._password, self._method = folder, user, password, method
        self._tls, self._drawn = tls, dict[str, str]()
        self._mounts: dict[str, _Mount] = {}
        self._server: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> "RtspCameras":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def add(self, name: str, clip: Path, *, encode: tuple[str, ...] = ()) -> Path:
        """Offer ``clip`` as ``/name``. ``encode``: ffmpeg arguments to make another stream of it first. Returns the
        elementary stream that is sent (Annex B, in MPEG-TS), to compare with."""
        codec = "h264" if encode else _codec_of(clip)
        stream = self._folder / f"{name}.ts"
        bsf = f"{'h264' if codec == 'h264' else 'hevc'}_mp4toannexb,dump_extra=freq=keyframe"
        how = [*encode, "-bsf:v", "dump_extra=freq=keyframe"] if encode else ["-c", "copy", "-bsf:v", bsf]
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(clip), "-map", "0:v", "-an", *how, "-f", "mpegts"]
        subprocess.run([*command, str(stream)], check=True, stdin=subprocess.DEVNULL)
        self._mounts[name] = _Mount(name, stream, codec)
        return stream

    def draw(self, name: str, line: str) -> None:
        """Offer what a GStreamer pipeline draws itself; ``line`` ends with its payloader, named ``pay0``."""
        self._drawn[name] = line

    def url(self, name: str) -> str:
        """The camera's address, without user or password."""
        return f"{'rtsps' if self._tls else 'rtsp'}://127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Serve (again, on the same port)."""
        mounts = {f"/{mount.name}": (_launch(mount), str(mount.stream)) for mount in self._mounts.values()}
        mounts |= {f"/{name}": (line, "") for name, line in self._drawn.items()}
        asked = {"mounts": mounts, "user": self._user, "password": self._password, "method": self._method}
        asked["tls"] = self._tls
        self._server = subprocess.Popen(
            [SYSTEM_PYTHON, str(_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
        )
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps({**asked, "port": self.port}) + "\n")
        self._server.stdin.flush()
        self.port = int(self._server.stdout.readline())

    def stall(self, name: str) -> None:
        """No more pictures, while the connection stays up."""
        os.kill(self._player(name), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Pictures again. Where the recorder reconnected meanwhile, the server has put another player in its place."""
        with suppress(ProcessLookupError):
            os.kill(self._player(name), signal.SIGCONT)

    def _player(self, name: str) -> int:
        return int(Path(f"{self._mounts[name].stream}.pid").read_text())

    def kill(self) -> None:
        """Take the server away, as a cut cable does."""
        if self._server is not None:
            for pipe in (self._server.stdin, self._server.stdout):
                if pipe is not None:
                    pipe.close()
        _end(self._server)
        self._server = None
        for mount in self._mounts.values():
            with suppress(OSError, ValueError):
                os.kill(self._player(mount.name), signal.SIGKILL)


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()


def _codec_of(clip: Path) -> str:
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    found = subprocess.run([*command, str(clip)], check=True, capture_output=True, text=True).stdout.strip()
    return {"h264": "h264", "hevc": "hevc"}[found]


def _launch(mount: _Mount) -> str:
    short = "h264" if mount.codec == "h264" else "h265"
    return (
        f"( appsrc name=feed is-live=true do-timestamp=true format=time caps=video/mpegts,systemstream=true "
        f"! tsdemux ! queue ! {short}parse "
        f"! rtp{short}pay name=pay0 pt=96 config-interval=-1 )"
    )
