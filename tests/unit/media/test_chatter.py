"""What cameras tell becomes few lines, whatever they do, and no change is left uncounted."""

from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core.chatter import FIRST_NS, MOST_VOICES, Chatter, Said, changes, is_said, said_to_json
from beffroi.media.core.device_events import Heard, Standing, Told

DOOR, TAMPER = Told(Heard.INPUT, "door", on=True), Told(Heard.TAMPER, "1", on=True)
DAY_NS = 86_400 * 10**9


def test_the_first_is_said_at_once_and_what_follows_is_counted() -> None:
    chatter = Chatter()
    assert chatter.heard([DOOR], 5, 0) == [Said(Heard.INPUT, "door", True, 5, 1)]
    shut = Told(Heard.INPUT, "door", on=False)
    assert chatter.heard([shut, DOOR, shut], 9, 10**9) == []
    assert chatter.due(FIRST_NS - 1) == []
    assert chatter.due(FIRST_NS) == [Said(Heard.INPUT, "door", False, 9, 3)]
    assert chatter.heard([DOOR], 12, 2 * FIRST_NS) == [], "the pause has doubled"
    assert chatter.due(3 * FIRST_NS) == [Said(Heard.INPUT, "door", True, 12, 1)]
    assert chatter.due(DAY_NS) == []
    assert chatter.heard([shut], 20, DAY_NS) == [Said(Heard.INPUT, "door", False, 20, 1)], "after silence at once"


def test_a_contact_that_bounces_all_day_leaves_few_lines_and_all_its_changes() -> None:
    chatter, said = Chatter(), list[Said]()
    for second in range(86_400):
        said += chatter.heard([Told(Heard.INPUT, "door", on=second % 2 == 0)], second, second * 10**9)
    said += chatter.due(2 * DAY_NS)
    assert len(said) < 34
    assert sum(one.changes for one in said) == 86_400


@given(st.lists(st.tuples(st.text(max_size=2), st.booleans(), st.integers(0, 3600)), max_size=200))
def test_names_that_a_camera_invents_do_not_flood_and_nothing_is_lost(told: list[tuple[str, bool, int]]) -> None:
    chatter, said, now_ns = Chatter(), list[Said](), 0
    for name, on, after_s in told:
        now_ns += after_s * 10**9
        said += chatter.heard([Told(Heard.INPUT, name, on)], 1, now_ns)
    said += chatter.due(now_ns + DAY_NS)
    assert sum(one.changes for one in said) == len(told)
    hours = now_ns // (3600 * 10**9) + 1
    assert len(said) <= (MOST_VOICES + 1) * 60 * hours
    assert all(is_said(said_to_json(7, "gate", one)) for one in said)


def test_what_ended_and_what_began_between_two_states_is_told() -> None:
    before = (Standing(Heard.INPUT, "door", 1), Standing(Heard.TAMPER, "1", 2))
    after = (Standing(Heard.TAMPER, "1", 2), Standing(Heard.INPUT, "mains", 3))
    assert changes(before, after) == [Told(Heard.INPUT, "door", on=False), Told(Heard.INPUT, "mains", on=True)]
    assert not is_said({"event": 1})
