"""The centre's own signature under its papers: PAdES (ETSI EN 319 142) by pyHanko, with a certificate made here.

The certificate is self-signed: it proves that the paper was not changed since and came from whoever holds this
centre's key, to those who know the certificate's fingerprint by another way; it proves nothing to strangers. A centre
that has a qualified certificate puts it in ``keys/papers.key`` and ``keys/papers.crt``.
"""

import os
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, fields
from pyhanko.sign.signers.pdf_signer import PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from beffroi.kernel.errors import Unavailable

FIELD = "Beffroi"
_YEARS = 10


def sign(pdf: bytes, *, reason: str, place: str, now: datetime) -> bytes:
    """The same PDF with a PAdES signature appended; its own bytes are kept."""
    signer = _signer(now)
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        reason=reason,
        location=place,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    signing = _PdfSigner(meta, signer)
    signing.at = now
    signing.sign_pdf(writer, output=out)
    return out.getvalue()


class _PdfSigner(PdfSigner):
    """pyHanko's signer with the time passed in (I10)."""

    at: datetime

    def init_signing_session(self, *args: Any, **named: Any) -> Any:
        session = super().init_signing_session(*args, **named)
        session.system_time = self.at
        return session


def certificate(now: datetime) -> x509.Certificate:
    """The centre's certificate for papers, made when it is missing."""
    key, crt = _files()
    if not key.exists() or not crt.exists():
        _make(key, crt, now)
    try:
        return x509.load_pem_x509_certificate(crt.read_bytes())
    except (OSError, ValueError) as error:
        raise Unavailable(
            "The certificate for papers cannot be read.", code="papers-key", hint="See keys/papers.crt."
        ) from error


def fingerprint(now: datetime) -> str:
    """SHA-256 of the certificate, hexadecimal: what a recipient compares."""
    return certificate(now).fingerprint(hashes.SHA256()).hex()


class _Signer(SimpleSigner):
    """pyHanko's signer over a key that was checked once: checking an RSA key costs more than signing with it."""

    def __init__(self, private: rsa.RSAPrivateKey, certificate: bytes) -> None:
        self._private = private
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        signing_cert = asn1.Certificate.load(certificate)
        store.register(signing_cert)
        super().__init__(signing_cert=signing_cert, signing_key=None, cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise Unavailable(f"Papers are signed over SHA-256, not {digest_algorithm}.", code="papers-key")
        return self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _signer(now: datetime) -> _Signer:
    der = certificate(now).public_bytes(serialization.Encoding.DER)
    key, _ = _files()
    return _loaded(key.read_bytes(), der)


@lru_cache(maxsize=4)
def _loaded(key_pem: bytes, certificate_der: bytes) -> _Signer:
    try:
        key = serialization.load_pem_private_key(key_pem, None)
    except (ValueError, TypeError) as error:
        raise Unavailable(
            "The key for papers cannot be read.", code="papers-key", hint="See keys/papers.key."
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Unavailable("The key for papers is no RSA key.", code="papers-key", hint="See keys/papers.key.")
    return _Signer(key, certificate_der)


def _files() -> tuple[Path, Path]:
    folder = Path(settings.BEFFROI_DATA_DIR) / "keys"
    return folder / "papers.key", folder / "papers.crt"


def _make(key: Path, crt: Path, now: datetime) -> None:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=3_072)  # ECDSA would need PDF 2.0
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, settings.BEFFROI_CENTRE[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{settings.BEFFROI_CENTRE} · papiers"[:64]),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    )  # fmt: skip
    signed = builder.sign(private, hashes.SHA256())
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, pem)
    _write(crt, signed.public_bytes(serialization.Encoding.PEM))


def _write(path: Path, content: bytes) -> None:
    beside = path.with_suffix(f"{path.suffix}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
