"""RFC 3161 time stamps: the centre's own offline authority, and any authority that speaks HTTP.

The own authority is made at set-up from two keys of the centre. It proves the order of things inside the centre and
little against the centre itself; package and slip say so. An external one is named in the configuration.
"""

import os
import secrets
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import TimestampRequestBuilder

from beffroi.governance.core.evidence import StampKind
from beffroi.governance.files.verifier.stamp import Stamp, pem_certificates, read_stamp
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Corrupt, Unavailable

POLICY = "1.3.6.1.4.1.99999.3161.1"
"""Own policy of the offline authority, under an arc that belongs to nobody: it claims nothing outside the centre."""
KEY_BITS = 3_072
LIFE = timedelta(days=3_653)
MAX_REPLY_BYTES = 1 << 20
CA_CERTIFICATE, CERTIFICATE, KEY = "stamp-authority.pem", "stamp.pem", "stamp.key"


class Stamper(Protocol):
    """Where a time stamp comes from. ``authority_pem`` is what a stranger needs to check it, or empty."""

    kind: StampKind
    authority_pem: bytes

    def stamp(self, data: bytes, now: datetime) -> bytes:
        """A TimeStampResp (DER) over the SHA-256 of ``data``; ``Unavailable`` when none can be had now."""


def _write_private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def create_authority(folder: Path, *, organisation: str, now: datetime) -> None:
    """Make the centre's own authority in ``folder`` (DATA/keys), once: a root that signs one certificate and is then
    thrown away, and the stamping key (0600). Does nothing when it is there; ``Conflict`` when half of it is."""
    present = [name for name in (CA_CERTIFICATE, CERTIFICATE, KEY) if (folder / name).exists()]
    if len(present) == 3:
        return
    if present:
        raise Conflict(
            f"Only {', '.join(present)} of the time-stamping authority is in {folder}.",
            code="stamp_authority_half",
            hint="Restore the keys from the backup, or move what is left away.",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    root_key, key = (rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS) for _ in range(2))
    root_name = _name(organisation, "Autorité d'horodatage interne")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate(root_name, _name(organisation, "Horodatage interne"), key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_private(folder / KEY, private)
    _write_private(folder / CERTIFICATE, leaf.public_bytes(serialization.Encoding.PEM))
    _write_private(folder / CA_CERTIFICATE, root.public_bytes(serialization.Encoding.PEM))


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: rsa.RSAPublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not sign,
        crl_sign=not sign,
        encipher_only=False,
        decipher_only=False,
    )


class OwnAuthority:
    """The centre's own authority, in this process, without network."""

    kind = StampKind.OWN

    def __init__(self, folder: Path) -> None:
        try:
            key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
            leaf = (folder / CERTIFICATE).read_bytes()
            self.authority_pem = (folder / CA_CERTIFICATE).read_bytes()
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"The centre's time-stamping key in {folder} cannot be read.",
                code="stamp_key_unreadable",
                hint="Restore it from the backup.",
            ) from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise Corrupt("The centre's time-stamping key is not an RSA key.", code="stamp_key_kind")
        self._key = key
        self._certificate = asn1_x509.Certificate.load(pem_certificates(leaf)[0])

    def stamp(self, data: bytes, now: datetime) -> bytes:
        """Sign time and digest, as RFC 3161 §2.4 wants it; accuracy one second."""
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": sha256(data)},
                "serial_number": secrets.randbits(127),
                "gen_time": now.replace(microsecond=0),
                "accuracy": {"seconds": 1},
                "ordering": False,
            }
        )
        digest = sha256(info.dump())
        certificate = {"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": sha256(self._certificate.dump())}
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [{"certs": [certificate]}]}),
            ]
        )
        signature = self._key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        return bytes(self._response(info, attributes, signature).dump())

    def _response(self, info: tsp.TSTInfo, attributes: cms.CMSAttributes, signature: bytes) -> tsp.TimeStampResp:
        sha = algos.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": {
                            "issuer": self._certificate.issuer,
                            "serial_number": self._certificate.serial_number,
                        }
                    }
                ),
                "digest_algorithm": sha,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_rsa"},
                "signature": signature,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha],
                "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info.dump())},
                "certificates": [self._certificate],
                "signer_infos": [signer],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})


class ExternalAuthority:
    """An authority that speaks RFC 3161 over HTTP(S) (§3.4 of the RFC)."""

    kind = StampKind.EXTERNAL

    def __init__(self, url: str, authority_pem: bytes = b"", *, timeout_s: float = 20.0) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self.authority_pem = authority_pem

    def stamp(self, data: bytes, now: datetime) -> bytes:
        """Ask, and take only an answer that covers our digest and our nonce. ``now`` is not used: theirs counts.

        The answer is read by our own reader: real authorities send several certificates in an order that stricter
        readers refuse.
        """
        request = TimestampRequestBuilder().data(data).nonce(nonce=True).cert_request(cert_request=True).build()
        reply = self._ask(request.as_bytes())
        roots = pem_certificates(self.authority_pem) if self.authority_pem else None
        stamp = read_stamp(reply, data, roots)
        faults = faults_of(stamp, request.nonce)
        if faults:
            raise Unavailable(
                f"The time-stamping authority {self._url} answered with a stamp that does not hold: {faults}.",
                code="stamp_refused",
                hint="Ask the authority, or go on with the centre's own.",
            )
        return reply

    def _ask(self, query: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        if not self._url.startswith(("http://", "https://")):
            raise Unavailable(f"{self._url!r} is no address of a time-stamping authority.", code="stamp_address")
        request = urllib.request.Request(self._url, data=query, headers=headers)  # noqa: S310  scheme checked above
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:  # noqa: S310
                reply: bytes = response.read(MAX_REPLY_BYTES + 1)
        except (OSError, urllib.error.URLError) as error:
            raise Unavailable(
                f"The time-stamping authority {self._url} does not answer.",
                code="stamp_unreachable",
                hint="See the network, or go on with the centre's own authority.",
            ) from error
        if len(reply) > MAX_REPLY_BYTES:
            raise Unavailable(f"The time-stamping authority {self._url} sent too much.", code="stamp_refused")
        return reply


def faults_of(stamp: Stamp, nonce: int | None) -> str:
    """What is wrong with a stamp just received, or an empty text."""
    faults = [*stamp.faults, *stamp.unknown]
    if nonce is not None and stamp.nonce != nonce:
        faults.append("another nonce")
    if stamp.trusted is False:
        faults.append("not signed by the configured authority")
    return "; ".join(faults)
