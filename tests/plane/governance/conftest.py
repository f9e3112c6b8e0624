"""A commune with two cameras, its order and convention in force, and the people of both sides."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import conventions, orders
from beffroi.governance.files import texts
from beffroi.operations import actions as operations
from beffroi.operations.core.words import Incident, Shift
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import actions as sites
from beffroi.sites import queries as site_queries
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW, MakePerson

CLERK = Actor("clerk", "Secrétariat", "MAIRE", "Mairie")
SECOND = Actor("second", "Brigadière", "PM", "Police municipale")
FOUNDED = datetime(2026, 2, 10, tzinfo=UTC)
PURPOSES = {Purpose.SAFETY_OF_PERSONS, Purpose.RISKS, Purpose.TERRORISM}


@dataclass
class World:
    """Who and what there is."""

    cameras: list[str]
    officer: PersonFacts
    video: PersonFacts
    chief: PersonFacts
    opj: PersonFacts
    corg: PersonFacts
    prefecture: PersonFacts


def actor(person: PersonFacts) -> Actor:
    return people.actor_of(person)


def text_of(name: str) -> str:
    """A shipped text with the units that ``make_person`` makes."""
    text = texts.model_orders().get(name) or texts.model_convention(name)
    for was, becomes in (
        ("Brigade de Saint-Aubin-du-Beffroi", "Unit GN"),
        ("Centre d'opérations de la gendarmerie", "Unit GN"),
        ("Cabinet du préfet", "Unit PREF"),
    ):
        text = text.replace(was, becomes)
    return text.replace("unit_in: [Unit GN, Unit GN]", "unit_in: [Unit GN]")


def adopt(name: str, text: str = "") -> str:
    """Enter a model convention, let every party sign, bring it into effect; its id."""
    draft = conventions.draft_convention(text=text or text_of(name), actor=CLERK, now=FOUNDED)
    for party in draft.missing:
        conventions.sign_convention(
            convention=draft.id, party=party, signatory="Nom", quality="Qualité", actor=CLERK, now=FOUNDED
        )
    conventions.bring_into_effect(convention=draft.id, at=FOUNDED, actor=CLERK, now=FOUNDED)
    return draft.id


@pytest.fixture
def cameras(db: None, data_dir: Path) -> list[str]:
    """Two cameras on the public road, authorised and in service."""
    (data_dir / "keys" / "secrets.key").write_bytes(bytes(range(32)))
    boundary = ((48.48, 2.47), (48.48, 2.53), (48.52, 2.53), (48.52, 2.47))
    sites.enter_commune(
        actor=CLERK,
        insee=INSEE,
        name="Saint-Aubin",
        department="99",
        centre=(48.5, 2.5),
        boundary=boundary,
        now=FOUNDED,
    )
    square = sites.enter_site(actor=CLERK, insee=INSEE, name="Place", kind="public_road", now=FOUNDED)
    made = []
    for number in (1, 2):
        camera = sites.add_camera(
            actor=CLERK,
            site=square,
            number=number,
            name=f"Caméra {number}",
            view=View(48.5, 2.5, 0, 90, 100),
            public_road=True,
            purposes=PURPOSES,
            retention_days=30,
            tags={"centre"},
            now=FOUNDED,
        )
        sites.set_source(
            actor=CLERK, camera=camera, main_url="rtsp://127.0.0.1:1/x", username="u", password="p", now=FOUNDED
        )
        sites.draw_mask(actor=CLERK, camera=camera, polygons=[], now=FOUNDED)
        sites.review_mask(actor=SECOND, camera=camera, version=1, now=FOUNDED)
        made.append(camera)
    sites.enter_authorisation(
        actor=CLERK,
        reference="AP-99-2026-001",
        department="99",
        purposes=PURPOSES,
        retention_max_days=30,
        valid_from=FOUNDED,
        valid_to=NOW + timedelta(days=1_000),
        cameras=made,
        now=FOUNDED,
    )
    for camera in made:
        sites.commission_camera(actor=CLERK, camera=camera, now=FOUNDED)
    return made


@pytest.fixture
def world(cameras: list[str], make_person: MakePerson) -> World:
    """The commune under its order, without a convention yet."""
    orders.register_order(text=text_of("saint-aubin"), actor=CLERK, now=FOUNDED)
    rank = "Brigadier-chef principal"
    found = World(
        cameras,
        make_person(Role.DUTY_OFFICER, name="Garde", rank=rank, now=FOUNDED),
        make_person(Role.VIDEO_OFFICER, name="Référente", rank=rank, now=FOUNDED),
        make_person(Role.CHIEF, name="Cheffe", rank="Chef de service", now=FOUNDED),
        make_person(Role.INVESTIGATOR, name="Enquêteur", rank="Adjudant", now=FOUNDED),
        make_person(Role.OPERATIONS_CENTRE, name="Opératrice", rank="Gendarme", now=FOUNDED),
        make_person(Role.PREFECTURE_DUTY, name="Permanence", now=FOUNDED),
    )
    assert found.prefecture.force.value == "PREF"
    return found


@pytest.fixture
def convention(world: World) -> str:
    """The first model convention in force; its id."""
    text = text_of("saint-aubin").replace("PREF-0042", world.prefecture.matricule).replace("AP-2026-99-0117", "AP-2")
    orders.register_order(text=text, actor=CLERK, now=FOUNDED)
    return adopt("petite-commune")


@pytest.fixture
def shift(world: World) -> Shift:
    return begin(world.officer)


def begin(person: PersonFacts, now: datetime = NOW) -> Shift:
    """Put a person on duty."""
    return operations.begin_shift(
        actor=actor(person), person=person, purpose=Purpose.SAFETY_OF_PERSONS, reason="Soirée du marché", now=now
    )


@pytest.fixture
def incident(world: World, shift: Shift) -> Incident:
    """Something on the first camera."""
    return operations.open_incident(
        actor=actor(world.officer),
        person=world.officer,
        camera=site_queries.camera(world.cameras[0]),
        title="Rixe devant la mairie",
        reason="Plusieurs personnes se battent",
        now=NOW,
    )
