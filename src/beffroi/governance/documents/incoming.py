"""What somebody sent: sniffed by its bytes, never by its name. Nothing of it is ever opened or run here."""

from dataclasses import dataclass

from beffroi.governance.core.requisition_fields import MAX_DOCUMENT_BYTES, has_control
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Invalid

_TAIL_BYTES = 2_048
_HEAD_BYTES = 1_024
MAX_NAME = 160


@dataclass(frozen=True, slots=True)
class IncomingDocument:
    """A paper as it arrived. ``name`` is for display only."""

    name: str
    media_type: str
    data: bytes
    sha256: str  # hexadecimal


def read_incoming(name: str, data: bytes) -> IncomingDocument:
    """Sniff a PDF, JPEG or PNG; ``Invalid`` with field ``document``: ``empty``, ``too-large``, ``not-a-document`` or
    ``cut-short``."""
    if not data:
        raise _wrong("empty", "The file is empty.")
    if len(data) > MAX_DOCUMENT_BYTES:
        raise _wrong("too-large", f"The file has {len(data)} bytes; {MAX_DOCUMENT_BYTES} are the most.")
    return IncomingDocument(shown_name(name), _media_type(data), data, sha256(data).hex())


def shown_name(name: str) -> str:
    """The last part of a file name without anything that could be read otherwise than it looks."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if has_control(letter) else letter for letter in last).strip(" .")
    return kept[-MAX_NAME:] or "document"


def _media_type(data: bytes) -> str:
    if b"%PDF-" in data[:_HEAD_BYTES]:
        if b"%%EOF" not in data[-_TAIL_BYTES:]:
            raise _wrong("cut-short", "This PDF has no end: it was cut on its way.")
        return "application/pdf"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    raise _wrong("not-a-document", "This is neither a PDF nor a JPEG or PNG picture.")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(message, code=f"document-{code}", hint="Choose the file again.", fields={"document": code})
