"""Small pictures over the timeline of a replay, in a real Chromium, by pointer and by keys."""

import pytest
from playwright.sync_api import Page

from tests.media.door.page import PlayerOffice
from tests.media.door.test_players import chromium as chromium  # fixtures
from tests.media.door.test_players import office as office
from tests.media.door.test_players import page as page
from tests.media.door.test_players import playing, recorded_for, replay
from tests.media.door.test_players import watched as watched

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_small_picture_is_shown_over_the_timeline_by_pointer_and_by_keys(office: PlayerOffice, page: Page) -> None:
    recorded_for(office.front, "carpark", 14)
    url, span = replay(office, "carpark", seconds=300, before_s=20)
    page.goto(url)
    playing(page, 1)
    preview, line = page.locator(".timeline-preview"), page.locator(".timeline > svg")
    drawn = "() => { const i = document.querySelector('.timeline-preview > img'); return i.naturalWidth === 240 }"
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box is not None
    second = box["width"] / 600  # the nearest view is ten minutes
    line.hover(position={"x": 26 * second, "y": 20})
    preview.wait_for(state="visible")
    page.wait_for_function(drawn)
    assert span.start_us <= int(preview.get_attribute("data-at-us") or 0) + 1_000_000
    line.hover(position={"x": 10 * second, "y": 20})
    page.wait_for_function("() => document.querySelector('.timeline-preview > img').hidden")
    assert preview.locator("figcaption").inner_text() == "preview_none"
    page.mouse.move(0, 0)
    preview.wait_for(state="hidden")
    line.focus()
    page.keyboard.press("Control+ArrowRight")
    preview.wait_for(state="visible")
    page.keyboard.press("Escape")
    preview.wait_for(state="hidden")
    page.keyboard.press("Control+ArrowLeft")
    preview.wait_for(state="visible")
    page.keyboard.press("Enter")
    preview.wait_for(state="hidden")
    page.wait_for_function(
        "(at) => Number(document.querySelector('#player').dataset.utcUs) < at + 4e6", arg=span.start_us + 20_000_000
    )
    assert page.locator("#player").get_attribute("data-failed") is None
