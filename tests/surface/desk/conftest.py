"""A room to look at: the village's map, two lawful cameras, an officer on duty, and a foreign commune."""

from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions import conventions, orders
from beffroi.kernel.ids import CameraId
from beffroi.operations import actions as operations
from beffroi.people import actions as people
from beffroi.people import queries as people_queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from beffroi.people.queries import actor_of
from beffroi.sites import actions
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import boundary_of, shipped_plan
from tests.conftest import INSEE, NOW

SECOND = Actor("reviewer", "Brigadière", "PM", "Police municipale")
ELSEWHERE = "99124"
REASON = "Appui à la patrouille du marché"


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    for name in ("secrets", "office", "door", "archive"):
        (folder / f"{name}.key").write_bytes(bytes(range(32)))
    settings.BEFFROI_DATA_DIR = tmp_path
    return folder


@pytest.fixture
def silent_recorder(settings: Any) -> None:
    """No recorder answers: everything must say so and go on."""
    settings.BEFFROI_RECORDER = "tests.surface.desk.recorder.nobody"


@pytest.fixture
def cameras(db: None, keys: Path, silent_recorder: None) -> list[CameraId]:
    """Two lawful cameras of the village (the second serves another purpose) and one of another commune."""
    plan = shipped_plan(INSEE)
    actions.enter_commune(
        actor=SYSTEM,
        insee=INSEE,
        name="Saint-Aubin-du-Beffroi",
        department="99",
        centre=(48.5, 2.5),
        boundary=boundary_of(plan),
        plan=plan,
        now=NOW,
    )
    actions.enter_commune(actor=SYSTEM, insee=ELSEWHERE, name="Couvry", department="99", centre=(48.6, 2.6), now=NOW)
    made = [
        lawful_camera(INSEE, 1, "Place de la Mairie", View(48.5, 2.5, 90, 80, 90), Purpose.SAFETY_OF_PERSONS),
        lawful_camera(INSEE, 8, "Déchetterie", View(48.503, 2.509, 0, 80, 90), Purpose.FLY_TIPPING),
        lawful_camera(ELSEWHERE, 21, "Gare de Couvry", View(48.6, 2.6, 0, 80, 90), Purpose.SAFETY_OF_PERSONS),
    ]
    actions.enter_authorisation(
        actor=SYSTEM,
        reference="AP-99-2026-001",
        department="99",
        purposes={Purpose.SAFETY_OF_PERSONS, Purpose.FLY_TIPPING},
        retention_max_days=30,
        valid_from=NOW - timedelta(days=10),
        valid_to=NOW + timedelta(days=1_500),
        cameras=made,
        now=NOW,
    )
    for camera in made:
        actions.commission_camera(actor=SYSTEM, camera=camera, now=NOW)
    orders.give_consent(insee=INSEE, reference="Délibération 2026-1", actor=SYSTEM, now=NOW)
    return made


def lawful_camera(
    insee: str, number: int, name: str, view: View, purpose: Purpose = Purpose.SAFETY_OF_PERSONS
) -> CameraId:
    """A camera with source and reviewed mask; the order and the commissioning are for the caller."""
    site = actions.enter_site(actor=SYSTEM, insee=insee, name=name, kind="public_road", now=NOW)
    camera = actions.add_camera(
        actor=SYSTEM,
        site=site,
        number=number,
        name=name,
        view=view,
        public_road=True,
        purposes={purpose},
        retention_days=30,
        now=NOW,
    )
    actions.set_source(actor=SYSTEM, camera=camera, main_url=f"rtsp://127.0.0.1:8554/{number}", now=NOW)
    actions.draw_mask(actor=SYSTEM, camera=camera, polygons=[], now=NOW)
    actions.review_mask(actor=SECOND, camera=camera, version=1, now=NOW)
    return camera


@pytest.fixture
def officer(make_person: Callable[..., PersonFacts]) -> PersonFacts:
    """An operator with a prefect's approval (R-12), cleared for the village."""
    person = make_person(Role.DUTY_OFFICER, Role.VIDEO_OFFICER, name="Camille Aubry")
    people.grant_approval(
        person=person.id, reference="AGR-99-1", issuer="Préfet", department="99", actor=SYSTEM, now=NOW
    )
    return people_queries.person_facts(person.id, NOW)


@pytest.fixture
def on_duty(officer: PersonFacts) -> PersonFacts:
    operations.begin_shift(
        actor=actor_of(officer), person=officer, purpose=Purpose.SAFETY_OF_PERSONS, reason=REASON, now=NOW
    )
    return officer


@pytest.fixture
def browser(on_duty: PersonFacts, cameras: list[CameraId], client_of: Callable[[PersonFacts], Client]) -> Client:
    """The officer's own browser, on duty."""
    return client_of(on_duty)


@pytest.fixture
def convention(cameras: list[CameraId]) -> None:
    """The prefect's order on recipients and the small commune's convention, signed and in force."""
    data = resources.files("beffroi.governance").joinpath("data")
    since = NOW - timedelta(days=100)
    orders.register_order(text=data.joinpath("orders", "saint-aubin.yaml").read_text("utf-8"), actor=SYSTEM, now=since)
    text = data.joinpath("conventions", "petite-commune.yaml").read_text("utf-8")
    draft = conventions.draft_convention(text=text, actor=SYSTEM, now=since)
    for party in draft.missing:
        conventions.sign_convention(
            convention=draft.id, party=party, signatory="Signataire", quality="Qualité", actor=SYSTEM, now=since
        )
    conventions.bring_into_effect(convention=draft.id, at=since, actor=SYSTEM, now=since)


@pytest.fixture
def gendarme(cameras: list[CameraId]) -> PersonFacts:
    """A named and cleared person of the gendarmerie's operations centre."""
    organisation = people.create_organisation(name="Compagnie de gendarmerie", force=Force.GN, actor=SYSTEM, now=NOW)
    unit = people.create_unit(
        organisation=organisation, name="Centre d'opérations de la gendarmerie", actor=SYSTEM, now=NOW
    )
    person = people.create_person(
        name="Inès Caron", rank="Maréchale", unit=unit, matricule="GN-1", actor=SYSTEM, now=NOW
    )
    people.grant_role(person=person, role=Role.OPERATIONS_CENTRE, actor=SYSTEM, now=NOW)
    people.grant_clearance(
        person=person, reference="HAB-GN-1", issuer="Commandant de compagnie", territory=[INSEE], actor=SYSTEM, now=NOW
    )
    return people_queries.person_facts(person, NOW)
