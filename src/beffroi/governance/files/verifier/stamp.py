"""The RFC 3161 time stamp of ``tagmanifest-sha256.txt``: what it covers, who signed it, when.

Tokens with several certificates are read in any order (real authorities do not always sort them). Whether the
authority is one to believe is another question: it is answered only against roots that the reader supplies.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

from beffroi.governance.files.verifier.der import HASHES, DerError, Node, parse, signature_holds

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_ESS_V1, _ESS_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_NAMES = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.6": "C", "2.5.4.11": "OU", "2.5.4.7": "L"}


@dataclass
class Stamp:
    """A token that was read. ``faults`` is empty when it holds; ``trusted`` is ``None`` when no roots were given."""

    time: datetime | None = None
    signer: str = ""
    issuer: str = ""
    policy: str = ""
    serial: str = ""
    nonce: int | None = None
    faults: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    trusted: bool | None = None


@dataclass
class Certificate:
    """The parts of an X.509 certificate that are used here."""

    whole: bytes
    signed: bytes
    algorithm: str
    signature: bytes
    issuer: Node
    subject: Node
    key: Node
    begins: datetime
    ends: datetime
    time_stamping: bool
    authority: bool


def read_stamp(response: bytes, stamped: bytes, roots: list[bytes] | None = None) -> Stamp:
    """Check a TimeStampResp (or a bare token) over the bytes ``stamped``. Never raises: faults are in the answer."""
    stamp = Stamp()
    try:
        _read(stamp, response, stamped, roots)
    except (ValueError, LookupError, OverflowError, RecursionError) as error:
        stamp.faults.append(f"malformed: {error}")
    return stamp


def _read(stamp: Stamp, response: bytes, stamped: bytes, roots: list[bytes] | None) -> None:
    outer = parse(response).parts()
    if outer[0].tag == 0x30:
        if outer[0].parts()[0].number() not in (0, 1):
            stamp.faults.append("refused by the authority")
            return
        outer = outer[1].parts()
    if outer[0].oid() != _SIGNED_DATA:
        raise DerError("not signed data")
    signed = parse(outer[1].body).parts()
    content = signed[2].parts()
    if content[0].oid() != _TST_INFO:
        raise DerError("not a time stamp")
    info = parse(content[1].body, 0x04).body
    _read_tst_info(stamp, info, stamped)
    certificates = [
        _certificate(node) for part in signed if part.tag == 0xA0 for node in part.parts() if node.tag == 0x30
    ]
    signers = signed[-1].parts()
    if len(signers) != 1:
        raise DerError("not exactly one signer")
    signer = _check_signer(stamp, signers[0], info, certificates)
    if signer is None:
        return
    stamp.signer, stamp.issuer = name_text(signer.subject), name_text(signer.issuer)
    if not signer.time_stamping:
        stamp.faults.append("certificate not made for time stamping")
    if stamp.time is not None and not signer.begins <= stamp.time <= signer.ends:
        stamp.faults.append("certificate not valid at that time")
    if roots is not None:
        stamp.trusted = _chains(signer, certificates, [_certificate(parse(root)) for root in roots], stamp.time)


def _read_tst_info(stamp: Stamp, info: bytes, stamped: bytes) -> None:
    parts = parse(info).parts()
    stamp.policy = parts[1].oid()
    imprint = parts[2].parts()
    algorithm = HASHES.get(imprint[0].parts()[0].oid(), "")
    if not algorithm or imprint[1].tag != 0x04:
        raise DerError("unknown digest")
    if not hmac.compare_digest(hashlib.new(algorithm, stamped).digest(), imprint[1].body):
        stamp.faults.append("covers other bytes")
    stamp.serial = f"{parts[3].number():x}"
    stamp.time = _time(parts[4])
    for part in parts[5:]:
        if part.tag == 0x02:
            stamp.nonce = part.number()


def _time(node: Node) -> datetime:
    text = node.body.decode("ascii")
    if node.tag == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    match = re.match(r"(\d{14})(?:\.(\d{1,6})\d*)?Z\Z", text)
    if match is None or node.tag not in (0x17, 0x18):
        raise DerError("not a time")
    at = datetime.strptime(match.group(1), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    return at.replace(microsecond=int((match.group(2) or "0").ljust(6, "0")))


def _certificate(node: Node) -> Certificate:
    body, algorithm, signature = node.parts()
    parts = body.parts()
    if parts[0].tag == 0xA0:
        parts = parts[1:]
    begins, ends = parts[3].parts()
    purposes, authority = False, False
    for part in parts[6:]:
        if part.tag != 0xA3:
            continue
        for extension in parse(part.body).parts():
            fields = extension.parts()
            if fields[0].oid() == "2.5.29.37":
                uses = [use.oid() for use in parse(fields[-1].body).parts()]
                purposes = uses == [_TIME_STAMPING]
            elif fields[0].oid() == "2.5.29.19":
                flags = parse(fields[-1].body).parts()
                authority = bool(flags) and flags[0].tag == 0x01 and flags[0].body != b"\0"
    return Certificate(
        whole=node.whole,
        signed=body.whole,
        algorithm=algorithm.parts()[0].oid(),
        signature=signature.body[1:],
        issuer=parts[2],
        subject=parts[4],
        key=parts[5],
        begins=_time(begins),
        ends=_time(ends),
        time_stamping=purposes,
        authority=authority,
    )


def _check_signer(stamp: Stamp, signer: Node, info: bytes, certificates: list[Certificate]) -> Certificate | None:
    parts = signer.parts()
    digest_algorithm = parts[2].parts()[0].oid()
    if parts[3].tag != 0xA0 or digest_algorithm not in HASHES:
        raise DerError("no signed attributes")
    attributes = {part.parts()[0].oid(): part.parts()[1].parts()[0] for part in parts[3].parts()}
    digest = hashlib.new(HASHES[digest_algorithm], info).digest()
    if attributes[_CONTENT_TYPE].oid() != _TST_INFO or attributes[_MESSAGE_DIGEST].body != digest:
        stamp.faults.append("content altered")
    certificate = _named_certificate(attributes, certificates)
    if certificate is None:
        stamp.faults.append("signer's certificate missing or altered")
        return None
    covered = b"\x31" + parts[3].whole[1:]  # signed as a SET OF (RFC 5652 §5.4)
    algorithm = parts[4].parts()[0].oid()
    holds = signature_holds(certificate.key, algorithm, digest_algorithm, parts[5].body, covered)
    if holds is None:
        stamp.unknown.append(f"signature algorithm {algorithm}")
    elif not holds:
        stamp.faults.append("signature wrong")
    return certificate


def _named_certificate(attributes: dict[str, Node], certificates: list[Certificate]) -> Certificate | None:
    """The certificate that the token itself names by digest (RFC 5816): order and number do not matter."""
    if _ESS_V2 in attributes:
        first = attributes[_ESS_V2].parts()[0].parts()[0].parts()
        named = first[0].parts()[0].oid() if first[0].tag == 0x30 else "2.16.840.1.101.3.4.2.1"
        algorithm, wanted = HASHES.get(named, ""), (first[1] if first[0].tag == 0x30 else first[0]).body
    elif _ESS_V1 in attributes:
        algorithm, wanted = "sha1", attributes[_ESS_V1].parts()[0].parts()[0].parts()[0].body
    else:
        raise DerError("the token names no certificate")
    if not algorithm:
        raise DerError("unknown digest")
    return next((c for c in certificates if hashlib.new(algorithm, c.whole).digest() == wanted), None)


def _chains(signer: Certificate, others: list[Certificate], roots: list[Certificate], at: datetime | None) -> bool:
    """Whether signatures lead from the signer to one of ``roots``, each valid at ``at``, in eight steps at most."""
    current = signer
    for _ in range(8):
        if any(current.whole == root.whole for root in roots):
            return True
        above = [c for c in [*roots, *others] if c.subject.whole == current.issuer.whole and c.authority]
        issuer = next(
            (c for c in above if signature_holds(c.key, current.algorithm, "", current.signature, current.signed)), None
        )
        if issuer is None or at is None or not issuer.begins <= at <= issuer.ends:
            return False
        current = issuer
    return False


def name_text(name: Node) -> str:
    """A distinguished name as ``CN=…, O=…``."""
    found = []
    for group in name.parts():
        for pair in group.parts():
            oid, value = pair.parts()
            text = value.body.decode("utf-16-be" if value.tag == 0x1E else "utf-8", "replace")
            found.append(f"{_NAMES.get(oid.oid(), oid.oid())}={text}")
    return ", ".join(reversed(found))


def pem_certificates(text: bytes) -> list[bytes]:
    """The DER bytes of every certificate in a PEM file; ``ValueError`` when there is none."""
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.DOTALL)
    if not blocks:
        raise ValueError("no certificate in this PEM file")
    return [base64.b64decode(b"".join(block.split())) for block in blocks]
