"""A commune with an order, keys in a data folder of its own, and someone to act."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit.core.facts import Actor
from beffroi.sites import actions
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from tests.conftest import INSEE, NOW

CHIEF = Actor("chief", "Chef de service", "PM", "Police municipale")
SECOND = Actor("second", "Brigadière", "PM", "Police municipale")
BOUNDARY = ((48.48, 2.47), (48.48, 2.53), (48.52, 2.53), (48.52, 2.47))
NORTH = View(48.5, 2.5, 0, 90, 100)


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """Key files in a data folder of this test."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "secrets.key").write_bytes(bytes(range(32)))
    (folder / "office.key").write_bytes(bytes(range(32, 64)))
    settings.BEFFROI_DATA_DIR = tmp_path
    return folder


@pytest.fixture
def square(db: None) -> str:
    """The commune and one public square in it; the square's id."""
    actions.enter_commune(
        actor=CHIEF, insee=INSEE, name="Saint-Aubin", department="99", centre=(48.5, 2.5), boundary=BOUNDARY, now=NOW
    )
    return actions.enter_site(actor=CHIEF, insee=INSEE, name="Place", kind="public_road", now=NOW)


@pytest.fixture
def lawful(square: str, keys: Path) -> str:
    """A camera that records: source, order and mask reviewed by a second person; its id."""
    camera = actions.add_camera(
        actor=CHIEF,
        site=square,
        number=1,
        name="Place de la Mairie",
        view=NORTH,
        public_road=True,
        purposes={Purpose.SAFETY_OF_PERSONS},
        retention_days=30,
        tags={"centre"},
        now=NOW,
    )
    actions.set_source(
        actor=CHIEF,
        camera=camera,
        main_url="rtsp://127.0.0.1:8554/one",
        sub_url="rtsp://127.0.0.1:8554/one-sub",
        username="viewer",
        password="very secret",
        now=NOW,
    )
    actions.draw_mask(actor=CHIEF, camera=camera, polygons=[], now=NOW)
    actions.review_mask(actor=SECOND, camera=camera, version=1, now=NOW)
    actions.enter_authorisation(
        actor=CHIEF,
        reference="AP-99-2026-001",
        department="99",
        purposes={Purpose.SAFETY_OF_PERSONS},
        retention_max_days=30,
        valid_from=NOW - timedelta(days=10),
        valid_to=NOW + timedelta(days=1_000),
        cameras=[camera],
        now=NOW,
    )
    actions.commission_camera(actor=CHIEF, camera=camera, now=NOW)
    return camera
