"""The office's calls to the recorder are signed, live ten seconds and are taken once (docs/design/shape.md).

``Beffroi-Office: <key id>.<at_us>.<nonce>.<signature>``: Ed25519 over the canonical bytes of
``{at_us, body (hex SHA-256), method, nonce, path}``, where ``path`` is the request target with its query.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from beffroi.kernel.canonical import b64, canonical_bytes, unb64
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Forbidden
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.settings import key_id

HEADER = "Beffroi-Office"
CALL_LIFE_US = 10_000_000
_NONCE_LETTERS = 22


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it is signed."""

    method: str
    path: str  # request target, query included
    body: bytes


def sign_call(call: Call, key: SigningKey, *, now_us: int) -> str:
    """The value of the header ``Beffroi-Office`` for ``call``."""
    nonce = b64(secrets.token_bytes(16))
    signature = key.sign(_signed_bytes(call, now_us, nonce))
    return f"{key_id(key.public_bytes)}.{now_us}.{nonce}.{b64(signature)}"


def _signed_bytes(call: Call, at_us: int, nonce: str) -> bytes:
    return canonical_bytes(
        {"at_us": at_us, "body": sha256(call.body).hex(), "method": call.method, "nonce": nonce, "path": call.path}
    )


@dataclass(slots=True)
class CallGate:
    """Checks signed calls and remembers each nonce for as long as its call would live."""

    keys: Mapping[str, VerifyKey]  # by key id
    _seen: dict[str, int] = field(default_factory=dict)

    def check(self, header: str, call: Call, *, now_us: int) -> str:
        """The id of the key that signed ``call``.

        Raises ``Forbidden`` with code ``call_malformed``, ``call_forged``, ``call_stale`` or ``call_replayed``.
        """
        parts = header.split(".") if len(header) <= 512 else []
        if len(parts) != 4 or len(parts[2]) != _NONCE_LETTERS or not (parts[1].isascii() and parts[1].isdigit()):
            raise Forbidden("This call is not signed by the office.", code="call_malformed")
        name, at, nonce, signature = parts
        key, at_us = self.keys.get(name), int(at)
        try:
            good = key is not None and key.verifies(unb64(signature), _signed_bytes(call, at_us, nonce))
        except ValueError:
            good = False
        if not good:
            raise Forbidden("This call is not signed by the office.", code="call_forged")
        if abs(now_us - at_us) > CALL_LIFE_US:
            raise Forbidden(
                "This call of the office is too old.",
                code="call_stale",
                hint="Compare the clocks of office and recorder.",
            )
        self._forget(now_us)
        if nonce in self._seen:
            raise Forbidden("This call of the office was already taken.", code="call_replayed")
        self._seen[nonce] = at_us
        return name

    def _forget(self, now_us: int) -> None:
        if len(self._seen) >= 64:
            horizon = now_us - 2 * CALL_LIFE_US
            self._seen = {nonce: at_us for nonce, at_us in self._seen.items() if at_us >= horizon}
