"""A real mail server on the loopback, and what it took."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from beffroi.channels.mail import Mail
from tests.ports import free_port


class Mailbox:
    """What a real SMTP server took; it can turn everybody away."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.refuses = False
        self.ways: dict[str, Mail] = {}

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuses:
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The messages that this address got."""
        return [message for recipients, message in self.taken if address in recipients]


def serving(box: Mailbox) -> Controller:
    """A mail server for ``box``, started; ``stop`` it."""
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    return server


@pytest.fixture
def post() -> Iterator[Mailbox]:
    """A mail server on the loopback, what it took, and the way to it."""
    box = Mailbox()
    server = serving(box)
    box.ways = {"email": Mail(f"smtp://127.0.0.1:{server.port}", "centre@saint-aubin.example")}
    yield box
    server.stop()
