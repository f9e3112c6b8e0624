"""An authority of the commune's own, and the certificates it gives: values and the time in, certificates out.

Its name constraints (RFC 5280 §4.2.1.10) are critical: a device that trusts it trusts it for the commune's names and
addresses alone, so that its theft opens no bank and no mailbox.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from beffroi.kernel.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

AUTHORITY_LIFE = timedelta(days=3_653)
SERVER_LIFE = timedelta(days=200)
"""Below the 398 days that browsers take from anybody, and the 825 that iPhones take from an own authority."""
RENEW_BEFORE = timedelta(days=60)
_BACKDATED = timedelta(days=1)
"""A phone whose clock is a little behind must not refuse a new certificate."""
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NOT_OURS = frozenset({"localhost", "com", "org", "net", "fr", "eu", "lan", "local", "internal", "home.arpa"})


@dataclass(frozen=True, slots=True)
class Authority:
    """The root certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Limits:
    """For what names (with all below them) and addresses an authority is good."""

    domains: tuple[str, ...]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    def reach(self, name: str) -> bool:
        """Whether a name stands under one of the domains."""
        return any(name == domain or name.endswith(f".{domain}") for domain in self.domains)

    def hold(self, address: Address) -> bool:
        """Whether an address stands in one of the networks."""
        return any(address in network for network in self.networks)


def host_name(text: str) -> str:
    """A host name as certificates write it. ``Invalid`` for what is none."""
    name = text.strip().rstrip(".").lower()
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise Invalid(
            f"{text!r} is no host name.", code="host_name", hint="Letters, digits, dots and hyphens; accents as xn--…"
        )
    if name in _NOT_OURS:
        raise Invalid(
            f"{name} is not a name of one commune.", code="host_name", hint="For example: video.saint-aubin.lan"
        )
    return name


def host_address(text: str) -> Address:
    """An IP address. ``Invalid`` for what is none, and for those that name no single machine."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError as error:
        raise Invalid(f"{text!r} is no IP address.", code="host_address", hint="For example: 192.168.10.5") from error
    if address.is_unspecified or address.is_multicast:
        raise Invalid(f"{address} names no machine.", code="host_address")
    return address


def make_authority(
    *, centre: str, names: Sequence[str], domains: Sequence[str], addresses: Sequence[Address], now: datetime
) -> Authority:
    """A new root, good for ``names`` and ``domains`` with all below them, and for ``addresses`` alone."""
    permitted_names = sorted({*names, *domains})
    if not permitted_names:
        raise Invalid("An authority needs at least one name.", code="host_name", hint="Name it with --name.")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Beffroi, {centre}"[:64])])
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in permitted_names]
    permitted += [x509.IPAddress(ipaddress.ip_network(address)) for address in sorted(set(addresses), key=str)]
    excluded = [] if addresses else [x509.IPAddress(ipaddress.ip_network(all_)) for all_ in ("0.0.0.0/0", "::/0")]
    certificate = (
        _builder(subject, subject, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, excluded or None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def limits_of(certificate: x509.Certificate) -> Limits:
    """What an authority is good for, read from its certificate."""
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    return Limits(
        tuple(one.value for one in permitted if isinstance(one, x509.DNSName)),
        tuple(
            one.value
            for one in permitted
            if isinstance(one, x509.IPAddress) and isinstance(one.value, ipaddress.IPv4Network | ipaddress.IPv6Network)
        ),
    )


def issue(
    authority: Authority, *, names: Sequence[str], addresses: Sequence[Address], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A server certificate with a key of its own. ``Invalid`` for what the authority is not good for."""
    limits = limits_of(authority.certificate)
    foreign = [name for name in names if not limits.reach(name)]
    foreign += [str(address) for address in addresses if not limits.hold(address)]
    if foreign:
        raise Invalid(
            f"The authority is not good for {', '.join(foreign)}.",
            code="authority_limits",
            hint="Take a name below one it was made for, or make a new authority: beffroi tls init --replace.",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    life = min(SERVER_LIFE, authority.certificate.not_valid_after_utc - now)
    alternatives = [*map(x509.DNSName, names), *map(x509.IPAddress, addresses)]
    signer = authority.certificate.public_key()
    assert isinstance(signer, ec.EllipticCurvePublicKey)
    certificate = (
        _builder(subject, authority.certificate.subject, key, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return certificate, key


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses that a certificate stands for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress)))


def due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether it is time for a new one."""
    return certificate.not_valid_after_utc - now < RENEW_BEFORE


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as devices show it: pairs of capitals with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
