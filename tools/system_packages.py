"""What the test-suite needs of the system: found by what it provides, installed with apt-get where root, else named.

Exit codes: 0 all there (or installed), 1 something is missing and this user cannot install it. Python standard library
only: it runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """Debian packages, why, and how to see that they are there."""

    packages: tuple[str, ...]
    why: str
    there: Callable[[], bool]


def program(name: str) -> Callable[[], bool]:
    """Whether a program is on the PATH."""
    return lambda: shutil.which(name) is not None


def any_file(*patterns: str) -> Callable[[], bool]:
    """Whether each pattern under / finds a file."""
    return lambda: all(any(Path("/").glob(pattern.lstrip("/"))) for pattern in patterns)


def gstreamer(*elements: str) -> Callable[[], bool]:
    """Whether GStreamer has these elements."""

    def there() -> bool:
        inspect = shutil.which("gst-inspect-1.0")
        return inspect is not None and all(
            subprocess.run([inspect, "--exists", element], check=False).returncode == 0 for element in elements
        )

    return there


def rtsp_server() -> bool:
    """Whether the system's Python can serve RTSP."""
    python = "/usr/bin/python3"
    code = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    return (
        Path(python).exists()
        and subprocess.run([python, "-c", code], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


NEEDS = (
    Need(("ffmpeg",), "the independent judge of what was recorded", program("ffprobe")),
    Need(("chromium",), "the browser in which pages are tried", program("chromium")),
    Need(
        ("gir1.2-gst-rtsp-server-1.0", "python3-gi"), "an RTSP server that is not ours", rtsp_server
    ),
    Need(
        (
            "gstreamer1.0-tools", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad", "gstreamer1.0-plugins-ugly",
            "gstreamer1.0-libav", "gstreamer1.0-rtsp",
        ),
        "its codecs",
        gstreamer("h264parse", "h265parse", "x264enc", "rtph264pay", "rtspsrc", "avdec_h264"),
    ),
    Need(("gettext",), "reading the texts out of the pages", lambda: program("xgettext")() and program("msgmerge")()),
    Need(("poppler-utils",), "reading what the papers say", program("pdftotext")),
    Need(("openssl",), "an independent time-stamping authority", program("openssl")),
    Need(("libnss3-tools",), "a browser that trusts an authority of the test's own", program("certutil")),
    Need(("strace",), "seeing what is on disk when", program("strace")),
    Need(("iproute2",), "networks that fail on demand", program("ip")),
    Need(("kannel",), "an SMS gateway that is not ours", any_file("usr/sbin/bearerbox", "usr/sbin/smsbox")),
    Need(("fonts-dejavu-core",), "letters for drawn clocks and papers", any_file("usr/share/fonts/**/DejaVuSans.ttf")),
)  # fmt: skip


def main() -> int:
    """Look, install or name."""
    missing = [need for need in NEEDS if not need.there()]
    if not missing:
        return 0
    packages = [package for need in missing for package in need.packages]
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    for need in missing:
        print(f"Missing: {' '.join(need.packages)} ({need.why})", flush=True)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Install them and try again:\n  sudo apt-get update && sudo {' '.join(command)}", file=sys.stderr)
        return 1
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-q"], command):
        if subprocess.run(step, env=environment, check=False, stdout=subprocess.DEVNULL).returncode:
            print(f"This failed: {' '.join(step)}", file=sys.stderr)
            return 1
    still = [" ".join(need.packages) for need in NEEDS if not need.there()]
    if still:
        print(f"Installed, and still not there: {', '.join(still)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
