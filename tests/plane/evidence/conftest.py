"""A village with an accepted requisition, who extracts and who receives."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.governance import models
from beffroi.governance.actions import requisitions
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisitions import Act, Channel
from beffroi.governance.files.stamps import CA_CERTIFICATE, CERTIFICATE, KEY
from beffroi.governance.queries import requisitions as queries
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson
from tests.requisition_world import RecorderMemory, entry, make_keys, make_village
from tests.unit.governance import evidence_packages as made


@pytest.fixture
def village(db: None, tmp_path: Path, settings: Any) -> tuple[str, str]:
    """Ids of two cameras; keys in a data folder of this test's own, the time-stamping authority among them."""
    make_keys(tmp_path, settings)
    settings.BEFFROI_TSA_URL = ""
    for name in (CA_CERTIFICATE, CERTIFICATE, KEY):
        (tmp_path / "keys" / name).write_bytes((made.authority_folder() / name).read_bytes())
    return make_village()


@pytest.fixture
def officer(make_person: MakePerson) -> PersonFacts:
    """The video officer, who extracts and hands over."""
    return make_person(Role.VIDEO_OFFICER, name="Dominique Aubry", rank="Chef de service")


@pytest.fixture
def investigator(make_person: MakePerson) -> PersonFacts:
    """The OPJ who asked."""
    return make_person(Role.INVESTIGATOR, name="Camille Ferrand")


@pytest.fixture
def accepted(village: tuple[str, str], officer: PersonFacts, investigator: PersonFacts) -> models.Requisition:
    """A requisition from the counter, checked and accepted: its package has been asked for by the acceptance."""
    recorder = RecorderMemory()
    asker, giver = people.actor_of(investigator), people.actor_of(officer)
    row = requisitions.submit(
        actor=asker, person=investigator, entry=entry(channel=Channel.COUNTER), document=None, recorder=None, now=NOW
    )
    span = queries.span_of(row)
    assert span is not None
    for camera in village:
        recorder.has[camera] = [span.widened(timedelta(hours=1))]
    requisitions.recheck(actor=giver, person=officer, requisition=row.id, recorder=recorder, now=NOW)
    requisitions.answer(actor=giver, person=officer, requisition=row.id, act=Act.ACCEPT, ground=Ground.NONE, now=NOW)
    return queries.by_id(row.id)
