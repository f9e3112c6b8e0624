"""How events travel between edge and centre: each signed by its origin, each message signed by its sender."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.errors import Invalid
from beffroi.kernel.signing import VerifyKey
from beffroi.safety.core.events import Event, from_json, to_json

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
MAX_EVENTS = 500
CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it is kept and handed on."""

    event: Event
    document: bytes
    signature: bytes

    def to_wire(self) -> Json:
        """The form in which events travel: the signed document and its signature."""
        return {"document": self.document.decode(), "signature": b64(self.signature)}


def from_wire(data: Mapping[str, object], keys: Mapping[str, VerifyKey]) -> Stored:
    """An event of a partner, if the key of its origin signed it. Raises ``Invalid``."""
    try:
        document = str(data["document"]).encode()
        signature = unb64(str(data["signature"]))
        event = from_json(json.loads(document))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"This is not a signed event: {error}", code="event_malformed") from error
    key = keys.get(event.origin)
    if key is None or not key.verifies(signature, document):
        raise Invalid(f"Nobody we know signed this event of {event.origin!r}.", code="event_forged")
    if canonical_bytes(to_json(event)) != document:
        raise Invalid("This event is not in canonical form.", code="event_malformed")
    return Stored(event, document, signature)
