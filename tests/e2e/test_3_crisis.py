"""J3, the prefecture in a crisis, on the product as delivered: called back, one link by mail, words, pictures, stop.

After the access of the convention; the person of the prefecture signs in nowhere.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PageOf
from tests.e2e.pictures import dark, moving
from tests.e2e.product import CAR_PARK, NAMES, Product
from tests.e2e.test_3_access import incident  # noqa: F401  a fixture
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]
LINK = re.compile(r"https?://\S+(/counter/crisis/open/[\w-]+/)")


@pytest.fixture
def elsewhere(product: Product, chromium: Browser) -> Iterator[Page]:
    """A browser that nobody has signed in with."""
    context = chromium.new_context(base_url=product.url, locale="fr-FR")
    yield context.new_page()
    context.close()


def invited(product: Product, room: Page) -> str:
    """The address of the link that the prefecture gets by mail, once it was called back."""
    already = len(product.mailbox.to("prefecture@saint-aubin.invalid"))
    room.goto("/duty/crisis/")
    named = room.locator("#id_person option", has_text="Benoît Lacroix").get_attribute("value")
    room.locator("#id_person").select_option(named)
    room.locator("#id_number").fill("01 23 45 67 89")
    room.locator("#id_incident").select_option(index=0)
    room.get_by_role("checkbox", name=f"{CAR_PARK} · {NAMES[CAR_PARK]}").check()
    room.locator("#id_purpose").select_option("L251-2:7")
    room.locator("#id_reason").fill("Crue annoncée de la Voulzette cette nuit")
    room.locator("main form button.primary").click()
    expect(room.locator(".banner.good")).to_be_visible()
    mails = until(lambda: product.mailbox.to("prefecture@saint-aubin.invalid")[already:], 30, "the invitation by mail")
    found = LINK.search(mails[-1].get_content())
    assert found
    return found[1]


def test_a_named_person_of_the_prefecture_sees_and_the_room_stops_it(
    product: Product,
    page_of: PageOf,
    elsewhere: Page,
    incident: None,  # noqa: F811
) -> None:
    room = page_of("garde")
    link = invited(product, room)
    elsewhere.goto(link)
    elsewhere.locator("main form button.primary").click()
    expect(elsewhere.locator("main")).to_contain_text("Crue annoncée")
    assert elsewhere.locator("video").count() == 0, "words come first"
    elsewhere.get_by_role("link", name="Montrer les images").click()
    moving(elsewhere, ".live-video")
    begun = time.monotonic()
    room.get_by_role("button", name="Arrêter cet accès").click()
    until(lambda: dark(elsewhere, ".live-video"), 30, "the pictures are gone")
    print(f"\ncrisis access, stopped by the room → dark: {time.monotonic() - begun:.1f} s")
    expect(elsewhere.locator("main")).to_contain_text("terminé", timeout=10_000)
    assert elsewhere.goto(link).status == 404  # type: ignore[union-attr]  # a page came
