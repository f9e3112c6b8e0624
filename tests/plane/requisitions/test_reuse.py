"""Footage held for one case serves another only by a requisition of that other case (R-24)."""

from typing import Any

import pytest

from beffroi.governance import models
from beffroi.governance.core.requisitions import Act, State
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Forbidden
from beffroi.people.core.facts import PersonFacts
from tests.plane.requisitions.test_decide import decide, recorded  # noqa: F401  the fixture
from tests.plane.requisitions.test_receive import enter
from tests.requisition_world import RecorderMemory

FIRST, OTHER = "12345/00678/2026", "12345/00999/2026"


def test_what_is_held_for_one_case_serves_another_by_its_own_requisition_only(
    recorded: RecorderMemory,  # noqa: F811
    officer: PersonFacts,
    actor_of: Any,
) -> None:
    decide(officer, actor_of, enter(officer, actor_of, recorded), Act.ACCEPT)
    same = enter(officer, actor_of, recorded, texts={"procedure_number": FIRST, "reuse_of_case": FIRST})
    with pytest.raises(Forbidden) as caught:
        decide(officer, actor_of, same, Act.ACCEPT, override_reason="les images sont déjà gardées")
    assert "R-24" in caught.value.article
    assert queries.by_id(same.id).state == State.CHECKED
    assert models.Extraction.objects.count() == 1
    own = enter(officer, actor_of, recorded, texts={"procedure_number": OTHER, "reuse_of_case": FIRST})
    assert decide(officer, actor_of, own, Act.ACCEPT).state == State.ACCEPTED
    assert set(models.Extraction.objects.values_list("requisition", flat=True)) >= {own.id}
    assert models.Extraction.objects.count() == 2
