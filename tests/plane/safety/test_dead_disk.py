"""The disk of the box is dead, for writing and for reading: what was pressed or typed there is known at the centre all
the same, and when the disk lives again both hold the same facts, each once."""

import json
import sqlite3

import pytest

from beffroi.edge.access import Access
from beffroi.edge.closing import Closing
from beffroi.edge.engine import Edge
from beffroi.edge.journal import Journal
from beffroi.edge.settings import code_digest
from beffroi.edge.sounder import ScreenSounder
from beffroi.edge.sync import Sync
from beffroi.kernel.errors import Unavailable
from beffroi.people.core.roles import Role
from beffroi.safety import actions, queries
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Nature, Posture
from tests.conftest import NOW
from tests.plane.safety.test_bell import KEY, box, do, school  # noqa: F401  fixtures
from tests.plane.safety.test_closing import DURESS
from tests.unit.edge.test_engine import PLAN as EDGE_PLAN

pytestmark = pytest.mark.django_db


class Disk(sqlite3.Connection):
    """A journal's connection on a disk that can die."""

    dead = False

    def execute(self, *given):
        if Disk.dead:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(*given)


class Line(Sync):
    """The exchange of the box, without a wire."""

    def _post(self, message):
        return json.loads(
            actions.exchange(edge="edge-1", signature=message.signature, body=message.body, key=KEY, now=NOW)
        )


@pytest.fixture
def cell(box, monkeypatch):  # noqa: F811
    """The crisis cell of a box whose disk is about to die."""
    file = box.edge.settings.data / "edge.sqlite3"
    disk = sqlite3.connect(file, factory=Disk, check_same_thread=False, isolation_level=None)
    monkeypatch.setattr(box.journal, "_db", disk)
    monkeypatch.setattr(Disk, "dead", False)
    object.__setattr__(box.edge.settings, "centre_key", KEY.public_bytes)
    object.__setattr__(box.edge.settings, "key_code", code_digest("4711"))
    object.__setattr__(box.edge.settings, "duress_code", code_digest(DURESS))
    access = Access(box.journal, box.clock)
    box.cell, box.session, box.line = Closing(box.edge, access), access.open_session(), Line(box.edge, box.key)
    box.line.exchange()
    yield box
    disk.close()


def same_facts(box):  # noqa: F811
    """The disk lives again: what the box has written is what the centre has."""
    Disk.dead = False
    box.line.exchange()
    box.line.exchange()
    assert box.journal.held() == []
    assert box.journal.check() == len(box.journal.events())
    here, there = {one.key for one in box.journal.events()}, queries.vector()
    assert {f"{origin}/{boot}" for origin, boot, _ in here} == set(there)
    for name, file in box.edge.files().items():
        assert queries.files([name])[name].alert == file.alert


def test_a_code_of_duress_in_calm_reaches_the_room_and_stays_one_alert(cell, make_person):
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    Disk.dead = True
    cell.cell.forced_to_enter()
    with pytest.raises(Unavailable):  # the rest of an exchange needs the disk; it was told before
        cell.line.exchange()
    (view,) = queries.active_visible_to(chief)
    assert view.file.alert.secret
    assert queries.active_visible_to(head) == []
    assert cell.edge.active() == [], "nothing of the building shows it"
    cell.cell.forced_to_enter()
    same_facts(cell)
    (view,) = queries.active_visible_to(chief)
    assert len(view.file.alert.triggers) == 2, "two codes, one alert"


def test_a_code_of_duress_in_an_alert_reaches_the_room(cell, make_person):
    chief = make_person(Role.CHIEF)
    alert = cell.press()
    cell.line.exchange()
    do(chief, alert, Kind.ACKNOWLEDGE)
    cell.line.exchange()
    Disk.dead = True
    cell.cell.silence(alert, DURESS, session=cell.session, peer="tablet")
    assert cell.edge.sounder.playing is None, "it looks ended"
    with pytest.raises(Unavailable):
        cell.line.exchange()
    known = queries.files([alert])[alert].alert
    assert (known.duress, known.untaken) == (True, True), "every console of the room rings again"
    same_facts(cell)


def test_a_press_sounds_and_is_told_at_once_and_acknowledged_when_a_disk_has_it(cell):
    Disk.dead = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            cell.press()
        assert cell.edge.sounder.playing == (Posture.ESCAPE_OR_HIDE, Nature.REAL)
        with pytest.raises(Unavailable):
            cell.line.exchange()
    (alert,) = [view.file.alert for view in queries.active_alerts()]
    assert len(alert.triggers) == 1
    Disk.dead = False
    assert cell.press() == alert.id
    same_facts(cell)
    assert len(queries.files([alert.id])[alert.id].alert.triggers) == 1, "the repeated press is the same one"


def test_what_a_restart_forgot_before_a_disk_had_it_comes_back_from_the_centre(cell):
    Disk.dead = True
    with pytest.raises(Unavailable):
        cell.press()
    with pytest.raises(Unavailable):
        cell.line.exchange()
    Disk.dead = False
    file = cell.edge.settings.data / "edge.sqlite3"
    journal = Journal(file, origin="edge-1", key=cell.key, boot="b2")
    edge = Edge(cell.edge.settings, journal, cell.clock, ScreenSounder(), EDGE_PLAN)
    assert edge.active() == [], "it was on no disk here"
    Line(edge, cell.key).exchange()
    assert [file.alert.id for file in edge.active()] == [view.file.alert.id for view in queries.active_alerts()]
    assert edge.sounder.playing == (Posture.ESCAPE_OR_HIDE, Nature.REAL)
    journal.close()
