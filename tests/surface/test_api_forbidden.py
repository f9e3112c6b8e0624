"""The API under five thousand requests that its document forbids and addresses that no document names.

A file of its own: the other half runs beside it.
"""

from pathlib import Path

import pytest

from tests.surface import api_storm, role_world

pytestmark = pytest.mark.django_db


def test_what_the_document_forbids_finds_no_fault_no_footage_and_no_undocumented_answer(tmp_path: Path) -> None:
    with role_world.built(tmp_path) as world:
        storm = api_storm.blow(world, per_kind=600, number=20_261_123, kinds={api_storm.WRONG})
    assert not storm.faults, "\n".join(storm.faults[:20])
    assert storm.sent >= 5_000
    assert {401, 404, 422} <= {status for _, status in storm.statuses}, "each kind of answer was met"
