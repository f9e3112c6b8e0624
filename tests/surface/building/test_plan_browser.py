"""Plans and clearances in a real browser: a click places a mark, axe finds nothing, all fits a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from beffroi.audit.core.facts import SYSTEM
from beffroi.config.demo import school, school_plan
from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from beffroi.safety.actions import plans as plan_acts
from beffroi.safety.queries import plans
from beffroi.sites import actions as sites
from tests import axe
from tests.conftest import INSEE, NOW, PASSWORD, MakePerson

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


def test_a_click_places_a_mark_and_every_page_is_for_everybody(
    chromium: Browser, office_server: str, make_person: MakePerson, clock: ManualClock, data_dir: Any
) -> None:
    sites.enter_commune(
        actor=SYSTEM, insee=INSEE, name="Saint-Aubin", department="99", centre=(48.6, 2.6), now=NOW
    )  # fmt: skip
    head = make_person(Role.SCHOOL_HEAD)
    officer = make_person(Role.DUTY_OFFICER)
    make_person(Role.CHIEF, account="chef")
    building = school.found_school(head.id, NOW)
    draft = plan_acts.start_draft(actor=SYSTEM, building=building, now=NOW)
    context = axe.new_context(chromium, base=office_server, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    axe.sign_in(page, "chef", PASSWORD)
    page.goto(f"/building/{building}/plan/{draft}/edit/")
    before = len(plans.version(building, draft).plan.levels[0].marks)
    drawing = page.locator("svg.level-plan").first
    page.locator("svg.level-plan[data-island-ready]").first.wait_for()
    page.select_option("#mark_what", "kit:")
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    axe.follow(page.get_by_role("button", name="Placer", exact=True))
    marks = plans.version(building, draft).plan.levels[0].marks
    assert len(marks) == before + 1
    assert abs(marks[-1].x - 0.25) < 0.01
    assert abs(marks[-1].y - 0.5) < 0.01
    assert school_plan.names()[0] in page.content()
    addresses = [
        f"/building/{building}/{path}" for path in ("plan/", f"plan/{draft}/", f"plan/{draft}/edit/", "levels/")
    ]
    addresses += [
        "/office/persons/",
        "/office/persons/new/",
        "/office/persons/bodies/",
        f"/office/persons/{officer.id}/",
    ]
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        page.locator("main h1").wait_for()
        for summary in page.locator("main details.disclosure > summary").all():
            summary.click()
        axe.check(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
    context.close()
