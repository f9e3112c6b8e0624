"""A commune with one camera, a real front for the trials, and a real RTSP camera that wants a password."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit.core.facts import SYSTEM
from beffroi.kernel.signing import SigningKey
from beffroi.media.client import RecorderClient
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import actions
from tests.conftest import INSEE, NOW
from tests.media.door.front import CLOCK, Front, running_front
from tests.media.rtsp import RtspCameras, footage

USER, PLANTED = "viewer", "Planted-Pa55word"
_front: dict[str, Front] = {}


def recorder() -> RecorderClient:
    """What ``BEFFROI_RECORDER`` names in these tests."""
    return RecorderClient(f"unix:{_front['now'].run / 'recorder.sock'}", SigningKey(bytes(range(32))), CLOCK)


@pytest.fixture(scope="package")
def camera_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RtspCameras(tmp_path_factory.mktemp("cameras"), user=USER, password=PLANTED) as cameras:
        cameras.add("hall", footage("01"), encode=("-t", "4", "-c:v", "libx264", "-g", "10", "-s", "320x180"))
        cameras.start()
        yield cameras.url("hall")


@pytest.fixture(scope="package")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    base = tmp_path_factory.mktemp("front")
    keys = base / "data" / "keys"
    keys.mkdir(parents=True)
    for name in ("office", "secrets"):
        (keys / f"{name}.key").write_bytes(bytes(range(32)))
    with running_front(base) as started:
        _front["now"] = started
        yield started


@pytest.fixture
def centre(db: None, front: Front, settings: Any) -> Path:
    """The office of the commune, speaking to that front."""
    settings.BEFFROI_DATA_DIR = front.data
    settings.BEFFROI_RECORDER = "tests.surface.technical.conftest.recorder"
    actions.enter_commune(actor=SYSTEM, insee=INSEE, name="Saint-Aubin", department="99", centre=(48.5, 2.5), now=NOW)
    actions.enter_site(actor=SYSTEM, insee=INSEE, name="Place de la Halle", kind="public_road", now=NOW)
    return front.data


@pytest.fixture
def technician(make_person: Callable[..., PersonFacts]) -> PersonFacts:
    """Maintenance, without a clearance: sees no picture."""
    return make_person(Role.TECHNICIAN, name="Éric Sorel", cleared=False)


@pytest.fixture
def chief(make_person: Callable[..., PersonFacts]) -> PersonFacts:
    """Chief of the municipal police: cleared, and a police officer by rank."""
    return make_person(Role.CHIEF, Role.VIDEO_OFFICER, name="Lucie Brandt", rank="Chef de service")
