"""Reading a message in a process of its own, with bounded memory and time: what it does to a parser is done there.

``python -m beffroi.governance.files.mail_reader`` takes the message on standard input and answers one JSON object;
``read`` asks it and trusts its answer no more than the message.
"""

import base64
import json
import resource
import subprocess
import sys
from typing import Any

from beffroi.governance.core.mail_in import MOST_BYTES, MOST_PARTS, MOST_TEXT, Attachment, MailContent, read_mail
from beffroi.kernel.errors import Invalid

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20
PATIENCE_S = 60


def read(raw: bytes) -> MailContent:
    """What a message says. ``Invalid`` for one that cannot be read within the bounds; it is kept as it came."""
    command = [sys.executable, "-I", "-m", "beffroi.governance.files.mail_reader"]
    try:
        done = subprocess.run(
            command, input=raw[:MOST_BYTES], capture_output=True, timeout=PATIENCE_S, check=False, env={}, cwd="/"
        )
        said: Any = json.loads(done.stdout)
        return _content(said)
    except (subprocess.TimeoutExpired, ValueError, TypeError, KeyError) as error:
        raise Invalid("This message cannot be read.", code="mail_unreadable") from error


def _content(said: dict[str, Any]) -> MailContent:
    files = [Attachment(str(name), base64.b64decode(data)) for name, data in said["attachments"][:MOST_PARTS]]
    return MailContent(
        sender=str(said["sender"]), sender_name=str(said["sender_name"]), subject=str(said["subject"]),
        text=str(said["text"])[:MOST_TEXT], recipients=tuple(map(str, said["recipients"])),
        answers=tuple(map(str, said["answers"])), attachments=tuple(files), left_out=int(said["left_out"]),
    )  # fmt: skip


def main() -> None:
    """Limit oneself, read, answer."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(what, (most, most))
    found = read_mail(sys.stdin.buffer.read(MOST_BYTES))
    said = {
        "sender": found.sender, "sender_name": found.sender_name, "subject": found.subject, "text": found.text,
        "recipients": found.recipients, "answers": found.answers, "left_out": found.left_out,
        "attachments": [(one.name, base64.b64encode(one.data).decode()) for one in found.attachments],
    }  # fmt: skip
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
