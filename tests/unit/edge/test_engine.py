"""The box in the building: no press lost, none doubled, the drill never real, the sounder always stoppable on site."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.edge.engine import Edge, Press
from beffroi.edge.journal import Journal
from beffroi.edge.settings import EdgeSettings, code_digest, code_is_right, load, save, signing_key
from beffroi.edge.sounder import ScreenSounder
from beffroi.edge.sounds import tone
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Corrupt, Forbidden, Invalid, Unavailable
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.safety.core.events import Kind
from beffroi.safety.core.plans import Group, Plan, Room, Zone, ZoneKind
from beffroi.safety.core.wire import from_wire
from beffroi.safety.core.words import Hazard, Nature, Party, Posture

PLAN = Plan(
    "ecole",
    1,
    "Europe/Paris",
    zones=(Zone("z1", "Salle", ZoneKind.SAFETY), Zone("z2", "Gymnase", ZoneKind.SAFETY)),
    rooms=(Room("r1", "Salle 1", "rdc", "z1"),),
    groups=(Group("cp", "CP", "r1", 24),),
    regimes=(),
    instructions=(),
)
CODE = code_digest("4711")
SECRET = b"s" * 32


class Box:
    """An edge that can be switched off and on again."""

    def __init__(self, folder):
        self.clock = ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
        self.settings = EdgeSettings("edge-ecole", "ecole", folder, key_code=CODE, devices={"button-1": SECRET})
        self.boots = 0
        self.on()

    def on(self):
        self.boots += 1
        self.sounder = ScreenSounder()
        self.journal = Journal(
            self.settings.data / "edge.sqlite3",
            origin="edge-ecole",
            key=signing_key(self.settings.data),
            boot=f"b{self.boots}",
        )
        self.edge = Edge(self.settings, self.journal, self.clock, self.sounder, PLAN)

    def restart(self):
        self.journal.close()
        self.on()

    def press(self, sequence=1, hazard=Hazard.INTRUSION, device="button-1"):
        return Press(device, "d1", sequence, hazard, "couloir", self.clock.now_us())


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.journal.close()


def test_a_press_is_real_sounds_and_survives_a_restart(box):
    alert = box.edge.trigger(box.press())
    assert alert.startswith("REEL-")
    assert box.sounder.playing == (Posture.ESCAPE_OR_HIDE, Nature.REAL)
    box.restart()
    assert [file.alert.id for file in box.edge.active()] == [alert]
    assert box.sounder.playing == (Posture.ESCAPE_OR_HIDE, Nature.REAL), "the sound comes back after a power cut"
    assert box.edge.trigger(box.press()) == alert, "the same press again leads to the same alert"
    assert len(box.edge.active()[0].alert.triggers) == 1
    assert box.edge.active()[0].sound_started_at is not None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40))
def test_presses_repeated_and_restarts_lose_and_double_nothing(tmp_path_factory, story):
    box = Box(tmp_path_factory.mktemp("edge"))
    for sequence, restart in story:
        box.edge.trigger(box.press(sequence))
        if restart:
            box.restart()
    triggers = [one.key for file in box.edge.files().values() for one in file.alert.triggers]
    presses = {sequence for sequence, _ in story}
    assert len(triggers) == len(set(triggers)) == len(presses)
    assert box.journal.check() == len(box.journal.events())
    box.journal.close()


def test_a_signed_press_only_from_a_known_device(box):
    press = box.press()
    alert = box.edge.take_press(press, press.signature(SECRET))
    assert alert
    for forged in (press.signature(b"x" * 32), "", replace(press, hazard=Hazard.FLOOD).signature(SECRET)):
        with pytest.raises(Forbidden):
            box.edge.take_press(press, forged)
    with pytest.raises(Forbidden):
        box.edge.take_press(replace(press, device="other"), press.signature(SECRET))
    box.clock.advance(timedelta(days=2))
    with pytest.raises(Invalid):
        box.edge.take_press(press, press.signature(SECRET))


def test_the_key_stops_the_sounder_and_the_alert_stays_open(box):
    alert = box.edge.trigger(box.press())
    with pytest.raises(Forbidden):
        box.edge.silence(alert, code="0000")
    assert box.sounder.playing
    box.edge.silence(alert, code="4711")
    assert box.sounder.playing is None
    assert box.edge.active()[0].alert.active
    box.restart()
    assert box.sounder.playing is None, "silence by key outlives a restart"


def test_only_the_armed_trigger_raises_the_drill_and_only_inside_the_window(box):
    until = box.clock.now_us() + 600_000_000
    with pytest.raises(Invalid):
        box.edge.arm_drill("REEL-9", ["button-1"], until)
    box.edge.arm_drill("EXERCICE-9", ["button-1"], until)
    assert box.edge.trigger(box.press(1)) == "EXERCICE-9"
    assert box.sounder.playing[1] is Nature.DRILL
    real = box.edge.trigger(box.press(1, device="button-2"))
    assert real.startswith("REEL-")
    assert box.sounder.playing[1] is Nature.REAL, "the real takes the sounder from the drill"
    assert box.edge.trigger(box.press(2)) == real, "while the real runs, the armed trigger is real too"
    assert [file.alert.nature for file in box.edge.active()] == [Nature.REAL], "the real has ended the drill"
    assert box.edge.files()["EXERCICE-9"].alert.interrupted_by == real


def test_arming_dies_with_its_window(box):
    box.edge.arm_drill("EXERCICE-9", ["button-1"], box.clock.now_us() + 1)
    box.clock.advance(timedelta(seconds=1))
    assert box.edge.trigger(box.press()).startswith("REEL-")


def test_the_roll_call_asks_for_known_classes_and_sane_counts(box):
    alert = box.edge.trigger(box.press())
    box.edge.answer(alert, group="cp", counts={"present": 23, "missing": 1}, by="room r1")
    assert box.edge.active()[0].answers[0].present == 23
    with pytest.raises(Invalid):
        box.edge.answer(alert, group="cm9", counts={"present": 1}, by="x")
    with pytest.raises(Invalid):
        box.edge.answer(alert, group="cp", counts={"present": -1}, by="x")
    with pytest.raises(Conflict):
        box.edge.answer("REEL-none", group="cp", counts={"present": 1}, by="x")


def test_posture_changes_sound_at_once(box):
    alert = box.edge.trigger(box.press(hazard=Hazard.EARTHQUAKE))
    assert box.sounder.playing[0] is Posture.TAKE_COVER
    box.edge.order_posture(alert, zone="*", posture=Posture.EVACUATE, person="head", party=Party.HEAD)
    assert box.sounder.playing[0] is Posture.EVACUATE


def test_events_of_the_centre_come_in_once_and_only_signed(box, tmp_path):
    key = SigningKey(b"c" * 32)
    centre = Journal(tmp_path / "centre.sqlite3", origin="centre", key=key, boot="c1")
    body = {"device": "operator", "hazard": "toxic_cloud", "site": "ecole", "posture": "seal_in", "zones": ["z1", "z2"]}
    centre.append(Kind.TRIGGER, alert="REEL-7", body=body, now_us=box.clock.now_us())
    wire = [one.to_wire() for one in centre.lacking({})]
    known = {"centre": VerifyKey(key.public_bytes)}
    stored = [from_wire(one, known) for one in wire]
    told = []
    box.edge.on_change(lambda: told.append(1))
    assert (box.edge.take_in(stored), box.edge.take_in(stored)) == (1, 0)
    changes = len(told)
    assert box.edge.take_in([]) == 0
    assert len(told) == changes, "nothing new is no change: the exchange must not wake itself"
    assert box.sounder.playing == (Posture.SEAL_IN, Nature.REAL)
    for bad in (
        {**wire[0], "document": wire[0]["document"].replace("seal_in", "shelter")},
        {**wire[0], "signature": "AAAA"},
        {"document": "{}"},
    ):
        with pytest.raises(Invalid):
            from_wire(bad, known)
    with pytest.raises(Invalid):
        from_wire(wire[0], {})
    centre.close()


def test_an_edited_journal_is_found(box):
    box.edge.trigger(box.press())
    box.journal._db.execute(
        "UPDATE event SET document = CAST(replace(document, 'couloir', 'cuisine') AS BLOB) WHERE arrived = 1"
    )
    with pytest.raises(Corrupt, match="row 1"):
        box.journal.check()


def test_the_code_is_kept_as_scrypt_and_settings_go_there_and_back(tmp_path):
    assert code_is_right("4711", CODE)
    assert not code_is_right("4712", CODE)
    assert not code_is_right("", "")
    assert "4711" not in CODE
    written = EdgeSettings(
        "edge-1",
        'école "A"',
        tmp_path,
        centre_url="https://centre.example",
        centre_key=b"k" * 32,
        key_code=CODE,
        devices={"b 1": SECRET},
        sounder_command=("aplay", "-q", "-"),
    )
    save(written, tmp_path / "edge.toml")
    assert load(tmp_path / "edge.toml") == written
    assert (tmp_path / "edge.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Invalid, match="pair"):
        load(tmp_path / "absent.toml")


def test_no_two_postures_sound_alike_and_a_drill_never_like_the_real():
    sounds = [tone(posture, nature) for posture in Posture if posture is not Posture.NORMAL for nature in Nature]
    real_and_drill = {tone(p, n) for p in Posture if p is not Posture.NORMAL for n in (Nature.REAL, Nature.DRILL)}
    assert len(real_and_drill) == 12
    assert all(sound[:4] == b"RIFF" for sound in sounds)


@pytest.fixture
def locked(box):
    other = sqlite3.connect(box.settings.data / "edge.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_a_journal_that_takes_nothing_silences_nobody_and_the_repeated_press_is_the_same_alert(box, locked):
    with pytest.raises(Unavailable):
        box.edge.trigger(box.press())
    assert box.sounder.playing == (Posture.ESCAPE_OR_HIDE, Nature.REAL), "it sounds, unacknowledged"
    alert = box.edge.active()[0].alert.id
    assert box.journal.events() == [], "nothing is claimed to be on disk"
    with pytest.raises(Unavailable):
        box.edge.silence(alert, code="4711")
    assert box.sounder.playing is None, "the key stops the sounder whatever the disk does"
    locked.execute("ROLLBACK")
    assert box.edge.trigger(box.press()) == alert
    box.restart()
    assert [len(file.alert.triggers) for file in box.edge.files().values()] == [1]


def test_what_is_done_about_an_unwritten_alert_is_written_after_its_trigger(box, locked):
    with pytest.raises(Unavailable):
        box.edge.trigger(box.press())
    alert = box.edge.active()[0].alert.id
    locked.execute("ROLLBACK")
    box.edge.answer(alert, group="cp", counts={"present": 24, "missing": 0, "injured": 0}, by="room:r1", zone="z1")
    assert box.edge.trigger(box.press()) == alert, "the repeated press is known by then"
    box.restart()
    file = box.edge.files()[alert]
    assert (len(file.alert.triggers), len(file.answers)) == (1, 1)
