"""A message that came in by mail, read as what it is: text of a stranger. Pure.

It is read in a process of its own (``files.mail_reader``), because its parts may nest without end. HTML is never shown:
where there is no plain text, the words between its marks are taken. What an attachment is, its bytes say.
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parseaddr
from enum import StrEnum
from hashlib import sha256
from html.parser import HTMLParser
from itertools import islice

MOST_BYTES = 25 * 1024 * 1024
MOST_PARTS = 20
MOST_TEXT = 20_000
MOST_LINE = 300
MOST_REFERENCES = 50
MOST_WALKED = 2_000
"""Bounds of one message: bytes, attachments, letters of its text and of a header, messages it answers, parts walked."""

PAPER, AS_IT_CAME = "mail-paper", "mail"
MAIL_KINDS = frozenset({PAPER, AS_IT_CAME})
"""Kinds of papers that came by mail: an officer may have put another's message there, so the counter shows none."""

_TAG_LETTERS = 16  # of base 32: 80 bits
_TAG = re.compile(r"\b(\d{4}-\d{4,6})-([A-Z2-7]{16})\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,200})>")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class MailState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"  # nobody knows yet to which requisition it belongs
    ASSIGNED = "assigned"
    DISMISSED = "dismissed"


class Thread(StrEnum):
    """How a message came to its requisition."""

    NONE = ""
    REPLY = "reply"  # it answers a message of ours
    TAG = "tag"  # it carries the requisition's tag
    OFFICER = "officer"  # an officer put it there


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file in it; ``name`` is what the sender calls it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class MailContent:
    """What could be read of a message."""

    sender: str
    sender_name: str
    subject: str
    text: str
    recipients: tuple[str, ...]
    answers: tuple[str, ...]  # Message-IDs without their angles
    attachments: tuple[Attachment, ...]
    left_out: int  # attachments beyond the bound


def tag_of(number: str, key: bytes) -> str:
    """What our mails about a requisition carry in their subject: its number and letters that nobody can guess."""
    raw = int.from_bytes(hmac.new(key, number.encode(), sha256).digest()[:10])
    letters = "".join(_ALPHABET[raw >> 5 * place & 31] for place in range(_TAG_LETTERS))
    return f"{number}-{letters}"


def number_in(texts: Iterable[str], key: bytes) -> str:
    """The requisition's number of the first tag that is right; empty where there is none."""
    for text in texts:
        for found in _TAG.finditer(text):
            if hmac.compare_digest(tag_of(found[1], key), f"{found[1]}-{found[2].upper()}"):
                return found[1]
    return ""


def read_mail(raw: bytes) -> MailContent:
    """Everything of a message that is used here. May take long or fail in any way on a hostile one."""
    message = BytesParser(policy=compat32).parsebytes(raw)
    plain, marked, left_out = "", "", 0
    files: list[Attachment] = []
    for part in islice(_leaves(message), MOST_WALKED):
        kind = part.get_content_type()
        if kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            if kind == "text/plain" and not plain:
                plain = _words(part)
            elif kind == "text/html" and not marked:
                marked = _words(part)
            continue
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or not data:
            continue
        if len(files) < MOST_PARTS:
            files.append(Attachment(_header(str(part.get_filename() or "")), data))
        else:
            left_out += 1
    name, address = parseaddr(_header(_raw(message, "From")))
    told = [value for header in ("To", "Cc", "Delivered-To", "X-Original-To") for value in _all(message, header)]
    answers = _MESSAGE_ID.findall(f"{_raw(message, 'In-Reply-To')} {_raw(message, 'References')}")
    return MailContent(
        sender=address[:254],
        sender_name=_clean(name)[:MOST_LINE],
        subject=_header(_raw(message, "Subject")),
        text=_clean(plain or _unmarked(marked), lines=True)[:MOST_TEXT],
        recipients=tuple(one[:254] for _, one in getaddresses(told)[:MOST_REFERENCES]),
        answers=tuple(answers[:MOST_REFERENCES]),
        attachments=tuple(files),
        left_out=left_out,
    )


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, without a call within a call: a message may nest deeper than a stack."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting.extend(one for one in reversed(inner) if isinstance(one, Message))
        else:
            yield part


def _raw(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _all(message: Message, name: str) -> list[str]:
    """The values of a header as they stand, letters beyond ASCII taken for UTF-8."""
    found = [str(value) for given, value in message.raw_items() if given.lower() == name.lower()]
    cut = [value[: MOST_LINE * 20].encode("ascii", "surrogateescape") for value in found[:MOST_PARTS]]
    return [value.decode("utf-8", "replace") for value in cut]


def _header(text: str) -> str:
    """A header in its letters (RFC 2047), as far as they can be read."""
    said = []
    for part, charset in decode_header(text):
        said.append(part if isinstance(part, str) else _decoded(part, charset or ""))
    return _clean("".join(said))[:MOST_LINE]


def _words(part: Message) -> str:
    data = part.get_payload(decode=True)
    return _decoded(data[: MOST_TEXT * 8], str(part.get_content_charset() or "")) if isinstance(data, bytes) else ""


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1")


def _clean(text: str, *, lines: bool = False) -> str:
    """Without what is no letter: controls, and whatever makes text read otherwise than it is written."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in text if letter.isprintable() or letter in " \n\t")
    return kept.strip() if lines else " ".join(kept.split())


class _Words(HTMLParser):
    """The text between the marks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        if tag in {"br", "p", "div", "tr", "li"}:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in {"script", "style"}))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def _unmarked(text: str) -> str:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return "".join(reader.said)
