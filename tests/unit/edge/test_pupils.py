"""What is said about pupils: nowhere in the clear on the box, there after a restart, gone for ever after the event."""

import pytest

from beffroi.kernel.errors import Unavailable
from beffroi.kernel.signing import VerifyKey
from beffroi.safety.core.events import Kind
from beffroi.safety.core.wire import from_wire
from tests.unit.edge.test_engine import Box

NOTE = "Zoé Aubépine, asthme, cherche sa soeur"
SAID = (b"Aubepine", "Aubépine".encode(), b'"missing"', b"room:r1-pupils", b"\\u00e9pine")


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.journal.close()


def said(box, sequence=1):
    """An alert in which a class answered and somebody noted a pupil's name."""
    alert = box.edge.trigger(box.press(sequence))
    box.edge.answer(alert, group="cp", counts={"present": 23, "missing": 1}, by="room:r1-pupils", zone="z1")
    box.edge.act(Kind.NOTE, alert, {"text": NOTE})
    return alert


def end(box, alert):
    box.edge.act(Kind.KEY, alert, {"person": "h", "party": "head", "act": "cancel"})
    box.edge.act(Kind.KEY, alert, {"person": "c", "party": "chief", "act": "cancel", "call_back": "h"})
    assert not box.edge.files()[alert].alert.active


def on_disk(box):
    return b"".join(one.read_bytes() for one in box.settings.data.rglob("*") if one.is_file())


def test_the_words_are_nowhere_in_the_folder_and_a_restart_reads_them(box):
    alert = said(box)
    held = on_disk(box)
    assert not [word for word in SAID if word in held]
    assert b"couloir" in held, "this looks where the journal is: the place of the trigger is there"
    box.restart()
    assert not [word for word in SAID if word in on_disk(box)]
    file = box.edge.files()[alert]
    assert (file.answers[0].missing, file.answers[0].by) == (1, "room:r1-pupils")
    assert file.log[-1].event.body["text"] == NOTE
    assert box.journal.check() == len(box.journal.events()) == 4


def test_the_centre_gets_them_signed_as_ever(box):
    said(box)
    key = VerifyKey(box.journal.key.public_bytes)
    given = [from_wire(one.to_wire(), {"edge-ecole": key}).event for one in box.journal.lacking({})]
    assert [one.kind for one in given] == [Kind.TRIGGER, Kind.SOUND_STARTED, Kind.ROLL_CALL, Kind.NOTE]
    assert given[-1].body["text"] == NOTE


def test_after_the_end_and_the_centre_they_cannot_be_read_and_the_chain_is_whole(box):
    alert = said(box)
    assert box.edge.drop_pupils(box.journal.vector()) == 0, "the event goes on"
    before = box.journal.vector()
    end(box, alert)
    assert box.edge.drop_pupils(before) == 0, "the centre does not hold the end yet"
    assert box.edge.files()[alert].answers
    copied = (box.settings.data / "edge.sqlite3").read_bytes() + (box.settings.data / "edge.sqlite3-wal").read_bytes()
    state = box.edge.files()[alert].alert
    assert box.edge.drop_pupils(box.journal.vector()) == 1
    assert box.edge.drop_pupils(box.journal.vector()) == 0
    assert list((box.settings.data / "alert-keys").iterdir()) == []
    assert not [word for word in SAID if word in copied]
    for _ in range(2):
        file = box.edge.files()[alert]
        assert (file.answers, file.alert) == ([], state), "the alert is what it was, its words are gone"
        assert Kind.NOTE not in {line.event.kind for line in file.log}
        assert box.journal.check() == len(box.journal.events()) + 2, "the chain walks over what nobody reads"
        box.restart()


def test_a_centre_that_lost_everything_is_given_what_is_left_past_what_is_gone(box):
    alert = box.edge.trigger(box.press())
    for present in range(30):
        box.edge.answer(alert, group="cp", counts={"present": present}, by="x")
    end(box, alert)
    box.edge.drop_pupils(box.journal.vector())
    given = box.journal.lacking({"edge-ecole/b1": 2}, limit=10)
    assert [one.event.kind for one in given] == [Kind.KEY, Kind.KEY], "thirty unreadable rows stop nothing"


def test_another_alert_keeps_its_own_words(box):
    over = said(box)
    end(box, over)
    going = said(box, 2)
    assert going != over
    assert box.edge.drop_pupils(box.journal.vector()) == 1
    assert not box.edge.files()[over].answers
    assert box.edge.files()[going].answers


def test_a_journal_of_before_is_read(box, monkeypatch):
    monkeypatch.setattr("beffroi.edge.journal.SEALED", frozenset())
    alert = said(box)
    monkeypatch.undo()
    box.restart()
    box.edge.answer(alert, group="cp", counts={"present": 24, "missing": 0}, by="x")
    box.restart()
    assert [one.present for one in box.edge.files()[alert].answers] == [23, 24]
    box.journal.check()


def test_a_key_that_cannot_be_kept_writes_nothing_in_the_clear(box):
    alert = box.edge.trigger(box.press())
    (box.settings.data / "alert-keys").write_text("in the way")
    with pytest.raises(Unavailable):
        box.edge.answer(alert, group="cp", counts={"present": 23}, by="x")
    assert [one.kind for one in box.journal.events()] == [Kind.TRIGGER, Kind.SOUND_STARTED]


def test_a_box_killed_between_the_two_halves_of_a_destruction_finishes_it(box):
    alert = said(box)
    end(box, alert)
    (key,) = (box.settings.data / "alert-keys").glob("*.key")
    key.write_bytes(bytes(32))  # overwritten, not yet removed
    box.restart()
    assert not box.edge.files()[alert].answers
    assert box.edge.drop_pupils(box.journal.vector()) == 1
    assert not key.exists()
