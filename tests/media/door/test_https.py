"""HTTPS with the centre's own authority, under a name that is not localhost, in a Chromium told to trust it."""

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from beffroi.config.tls import authority
from beffroi.config.tls.store import OwnStore
from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Mode
from tests import axe
from tests.media.door.front import CLOCK, Front
from tests.media.door.page import PlayerOffice
from tests.media.door.recording import recording

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]
NAME = "video.saint-aubin.lan"
FOREIGN = "www.banque.example"
MAPPED = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP {FOREIGN} 127.0.0.1"
"""A name server for two names; nothing about certificates."""


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, OwnStore]]:
    base = tmp_path_factory.mktemp("https")
    store = OwnStore(base / "data")
    (base / "data").mkdir()
    store.make(centre="Saint-Aubin", names=[NAME], domains=[], addresses=[], replace=False, now=CLOCK.now())
    with recording(base, {"carpark": "02-carpark"}, host=NAME) as (front, _cameras):
        yield front, store


@contextmanager
def chromium(home: Path, root: Path | None) -> Iterator[Browser]:
    """A Chromium of a user of its own, who trusts ``root`` as a phone or a desk does after installing it."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ["-d", f"sql:{database}"]
    subprocess.run(["certutil", *where, "-N", "--empty-password"], check=True)
    if root is not None:
        added = ["-A", "-t", "C,,", "-n", "Beffroi", "-i", str(root)]
        subprocess.run(["certutil", *where, *added], check=True)
    with axe.browser(MAPPED, env={"HOME": str(home)}) as running:
        yield running


@contextmanager
def forger(folder: Path, store: OwnStore) -> Iterator[int]:
    """A server that holds the stolen authority and claims to be somebody else; its port."""
    limits = authority.limits_of
    stolen = store.authority()
    authority.limits_of = lambda _root: authority.Limits((FOREIGN,), ())
    try:
        forged, key = authority.issue(stolen, names=[FOREIGN], addresses=[], now=CLOCK.now() - timedelta(hours=1))
    finally:
        authority.limits_of = limits
    pem = folder / "forged.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + forged.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_live_pictures_reach_whoever_trusts_the_authority(secure: tuple[Front, OwnStore], tmp_path: Path) -> None:
    front, store = secure
    with PlayerOffice(front) as office, chromium(tmp_path, store.root) as running:
        context = running.new_context(locale="fr-FR")
        page = context.new_page()
        sockets: list[str] = []
        page.on("websocket", lambda one: sockets.append(one.url))
        url = office.grant("grant-live", Mode.LIVE, cameras=(CameraId("carpark"),))
        answer = page.goto(office.show("live", camera="carpark", stream="main", ticket_url=url))
        assert answer is not None
        assert page.url.startswith(f"https://{NAME}:")
        assert answer.header_value("strict-transport-security") == "max-age=31536000"
        page.wait_for_function("() => document.querySelector('video')?.currentTime > 0", timeout=30_000)
        assert page.evaluate("() => document.querySelector('video').videoWidth") > 0
        assert page.evaluate("() => window.isSecureContext")
        assert [one.partition("?")[0] for one in sockets] == [f"wss://{NAME}:{front.port}/door/live"]
        (cookie,) = [one for one in context.cookies() if one["name"] == "beffroi_door"]
        assert cookie["secure"]
        assert cookie["httpOnly"]


def test_without_the_authority_the_browser_refuses(secure: tuple[Front, OwnStore], tmp_path: Path) -> None:
    front, _store = secure
    with chromium(tmp_path, None) as running, pytest.raises(BrowserError, match="ERR_CERT_AUTHORITY_INVALID"):
        running.new_page().goto(f"{front.url}/page")


def test_the_browser_takes_from_the_authority_no_name_that_is_not_the_communes(
    secure: tuple[Front, OwnStore], tmp_path: Path
) -> None:
    _front, store = secure
    with forger(tmp_path, store) as port, chromium(tmp_path, store.root) as running:
        with pytest.raises(BrowserError, match="ERR_CERT_INVALID"):
            running.new_page().goto(f"https://{FOREIGN}:{port}/")
        assert x509.load_pem_x509_certificate(store.root.read_bytes())  # trusted by this very browser for its own names
