"""The ladder: nobody waits longer than the rungs say, no rung is passed twice or skipped, whatever the rhythm."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from beffroi.people.core.roles import Role
from beffroi.safety.core.escalation import AFTER, LAST, rung_of, rungs_due

SECONDS = st.floats(0, 300, allow_nan=False).map(lambda seconds: timedelta(seconds=seconds))


@given(st.lists(SECONDS, min_size=1, max_size=30))
def test_every_rung_is_passed_once_in_order_and_never_early(moments):
    passed = [1]
    for waited in sorted(moments):
        for rung in rungs_due(waited, passed[-1]):
            assert waited >= AFTER[rung]
            passed.append(rung)
        assert all(rung in passed for rung, after in AFTER.items() if waited >= after)
    assert passed == list(range(1, len(passed) + 1))
    assert passed[-1] <= LAST


def test_who_stands_where():
    def rung(**changes):
        given = {"on_duty": False, "answers_for_building": False, "next_in_line": False, "roles": frozenset()}
        return rung_of(**given | changes)

    assert rung(on_duty=True) == 1
    assert rung(answers_for_building=True) == 1
    assert rung(next_in_line=True) == 2
    assert rung(roles=frozenset({Role.CHIEF})) == 3
    assert rung(roles=frozenset({Role.MAYOR})) == 4
