"""Two officers decide one requisition at the same instant: one decision stands, and footage goes out once."""

from typing import Any

import pytest

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisitions import Act, State
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Conflict
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import MakePerson
from tests.plane.governance.test_same_instant import together
from tests.plane.requisitions.test_decide import decide, recorded  # noqa: F401  the fixture
from tests.plane.requisitions.test_receive import enter
from tests.requisition_world import RecorderMemory


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("second", "ground"), [(Act.ACCEPT, Ground.NONE), (Act.REFUSE, Ground.INCOMPLETE)], ids=["two yes", "yes and no"]
)
def test_of_two_decisions_at_the_same_instant_one_stands(
    recorded: RecorderMemory,  # noqa: F811
    officer: PersonFacts,
    make_person: MakePerson,
    actor_of: Any,
    second: Act,
    ground: Ground,
) -> None:
    chief = make_person(Role.CHIEF, rank="Chef de service")  # whoever accepts also extracts
    row = enter(officer, actor_of, recorded)
    found = together(
        lambda: decide(officer, actor_of, row, Act.ACCEPT),
        lambda: decide(chief, actor_of, row, second, ground=ground),
    )
    assert [isinstance(one, Conflict) for one in found].count(True) == 1
    made = models.RequisitionDecision.objects.get(requisition=row.id)
    won = officer.id if isinstance(found[1], Conflict) else chief.id
    assert made.by == won
    state = queries.by_id(row.id).state
    assert state == (State.ACCEPTED if made.act == Act.ACCEPT else State.REFUSED)
    assert models.Extraction.objects.count() == (state == State.ACCEPTED)
    names = {f"requisition:{Act.ACCEPT.value}", f"requisition:{Act.REFUSE.value}"}
    assert Fact.objects.filter(name__in=names).count() == 1
