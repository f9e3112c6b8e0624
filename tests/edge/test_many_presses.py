"""The promise of the bell: of ten thousand presses none is lost and none doubled, each on disk before it is taken."""

import pytest

from beffroi.safety.core.events import Kind
from tests.unit.edge.test_engine import Box


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.journal.close()


def test_ten_thousand_presses(box):
    for sequence in range(1, 10_001):
        if sequence % 100 == 1 and sequence > 1:
            alert = box.edge.active()[0].alert.id
            box.edge.act(Kind.KEY, alert, {"person": "h", "party": "head", "act": "cancel"})
            box.edge.act(Kind.KEY, alert, {"person": "c", "party": "chief", "act": "cancel", "call_back": "h"})
        box.edge.trigger(box.press(sequence))
    triggers = [one.key for file in box.edge.files().values() for one in file.alert.triggers]
    assert len(triggers) == len(set(triggers)) == 10_000
    box.restart()
    again = [one.key for file in box.edge.files().values() for one in file.alert.triggers]
    assert sorted(again) == sorted(triggers), "a restart changes nothing"
