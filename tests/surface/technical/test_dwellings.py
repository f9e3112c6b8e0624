"""The dwelling mask is drawn on the camera's picture, said in words, entered, seen again, reviewed by somebody else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.operations import actions as operations
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.media.door.front import CLOCK, Front
from tests.surface.technical.conftest import PLANTED, USER
from tests.surface.technical.test_add_camera import order_of

HALL = ((100, 100), (400, 100), (400, 500), (100, 500))


@pytest.fixture
def camera(centre: Any, camera_url: str) -> str:
    """A camera of the public road that is not recorded yet: its mask comes first."""
    made = actions.add_camera(
        actor=SYSTEM, site=sites.sites()[0].id, number=7, name="Halle", view=View(48.5, 2.5, 0, 90, 50),
        public_road=True, purposes={Purpose.SAFETY_OF_PERSONS}, retention_days=30, now=NOW,
    )  # fmt: skip
    actions.set_source(actor=SYSTEM, camera=made, main_url=camera_url, username=USER, password=PLANTED, now=NOW)
    return made


def shapes(camera: str) -> tuple[Any, ...]:
    mask = sites.camera(camera).mask
    return mask.shapes if mask else ()


def test_typed_areas_are_said_before_they_are_entered(camera, technician, chief, client_of):
    hand, page = client_of(technician), f"/technical/cameras/{camera}/dwellings/"
    shown = hand.get(page).content.decode()
    assert 'data-island="mask"' not in shown
    assert "il faut une habilitation et une vacation" in shown, "why there is no picture"
    for wrong in ("0 0 30", "0 0 30 120", "0 0 0 0", "0 0 50 50 50 0 0 50", "a b c d", "1e999 0 3 4"):
        assert hand.post(page, {"areas": wrong, "confirmed": "1"}).status_code == 422, wrong
    many = "\n".join(["0 0 30 45"] * 33)
    assert "trente-deux" in hand.post(page, {"areas": many, "confirmed": "1"}).content.decode()
    typed = {"areas": "10 10 40 50\n50 50 80 50 65 90.5"}
    said = re.sub(r"\s+", " ", hand.post(page, typed).content.decode())
    assert "2 zones, 18 % de l’image" in said
    assert sites.camera(camera).mask is None, "nothing is entered before it is confirmed"
    assert "10 10 40 50\n50 50 80 50 65 90.5" in hand.post(page, {**typed, "back": "1"}).content.decode()
    assert hand.post(page, {**typed, "confirmed": "1"}).status_code == 302
    assert shapes(camera) == (HALL, ((500, 500), (800, 500), (650, 905)))
    again = hand.get(page).content.decode()
    assert "10 10 40 50\n50 50 80 50 65 90.5" in again
    assert "/review/" not in again, "its author does not review"
    assert "/review/" in client_of(chief).get(page).content.decode()


def test_a_mask_of_a_recording_camera_says_that_it_stops(camera, technician, chief, client_of):
    first = actions.draw_mask(actor=actor_of(technician), camera=camera, polygons=[HALL], now=NOW)
    actions.review_mask(actor=actor_of(chief), camera=camera, version=first, now=NOW)
    order_of([camera])
    actions.commission_camera(actor=SYSTEM, camera=camera, now=NOW)
    said = client_of(technician).post(f"/technical/cameras/{camera}/dwellings/", {"areas": ""}).content.decode()
    assert "cesse d’enregistrer" in said
    assert "aucune habitation n’est en vue" in said


@pytest.fixture
def drawing(camera: str, office_server: Any, front: Front, make_person: Any, clock: Any) -> Iterator[Page]:
    """The page of that camera, before a chief on duty who may see it. The door stands on the front's own port."""
    clock.at = CLOCK.now()  # the door reads its own clock
    past = clock.at - timedelta(days=30)
    boss = make_person(
        Role.CHIEF, Role.VIDEO_OFFICER, account="lucie", name="Lucie Brandt", rank="Chef de service", now=past
    )
    order_of([camera], past)
    operations.begin_shift(
        actor=actor_of(boss), person=boss, purpose=Purpose.SAFETY_OF_PERSONS, reason="Masques de la halle",
        now=clock.at,
    )  # fmt: skip
    with axe.browser() as running:
        base = str(office_server)
        context = axe.new_context(running, base=base, viewport={"width": 1366, "height": 768})
        at_front = f"http://127.0.0.1:{front.port}"
        context.route("**/door/**", lambda route: route.fulfill(
            response=route.fetch(url=at_front + route.request.url.removeprefix(base))))  # fmt: skip
        page = context.new_page()
        axe.sign_in(page, "lucie", PASSWORD)
        page.goto(f"/technical/cameras/{camera}/dwellings/")
        page.locator('[data-island="mask"][data-island-ready]').wait_for()
        yield page
        context.close()


@pytest.mark.media
@pytest.mark.django_db(transaction=True)
def test_an_area_is_drawn_on_the_picture_entered_and_there_again(drawing: Page, camera: str):
    drawing.locator("[data-show]").click()
    stage = drawing.locator("[data-stage][data-shown]")
    stage.wait_for(timeout=40_000)
    assert drawing.locator("[data-stage] img").evaluate("one => one.naturalWidth") == 320
    assert Fact.objects.filter(name="camera:trial-look").exists(), "looking is a look"
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None

    def drag(a: tuple[float, float], b: tuple[float, float]) -> None:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (a, b)]
        drawing.mouse.move(*points[0])
        drawing.mouse.down()
        drawing.mouse.move(*points[1], steps=4)
        drawing.mouse.up()

    field = drawing.locator("#id_areas")
    drag((0.1, 0.1), (0.4, 0.5))
    drag((0.6, 0.6), (0.9, 0.9))
    assert drawing.locator("[data-list] li").count() == 2
    drag((0.75, 0.75), (0.75, 0.65))  # the second one, higher up
    drawing.locator('[data-key="1"]').press("Shift+ArrowRight")
    second = field.input_value().splitlines()[1]
    drawing.locator('[data-key="1"]').press("Delete")
    assert len(field.input_value().splitlines()) == 1
    drawing.locator("[data-undo]").click()
    assert field.input_value().splitlines()[1] == second
    drawing.locator('[data-key="1-2"]').press("+")
    drawing.locator('[data-key="1-3"]').press("ArrowRight")
    axe.check(drawing)
    text = field.input_value()
    axe.follow(drawing.locator("form.stack button.primary"))
    axe.check(drawing)
    axe.follow(drawing.locator('[name="confirmed"]'))
    drawing.locator('[data-island="mask"][data-island-ready]').wait_for()
    assert field.input_value() == text
    assert drawing.locator("[data-list] li").count() == 2
    assert drawing.locator(".mask-area").count() == 2
    first, other = shapes(camera)
    assert max(abs(a - b) for p, q in zip(first, HALL, strict=True) for a, b in zip(p, q, strict=True)) <= 3
    assert len(other) == 5, "a corner was added by keyboard"
    assert other[0][1] < 560, "it was moved up"
