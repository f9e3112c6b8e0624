"""A quiet call for an adult is another thing than an alert: own button, own sound, own colour, nobody takes shelter."""

import io
import json
import struct
import wave
from datetime import timedelta

import pytest

from beffroi.edge.assistance import Assistance
from beffroi.edge.sounds import help_chime, tone
from beffroi.kernel.errors import NotFound
from beffroi.safety.core.words import Nature, Posture
from tests.unit.edge.test_engine import box  # noqa: F401  box is a fixture


def test_a_call_is_durable_once_and_ends_when_somebody_says_so(box):  # noqa: F811
    calls = Assistance(box.journal, box.clock)
    first = calls.ask("page:r1", "Salle 1", "p/1")
    assert calls.ask("page:r1", "Salle 1", "p/1") == first
    assert calls.ask("page:r1", "Salle 1", "p/2") == first, "one open call a room"
    assert box.edge.files() == {}
    assert box.sounder.playing is None
    box.restart()
    calls = Assistance(box.journal, box.clock)
    assert [one.id for one in calls.open_calls()] == [first.id]
    calls.coming(first.id)
    assert calls.of("page:r1").coming_us
    calls.settle(first.id)
    assert calls.open_calls() == []
    assert calls.ask("page:r1", "Salle 1", "p/1").id == first.id, "a late repeat opens nothing"
    assert calls.open_calls() == []
    assert calls.ask("page:r1", "Salle 1", "p/3").id != first.id
    with pytest.raises(NotFound):
        calls.settle("another")
    box.clock.advance(timedelta(days=2))
    assert calls.open_calls() == []
    json.loads(box.journal.setting("assistance"))


def test_its_chime_is_no_posture_and_is_not_the_loudest():
    assert all(help_chime() != tone(one, Nature.REAL) for one in Posture if one is not Posture.NORMAL)
    assert loudest(help_chime()) * 2 < loudest(tone(Posture.SHELTER, Nature.REAL))


def loudest(sound):
    with wave.open(io.BytesIO(sound)) as file:
        return max(one for (one,) in struct.iter_unpack("<h", file.readframes(file.getnframes())))
