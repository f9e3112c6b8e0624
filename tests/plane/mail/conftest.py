"""The village of requisitions, and who works there."""

from pathlib import Path
from typing import Any

import pytest

from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import MakePerson
from tests.requisition_world import RecorderMemory, make_keys, make_village


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any) -> tuple[str, str]:
    """Ids of the cameras of the Halle (3) and the Mairie (7)."""
    make_keys(tmp_path, settings)
    return make_village()


@pytest.fixture
def recorder() -> RecorderMemory:
    """What the recorder says."""
    return RecorderMemory()


@pytest.fixture
def officer(make_person: MakePerson) -> PersonFacts:
    """The video officer, who may decide."""
    return make_person(Role.VIDEO_OFFICER, name="Dominique Aubry", rank="Chef de service")


@pytest.fixture
def investigator(make_person: MakePerson) -> PersonFacts:
    """An OPJ of the gendarmerie with an account."""
    return make_person(Role.INVESTIGATOR, name="Camille Ferrand")


@pytest.fixture
def actor_of() -> Any:
    """Who acts, from facts."""
    return people.actor_of
