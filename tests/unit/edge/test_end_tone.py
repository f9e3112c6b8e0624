"""The end of an alert is heard in the building: its own sound, for a while, of its nature, and never where it lasts."""

import io
import wave

import pytest

from beffroi.edge.sounder import CommandSounder
from beffroi.edge.sounds import END_ROUNDS, RHYTHMS, tone
from beffroi.safety.core.events import Kind
from beffroi.safety.core.words import Nature, Posture
from tests.unit.edge.test_engine import box  # noqa: F401  a fixture
from tests.waiting import until

HEAD = {"person": "h", "party": "head"}
CHIEF = {"person": "c", "party": "chief", "call_back": "Mme A.", "authority": "Préfecture"}


class Heard:
    """A sounder that keeps what it was told."""

    def __init__(self):
        self.told = []

    def play(self, posture, nature):
        self.told.append((posture, nature))

    def end(self, nature):
        self.told.append(("end", nature))

    def stop(self):
        self.told.append("silence")

    def fault(self):
        return ""


@pytest.fixture
def heard(box):  # noqa: F811
    box.edge.sounder = Heard()
    return box.edge.sounder


def end(box, alert):  # noqa: F811
    for who in (HEAD, CHIEF):
        box.edge.act(Kind.KEY, alert, {**who, "act": "cancel"})


def test_the_end_is_sounded_once_and_what_is_written_later_does_not_cut_it(box, heard):  # noqa: F811
    alert = box.edge.trigger(box.press())
    end(box, alert)
    assert not box.edge.files()[alert].alert.active
    assert heard.told[-1] == ("end", Nature.REAL)
    assert heard.told.count(("end", Nature.REAL)) == 1
    with box.edge._lock:
        box.edge._write(Kind.NOTE, alert, {"text": "Parents prévenus"})
    assert heard.told[-1] == ("end", Nature.REAL)


def test_a_silenced_alert_ends_in_silence(box, heard):  # noqa: F811
    alert = box.edge.trigger(box.press())
    box.edge.silence(alert, code="4711")
    end(box, alert)
    assert ("end", Nature.REAL) not in heard.told


def test_nothing_sounds_an_end_while_another_alert_lasts(box, heard):  # noqa: F811
    now_us = box.clock.now_us()
    box.edge.arm_drill("EXERCICE-1", ["button-1"], now_us + 60_000_000)
    drill = box.edge.trigger(box.press())
    assert drill == "EXERCICE-1"
    box.edge.disarm_drill()
    real = box.edge.trigger(box.press(sequence=2))
    assert not box.edge.files()[drill].alert.active, "the real ended the drill"
    assert not [one for one in heard.told if one[0] == "end"]
    end(box, real)
    assert heard.told[-1] == ("end", Nature.REAL)


def test_a_drill_ends_as_a_drill(box, heard):  # noqa: F811
    box.edge.arm_drill("EXERCICE-1", ["button-1"], box.clock.now_us() + 60_000_000)
    end(box, box.edge.trigger(box.press()))
    assert heard.told[-1] == ("end", Nature.DRILL)


def test_the_loudspeaker_plays_the_end_and_its_voice_so_often_and_is_silent(tmp_path):
    voices, played = tmp_path / "voices", tmp_path / "played"
    voices.mkdir()
    (voices / "exercice-released.wav").write_bytes(b"VOICE")
    sounder = CommandSounder(("sh", "-c", f"cat >> '{played}'"), voices)
    once = tone(Posture.RELEASED, Nature.DRILL) + b"VOICE"
    sounder.end(Nature.DRILL)
    until(lambda: played.exists() and played.read_bytes() == once * END_ROUNDS, what="the end")
    until(lambda: sounder._wanted is None, what="silence")
    assert played.read_bytes() == once * END_ROUNDS
    assert sounder.fault() == ""


def test_the_end_is_unlike_every_other_sound_even_without_its_pitch():
    shapes = {posture: [(hertz > 0, seconds) for hertz, seconds in notes] for posture, notes in RHYTHMS.items()}
    assert sum(shape == shapes[Posture.RELEASED] for shape in shapes.values()) == 1
    assert max(length for on, length in shapes[Posture.RELEASED] if on) > max(
        length for posture, notes in shapes.items() if posture is not Posture.RELEASED for on, length in notes if on
    ), "the longest note of all"
    with wave.open(io.BytesIO(tone(Posture.RELEASED, Nature.REAL))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert 25 < seconds * END_ROUNDS < 40
