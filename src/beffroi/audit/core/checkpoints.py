"""Signed checkpoints: what the log was at one size, in the form other logs and witnesses read.

C2SP tlog-checkpoint in a C2SP signed-note with Ed25519 (algorithm 1)::

    origin
    size
    root (base64)

    — key-name base64(key id ‖ signature)
"""

import base64
import binascii
from dataclasses import dataclass

from beffroi.kernel.digest import sha256
from beffroi.kernel.signing import SigningKey, VerifyKey

ED25519 = b"\x01"
DASH = "— "
MAX_NOTE_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log named ``origin`` has ``size`` entries and this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed text: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under the name by which its signatures are marked."""

    name: str
    public_bytes: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before the signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_bytes)[:4]

    def to_text(self) -> str:
        """The form in which keys are published: ``name+id+base64``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public_bytes).decode()}"

    @classmethod
    def from_text(cls, text: str) -> "NoteKey":
        """Read a published key; ``ValueError`` where it is none or its id does not fit."""
        name, hexed, encoded = [*text.strip().split("+", 2), "", ""][:3]
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ValueError("this is no key: write name+id+base64") from error
        if not name or len(raw) != 33 or raw[:1] != ED25519:
            raise ValueError("this is no Ed25519 key of a log")
        key = cls(name, raw[1:])
        if key.id.hex() != hexed:
            raise ValueError("the id of this key does not fit its name and bytes")
        return key


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The signed note of a checkpoint; the key bears the origin's name."""
    text = checkpoint.text()
    named = NoteKey(checkpoint.origin, key.public_bytes)
    mark = base64.b64encode(named.id + key.sign(text.encode())).decode()
    return f"{text}\n{DASH}{checkpoint.origin} {mark}\n"


def read(note: str) -> Checkpoint:
    """The checkpoint in a note, its signatures unchecked; ``ValueError`` where the text is no checkpoint."""
    lines = _body(note).split("\n")
    if len(lines) < 4 or not lines[0] or not _is_count(lines[1]):
        raise ValueError("this is no checkpoint: origin, size and root stand on its first three lines")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error as error:
        raise ValueError("the root of this checkpoint is not base64") from error
    if len(root) != 32:
        raise ValueError("the root of this checkpoint is no SHA-256 hash")
    return Checkpoint(lines[0], int(lines[1]), root)


def signed_by(note: str, key: NoteKey) -> bool:
    """Whether ``key`` signed this note. Signatures of others are no harm."""
    try:
        body = _body(note)
    except ValueError:
        return False
    for line in note[len(body) + 1 :].splitlines():
        name, _, mark = line.removeprefix(DASH).rpartition(" ")
        if not line.startswith(DASH) or name != key.name:
            continue
        try:
            raw = base64.b64decode(mark, validate=True)
        except binascii.Error:
            continue
        if raw[:4] == key.id and VerifyKey(key.public_bytes).verifies(raw[4:], body.encode()):
            return True
    return False


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and str(int(text)) == text


def _body(note: str) -> str:
    """The signed text, its last newline included: all before the last blank line."""
    if len(note.encode()) > MAX_NOTE_BYTES:
        raise ValueError("this is too long for a checkpoint")
    end = note.rfind("\n\n")
    if end < 0 or not note[end + 2 :].startswith(DASH):
        raise ValueError("this note is not signed")
    return note[: end + 1]
