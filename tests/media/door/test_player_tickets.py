"""Tickets of an open player: renewed before they end, by whatever clock; asked for anew once where the door refuses."""

from typing import Any

import pytest
from playwright.sync_api import Page

from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Mode
from tests.media.door.front import CLOCK
from tests.media.door.page import PlayerOffice
from tests.media.door.test_players import HOUR_US, live, playing, state
from tests.media.door.test_players import chromium as chromium  # fixtures
from tests.media.door.test_players import office as office
from tests.media.door.test_players import page as page
from tests.media.door.test_players import watched as watched
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]
SET = """(hours) => { const true_now = Date.now; Date.now = () => true_now() + hours * 3_600_000; }"""


@pytest.mark.parametrize("hours", [0, -2, 2])
def test_tickets_are_renewed_before_they_end(office: PlayerOffice, page: Page, hours: int) -> None:
    """Also on a console whose clock is hours behind or ahead: neither without pictures nor asking all the time."""
    page.add_init_script(f"({SET})({hours})")

    def short(binding: str, _camera: str) -> str:
        now_us = CLOCK.now_us()
        changes: dict[str, Any] = {"issued_us": now_us, "expires_us": now_us + 22_000_000}
        return office.front.ticket(Mode.LIVE, binding, cameras=(CameraId("carpark"),), **changes)

    url = live(office, "carpark")
    office.tickets["grant-carpark"] = short
    page.goto(url)
    playing(page, 1)
    until(lambda: len(office.asked) >= 2, timeout=30, what="another ticket is asked for")
    playing(page, 1)
    assert state(page) == "live"
    assert len(office.asked) < 5


def test_a_ticket_from_before_the_clock_was_set_is_asked_for_anew_once(office: PlayerOffice, page: Page) -> None:
    """The centre's clock was an hour ahead and is set right: an open wall went dark until somebody loaded it anew."""
    ahead_us = [HOUR_US, 0]

    def issued(binding: str, _camera: str) -> str:
        now_us = CLOCK.now_us() + (ahead_us.pop(0) if ahead_us else 0)
        changes: dict[str, Any] = {"issued_us": now_us, "expires_us": now_us + 60_000_000}
        return office.front.ticket(Mode.LIVE, binding, cameras=(CameraId("carpark"),), **changes)

    url = live(office, "carpark")
    office.tickets["grant-carpark"] = issued
    page.goto(url)
    playing(page, 1)
    assert len(office.asked) == 2
    office.tickets["grant-carpark"] = lambda *_: office.front.ticket(Mode.LIVE, "0" * 64)
    page.goto(url)
    page.wait_for_selector("[data-state=stopped]", timeout=20_000)
    assert len(office.asked) == 4, "what the door refuses for good is asked for once more, and no further"
