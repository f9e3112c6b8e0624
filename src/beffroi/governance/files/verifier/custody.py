"""The custody chain inside a package: who did what with these pictures, and proof that the centre's log holds it.

``events.jsonl``: one event a line; each carries the digest of the line before and an Ed25519 signature of the centre.
``proofs.json`` leads from single facts to the root in ``checkpoint``, a signed note (C2SP) over an RFC 6962 tree.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from beffroi.governance.files.verifier.bag import Bag
from beffroi.governance.files.verifier.der import ed25519_holds
from beffroi.governance.files.verifier.reading import NOTE, UNCHECKED, Finding, read_small

EVENTS, KEY = "data/custody/events.jsonl", "data/custody/office-key.txt"
PROOFS, CHECKPOINT = "data/custody/proofs.json", "data/custody/checkpoint"
MAX_EVENTS = 100_000
MAX_SIGNATURES = 2_000


def read_json(data: bytes | None) -> Any:
    """A JSON value, or ``None`` for bytes that are none: numbers of absurd length, deep nesting, NaN are refused."""
    if data is None:
        return None
    try:
        return json.loads(data.decode("utf-8"), parse_int=_short_int, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _short_int(text: str) -> int:
    if len(text) > 20:
        raise ValueError("number too long")
    return int(text)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def canonical(value: Any) -> bytes:
    """RFC 8785 for what the profile allows: objects with ASCII keys, strings, integers, true, false, null."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def check_custody(bag: Bag) -> dict[str, Any]:
    """Walk the chain, then the proofs. Returns a summary: events, key fingerprint, log size."""
    if EVENTS not in bag.source.sizes:
        bag.bad("missing", EVENTS)
        return {}
    data, key_text = read_small(bag.source, EVENTS), read_small(bag.source, KEY, 1_024)
    public = b""
    if key_text is not None and re.match(rb"[0-9a-f]{64}\n?\Z", key_text):
        public = bytes.fromhex(key_text.decode("ascii").strip())
    else:
        bag.bad("bad_key", KEY)
    events = _check_events(bag, (data or b"").split(b"\n"), public)
    summary = {
        "events": len(events),
        "key_sha256": hashlib.sha256(public).hexdigest() if public else "",
        "proved": 0,
        "log_size": 0,
    }
    _check_proofs(bag, public, events, summary)
    return summary


def _check_events(bag: Bag, lines: list[bytes], public: bytes) -> list[dict[str, Any]]:
    if not lines or lines[-1] != b"":
        bag.bad("custody_cut", EVENTS, line=len(lines))
    else:
        lines = lines[:-1]
    if len(lines) > MAX_EVENTS:
        bag.findings.append(Finding(UNCHECKED, "custody_too_long", EVENTS, {"limit": MAX_EVENTS}))
        return []
    if len(lines) > MAX_SIGNATURES:
        bag.findings.append(Finding(NOTE, "signatures_sampled", EVENTS, {"limit": MAX_SIGNATURES}))
    events, previous = [], "0" * 64
    for number, line in enumerate(lines, 1):
        event = read_json(line)
        if not isinstance(event, dict):
            bag.bad("custody_line", EVENTS, line=number)
        elif event.get("seq") != number or event.get("prev_hash") != previous:
            bag.bad("custody_break", EVENTS, line=number)
        elif public and number <= MAX_SIGNATURES and not _event_signed(event, public):
            bag.bad("custody_signature", EVENTS, line=number)
        if isinstance(event, dict):
            events.append(event)
        previous = hashlib.sha256(line).hexdigest()
    return events


def _event_signed(event: dict[str, Any], public: bytes) -> bool:
    try:
        signature = bytes.fromhex(event.get("sig", ""))
        body = canonical({name: value for name, value in event.items() if name != "sig"})
        return ed25519_holds(public, signature, body)
    except (ValueError, TypeError):
        return False


def _check_proofs(bag: Bag, public: bytes, events: list[dict[str, Any]], summary: dict[str, Any]) -> None:
    proofs = read_json(read_small(bag.source, PROOFS))
    if not isinstance(proofs, dict) or not isinstance(proofs.get("facts"), list):
        if PROOFS in bag.source.sizes:
            bag.bad("bad_proofs", PROOFS)
        return
    if CHECKPOINT not in bag.source.sizes:
        bag.findings.append(Finding(NOTE, "no_checkpoint", CHECKPOINT))
        return
    note = _read_note(read_small(bag.source, CHECKPOINT, 65_536), public)
    if note is None:
        bag.bad("bad_checkpoint", CHECKPOINT)
        return
    size, root = note
    summary["log_size"] = size
    known = {event.get("fact") for event in events if isinstance(event.get("fact"), str)}
    for number, proof in enumerate(proofs["facts"][:MAX_EVENTS]):
        if _proved(proof, size, root, known):
            summary["proved"] += 1
        else:
            bag.bad("bad_proof", PROOFS, line=number + 1)


def _proved(proof: Any, size: int, root: bytes, known: set[Any]) -> bool:
    """Whether the salted fact gives the leaf, and the leaf the root (RFC 9162 §2.1.3.2)."""
    try:
        fact, salt = proof["document"], bytes.fromhex(proof["salt"])
        committed = hashlib.sha256(salt + canonical(fact)).hexdigest()
        entry = canonical({"fact": fact["id"], "name": fact["name"], "sha256": committed})
        path = [bytes.fromhex(step) for step in proof["path"]]
        return fact["id"] in known and _root_of(entry, int(proof["index"]), size, path) == root
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def _root_of(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    if not 0 <= index < size:
        return None
    first, last = index, size - 1
    node = hashlib.sha256(b"\0" + entry).digest()
    for step in path:
        if last == 0 or len(step) != 32:
            return None
        if first & 1 or first == last:
            node = hashlib.sha256(b"\1" + step + node).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + step).digest()
        first, last = first >> 1, last >> 1
    return node if last == 0 else None


def _read_note(data: bytes | None, public: bytes) -> tuple[int, bytes] | None:
    """Size and root of a C2SP checkpoint that carries a signature of ``public``; ``None`` when it does not."""
    try:
        text, _, signatures = (data or b"").decode("utf-8").partition("\n\n")
        origin, size, root = text.split("\n")[:3]
        if not origin or not re.match(r"[0-9]{1,18}\Z", size):
            return None
        for line in signatures.split("\n"):
            match = re.match(r"— (\S+) (\S+)\Z", line)
            raw = base64.b64decode(match.group(2)) if match else b""
            if len(raw) == 68 and ed25519_holds(public, raw[4:], (text + "\n").encode("utf-8")):
                return int(size), base64.b64decode(root)
    except ValueError:
        return None
    return None
