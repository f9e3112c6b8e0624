"""What the log does by itself: chain what was recorded, forget persons at term, and take in the recorders' journals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from beffroi.audit import actions, queries
from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.core.terms import Term, terms
from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.kernel.signing import VerifyKey
from beffroi.media.core.looks import JournalLine, check_lines


def sequence(now: datetime) -> int:
    """Chain what is pending and sign a checkpoint; returns how many facts. Call it at least once a second."""
    return actions.chain_pending(now)


def keep_lived(now: datetime) -> None:
    """Keep how long the centre has lived: what was kept last stands for it when the machine starts anew."""
    del now
    actions.keep_lived()


FORGET_BATCH = 500


def forget(now: datetime, chosen: Sequence[Term] = terms()) -> int:
    """Erase who and what of facts whose term is over (R-27), ``FORGET_BATCH`` a call; returns how many."""
    done = 0
    for term in chosen:
        for fact in queries.past_term(names=term.names, before=now - term.kept, limit=FORGET_BATCH - done):
            actions.erase_body(fact=fact, rule=term.rule, actor=SYSTEM, now=now)
            done += 1
    return done


class Journal(Protocol):
    """What pulling asks of a recorder; ``media.client.RecorderClient`` is one."""

    def journal(self, after: int = 0, *, limit: int = 1_000) -> Sequence[JournalLine]:
        """The door's lines after this number."""

    def door_key(self) -> bytes:
        """The door's public key."""


def pull_journals(recorder: Journal, now: datetime, *, source: str = "recorder") -> int:
    """Take in the door's new lines as facts, each once; returns how many.

    The lines' chain and signatures are checked against the key pinned at the first pull. ``Corrupt`` when they do not
    follow: that is told once in the log (``journal:break``), and pulling waits for a person.
    """
    taken = 0
    while True:
        position = _position(recorder, source, now)
        lines = recorder.journal(position.position)
        if not lines:
            return taken
        try:
            check_lines(lines, _line_at(position), VerifyKey(bytes.fromhex(position.key)))
        except Corrupt as error:
            actions.tell_break(source=source, error=error, now=now)
            raise
        actions.take_lines(source=source, after=position.position, lines=lines, now=now)
        taken += len(lines)


def _position(recorder: Journal, source: str, now: datetime) -> queries.JournalPosition:
    known = queries.journal_position(source)
    if known is not None:
        return known
    key = recorder.door_key()
    if len(key) != 32:
        raise Unavailable("The recorder gave no key for its journal.", code="door_key_missing")
    actions.pin_source(source=source, key=key, now=now)
    return _position(recorder, source, now)


def _line_at(position: queries.JournalPosition) -> JournalLine | None:
    if position.position == 0:
        return None
    return JournalLine(position.position, 0, "", {}, "", position.head, "")
