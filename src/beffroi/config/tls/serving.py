"""The TLS of a running front: one context that takes a new certificate without a restart (new connections get it)."""

import ssl
from datetime import datetime
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from beffroi.config.tls.authority import names_of
from beffroi.config.tls.store import Serving, read_certificate
from beffroi.kernel.errors import BeffroiError, Corrupt, Unavailable

log = structlog.get_logger("tls")


class ServedTls:
    """What one face serves. ``Unavailable`` or ``Corrupt`` at birth where the files cannot be used."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self.trouble = ""
        self._seen = self._load()

    def keep(self, now: datetime) -> None:
        """Renew what is due, take what has changed. A failure is told, and the old certificate served on."""
        try:
            if self._serving.own is not None:
                self._serving.own.renew_if_due(now)
            if self._stamp() != self._seen:
                self._seen = self._load()
                log.info("certificate taken", names=self.state()["names"])
            self.trouble = ""
        except BeffroiError as error:
            if not self.trouble:
                log.warning("certificate not taken", error=str(error))
            self.trouble = str(error)

    def state(self) -> dict[str, object]:
        """What is served, for the doctor, the health page and the metrics."""
        certificate = self._certificate
        return {
            "names": list(names_of(certificate)),
            "ends_us": int(certificate.not_valid_after_utc.timestamp()) * 1_000_000,
            "own": self._serving.own is not None,
            "trouble": self.trouble,
        }

    def _load(self) -> tuple[tuple[int, int], ...]:
        stamp = self._stamp()
        certificate = self._serving.certificate()
        try:
            # A context that failed half-way serves nobody: the files are tried on another one first.
            for context in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.context):
                context.load_cert_chain(self._serving.chain, self._serving.key)
        except ssl.SSLError as error:
            raise Corrupt(
                f"{self._serving.chain} cannot be served: {error.reason or error}.",
                hint="The file holds the server's certificate first, then those above it; the key must be its own.",
            ) from error
        self._certificate = certificate
        return stamp

    def _stamp(self) -> tuple[tuple[int, int], ...]:
        try:
            states = [path.stat() for path in self._serving.files]
        except OSError as error:
            raise Unavailable(f"{error.filename}: {error.strerror}.", hint="Check the key certificate.") from error
        return tuple((state.st_mtime_ns, state.st_ino) for state in states)


def only_this(chain: Path) -> ssl.SSLContext:
    """A client's context that takes exactly the certificate in ``chain``, whatever name it is called by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=read_certificate(chain).public_bytes(Encoding.DER))
    return context
