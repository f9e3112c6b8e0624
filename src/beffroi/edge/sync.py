"""Exchange with the centre: one signed request that gives what the centre lacks and takes what we lack.

Anti-entropy, not messages: each side says what it has (the last number of every origin and boot) and gets the rest,
so a lost answer, a repeated request or two hours without link need no special case. Tried every second while an alert
lives, every five otherwise, at once when something happens here; for ever.
"""

import http.client
import json
import sqlite3
import ssl
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog

from beffroi.edge.closing import AGREEMENT
from beffroi.edge.contact_watch import Standings
from beffroi.edge.engine import Edge
from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.errors import BeffroiError, Invalid, Unavailable
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.safety.core.plan_json import plan_from_json, plan_to_json
from beffroi.safety.core.wire import CENTRE, Stored, from_wire

PATH = "/api/v1/edge/exchange"
ACTIVE_SECONDS, QUIET_SECONDS, TIMEOUT_SECONDS = 1.0, 5.0, 4.0
LOST_AFTER_US = 30_000_000
MOST, FEWEST = 500, 10
"""Events in one exchange."""
HAS = "centre-has"
"""The setting that keeps what the centre's last answer said that it holds."""
log = structlog.get_logger("beffroi.edge.sync")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message between edge and centre: canonical bytes and a signature over them."""

    body: bytes
    signature: str


def seal(body: Json, key: SigningKey) -> Sealed:
    """The message as it is sent."""
    data = canonical_bytes(body)
    return Sealed(data, b64(key.sign(data)))


class Sync:
    """The edge's side of the exchange."""

    def __init__(self, edge: Edge, key: SigningKey, contacts: Standings = list) -> None:
        self._edge, self._key, self._contacts = edge, key, contacts
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._reached_us = 0
        self._batch = MOST
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        edge.on_change(self._wake.set)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the exchange under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join(TIMEOUT_SECONDS + 1)

    def link(self) -> bool | None:
        """Whether the centre was reached lately; ``None`` where this edge has no centre."""
        if not self._edge.settings.centre_url:
            return None
        return self._edge.clock.now_us() - self._reached_us < LOST_AFTER_US

    def exchange(self) -> int:
        """One exchange; returns how many events were new here. Raises ``Unavailable`` or ``Invalid``."""
        journal, settings = self._edge.journal, self._edge.settings
        self._settle()
        theirs, given, have = self._standing()
        self._batch = max(self._batch // 2, FEWEST)  # until it is answered: a centre that is slow is asked for less
        request: Json = {
            "edge": settings.id,
            "at_us": self._edge.clock.now_us(),
            "have": have,
            "events": [one.to_wire() for one in given],
            "plan_version": self._edge.plan.version,
            "devices": list[Json](settings.triggers),
            "contacts": [one.to_json() for one in self._contacts()],
            "agreement": b64(self._key.agreement_bytes),
        }
        answer = self._post(seal(request, self._key))
        self._batch = min(self._batch * 4, MOST)
        self._reached_us = self._edge.clock.now_us()
        # Its own too: what a restart forgot before a disk had it comes back from the centre.
        keys = {CENTRE: VerifyKey(settings.centre_key), settings.id: VerifyKey(self._key.public_bytes)}
        new = self._edge.take_in([from_wire(one, keys) for one in answer.get("events", [])])
        if (has := answer.get("have", {})) != theirs:  # an exchange that changes nothing costs no write
            journal.remember(HAS, json.dumps(has))
        self._take_orders(answer)
        self._edge.drop_pupils(has)
        return new

    def _settle(self) -> None:
        try:
            self._edge.settle()
        except Unavailable as error:
            log.warning("the disk takes nothing: told from memory", reason=str(error))

    def _standing(self) -> tuple[dict[str, int], list[Stored], dict[str, Json]]:
        """What the centre said that it has, what it is given now, and what is here. Of a disk that cannot be read there
        is nothing but what memory holds."""
        journal = self._edge.journal
        try:
            theirs = self._theirs()
            return theirs, journal.lacking(theirs, limit=self._batch), dict(journal.vector())
        except Unavailable as error:
            log.warning("the disk cannot be read: told from memory", reason=str(error))
            return {}, journal.held(), {}

    def _theirs(self) -> dict[str, int]:
        return dict(json.loads(self._edge.journal.setting(HAS, "{}")))

    def _take_orders(self, answer: dict[str, Any]) -> None:
        document = answer.get("plan")
        if document:
            plan = plan_from_json(document)
            self._edge.journal.remember("plan", json.dumps(plan_to_json(plan)))
            self._edge.plan = plan
        self._edge.speak(str(answer.get("language", "")))
        drill = answer.get("drill")
        if isinstance(drill, dict):
            devices = [str(one) for one in drill["devices"]]
            self._edge.arm_drill(str(drill["alert"]), devices, int(drill["until_us"]))
        else:
            self._edge.disarm_drill()
        agreement = answer.get("agreement")
        if isinstance(agreement, str) and agreement != self._edge.journal.setting(AGREEMENT):
            self._edge.journal.remember(AGREEMENT, agreement)

    def _post(self, message: Sealed) -> dict[str, Any]:
        settings = self._edge.settings
        parts = urlsplit(settings.centre_url)
        host, port = parts.hostname or "", parts.port
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=settings.centre_ca or None)
            connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        headers = {"Content-Type": "application/json", "Beffroi-Edge": f"{settings.id}.{message.signature}"}
        try:
            connection.request("POST", f"{parts.path}{PATH}", message.body, headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"The centre at {host} does not answer: {error}", code="centre_unreachable") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise Unavailable(f"The centre at {host} answered {answer.status}.", code="centre_refused")
        signature = answer.headers.get("Beffroi-Centre", "")
        if not VerifyKey(settings.centre_key).verifies(unb64(signature), body):
            raise Invalid("The answer was not signed by our centre.", code="centre_forged")
        parsed = json.loads(body)
        if not isinstance(parsed, dict):
            raise Invalid("The centre's answer is not an object.", code="centre_malformed")
        return parsed

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.exchange()
            except (BeffroiError, ValueError, KeyError, sqlite3.Error) as error:  # a disk that fails does not end it
                log.warning("exchange failed", reason=str(error))
            self._wake.wait(ACTIVE_SECONDS if self._edge.open_files() else QUIET_SECONDS)
            self._wake.clear()
