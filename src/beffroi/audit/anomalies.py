"""Reads the DPO's list out of the log, a range at a time: rows stream by, nothing grows with the age of the log.

What the DPO noted is itself a fact (``anomaly:look-at``); there is no other table.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit import models, queries
from beffroi.audit.actions import record
from beffroi.audit.core import facts as words
from beffroi.audit.core.anomalies import Occurrence, Rule, occurrences
from beffroi.audit.core.anomaly_rules import RULES
from beffroi.audit.core.facts import Actor, Fact
from beffroi.kernel.errors import Invalid, NotFound

LONGEST = timedelta(days=366)
MOST = 2_000
"""Lines of one reading, of each rule: a flood of the same is not gathered in memory."""
NOTE_LETTERS = 1_000


@dataclass(frozen=True, slots=True)
class Noted:
    """What the DPO wrote down after looking at an occurrence."""

    at: datetime
    by: str
    note: str


def found(
    *, since: datetime, until: datetime, now: datetime, rules: Sequence[Rule] = RULES, most: int = MOST
) -> list[Occurrence]:
    """Occurrences of a range of at most a year, newest first. ``Invalid`` for a longer one."""
    if until - since > LONGEST:
        raise Invalid("Choose a year at most.", code="anomaly_range", fields={"since": "too-long"})
    until = min(until, now)
    lines: list[Occurrence] = []
    for rule in rules:
        stream = _facts(rule, since - rule.before, until)
        for number, one in enumerate(occurrences(rule, stream, since=since, until=until)):
            if number == most:
                break
            lines.append(one)
    return sorted(lines, key=lambda one: (one.at, one.key), reverse=True)


def one(key: str, *, now: datetime) -> Occurrence:
    """The occurrence with this key, found again from the log; ``NotFound``."""
    id_, _, fact = key.partition(".")
    rule = next((one for one in RULES if one.id == id_), None)
    if rule is None:
        raise NotFound("There is no such line.", code="anomaly_unknown")
    at = queries.fact(fact).fact.at
    last = at + rule.before + timedelta(seconds=1)  # what is dated by its term comes after its fact
    lines = found(since=at, until=min(last, at + LONGEST), now=now + timedelta(seconds=1), rules=(rule,))
    match = [one for one in lines if one.key == key]
    if not match:
        raise NotFound("There is no such line.", code="anomaly_unknown")
    return match[-1]


def places(facts: Iterable[Fact]) -> dict[str, int]:
    """The numbers under which facts stand in the log; one that waits for its place has none."""
    rows = models.Entry.objects.filter(fact__in=[one.id for one in facts])
    return dict(rows.values_list("fact_id", "index"))


def noted(keys: Sequence[str]) -> dict[str, Noted]:
    """The newest note on each of these occurrences."""
    notes: dict[str, Noted] = {}
    for start in range(0, len(keys), 500):
        subjects = [_subject(key) for key in keys[start : start + 500]]
        rows = models.Fact.objects.filter(name="anomaly:look-at", subject__in=subjects).order_by("at", "id")
        for row in rows:
            said = words.read_body(row.body).get("note", "") if row.body is not None else ""
            notes[row.subject.removeprefix("anomaly:")] = Noted(row.at, row.actor_name, str(said))
    return notes


def not_looked_at(*, since: datetime, now: datetime) -> int:
    """How many occurrences since then nobody has noted anything on."""
    keys = [one.key for one in found(since=since, until=now, now=now)]
    return len(keys) - len(noted(keys))


@transaction.atomic
def look_at(*, key: str, note: str, actor: Actor, now: datetime) -> None:
    """Note what came of looking at an occurrence. ``NotFound``; ``Invalid`` without words. A later note is one more."""
    shown = one(key, now=now)
    said = " ".join(note.split())[:NOTE_LETTERS]
    if len(said) < 4:
        raise Invalid("Say what you found.", code="anomaly_note", fields={"note": "missing"})
    body = {"rule": shown.rule, "facts": [fact.id for fact in shown.facts], "note": said}
    record(actor=actor, name="anomaly:look-at", subject=_subject(shown.key), body=body, at=now)


def _subject(key: str) -> str:
    return f"anomaly:{key}"


_CHUNK = 2_000


def _facts(rule: Rule, since: datetime, until: datetime) -> Iterator[Fact]:
    rows = models.Fact.objects.filter(name__in=sorted(rule.names), at__gte=since, at__lt=until, body__isnull=False)
    columns = (
        "id", "at", "name", "subject", "actor_id", "actor_name", "actor_force", "actor_unit", "actor_station", "body",
    )  # fmt: skip
    for id_, at, name, subject, *who, body in rows.order_by("at", "id").values_list(*columns).iterator(_CHUNK):
        yield Fact(id_, at, name, subject, Actor(*who), words.read_body(body))
