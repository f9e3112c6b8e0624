"""The life of a requisition: every pair of state and act, against a list written by hand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.requisition_facts import RequestedThing
from beffroi.governance.core.requisitions import ANSWERED, DECISIONS, OPEN, TABLE, Act, State, next_state, open_acts
from beffroi.kernel.errors import Conflict

COPY = frozenset({RequestedThing.COPY})
HOLD = frozenset({RequestedThing.HOLD})

# One line a state; columns in the order of Act. "." refuses. Written apart from TABLE, so that a slip in one shows.
HEAD = (
    "check ask-completion complete amend accept accept-partly answer-negative refuse withdraw package hand-over "
    "acknowledge record-outcome close purge-copies assign remind"
)
COLUMNS = HEAD.split()
ROWS = {
    "received": "checked incomplete . received . . . . withdrawn . . . . . . received .",
    "checked": "checked incomplete . received accepted accepted negative refused withdrawn . . . . . . checked .",
    "incomplete": ". incomplete received . . . . refused withdrawn . . . . . . incomplete incomplete",
    "accepted": ". . . . . . negative . withdrawn packaged . . . . . accepted .",
    "negative": ". . . . . . . . . . . . negative closed . . .",
    "refused": ". . . . . . . . . . . . . closed . . .",
    "packaged": ". . . . . . . . . . handed_over . . . . packaged .",
    "handed_over": ". . . . . . . . . . . acknowledged handed_over . . . handed_over",
    "acknowledged": ". . . . . . . . . . . . acknowledged closed . . acknowledged",
    "closed": ". . . . . . . . . . . . closed . purged . closed",
    "purged": ". . . . . . . . . . . . purged . . . purged",
    "withdrawn": ". . . . . . . . . . . . . . . . .",
}


def test_the_hand_written_table_names_every_state_and_act() -> None:
    assert [act.value for act in Act] == COLUMNS
    assert set(ROWS) == {state.value for state in State}


@pytest.mark.parametrize(("state", "act"), list(itertools.product(State, Act)))
def test_every_pair(state: State, act: Act) -> None:
    wanted = ROWS[state.value].split()[COLUMNS.index(act.value)]
    if wanted == ".":
        with pytest.raises(Conflict) as caught:
            next_state(state, act, COPY)
        assert caught.value.code == "requisition-state"
        assert act not in open_acts(state, COPY)
    else:
        assert next_state(state, act, COPY) is State(wanted)


def test_a_preservation_closes_without_a_package_and_a_copy_does_not() -> None:
    assert next_state(State.ACCEPTED, Act.CLOSE, HOLD) is State.CLOSED
    with pytest.raises(Conflict):
        next_state(State.ACCEPTED, Act.CLOSE, HOLD | COPY)


def test_no_decision_leaves_the_open_states_unchecked() -> None:
    """Accepting or answering needs that the rules were asked; only an incomplete paper may be refused before."""
    for (state, act), _ in TABLE.items():
        if act in DECISIONS:
            assert state in {State.CHECKED, State.ACCEPTED} or (state, act) == (State.INCOMPLETE, Act.REFUSE)


@given(st.lists(st.sampled_from(list(Act)), max_size=30))
def test_an_answer_is_never_taken_back(acts: list[Act]) -> None:
    state = State.RECEIVED
    answered = False
    for act in acts:
        if act in open_acts(state, COPY):
            state = next_state(state, act, COPY)
            assert not (answered and state in OPEN - {State.PACKAGED, State.ACCEPTED})
            answered = answered or state in ANSWERED
