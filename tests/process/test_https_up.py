"""``beffroi tls`` and ``beffroi up`` with it: HTTPS on a name of the commune, an outer face, a plain one."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.process.test_up import Centre

NAME, COUNTER = "video.saint-aubin.lan", "guichet.saint-aubin.lan"


class SecureCentre(Centre):
    """A centre with an authority of its own and three faces."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.outer, self.plain = free_port(), free_port()
        file = folder / "beffroi.toml"
        file.write_text(
            f'certificate = "own"\nplain_port = {self.plain}\n[outer]\nhost = "127.0.0.1"\nport = {self.outer}\n'
        )
        self.environment["BEFFROI_CONFIG"] = str(file)

    def ask(self, path: str, *, port: int = 0, name: str = NAME, **headers: str) -> http.client.HTTPResponse:
        """One answer as a device gets it that trusts the authority and nothing else."""
        trusted = ssl.create_default_context(cafile=self.data / "tls" / "authority.pem")
        raw = socket.create_connection(("127.0.0.1", port or self.port), timeout=20)
        connection = http.client.HTTPConnection(name, port or self.port)
        connection.sock = raw if port == self.plain else trusted.wrap_socket(raw, server_hostname=name)
        connection.request("GET", path, headers={"Accept": "text/html", **headers})
        return connection.getresponse()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureCentre]:
    made = SecureCentre(tmp_path_factory.mktemp("https"))
    told = made.call("tls", "init", "--data", str(made.data), "--name", NAME, "--name", COUNTER)
    assert told.returncode == 0, told.stderr
    made.start()
    try:
        made.ready()
        yield made
    finally:
        made.kill_all()


def test_the_ready_line_names_the_address_that_people_type(centre: SecureCentre) -> None:
    assert f"Beffroi is ready: https://{NAME}:{centre.port} " in centre.said()


def test_pages_ask_for_https_and_mark_their_cookies(centre: SecureCentre) -> None:
    page = centre.ask("/account/sign-in/")
    assert page.status == 200
    assert page.getheader("Strict-Transport-Security", "").startswith("max-age=31536000")
    cookies = page.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("Secure" in one for one in cookies)
    door = centre.ask("/door/session")
    assert door.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert "Secure" in door.getheader("Set-Cookie", "")
    assert centre.ask("/", name=COUNTER).status == 200


def test_the_outer_face_has_the_counter_and_no_desk(centre: SecureCentre) -> None:
    def outside(path: str) -> int:
        return centre.ask(path, port=centre.outer, name=COUNTER).status

    assert outside("/") == outside("/account/sign-in/") == outside("/door/session") == 200
    assert outside("/counter/requisitions/") == 302
    for path in ("/desk/wall/", "/office/figures/", "/duty/", "/looking/", "/alarm/", "/door/office", "/door/lease"):
        assert outside(path) == 404, path
    disguised = centre.ask("/desk/wall/", port=centre.outer, name=COUNTER, **{"Beffroi-Face": "inner"})
    assert disguised.status == 404
    assert outside("/counter/%2e%2e/desk/wall/") == outside("//desk/wall/") == 404


def test_plain_http_gives_the_authority_and_sends_everything_else_on(centre: SecureCentre) -> None:
    page = centre.ask("/authority/", port=centre.plain)
    told = json.loads(centre.call("tls", "show", "--json", "--data", str(centre.data)).stdout)
    assert page.status == 200
    assert told["sha256"] in page.read().decode()
    assert told["days_left"] == 199
    root = centre.ask("/authority/root.crt", port=centre.plain)
    assert root.getheader("Content-Type") == "application/x-x509-ca-cert"
    assert ssl.DER_cert_to_PEM_cert(root.read()) == (centre.data / "tls" / "authority.pem").read_text()
    sent = centre.ask("/desk/wall/?a=1", port=centre.plain)
    assert (sent.status, sent.getheader("Location")) == (308, f"https://{NAME}:{centre.port}/desk/wall/?a=1")


def test_doctor_and_metrics_tell_the_days_left(centre: SecureCentre) -> None:
    told = centre.call("doctor", "--json", "--data", str(centre.data), "--port", str(centre.port))
    found = {one["name"]: one for one in json.loads(told.stdout)}
    for face in ("inner", "outer"):
        assert found[f"certificate {face}"]["state"] == "good"
        assert f"{NAME}, {COUNTER}: 199 days left" in found[f"certificate {face}"]["found"]
    token = (centre.data / "keys" / "metrics.token").read_text()
    assert centre.ask("/metrics").status == centre.ask("/metrics", Authorization=f"Bearer {token}x").status == 404
    metrics = centre.ask("/metrics", Authorization=f"Bearer {token}").read().decode()
    assert 'beffroi_certificate_end_seconds{face="inner"}' in metrics


def test_a_second_authority_is_refused_and_a_foreign_name_too(centre: SecureCentre) -> None:
    again = centre.call("tls", "init", "--data", str(centre.data), "--name", NAME)
    assert again.returncode == 2
    assert "There is an authority already" in again.stderr
    foreign = centre.call("tls", "issue", "--data", str(centre.data), "--name", "www.banque.example")
    assert foreign.returncode == 2
    assert "not good for www.banque.example" in foreign.stderr
