"""Discovery: hostile answers, and cameras in another network namespace over a real link."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.media.onvif.discovery import devices_in, discover

MATCH = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><ProbeMatches><ProbeMatch>'
    "<Scopes>onvif://www.onvif.org/name/Parvis%20Nord onvif://www.onvif.org/hardware/IPC-7</Scopes>"
    "<XAddrs>{}</XAddrs></ProbeMatch></ProbeMatches></e:Body></e:Envelope>"
)
CAMERA = """
import socket, struct, sys
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("", 3702))
group = socket.inet_aton("239.255.255.250") + socket.inet_aton(sys.argv[1])
listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
print("ready", flush=True)
while True:
    data, sender = listener.recvfrom(65536)
    if b">" + sys.argv[3].encode() + b"<" in data:
        listener.sendto(b"\\x00junk", sender)
        listener.sendto(sys.argv[2].encode(), sender)
"""


def test_a_device_is_listed_under_the_address_it_answered_from() -> None:
    both = "http://203.0.113.1/elsewhere http://10.0.0.7:8080/onvif/device_service"
    (found,) = devices_in(MATCH.format(both).encode(), "10.0.0.7")
    assert (found.url, found.name, found.hardware) == (
        "http://10.0.0.7:8080/onvif/device_service", "Parvis Nord", "IPC-7",
    )  # fmt: skip
    (foreign,) = devices_in(MATCH.format("http://203.0.113.1/x").encode(), "10.0.0.7")
    assert foreign.url == "http://10.0.0.7/x", "never another machine"
    assert devices_in(MATCH.format("https://10.0.0.7/x rtsp://10.0.0.7/").encode(), "10.0.0.7") == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: MATCH.format(text).encode()))
def test_no_answer_raises(data: bytes) -> None:
    assert all(one.host == "10.0.0.7" for one in devices_in(data, "10.0.0.7"))


def test_nothing_is_asked_where_we_have_no_address() -> None:
    assert discover(("198.51.100.0/24",), for_s=5) == []


@pytest.fixture
def far() -> Iterator[str]:
    """A network namespace with a link to this one's own: 10.231.77.0/24, we are .1, the camera is .2."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("discovery over a link: needs root and iproute2")
    name = f"bf{os.getpid()}"
    commands = (
        f"netns add {name}a", f"netns add {name}b",
        f"-n {name}a link add v0 type veth peer name v0 netns {name}b",
        f"-n {name}a addr add 10.231.77.1/24 dev v0", f"-n {name}b addr add 10.231.77.2/24 dev v0",
        f"-n {name}a link set v0 up", f"-n {name}b link set v0 up",
    )  # fmt: skip
    try:
        for command in commands:
            if subprocess.run(["ip", *command.split()], capture_output=True, check=False).returncode:
                pytest.skip("discovery over a link: this machine lets no namespaces be made")
        yield name
    finally:
        for side in "ab":
            subprocess.run(["ip", "netns", "del", f"{name}{side}"], capture_output=True, check=False)


@pytest.mark.root
@pytest.mark.parametrize("said", ["dn:NetworkVideoTransmitter", "tds:Device"])
def test_a_camera_on_another_machine_is_found(far: str, said: str) -> None:
    """Also one that answers only to the type which it says it is, prefix and all."""
    answer = MATCH.format("http://10.231.77.2:8000/onvif/device_service")
    camera = subprocess.Popen(
        ["ip", "netns", "exec", f"{far}b", sys.executable, "-c", CAMERA, "10.231.77.2", answer, said],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert camera.stdout is not None
        assert camera.stdout.readline() == "ready\n"
        look = (
            "import json; from beffroi.media.onvif.discovery import discover;"
            "print(json.dumps([(one.url, one.name) for one in discover(('10.231.77.0/24',), for_s=1.0)]))"
        )
        command = ["ip", "netns", "exec", f"{far}a", sys.executable, "-c", look]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    finally:
        camera.kill()
        camera.wait()
        if camera.stdout is not None:
            camera.stdout.close()
    assert json.loads(done.stdout) == [["http://10.231.77.2:8000/onvif/device_service", "Parvis Nord"]]
