"""Where certificates lie: ``DATA/tls/{authority.pem, authority.key, server.pem}``, or files of the user's own.

``server.pem`` holds key and certificate together, so that one rename changes both or neither.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from beffroi.config.tls import authority as authorities
from beffroi.config.tls.authority import Address, Authority
from beffroi.kernel.errors import Conflict, Corrupt, NotFound, Unavailable

OWN = "own"
"""Value of the key ``certificate`` that asks for the centre's own authority."""


class OwnStore:
    """The centre's own authority in its data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "tls"
        self.root, self._key = self.folder / "authority.pem", self.folder / "authority.key"
        self.server = self.folder / "server.pem"

    def make(
        self,
        *,
        centre: str,
        names: Sequence[str],
        domains: Sequence[str],
        addresses: Sequence[Address],
        replace: bool,
        now: datetime,
    ) -> None:
        """A new authority and a first server certificate. ``Conflict`` where there is one, unless ``replace``."""
        if self.root.exists() and not replace:
            raise Conflict(
                f"There is an authority already in {self.folder}.",
                code="authority_exists",
                hint="beffroi tls issue gives a new certificate; --replace makes each device trust anew.",
            )
        made = authorities.make_authority(centre=centre, names=names, domains=domains, addresses=addresses, now=now)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self._key, _private(made.key), 0o600)
        _write(self.root, made.certificate.public_bytes(Encoding.PEM), 0o644)
        self._issue(made, names, addresses, now)

    def issue(self, *, names: Sequence[str], addresses: Sequence[Address], now: datetime) -> None:
        """A new server certificate with a new key."""
        self._issue(self.authority(), names, addresses, now)

    def renew_if_due(self, now: datetime) -> bool:
        """A new certificate for the same names, in time; whether there is one."""
        present = read_certificate(self.server)
        if not authorities.due(present, now):
            return False
        found = present.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = [ip_address(str(one)) for one in found.get_values_for_type(x509.IPAddress)]
        self.issue(names=found.get_values_for_type(x509.DNSName), addresses=addresses, now=now)
        return True

    def authority(self) -> Authority:
        """The authority with its key."""
        certificate = read_certificate(self.root)
        try:
            key = load_pem_private_key(self._key.read_bytes(), password=None)
        except OSError as error:
            raise Unavailable(f"{self._key}: {error.strerror}.", hint="Bring it back from the backup.") from error
        except ValueError as error:
            raise Corrupt(f"{self._key} is no private key.", hint="Bring it back from the backup.") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise Corrupt(f"{self._key} does not belong to {self.root}.", hint="Bring both back from the backup.")
        return Authority(certificate, key)

    def _issue(self, authority: Authority, names: Sequence[str], addresses: Sequence[Address], now: datetime) -> None:
        certificate, key = authorities.issue(authority, names=names, addresses=addresses, now=now)
        _write(self.server, _private(key) + certificate.public_bytes(Encoding.PEM), 0o600)


@dataclass(frozen=True, slots=True)
class Serving:
    """Which files a face serves. ``own`` is set where they come from the centre's own authority."""

    chain: Path
    key: Path | None
    own: OwnStore | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return (self.chain,) if self.key is None else (self.chain, self.key)

    def certificate(self) -> x509.Certificate:
        """The server's certificate: the first of the chain."""
        return read_certificate(self.chain)


def serving_of(data: Path, certificate: str, key: Path | None) -> Serving | None:
    """What the configuration asks for; ``None`` for plain HTTP. ``NotFound`` where ``own`` was never made."""
    if not certificate:
        return None
    if certificate != OWN:
        return Serving(Path(certificate).absolute(), key.absolute() if key is not None else None)
    store = OwnStore(data)
    if not store.server.exists():
        raise NotFound(
            f"There is no certificate in {store.folder}.",
            code="no_certificate",
            hint=f"Make one: beffroi tls init --data {data} --name video.your-commune.lan",
        )
    return Serving(store.server, None, store)


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file. ``Unavailable`` or ``Corrupt`` names the file."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}.", hint="Check the key certificate.") from error
    except (ValueError, IndexError) as error:
        raise Corrupt(f"{path} holds no certificate in PEM.", hint="Check the key certificate.") from error


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    beside = path.with_suffix(f".{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
