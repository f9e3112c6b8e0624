"""The controls in a real Chromium: keyboard, pointer, positions, and what the page says when the hand is another's."""

import pytest
from playwright.sync_api import expect

from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Mode
from beffroi.web.shared.players import steering_texts
from tests import axe
from tests.media.door.page import PlayerOffice
from tests.media.door.steered import front_with_dome
from tests.waiting import until

pytestmark = [pytest.mark.browser]


def test_a_camera_is_steered_by_keyboard_and_pointer(tmp_path):
    with front_with_dome(tmp_path) as (front, camera), PlayerOffice(front) as office, axe.browser() as chromium:
        grant = office.grant("steering", Mode.PTZ, cameras=(CameraId("cam-1"),))
        opens = {"ticket_url": grant}
        texts = steering_texts()
        url = office.show("steer", camera="cam-1", open_url="/open/steer", opens=opens, texts=texts)
        page = chromium.new_context(locale="fr-FR").new_page()
        page.goto(url)
        page.get_by_role("button", name=texts["take"]).click()
        expect(page.get_by_role("status")).to_have_text(texts["ready"])
        axe.check(page)
        page.keyboard.down("ArrowLeft")
        until(lambda: camera.acts()[-2:] == ["ContinuousMove", "ContinuousMove"], 30, "a key held moves")
        expect(page.get_by_role("status")).to_have_text(texts["mine"])
        page.keyboard.up("ArrowLeft")
        until(lambda: camera.acts()[-1:] == ["Stop"], 30, "a key let go stops")
        moved = [request for name, request in camera.told if name == "ContinuousMove"]
        assert all('x="-0.600" y="0.000"' in request for request in moved)
        camera.told.clear()
        page.get_by_role("button", name=texts["closer"]).hover()
        page.mouse.down()
        until(lambda: camera.acts()[:1] == ["ContinuousMove"], 30, "a button held moves")
        page.mouse.up()
        until(lambda: camera.acts()[-1:] == ["Stop"], 30, "a button let go stops")
        camera.told.clear()
        page.get_by_role("button", name="École").click()
        until(lambda: camera.acts() == ["GotoPreset"], 30)
        page.get_by_role("button", name=texts["home"]).click()
        until(lambda: camera.acts() == ["GotoPreset", "GotoHomePosition"], 30)
        front.stop()
        expect(page.get_by_role("status")).to_have_text(texts["gone"])
