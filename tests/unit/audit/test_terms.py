"""How long the log remembers: never shorter than six months, never longer than three years."""

from datetime import timedelta

import pytest

from beffroi.audit.core.names import NAMES
from beffroi.audit.core.terms import terms

DAY = timedelta(days=1)


def test_looks_are_remembered_three_years_and_technical_lines_one() -> None:
    register, technical = terms()
    assert (register.kept.days // 365, technical.kept.days // 365) == (3, 1)
    assert "look:begin" in register.names
    assert "session:begin" in technical.names


def test_every_name_with_a_term_is_a_name() -> None:
    assert {name for term in terms() for name in term.names} <= NAMES.keys()


@pytest.mark.parametrize("days", [0, 181, 1_097])
def test_a_term_outside_what_is_allowed_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="six months and three years"):
        terms({"register": days * DAY})
