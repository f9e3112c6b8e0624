"""The only writers of the log: record a fact, erase a body by rule, note that the log was read."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from beffroi.audit import models, queries
from beffroi.audit.core import facts
from beffroi.audit.core.facts import Actor
from beffroi.audit.core.growth import Comparison, Growth
from beffroi.audit.core.verify import Report
from beffroi.audit.files import last_checkpoint, log_key
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.kernel.ids import new_id


def record(*, actor: Actor, name: str, subject: str, body: Mapping[str, Json], at: datetime) -> str:
    """Write one fact and return its id. Must stand inside the act's transaction, so that no act goes without it.

    ``name`` is one of ``audit.core.names.NAMES``; ``body`` is plain JSON (times as ISO text, no floats beyond 2**53).
    Raises ``ValueError`` for a name of another form and ``RuntimeError`` outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"the fact {name} must be recorded inside the act's transaction")
    if not facts.is_name(name):
        raise ValueError(f"{name!r} is no fact name: write subject:act")
    fact = facts.Fact(new_id(to_us(at)), at, name, subject, actor, body)
    salt = secrets.token_bytes(facts.SALT_BYTES)
    models.Fact(
        id=fact.id,
        at=at,
        name=name,
        subject=subject,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_force=actor.force,
        actor_unit=actor.unit,
        actor_station=actor.station,
        body=canonical_bytes(body).decode(),
        salt=salt,
        commitment=facts.commitment(fact, salt),
    ).save(force_insert=True)
    models.Pending(fact_id=fact.id).save(force_insert=True)
    return fact.id


def record_refusal(*, actor: Actor, name: str, subject: str, body: Mapping[str, Json], at: datetime) -> str:
    """Record a refusal in a transaction of its own, so that it stays when the refused act is rolled back.

    Call it outside the act's transaction; a refusal that an act *returns* is recorded by ``record`` inside it.
    """
    with transaction.atomic(durable=True):
        return record(actor=actor, name=name, subject=subject, body=body, at=at)


@transaction.atomic
def note_reading(*, actor: Actor, what: str, filters: Mapping[str, Json], shown: int, now: datetime) -> str:
    """Reading the log is itself a fact (R-28): who read ``what`` with which filters, and how many lines were shown."""
    return record(
        actor=actor, name="log:read", subject=f"log:{what}", body={"filters": dict(filters), "shown": shown}, at=now
    )


@transaction.atomic
def verify_log(*, actor: Actor, now: datetime) -> Report:
    """Verify the whole live log and note the result as a fact. Takes about a second for 40,000 entries."""
    report = queries.verify(now=now, key=log_key(), checkpoints=[note] if (note := last_checkpoint()) else [])
    first = report.first
    body: dict[str, Json] = {
        "entries": report.entries,
        "root": report.root.hex(),
        "good": first is None,
        "erased": len(report.erased),
        "first_break": [first.kind.value, first.index, first.fact] if first else None,
    }
    record(actor=actor, name="log:verify", subject="log", body=body, at=now)
    return report


@transaction.atomic
def compare_log(*, actor: Actor, note: str, now: datetime) -> Comparison:
    """Compare the live log with an earlier signed checkpoint and note the result as a fact; nothing of what is none."""
    found = queries.grown_from(note, key=log_key())
    if found.growth is not Growth.UNREADABLE:
        body: dict[str, Json] = {
            "growth": found.growth.value, "from": found.earlier.size if found.earlier else None, "to": found.size,
        }  # fmt: skip
        record(actor=actor, name="log:compare", subject="log", body=body, at=now)
    return found


@transaction.atomic
def erase_body(*, fact: str, rule: str, actor: Actor, now: datetime) -> str:
    """Erase who and what of a chained fact by ``rule`` (R-27); its leaf stays. Returns the id of ``fact:erase``.

    Raises ``NotFound`` for an unknown fact, ``Conflict`` for one that is erased already or not chained yet.
    """
    row = models.Fact.objects.select_for_update().filter(id=fact).first()
    if row is None:
        raise NotFound("There is no such fact.", code="fact_unknown")
    if row.erased_rule:
        raise Conflict("This fact has been erased already.", code="fact_erased")
    if not models.Entry.objects.filter(fact_id=fact).exists():
        raise Conflict("This fact is not chained yet.", code="fact_unchained", hint="Try again in a second.")
    if row.name == "fact:erase":
        raise Conflict("What was erased, and by which rule, stays in the log.", code="fact_keeps")
    eraser = record(actor=actor, name="fact:erase", subject=f"fact:{fact}", body={"fact": fact, "rule": rule}, at=now)
    models.Fact.objects.filter(id=fact).update(
        at=from_us(facts.born_ms(fact) * 1_000),
        subject="",
        actor_id="",
        actor_name="",
        actor_force="",
        actor_unit="",
        actor_station="",
        body=None,
        salt=None,
        erased_rule=rule,
        erased_by=eraser,
    )
    return eraser
