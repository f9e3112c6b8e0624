"""The centre's mailbox, read over IMAP (RFC 9051) and TLS. Nothing there is changed: no flag, no move, no deletion."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from beffroi.kernel.errors import Unavailable

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class InboxAddress:
    """Where the mailbox is. ``starttls``: the clear port, made secret before anything is said; else TLS at once."""

    host: str
    port: int
    starttls: bool
    user: str
    password: str
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it lies there. ``raw`` is its head alone where the whole is longer than was asked for."""

    uid: int
    size: int
    raw: bytes
    whole: bool


class Inbox:
    """An open, read-only view of the folder. A number names a message for good, as long as ``validity`` is the same."""

    def __init__(self, server: IMAPClient, validity: int) -> None:
        self._server, self.validity = server, validity

    def after(self, uid: int, since: date) -> list[int]:
        """Numbers above ``uid`` of what arrived on ``since`` or later, the lowest first."""
        with _said():
            found = self._server.search(["UID", f"{uid + 1}:*", "SINCE", since])
        return sorted(one for one in found if one > uid)  # n:* always names the last one, whatever n is

    def letter(self, uid: int, *, most: int) -> Letter | None:
        """One message, of which ``most`` bytes are asked for at most; ``None`` where it is gone meanwhile."""
        with _said():
            told = self._server.fetch([uid], ["RFC822.SIZE"]).get(uid)
            if told is None:
                return None
            size = int(told[b"RFC822.SIZE"])
            part = "BODY.PEEK[]" if size <= most else "BODY.PEEK[HEADER]"
            got = self._server.fetch([uid], [f"{part}<0.{most}>"]).get(uid, {})
        raw = next((value for name, value in got.items() if name.startswith(b"BODY[")), None)
        return Letter(uid, size, raw[:most], whole=size <= most) if isinstance(raw, bytes) else None


@contextmanager
def opened(address: InboxAddress) -> Iterator[Inbox]:
    """The mailbox, opened to be read only. ``Unavailable`` whose code says what failed: ``inbox_unreachable``,
    ``inbox_certificate``, ``inbox_refused``, ``inbox_folder`` or ``inbox_answer``."""
    context = ssl.create_default_context()
    with _said():
        server = IMAPClient(
            address.host, address.port, ssl=not address.starttls, ssl_context=context, timeout=TIMEOUT_SECONDS
        )
    try:
        with _said():
            if address.starttls:
                server.starttls(context)
            if server.has_capability("AUTH=PLAIN"):  # carries letters that LOGIN cannot
                server.plain_login(address.user, address.password)
            else:
                server.login(address.user, address.password)
        with _said():
            validity = _selected(server, address.folder)
        yield Inbox(server, validity)
    finally:
        with suppress(IMAPClientError, OSError):
            server.logout()


def _selected(server: IMAPClient, folder: str) -> int:
    try:
        told = server.select_folder(folder, readonly=True)
    except imaplib.IMAP4.abort:
        raise
    except IMAPClientError as error:
        raise Unavailable("There is no such folder in the mailbox.", code="inbox_folder") from error
    return int(told[b"UIDVALIDITY"])


@contextmanager
def _said() -> Iterator[None]:
    """Whatever the server or the way to it does wrong, in our words."""
    try:
        yield
    except (IMAPClientError, OSError, KeyError, ValueError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    if isinstance(error, LoginError):
        code = "inbox_refused"
    elif isinstance(error, ssl.SSLCertVerificationError):
        code = "inbox_certificate"
    elif isinstance(error, OSError):
        code = "inbox_unreachable"
    else:
        code = "inbox_answer"
    return Unavailable(f"The mailbox cannot be read: {type(error).__name__}.", code=code)
