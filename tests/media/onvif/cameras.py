"""Devices that speak ONVIF over real HTTP: one replays what real cameras answered, one is a camera that moves."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from beffroi.kernel.clock import SystemClock
from beffroi.media.onvif.device import OnvifDevice
from beffroi.media.onvif.wire import Endpoint

Answer = Callable[[str, str, dict[str, str]], tuple[int, bytes, dict[str, str]]]
"""Operation, whole request, headers → status, body, headers."""
SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """Serve ``answer`` on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, body, headers = answer(operation(request), request, dict(self.headers))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def operation(request: str) -> str:
    """The first element in the body."""
    found = re.search(r"<[^>]*Body[^>]*>\s*<(?:\w+:)?(\w+)", request)
    return found[1] if found else ""


def device(port: int, username: str = "service", password: str = "s3cret") -> OnvifDevice:
    return OnvifDevice(Endpoint("127.0.0.1", port), username, password, SystemClock())


def good(body: str) -> tuple[int, bytes, dict[str, str]]:
    return 200, SOAP.format(body).encode(), {"Content-Type": "application/soap+xml"}


CLOCK = (
    "<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime>"
    "<Time><Hour>{0.hour}</Hour><Minute>{0.minute}</Minute><Second>{0.second}</Second></Time>"
    "<Date><Year>{0.year}</Year><Month>{0.month}</Month><Day>{0.day}</Day></Date>"
    "</UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>"
)


@dataclass
class Dome:
    """A camera that moves and keeps what it was told."""

    rtsp: str = "rtsp://192.0.2.99/one"
    told: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def answer(self, name: str, request: str, _headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        self.told.append((name, request))
        match name:
            case "GetSystemDateAndTime":
                return good(CLOCK.format(SystemClock().now()))
            case "GetDeviceInformation":
                return good(
                    "<GetDeviceInformationResponse><Manufacturer>Essai</Manufacturer><Model>Dome 4</Model>"
                    "<FirmwareVersion>1.0</FirmwareVersion><SerialNumber>7</SerialNumber></GetDeviceInformationResponse>"
                )
            case "GetServices":
                spaces = {
                    "http://www.onvif.org/ver10/media/wsdl": "/onvif/media",
                    "http://www.onvif.org/ver20/ptz/wsdl": "/onvif/ptz",
                    "http://www.onvif.org/ver10/events/wsdl": "/onvif/events",
                }
                services = "".join(
                    f"<Service><Namespace>{space}</Namespace><XAddr>http://203.0.113.5{path}</XAddr></Service>"
                    for space, path in spaces.items()
                )
                return good(f"<GetServicesResponse>{services}</GetServicesResponse>")
            case "GetProfiles":
                encoder = (
                    "<VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>320</Width>"
                    "<Height>180</Height></Resolution></VideoEncoderConfiguration>"
                )
                return good(
                    f'<GetProfilesResponse><Profiles token="main"><Name>Main</Name>{encoder}'
                    "<PTZConfiguration/></Profiles></GetProfilesResponse>"
                )
            case "GetStreamUri":
                return good(f"<GetStreamUriResponse><MediaUri><Uri>{self.rtsp}</Uri></MediaUri></GetStreamUriResponse>")
            case "GetPresets":
                return good(
                    '<GetPresetsResponse><Preset token="p1"><Name>Parvis</Name></Preset>'
                    '<Preset token="p2"><Name>École</Name></Preset></GetPresetsResponse>'
                )
            case "ContinuousMove" | "Stop" | "GotoPreset" | "GotoHomePosition":
                return good(f"<{name}Response/>")
        return 500, SOAP.format("<Fault><Code><Value>ActionNotSupported</Value></Code></Fault>").encode(), {}

    def acts(self) -> list[str]:
        """What it was told to do, by name."""
        return [name for name, _ in self.told if name in {"ContinuousMove", "Stop", "GotoPreset", "GotoHomePosition"}]


@contextmanager
def dome(rtsp: str = "rtsp://192.0.2.99/one") -> Iterator[Dome]:
    made = Dome(rtsp)
    with serving(made.answer) as port:
        made.port = port
        yield made
