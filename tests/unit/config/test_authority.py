"""The centre's own authority: good for the commune's names alone, judged by OpenSSL; renewed in time; taken at once."""

import ipaddress
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from beffroi.config.tls import authority
from beffroi.config.tls.serving import ServedTls
from beffroi.config.tls.store import OwnStore, Serving, read_certificate, serving_of
from beffroi.kernel.errors import Conflict, Corrupt, Invalid, NotFound

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
NAME = "video.saint-aubin.lan"
ADDRESS = ipaddress.ip_address("192.168.10.5")


@pytest.fixture
def store(tmp_path: Path) -> OwnStore:
    made = OwnStore(tmp_path)
    made.make(
        centre="Saint-Aubin", names=[NAME], domains=["saint-aubin.example"], addresses=[ADDRESS], replace=False, now=NOW
    )
    return made


def judged(root: Path, leaf: Path, *checks: str) -> subprocess.CompletedProcess[str]:
    """What OpenSSL says of a certificate a day later."""
    at = str(int((NOW + timedelta(days=1)).timestamp()))
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-attime",
        at,
        "-CAfile",
        str(root),
        *checks,
    ]
    return subprocess.run([*command, str(leaf)], capture_output=True, text=True, check=False)


def test_openssl_finds_it_good_for_its_name_and_address(store: OwnStore) -> None:
    for check in (("-verify_hostname", NAME), ("-verify_ip", str(ADDRESS))):
        assert judged(store.root, store.server, *check).returncode == 0
    assert judged(store.root, store.server, "-verify_hostname", "other.example").returncode != 0
    assert {path.name: path.stat().st_mode & 0o777 for path in store.folder.iterdir()} == {
        "authority.pem": 0o644, "authority.key": 0o600, "server.pem": 0o600
    }  # fmt: skip


def test_a_stolen_authority_opens_nothing_but_the_commune(
    store: OwnStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        authority, "limits_of", lambda _root: authority.Limits(("bank.example",), (ipaddress.ip_network("8.8.8.8"),))
    )
    for names, addresses in ((["www.bank.example"], []), ([], [ipaddress.ip_address("8.8.8.8")])):
        forged, _ = authority.issue(store.authority(), names=names or ["bank.example"], addresses=addresses, now=NOW)
        leaf = tmp_path / "forged.pem"
        leaf.write_bytes(forged.public_bytes(Encoding.PEM))
        said = judged(store.root, leaf)
        assert said.returncode != 0
        assert "permitted subtree violation" in said.stderr


def test_what_it_is_not_good_for_is_refused_by_name(store: OwnStore) -> None:
    store.issue(names=["counter.saint-aubin.example", f"wall.{NAME}"], addresses=[], now=NOW)
    assert judged(store.root, store.server, "-verify_hostname", "counter.saint-aubin.example").returncode == 0
    with pytest.raises(Invalid, match=r"not good for www\.bank\.example, 10\.0\.0\.1"):
        store.issue(names=["www.bank.example"], addresses=[ipaddress.ip_address("10.0.0.1")], now=NOW)
    with pytest.raises(Conflict, match="already"):
        store.make(centre="", names=[NAME], domains=[], addresses=[], replace=False, now=NOW)


@pytest.mark.parametrize(
    "text", ["", "a b", "mairie_1.lan", "fr", "lan", "192.168.1.1", "-a.lan", "é.lan", "a..b", "x" * 64 + ".lan"]
)
def test_what_is_no_host_name_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        authority.host_name(text)


def test_without_addresses_it_is_good_for_none(tmp_path: Path) -> None:
    made = authority.make_authority(centre="x", names=[NAME], domains=[], addresses=[], now=NOW)
    assert authority.limits_of(made.certificate).networks == ()
    with pytest.raises(Invalid, match=r"10\.0\.0\.1"):
        authority.issue(made, names=[NAME], addresses=[ipaddress.ip_address("10.0.0.1")], now=NOW)


def test_it_is_renewed_with_sixty_days_left_and_the_running_front_takes_it(store: OwnStore) -> None:
    served = ServedTls(Serving(store.server, None, store))
    first = served.state()
    served.keep(NOW + timedelta(days=139))
    assert served.state() == first
    late = NOW + timedelta(days=141)
    served.keep(late)
    assert int(str(served.state()["ends_us"])) > int(str(first["ends_us"]))
    assert served.state()["names"] == [NAME, str(ADDRESS)]
    assert read_certificate(store.server).not_valid_after_utc == (late + authority.SERVER_LIFE).replace(microsecond=0)


def test_a_certificate_never_outlives_its_authority(store: OwnStore) -> None:
    near_end = NOW + authority.AUTHORITY_LIFE - timedelta(days=10)
    store.issue(names=[NAME], addresses=[], now=near_end)
    assert read_certificate(store.server).not_valid_after_utc <= read_certificate(store.root).not_valid_after_utc


def test_wrong_files_are_named_at_start_and_later_leave_the_old_one_served(store: OwnStore, tmp_path: Path) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    pem = store.server.read_text()
    split = pem.index("-----BEGIN CERTIFICATE")
    key.write_text(pem[:split])
    chain.write_text(pem[split:])
    served = ServedTls(Serving(chain, key))
    good = served.state()
    store.issue(names=[NAME], addresses=[], now=NOW)
    chain.write_text(store.server.read_text()[split:])  # a new chain beside the old key: half of a deployment
    served.keep(NOW)
    assert "cannot be served" in served.trouble
    assert served.state() | {"trouble": ""} == good
    with pytest.raises(Corrupt, match="cannot be served"):
        ServedTls(Serving(chain, key))
    key.write_text(store.server.read_text()[:split])
    served.keep(NOW)
    assert served.trouble == ""
    assert served.state()["names"] == [NAME]


def test_own_without_an_authority_names_the_command(tmp_path: Path) -> None:
    assert serving_of(tmp_path, "", None) is None
    with pytest.raises(NotFound, match="beffroi tls init"):
        serving_of(tmp_path, "own", None)
