"""Taking in the door's journal: each line once, in order, and a broken journal told aloud once."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from beffroi.audit import jobs, models, queries
from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.core.chatter import Said, said_to_json
from beffroi.media.core.device_events import Heard
from beffroi.media.core.looks import JournalLine, next_line
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
DOOR = SigningKey(bytes(range(1, 33)))


class Door:
    """A journal in memory, chained and signed as the door's own."""

    def __init__(self) -> None:
        self.lines: list[JournalLine] = []
        self.key = DOOR.public_bytes

    def look(self, person: str, camera: str, key: SigningKey = DOOR) -> None:
        body = {"person": person, "person_name": f"Agent {person}", "force": "PM", "camera": camera, "mode": "live"}
        previous = self.lines[-1] if self.lines else None
        at_us = to_us(NOW) + len(self.lines)
        self.lines.append(next_line(previous, at_us=at_us, name="look:begin", body=body, key=key))

    def journal(self, after: int = 0, *, limit: int = 3) -> Sequence[JournalLine]:
        return [line for line in self.lines if line.number > after][:limit]

    def door_key(self) -> bytes:
        return self.key


def test_each_line_becomes_one_fact_and_only_one() -> None:
    door = Door()
    for place in range(8):
        door.look("p1", f"c{place}")
    assert jobs.pull_journals(door, NOW) == 8
    assert jobs.pull_journals(door, NOW) == 0
    door.look("p2", "c9")
    assert jobs.pull_journals(door, NOW) == 1
    lines = queries.looks()
    assert len(lines) == 9
    newest = lines[0].fact
    assert (newest.subject, newest.actor.id, newest.actor.name, newest.actor.force) == (
        "camera:c9",
        "p2",
        "Agent p2",
        "PM",
    )
    assert newest.body["line"] == 9


def test_what_a_camera_told_by_itself_becomes_a_fact_of_that_camera() -> None:
    door = Door()
    said = said_to_json(7, "c1", Said(Heard.TAMPER, "1", True, to_us(NOW), 3))
    door.lines.append(next_line(None, at_us=to_us(NOW), name="device:event", body=said, key=DOOR))
    assert jobs.pull_journals(door, NOW) == 1
    fact = queries.facts(name="device:event")[0].fact
    assert (fact.subject, fact.actor.id, fact.body["changes"]) == ("camera:c1", SYSTEM.id, 3)


def test_a_line_changed_on_the_way_is_refused_and_told_once() -> None:
    door = Door()
    door.look("p1", "c1")
    jobs.pull_journals(door, NOW)
    door.look("p1", "c2")
    door.lines[1] = replace(door.lines[1], body={**door.lines[1].body, "person": "p9"})
    for _ in range(2):
        with pytest.raises(Corrupt, match="line 2"):
            jobs.pull_journals(door, NOW)
    assert [line.fact.body["after"] for line in queries.facts(name="journal:break")] == [1]
    assert len(queries.looks()) == 1


def test_a_journal_begun_anew_or_signed_by_another_is_refused() -> None:
    door = Door()
    door.look("p1", "c1")
    jobs.pull_journals(door, NOW)
    door.look("p1", "c2", key=SigningKey(bytes(32)))
    with pytest.raises(Corrupt, match="not signed"):
        jobs.pull_journals(door, NOW)
    door.lines.pop()
    door.look("p1", "c3")
    assert jobs.pull_journals(door, NOW) == 1
    assert models.JournalSource.objects.get().broken == ""


def test_without_a_key_nothing_is_taken() -> None:
    door = Door()
    door.key = b""
    with pytest.raises(Unavailable):
        jobs.pull_journals(door, NOW)
