"""Reconcilers of inspection bundles and of requests of persons: build what was asked for, forget what is over."""

import logging
from datetime import datetime
from typing import Protocol

from django.conf import settings

from beffroi.audit import queries as audit
from beffroi.audit.files import log_key
from beffroi.governance.actions import control as acts
from beffroi.governance.actions import rights
from beffroi.governance.core.sampling import DISCLOSED, RULE, picks
from beffroi.governance.core.sheets import PRINTED_ROWS, Sheet, Sheets, csv_bytes
from beffroi.governance.documents.papers import set_paper
from beffroi.governance.files import inspection
from beffroi.governance.files.inspection_readme import ENGLISH, FRENCH
from beffroi.governance.jobs.extractions import stamper
from beffroi.governance.models import InspectionBundle
from beffroi.governance.queries import control, law
from beffroi.governance.queries import rights as requests
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import BeffroiError, NotFound, Unavailable
from beffroi.media.core.answers import RecorderStatus
from beffroi.people import queries as people

log = logging.getLogger(__name__)
EARLIER = 24
"""How many earlier checkpoints a bundle proves."""


class StatusSource(Protocol):
    """What is asked of the recorder."""

    def status(self) -> RecorderStatus:
        """Its state, or ``Unavailable``."""


def reconcile_bundles(recorder: StatusSource, sheets: Sheets, now: datetime) -> int:
    """Build every bundle that waits; returns how many were finished. A killed build begins again."""
    done = 0
    for row in control.bundles_to_build():
        try:
            _build(row, recorder, sheets, now)
            done += 1
        except BeffroiError as error:
            log.warning("inspection bundle %s could not be made: %s", row.name, error)
            acts.note_failed(bundle=row.id, error=error, now=now)
    for bundle in control.bundles_to_delete(now, acts.KEPT):
        acts.delete_bundle(bundle=bundle, now=now)
    return done


def forget_rights(now: datetime) -> int:
    """Forget persons whose requests are a year over, and digests of addresses that are a day old."""
    for request in requests.with_source(now):
        rights.drop_source(request=request)
    old = requests.to_forget(now)
    for request in old:
        rights.forget(request=request, now=now)
    return len(old)


def _build(row: InspectionBundle, recorder: StatusSource, sheets: Sheets, now: datetime) -> None:
    person = people.person_facts(row.requested_by, now)
    try:
        status: RecorderStatus | None = recorder.status()
    except Unavailable:
        status = None  # said in the bundle as unknown (I9)
    made = list(sheets(person, status, row.language, now))
    acts.begin_bundle(bundle=row.id, steps=len(made) + 3)
    files: dict[str, bytes] = {}
    for number, sheet in enumerate(made, 1):
        files[f"{sheet.path}.csv"] = csv_bytes(sheet)
        files[f"{sheet.path}.pdf"] = _printed(sheet, row.language, now)
        acts.note_step(bundle=row.id, done=number)
    files |= _texts()
    sampled, earlier = _log(files, row)
    acts.note_step(bundle=row.id, done=len(made) + 1)
    authority = stamper(now)
    words = {
        "centre": settings.BEFFROI_CENTRE, "made": iso(now), "for_whom": row.for_whom, "by": row.requested_by_name,
        "seed": row.seed, "sampled": sampled, "earlier": earlier, "rule": RULE, "root": row.name,
        "file": inspection.FILE_NAME, "stamp": authority.kind.value,
    }  # fmt: skip
    files["LISEZ-MOI.txt"] = FRENCH.format(**words).encode()
    files["README.txt"] = ENGLISH.format(**words).encode()
    built = inspection.write_bundle(acts.folder(row.name), row.name, files, stamper=authority, now=now)
    acts.note_built(bundle=row.id, built=built, now=now)


def _printed(sheet: Sheet, language: str, now: datetime) -> bytes:
    lines = sheet.rows[:PRINTED_ROWS]
    data: dict[str, Json] = {
        "language": language,
        "made": [now.year, now.month, now.day, now.hour, now.minute, now.second],
        "title": sheet.title,
        "centre": settings.BEFFROI_CENTRE,
        "subtitle": " · ".join(part for part in (settings.BEFFROI_CENTRE, iso(now), sheet.note) if part),
        "head": list(sheet.head),
        "rows": [list(line) for line in lines],
        "empty": "—",
        "footer": f"{settings.BEFFROI_CENTRE} · {sheet.title} · {len(lines)}/{len(sheet.rows)}",
    }
    return set_paper("register", data, language=language)


def _texts() -> dict[str, bytes]:
    """Orders and conventions as they were registered and signed."""
    found: dict[str, bytes] = {}
    for number, order in enumerate(law.orders(), 1):
        found[f"law/orders/{number:02}-{_name(order.order.number)}.yaml"] = order.text.encode()
    for one in law.conventions():
        found[f"law/conventions/{_name(one.reference)}-v{one.version}-{one.state}.yaml"] = one.text.encode()
    return found


def _log(files: dict[str, bytes], row: InspectionBundle) -> tuple[int, int]:
    """Checkpoint, key, the entries that the seed draws, earlier checkpoints; returns how many of both.

    ``Unavailable`` before the first checkpoint.
    """
    newest = audit.latest_checkpoint()
    if newest is None:
        raise Unavailable("The log has no checkpoint yet.", code="bundle-no-checkpoint", hint="It comes in a second.")
    chosen = audit.sample(picks(row.seed, newest.size, row.sample), newest.size)
    entries: list[Json] = []
    for one in chosen:
        entry: dict[str, Json] = {
            "index": one.index, "fact": one.fact, "name": one.name, "sha256": one.commitment.hex(),
            "proof": [part.hex() for part in one.proof],
        }  # fmt: skip
        if one.name.startswith(DISCLOSED):
            entry |= _disclosed(one.fact)
        entries.append(entry)
    sample: dict[str, Json] = {
        "origin": settings.BEFFROI_LOG_ORIGIN, "size": newest.size, "seed": row.seed, "rule": RULE,
        "wanted": row.sample, "entries": entries,
    }  # fmt: skip
    files[inspection.SAMPLE] = canonical_bytes(sample) + b"\n"
    files[inspection.CHECKPOINT] = newest.note.encode()
    files[inspection.KEY] = (log_key().to_text() + "\n").encode()
    kept = audit.spread_checkpoints(newest.size, EARLIER)
    files[inspection.EARLIER] = _earlier(kept, newest.note, newest.size)
    return len(entries), len(kept)


def _earlier(kept: list[str], tip: str, size: int) -> bytes:
    """Signed checkpoints of earlier days, each with the proof that today's log begins with its log (RFC 9162 §2.1.4).

    Whoever kept one of them, on a slip or in an older bundle, sees that nothing it covers was changed since.
    """
    found: list[Json] = [
        {"checkpoint": note, "verdict": one.growth.value, "proof": [part.hex() for part in one.proof]}
        for note, one in zip(kept, audit.grown_to(tip, size, kept, key=log_key()), strict=True)
    ]
    return canonical_bytes({"size": size, "checkpoints": found}) + b"\n"


def _disclosed(fact: str) -> dict[str, Json]:
    """What a fact of the registers says, with its salt; nothing where it was erased by rule (I11)."""
    try:
        document, salt = audit.disclosure(fact)
    except NotFound:
        return {"erased": True}
    return {"document": dict(document), "salt": salt.hex()}


def _name(text: str) -> str:
    """A text as part of a file name."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in text)[:60]
