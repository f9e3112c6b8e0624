"""Several cameras on one clock, in a real Chromium: what stands side by side happened at the same time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Basis, Mode
from tests import axe
from tests.media.door.front import CLOCK, Front
from tests.media.door.page import PlayerOffice
from tests.media.door.recording import recording
from tests.waiting import until

SECONDS = 8
pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, int]]:
    clips = {"carpark": "02-carpark", "hall": "04-indoor"}
    with recording(tmp_path_factory.mktemp("together"), clips) as (front, _):
        began_us = CLOCK.now_us()

        def kept() -> bool:
            return all(
                (one.durable_until_us or 0) > began_us + SECONDS * 1_000_000 for one in front.client().status().cameras
            )

        until(kept, timeout=60, what="a while of both cameras is kept")
        yield front, began_us


@pytest.fixture
def page(shown: tuple[Front, int]) -> Iterator[Page]:
    front, began_us = shown
    span = Span.of_us(began_us - 60_000_000, began_us + SECONDS * 1_000_000)
    with PlayerOffice(front) as office, axe.browser() as running:
        cameras = (CameraId("carpark"), CameraId("hall"))
        url = office.grant("grant-together", Mode.REPLAY, cameras=cameras, span=span)
        listed = [
            {"camera": name, "title": name, "ticket_url": url, "stream": "main"}
            for name in ("carpark", "hall", "carpark")
        ]
        page = running.new_context(locale="fr-FR").new_page()
        page.goto(office.show("together", cameras=listed, from_us=span.start_us, to_us=span.end_us, incidents=[]))
        page.wait_for_function(
            "() => [...document.querySelectorAll('.replay-tile video')].every((one) => one.currentTime > 0.5)",
            timeout=40_000,
        )
        yield page


def test_movement_is_searched_in_a_drawn_zone_and_its_finds_are_sought(shown: tuple[Front, int]) -> None:
    front, began_us = shown
    span = Span.of_us(began_us, began_us + SECONDS * 1_000_000)
    ground = Basis("CSI L251-3", "incident", "I-2026-0001", "vol à la roulotte")
    with PlayerOffice(front) as office, axe.browser() as running:
        url = office.grant("grant-search", Mode.REPLAY, cameras=(CameraId("carpark"),), span=span, basis=ground)
        page = running.new_context(locale="fr-FR", viewport={"width": 1000, "height": 1400}).new_page()
        at = {"from_us": span.start_us, "to_us": span.end_us, "incidents": []}
        page.goto(office.show("replay", camera="carpark", stream="main", ticket_url=url, movement=True, **at))
        page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0", timeout=30_000)
        page.locator(".movement summary").click()
        box = page.locator(".movement-frame").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9, steps=4)
        page.mouse.up()
        assert page.locator(".movement select").input_value() == "zone_drawn"
        page.locator("[data-act=search_movement]").click()
        page.wait_for_selector(".movement[data-searched]", timeout=20_000)
        asked = [line for line in front.client().journal(0) if line.name == "look:search"][-1]
        left, top, right, bottom = map(int, str(asked.body["zone"]).split(","))
        assert 800 < left < 1_200
        assert 1_500 < top < 2_500
        assert 8_800 < right < 9_200
        assert 8_500 < bottom < 9_500


def test_several_cameras_are_shown_side_by_side(page: Page) -> None:
    """Each tile has its own pictures and one timeline stands for all of them."""
    assert page.locator(".replay-tile video").count() == 3
    assert page.locator(".timeline svg").count() == 1
