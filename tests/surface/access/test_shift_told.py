"""A shift that begins and ends between two beats of the office is over at the door too, whatever dies next (I14)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.media.client import RecorderClient
from beffroi.sites.files import office_key
from tests.media.door.front import CLOCK, Front, running_front
from tests.plane.governance.conftest import World

pytestmark = pytest.mark.django_db
_CLIENTS: list[RecorderClient] = []


def recorder() -> RecorderClient:
    """The office's way to the front of this test; named in the settings."""
    return _CLIENTS[-1]


@pytest.fixture
def front(world: World, tmp_path: Path, settings) -> Iterator[Front]:
    settings.BEFFROI_RECORDER = f"{__name__}.recorder"
    (tmp_path / "data").symlink_to(tmp_path)  # the office's data folder is the front's
    office_key()
    with running_front(tmp_path) as running:
        _CLIENTS.append(RecorderClient(f"unix:{running.run / 'recorder.sock'}", office_key(), CLOCK))
        yield running
        _CLIENTS.pop()


def words(front: Front) -> list[list[str]]:
    """What the door has written down of the looks on duty."""
    return [one.body["duty"] for one in front.client(office_key()).journal(0, limit=5_000) if one.name == "duty:hear"]


def test_the_door_has_heard_the_lease_before_the_page_has_it_and_the_end_before_it_is_answered(
    world: World, front: Front, client_of
) -> None:
    page: Client = client_of(world.officer)
    page.post(reverse("desk:shift"), {"purpose": "L251-2:5", "reason": "Patrouille de nuit", "hours": "4"})
    grant = page.post(reverse("desk:wall-look")).json()["grant"]
    assert words(front) == [], "the office has not beaten yet"
    answer = page.post(reverse("shift-lease"), {"binding": "a" * 64}, content_type="application/json")
    assert answer.json()["lease"]
    assert words(front) == [[grant]]
    page.post(reverse("desk:shift-end"))
    assert words(front) == [[grant], []]
