"""The text form of what the office seals for the door: ``<prefix>.<payload>.<signature>``, both parts in base64url."""

import json
from collections.abc import Iterable
from typing import Any

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.signing import SigningKey, VerifyKey

LONGEST = 65_536


class ForgedError(ValueError):
    """None of the keys signed it."""


def sealed(prefix: str, said: Json, key: SigningKey) -> str:
    """What is said, as canonical JSON, signed."""
    payload = canonical_bytes(said)
    return f"{prefix}.{b64(payload)}.{b64(key.sign(payload))}"


def opened(prefix: str, text: str, keys: Iterable[VerifyKey]) -> Any:
    """What was said, if one of ``keys`` signed it. Raises ``ForgedError``; ``ValueError`` for anything else."""
    parts = text.split(".") if len(text) <= LONGEST else []
    if len(parts) != 3 or parts[0] != prefix:
        raise ValueError("not of this form")
    payload, signature = unb64(parts[1]), unb64(parts[2])
    if not any(key.verifies(signature, payload) for key in keys):
        raise ForgedError("signed by nobody known")
    return json.loads(payload)
