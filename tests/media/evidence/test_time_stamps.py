"""Time stamps of a real OpenSSL authority over HTTP, with one certificate and with two, and what they may not be."""

import http.server
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beffroi.governance.core.evidence import StampKind
from beffroi.governance.files.stamps import ExternalAuthority, create_authority
from beffroi.governance.files.verifier.command import verify
from beffroi.governance.files.verifier.stamp import pem_certificates, read_stamp
from beffroi.kernel.errors import Conflict, Unavailable
from tests.unit.governance import evidence_packages as made

pytestmark = pytest.mark.media

_CONFIG = """
[tsa]
default_tsa=t1
[t1]
serial=./serial
crypto_device=builtin
signer_cert=./tsa.pem
signer_key=./tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ordering=yes
tsa_name=yes
ess_cert_id_chain=no
ess_cert_id_alg=sha256
"""
_LEAF = (
    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"
)


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", params=["rsa:2048", "ec"])
def authority(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an OpenSSL authority: root, leaf for time stamping."""
    folder = tmp_path_factory.mktemp("tsa")
    kind = (
        ["-newkey", "rsa:2048"]
        if request.param.startswith("rsa")
        else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    )
    openssl(folder, "req", "-x509", *kind, "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test TSA CA",
            "-days", "30", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(folder, "req", *kind, "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA")
    (folder / "leaf.ext").write_text(_LEAF)
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "tsa.pem", "-days", "20", "-extfile", "leaf.ext")  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "one.cnf").write_text(_CONFIG)
    (folder / "two.cnf").write_text(_CONFIG.replace("signer_key", "certs=./ca.pem\nsigner_key"))
    return folder


def replying(folder: Path, config: str) -> Callable[[bytes], bytes]:
    def reply(query: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:
            file.write(query)
            file.flush()
            done = subprocess.run(
                ["openssl", "ts", "-reply", "-config", config, "-queryfile", file.name],
                cwd=folder, capture_output=True, check=False,
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return reply


@contextmanager
def served(reply: Callable[[bytes], bytes]) -> Iterator[str]:
    """An HTTP server on a free port that answers as ``reply`` says."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("config", ["one.cnf", "two.cnf"])
def test_a_package_stamped_outside_verifies_here_and_by_openssl(authority: Path, config: str, tmp_path: Path) -> None:
    roots = (authority / "ca.pem").read_bytes()
    with served(replying(authority, config)) as url:
        stamper = ExternalAuthority(url, roots)
        from beffroi.governance.files.packages import build
        from beffroi.kernel.clock import SystemClock

        build(
            made.order(), source=made.MemorySource(), ticket=str, vault=tmp_path, stamper=stamper, key=made.KEY,
            clock=SystemClock(), progress=lambda done, total: None,
        )  # fmt: skip
    package = tmp_path / made.NAME / "package.zip"
    report = verify(str(package), roots=pem_certificates(roots))
    assert report["verdict"] == "valid", report["findings"]
    assert report["stamp"]["trusted"] is True
    assert report["stamp"]["signer"] == "CN=Test TSA"
    assert "stamp_own" not in {one["code"] for one in report["findings"]}
    assert "stamp_unproved" in {one["code"] for one in verify(str(package))["findings"]}
    from beffroi.governance.files import bags

    (tmp_path / "medium").mkdir()
    folder = bags.unpack(package, tmp_path / "medium")
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "tagmanifest-sha256.txt", "-in", "tagmanifest-sha256.txt.tsr",
         "-CAfile", str(authority / "ca.pem")], cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout, done.stderr


def test_the_trap_of_two_certificates_is_real(authority: Path) -> None:
    """The strict reader refuses what OpenSSL sends with its chain; ours reads it. If this fails, the trap is gone."""
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

    request = TimestampRequestBuilder().data(b"x").nonce(nonce=True).cert_request(cert_request=True).build()
    reply = replying(authority, "two.cnf")(request.as_bytes())
    stamp = read_stamp(reply, b"x", pem_certificates((authority / "ca.pem").read_bytes()))
    assert (stamp.faults, stamp.unknown, stamp.trusted) == ([], [], True)
    assert stamp.nonce == request.nonce
    single = replying(authority, "one.cnf")(request.as_bytes())
    decode_timestamp_response(single)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda reply, _: b"<html>captive portal</html>", "malformed"),
        (lambda reply, _: reply[:-40], "malformed"),
        (lambda reply, _: bytes.fromhex("30053003020102"), "refused by the authority"),
        (lambda reply, old: old, "covers other bytes"),
        (lambda reply, _: b"\x30\x84\x7f\xff\xff\xff", "malformed"),
    ],
)
def test_an_answer_that_does_not_hold_is_refused(
    authority: Path, spoil: Callable[[bytes, bytes], bytes], told: str
) -> None:
    from rfc3161_client import TimestampRequestBuilder

    reply = replying(authority, "one.cnf")
    old = reply(TimestampRequestBuilder().data(b"other").nonce(nonce=True).build().as_bytes())
    with served(lambda query: spoil(reply(query), old)) as url, pytest.raises(Unavailable, match=told) as seen:
        ExternalAuthority(url, (authority / "ca.pem").read_bytes()).stamp(b"data", made.NOW)
    assert seen.value.code == "stamp_refused"


def test_a_replayed_stamp_of_the_same_bytes_is_refused_by_its_nonce(authority: Path) -> None:
    from rfc3161_client import TimestampRequestBuilder

    old = replying(authority, "one.cnf")(TimestampRequestBuilder().data(b"data").nonce(nonce=True).build().as_bytes())
    with served(lambda query: old) as url, pytest.raises(Unavailable, match="nonce"):
        ExternalAuthority(url).stamp(b"data", made.NOW)


def test_another_root_is_refused(authority: Path) -> None:
    with (
        served(replying(authority, "one.cnf")) as url,
        pytest.raises(Unavailable, match="not signed by the configured"),
    ):
        ExternalAuthority(url, made.authority().authority_pem).stamp(b"data", made.NOW)


def test_an_authority_that_is_down_is_named() -> None:
    with served(lambda query: b"") as url:
        pass
    with pytest.raises(Unavailable, match="does not answer") as seen:
        ExternalAuthority(url, timeout_s=2).stamp(b"data", made.NOW)
    assert seen.value.code == "stamp_unreachable"
    with pytest.raises(Unavailable, match="no address"):
        ExternalAuthority("file:///etc/passwd").stamp(b"data", made.NOW)


def test_the_own_authority_is_made_once_and_never_by_half(tmp_path: Path) -> None:
    create_authority(tmp_path / "keys", organisation="Commune", now=made.NOW)
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    create_authority(tmp_path / "keys", organisation="Other", now=made.NOW)
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    (tmp_path / "keys" / "stamp.key").unlink()
    with pytest.raises(Conflict, match="Only"):
        create_authority(tmp_path / "keys", organisation="Commune", now=made.NOW)
    assert made.authority().kind is StampKind.OWN
