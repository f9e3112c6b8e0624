"""The edge's own settings: one TOML file beside its journal, written when the edge is paired with the centre."""

import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beffroi.edge.contact_settings import ALERT, ContactSettings, quoted, read_contacts, write_contacts
from beffroi.kernel.canonical import b64, unb64
from beffroi.kernel.errors import Invalid
from beffroi.kernel.signing import SigningKey

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What an edge must know to work alone."""

    id: str
    site: str
    data: Path
    centre_url: str = ""
    centre_key: bytes = b""  # Ed25519 public key of the centre
    centre_ca: str = ""  # path of the authority that signed the centre's certificate; empty: the system's
    language: str = "fr"
    key_code: str = ""  # scrypt of the on-site key's code, as ``code_digest`` writes it
    duress_code: str = ""  # the same of the code that looks accepted and warns the room
    devices: Mapping[str, bytes] = field(default_factory=dict)  # trigger id → its shared secret
    assistance: tuple[str, ...] = ()  # those of the devices that call an adult, quietly, and raise nothing
    sounder_command: tuple[str, ...] = ()  # e.g. ("aplay", "-q", "-"); reads a WAV on standard input
    contacts: tuple[ContactSettings, ...] = ()

    @property
    def triggers(self) -> list[str]:
        """The names of all that may raise an alert here, so that a drill may name them."""
        wired = {one.name for one in self.contacts if one.kind == ALERT}
        return sorted(wired | self.devices.keys() - set(self.assistance))


def load(path: Path) -> EdgeSettings:
    """Read ``edge.toml``. Raises ``Invalid`` saying what is missing and what to do."""
    try:
        data = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise Invalid(f"{path} is missing.", code="edge_settings", hint="Run: beffroi edge pair") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path} cannot be read: {error}", code="edge_settings") from error
    try:
        settings = EdgeSettings(
            id=data["id"],
            site=data["site"],
            data=path.parent,
            centre_url=data.get("centre_url", "").rstrip("/"),
            centre_key=unb64(data.get("centre_key", "")),
            centre_ca=data.get("centre_ca", ""),
            language=data.get("language", "fr"),
            key_code=data.get("key_code", ""),
            duress_code=data.get("duress_code", ""),
            devices={name: unb64(secret) for name, secret in data.get("devices", {}).items()},
            assistance=tuple(data.get("assistance", ())),
            sounder_command=tuple(data.get("sounder_command", ())),
            contacts=read_contacts(data.get("contacts", {})),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"{path} lacks or misspells {error}.", code="edge_settings") from error
    twice = settings.devices.keys() & {one.name for one in settings.contacts}
    if twice:  # a press is known by its device's name
        raise Invalid(f"{path}: {min(twice)} is a trigger and a contact.", code="edge_settings")
    return settings


def save(settings: EdgeSettings, path: Path) -> None:
    """Write ``edge.toml``, readable by its owner only."""

    def line(name: str, value: Any) -> str:
        if isinstance(value, tuple):
            return f"{name} = [{', '.join(quoted(one) for one in value)}]"
        return f"{name} = {quoted(value)}"

    rows = [
        line("id", settings.id),
        line("site", settings.site),
        line("centre_url", settings.centre_url),
        line("centre_key", b64(settings.centre_key)),
        line("centre_ca", settings.centre_ca),
        line("language", settings.language),
        line("key_code", settings.key_code),
        line("duress_code", settings.duress_code),
        line("assistance", settings.assistance),
        line("sounder_command", settings.sounder_command),
        "",
        "[devices]",
        *(line(quoted(name), b64(secret)) for name, secret in settings.devices.items()),
        *write_contacts(settings.contacts),
    ]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(rows) + "\n")


def signing_key(data: Path) -> SigningKey:
    """The edge's own key, made at first use in ``edge.key`` (0600)."""
    path = data / "edge.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
    return SigningKey(path.read_bytes())


def code_digest(code: str) -> str:
    """The stored form of the on-site key's code: salt and scrypt."""
    salt = secrets.token_bytes(16)
    return f"{b64(salt)}.{b64(hashlib.scrypt(code.encode(), salt=salt, **_SCRYPT))}"


def code_is_right(code: str, stored: str) -> bool:
    """Whether ``code`` is the one behind ``stored``; never true where none was set."""
    salt, _, digest = stored.partition(".")
    if not digest or len(code) > 64:
        return False
    given = hashlib.scrypt(code.encode(), salt=unb64(salt), **_SCRYPT)
    return hmac.compare_digest(given, unb64(digest))
