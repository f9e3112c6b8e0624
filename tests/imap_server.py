"""A real IMAP server in a process of its own on the loopback, under TLS, and what puts messages into it."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from beffroi.kernel.clock import SystemClock
from tests.ports import free_port
from tests.requisition_world import NOW
from tests.waiting import until

USER, PASSWORD = "centre@saint-aubin.example", "clé de la boîte"
_SERVE = """
import asyncio, functools, ssl, sys
if sys.argv.pop(1) == "tls":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*sys.argv[1:3])
    asyncio.start_server = functools.partial(asyncio.start_server, ssl=context)
del sys.argv[1:3]
from pymap.main import main
main()
"""


class ImapServer:
    """The server: start it, stop it, put messages in. Each start counts its messages anew (another UIDVALIDITY)."""

    def __init__(self, folder: Path, *, arrives_at: datetime, starttls: bool = False) -> None:
        self.port, self.starttls, self._arrives_at = free_port(), starttls, arrives_at
        self.certificate, self._key = _certificate(folder)
        self._log = folder / "imap.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, on the same port each time."""
        files = [str(self.certificate), str(self._key)]
        way = (
            ["starttls", *files, "--cert", files[0], "--key", files[1]]
            if self.starttls
            else ["tls", *files, "--no-tls"]
        )
        served = [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "dict",
            "--demo-user",
            USER,
            "--demo-password",
            PASSWORD,
        ]
        command = [sys.executable, "-W", "ignore", "-c", _SERVE, *way, *served]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
        until(self._answers, 60, "the IMAP server answers")

    def stop(self) -> None:
        """Be gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def put(self, raw: bytes, *, flags: tuple[bytes, ...] = ()) -> None:
        """A message arrives."""
        with self.client() as client:
            client.append("INBOX", raw, flags, self._arrives_at)

    def empty(self) -> None:
        """As if nothing had ever arrived."""
        with self.client() as client:
            client.select_folder("INBOX")
            if found := client.search(["ALL"]):
                client.delete_messages(found)
                client.expunge()

    def flags(self) -> dict[int, tuple[bytes, ...]]:
        """What stands on the server, with its flags."""
        with self.client() as client:
            client.select_folder("INBOX", readonly=True)
            return {uid: told[b"FLAGS"] for uid, told in client.fetch(client.search(["ALL"]), ["FLAGS"]).items()}

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """Signed in as the mailbox's owner."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        client = IMAPClient("localhost", self.port, ssl=not self.starttls, ssl_context=context, timeout=20)
        try:
            if self.starttls:
                client.starttls(context)
            client.plain_login(USER, PASSWORD)
            yield client
        finally:
            client.logout()

    def _answers(self) -> bool:
        try:
            with self.client():
                return True
        except OSError:
            return False


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()  # TLS reads the machine's clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "imap.pem", folder / "imap.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, secret


@pytest.fixture(scope="module")
def imap_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    """The server, started once for a file of tests."""
    server = ImapServer(tmp_path_factory.mktemp("imap"), arrives_at=NOW)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def imap(imap_process: ImapServer, monkeypatch: pytest.MonkeyPatch) -> ImapServer:
    """The server with an empty mailbox, its certificate trusted by this process as an installation trusts one."""
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_process.certificate))
    imap_process.empty()
    return imap_process
