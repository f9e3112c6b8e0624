"""E-mail over SMTP (RFC 5321). A mailbox is never counted as reached: the state stays *unknown* after hand-over."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from beffroi.kernel.errors import Unavailable

TIMEOUT_SECONDS = 10
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class Mail:
    """``smtp://user:password@host:port`` (STARTTLS where offered, and its certificate checked) or ``smtps://…``."""

    def __init__(self, url: str, sender: str) -> None:
        self._parts, self._sender = urlsplit(url), sender

    def hand_over(self, *, address: str, keys: dict[str, str], subject: str, text: str, message_id: str) -> bool:
        """Send one message; ``Message-ID`` is the notice's, so a repeat is recognised as one."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, address, subject
        message["Message-ID"] = f"<{message_id}@{self._sender.rpartition('@')[2]}>"
        message.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(
                f"The mail server did not take it: {type(error).__name__}.", code="mail_refused"
            ) from error
        return False

    def _connected(self) -> smtplib.SMTP:
        host, secure = self._parts.hostname or "localhost", self._parts.scheme == "smtps"
        port = self._parts.port or (465 if secure else 25)
        context = ssl.create_default_context()
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            server.ehlo()  # what the server can do is known only after this
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self._parts.username and host not in _OWN_MACHINE:
                raise Unavailable("The mail server takes no encryption: no password is sent.", code="mail_in_clear")
        if self._parts.username:
            server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        return server
