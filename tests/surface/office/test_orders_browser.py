"""A prefect's order typed, looked at and confirmed in a real browser, at a desk and on a telephone; axe all along."""

from pathlib import Path
from typing import Any

import pytest

from beffroi.governance.queries import law
from beffroi.people.core.roles import Role
from tests import axe
from tests.conftest import PASSWORD, MakePerson
from tests.requisition_world import PDF, make_keys, make_village

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_order_from_its_paper_into_force(
    office_server: str, make_person: MakePerson, tmp_path: Path, settings: Any
) -> None:
    make_keys(tmp_path, settings)
    make_village()
    make_person(Role.CHIEF, name="Claire Faure", account="cheffe", language="en")
    with axe.browser() as running:
        cookies = {"beffroi_language": "en", "beffroi_theme": "light"}
        page = axe.new_context(
            running, cookies=cookies, base=office_server, viewport={"width": 1280, "height": 900}
        ).new_page()
        axe.sign_in(page, "cheffe", PASSWORD)
        page.goto("/office/orders/")
        axe.check(page)
        page.get_by_role("link", name="Replace").first.click()
        page.get_by_label("Number of the order").fill("AP-99-2026-117")
        page.get_by_label("The order itself").set_input_files(
            {"name": "arrete.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.get_by_label("7 · Mairie").uncheck()
        page.locator("#id_line0-service").select_option("GN|")
        page.locator("#recipients").get_by_label("live pictures").first.check()
        axe.check(page)
        axe.follow(page.get_by_role("button", name="Look at what it changes"))
        page.get_by_text("Cameras would stop recording").wait_for()
        axe.check(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        axe.check(page)
        axe.follow(page.get_by_role("button", name="Confirm and put into force"))
        page.get_by_text("It holds in its dates").wait_for()
        page.goto("/office/orders/")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        axe.check(page)
    assert [one.order.number for one in law.orders()] == ["AP-99-2026-117"]
