"""The custody chain of a package: one canonical line an event, each carrying the digest of the line before.

Fields of research/law.md §7.3 (ISO/IEC 27037 and the French register). Verified without Beffroi by ``verify.py``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import iso
from beffroi.kernel.digest import sha256


@dataclass(frozen=True, slots=True)
class CustodyActor:
    """Who acted, as the register names an agent."""

    id: str
    name: str
    matricule: str = ""
    force: str = ""
    unit: str = ""
    clearance: str = ""


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """One act on the pictures: ``record, hold, view, extract, package`` … ``object`` names camera, case or file."""

    at: datetime
    actor: CustodyActor
    act: str
    object: dict[str, Json]
    basis: str = ""
    requisition: str = ""
    motive: str = ""
    recipient: str = ""
    station: str = ""
    decision: str = ""
    fact: str = ""  # id of the audit fact; its proof may stand in proofs.json
    sha256_before: str = ""
    sha256_after: str = ""
    detail: dict[str, Json] = field(default_factory=dict)


def _body(event: CustodyEvent, number: int, previous: str) -> dict[str, Json]:
    actor = event.actor
    return {
        "seq": number,
        "ts": iso(event.at),
        "prev_hash": previous,
        "actor": {
            "id": actor.id,
            "name": actor.name,
            "matricule": actor.matricule,
            "force": actor.force,
            "unit": actor.unit,
            "habilitation_id": actor.clearance,
        },
        "act": event.act,
        "object": event.object,
        "reason": {"basis": event.basis, "requisition_id": event.requisition, "motif": event.motive},
        "recipient": event.recipient,
        "station": event.station,
        "decision_trace_id": event.decision,
        "fact": event.fact,
        "sha256_before": event.sha256_before,
        "sha256_after": event.sha256_after,
        "detail": event.detail,
    }


def chained_lines(events: Iterable[CustodyEvent], sign: Callable[[bytes], bytes]) -> bytes:
    """``events.jsonl``: events in the order of time; ``sign`` is Ed25519 over the canonical event without ``sig``."""
    lines: list[bytes] = []
    previous = "0" * 64
    for number, event in enumerate(sorted(events, key=lambda one: one.at), 1):
        body = _body(event, number, previous)
        line = canonical_bytes({**body, "sig": sign(canonical_bytes(body)).hex()})
        previous = sha256(line).hex()
        lines.append(line + b"\n")
    return b"".join(lines)
