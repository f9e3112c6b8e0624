"""What real cameras answered, and what broken and hostile ones do: each gives a stream list or a clear failure."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.kernel.clock import SystemClock
from beffroi.media.core.steering import Speeds
from beffroi.media.onvif.device import streams_of
from beffroi.media.onvif.documents import parse
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.ptz import go_home, go_to, move, presets, stop
from tests.media.onvif.cameras import CLOCK, SOAP, device, dome, good, operation, serving
from tests.media.rtsp import material

FAULT = (
    "<s:Fault xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Code><s:Value>s:Sender</s:Value>"
    "<s:Subcode><s:Value>ter:{}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>"
)


def recorded(folder: Path) -> dict[str, bytes]:
    """What a real camera answered, by operation; of several the first."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.glob("capture_*.json")):
        data = json.loads(path.read_text())
        found.setdefault(operation(data["request_body"]), data["response_body"].encode())
    return found


def test_a_real_bosch_camera_gives_its_streams_clock_and_name() -> None:
    answers = recorded(material() / "fixtures" / "onvif" / "bosch")
    with serving(lambda name, *_: (200, answers[name], {}) if name in answers else (400, b"", {})) as port:
        camera = device(port)
        offset = camera.clock_offset()
        assert offset < timedelta(days=-900), "its clock stood in May 2023"
        assert camera.information().maker == "Bosch"
        profiles = camera.profiles()
        main, _small = streams_of(profiles)
        assert (main.codec, main.width, main.height) == ("H.264", 1920, 1080)
        assert camera.stream_address(main.token).startswith("rtsp://127.0.0.1:554/rtsp_tunnel?p=0&"), "its own host"


@pytest.mark.parametrize("maker", ["hikvision", "dahua"])
def test_other_makers_profiles_are_read(maker: str) -> None:
    folder = material() / "fixtures" / "onvif" / "various" / "tests" / "fixtures"
    profiles = (folder / maker / "GetProfiles.xml").read_bytes()
    media = (
        "<GetServicesResponse><Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace>"
        "<XAddr>http://10.0.0.9/m</XAddr></Service></GetServicesResponse>"
    )
    said = {
        "GetProfiles": profiles,
        "GetServices": SOAP.format(media).encode(),
        "GetSystemDateAndTime": (folder / "axis" / "GetSystemDateAndTime.xml").read_bytes(),
        "GetStreamUri": (folder / "reolink" / "GetStreamUri.xml").read_bytes(),
    }
    with serving(lambda name, *_: (200, said[name], {})) as port:
        camera = device(port)
        main, _small = streams_of(camera.profiles())
        assert main.width >= 1280
        assert camera.stream_address(main.token).startswith("rtsp://127.0.0.1:554/")


def test_a_camera_with_a_wrong_clock_is_signed_to_in_its_own_time() -> None:
    behind, seen = SystemClock().now() - timedelta(days=400), []

    def answer(name: str, request: str, _headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if name == "GetSystemDateAndTime":
            return good(CLOCK.format(behind))
        parts = {key: re.search(rf":{key}[^>]*>([^<]+)<", request)[1] for key in ("Password", "Nonce", "Created")}  # type: ignore[index]
        wanted = hashlib.sha1(base64.b64decode(parts["Nonce"]) + parts["Created"].encode() + b"s3cret").digest()
        seen.append((base64.b64decode(parts["Password"]) == wanted, parts["Created"][:4]))
        return good("<GetDeviceInformationResponse><Model>Vieux</Model></GetDeviceInformationResponse>")

    with serving(answer) as port:
        assert device(port).information().model == "Vieux"
    assert seen == [(True, str(behind.year))]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"<html><body>Internal Error</body></html>", "onvif_html"),
        (200, b"<!DOCTYPE html><p>Sign in", "onvif_html"),
        (200, b"", "onvif_empty"),
        (200, SOAP.format("").encode(), "onvif_empty"),
        (200, b"\x00\x01\x02", "onvif_unreadable"),
        (200, b"<a><b></a>", "onvif_unreadable"),
        (200, b"<x>" * 100 + b"</x>" * 100, "onvif_unreadable"),
        (200, b"x" * 2_000_000, "onvif_too_long"),
        (401, b"", "password_refused"),
        (401, b"<html>401</html>", "password_refused"),
        (400, SOAP.format(FAULT.format("NotAuthorized")).encode(), "password_refused"),
        (500, SOAP.format(FAULT.format("ActionNotSupported")).encode(), "onvif_unsupported"),
        (500, SOAP.format(FAULT.format("InvalidArgVal")).encode(), "onvif_fault"),
        (404, b"not here", "onvif_absent"),
        (302, b"", "redirected"),
    ],
)
def test_what_is_no_answer_is_a_clear_failure(status: int, body: bytes, code: str) -> None:
    def answer(name: str, *_: object) -> tuple[int, bytes, dict[str, str]]:
        return good(CLOCK.format(SystemClock().now())) if name == "GetSystemDateAndTime" else (status, body, {})

    with serving(answer) as port, pytest.raises(OnvifFailed) as failed:
        device(port).information()
    assert failed.value.code == code
    assert "s3cret" not in failed.value.detail
    assert failed.value.refused == (code == "password_refused")


def test_no_entity_is_opened() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "boom"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    file = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for hostile in (bomb, file):
        with pytest.raises(OnvifFailed, match="plain XML"):
            parse(hostile)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='<>/&;!abEnvBody:"=[] ', max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    try:
        parse(body)
    except OnvifFailed:
        return


def test_http_digest_is_answered_where_it_is_asked_for() -> None:
    sent: list[str] = []

    def answer(name: str, _request: str, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        if name == "GetSystemDateAndTime":
            return good(CLOCK.format(SystemClock().now()))
        if "Authorization" not in headers:
            return 401, b"", {"WWW-Authenticate": 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5'}
        sent.append(headers["Authorization"])
        return good("<GetDeviceInformationResponse><Model>D</Model></GetDeviceInformationResponse>")

    with serving(answer) as port:
        assert device(port).information().model == "D"
    fields = dict(re.findall(r'(\w+)="?([^",]+)', sent[0]))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret, asked = md5("service:cam:s3cret"), md5("POST:/onvif/device_service")
    assert fields["response"] == md5(f"{secret}:abc:00000001:{fields['cnonce']}:auth:{asked}")


def test_a_dome_moves_stops_and_remembers() -> None:
    with dome() as camera:
        steered = device(camera.port)
        (profile,) = steered.profiles()
        assert profile.ptz
        assert [(one.token, one.name) for one in presets(steered, "main")] == [("p1", "Parvis"), ("p2", "École")]
        move(steered, "main", Speeds(0.5, -1, 0), timeout_s=1)
        stop(steered, "main")
        go_to(steered, 'p"<1', "p2")
        go_home(steered, "main")
    assert camera.acts() == ["ContinuousMove", "Stop", "GotoPreset", "GotoHomePosition"]
    sent = next(request for name, request in camera.told if name == "ContinuousMove")
    assert 'x="0.500" y="-1.000"' in sent
    assert "<Timeout>PT1S</Timeout>" in sent
