"""Several cameras on one clock, in a real Chromium: what stands side by side happened at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from playwright.sync_api import Page, Route

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Basis, Mode
from tests import axe
from tests.media.door.front import CLOCK, Front
from tests.media.door.page import PlayerOffice
from tests.media.door.recording import recording
from tests.waiting import until

SECONDS = 10
FRAME_US = 41_667
WATCH = """() => {
  window.frames_shown = {};
  document.querySelectorAll('.replay-tile').forEach((tile, n) => {
    const video = tile.querySelector('video');
    const seen = (_now, frame) => { window.frames_shown[n] = frame.mediaTime; video.requestVideoFrameCallback(seen); };
    video.requestVideoFrameCallback(seen);
  });
}"""
SEEK = """(at_us) => document.querySelector('#player')
  .dispatchEvent(new CustomEvent('beffroi:seek', {detail: {at_us}}))"""
SAMPLE = """async (began) => {
  const found = [];
  let last = 0;
  while (found.length < 40) {
    await new Promise((done) => setTimeout(done, 50));
    const now = Number(document.querySelector('#player').dataset.utcUs);
    if (now === last || now < began) continue;
    last = now;
    const tiles = [...document.querySelectorAll('.replay-tile')];
    const off = tiles.map((one) => Number(one.dataset.offUs ?? NaN));
    found.push({ off, media: Object.values(window.frames_shown) });
  }
  return found;
}"""
MOMENT = "() => Number(document.querySelector('#player').dataset.utcUs)"
TIMES = "() => [...document.querySelectorAll('video')].map((one) => one.currentTime)"
PLAYING = """() => { const all = [...document.querySelectorAll('.replay-tile video')];
  return all.length === 3 && all.every((one) => one.currentTime > 0.5 && !one.paused) }"""
STANDING = """() => [...document.querySelectorAll('video')].every((one) => one.paused && !one.seeking)
  && [...document.querySelectorAll('.replay-tile')].every((one) => Math.abs(Number(one.dataset.offUs)) < 5000)"""
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
    with opened(shown, ("carpark", "hall", "carpark")) as page:
        page.wait_for_function(PLAYING)
        yield page


@contextmanager
def opened(shown: tuple[Front, int], names: tuple[str, ...], *, unloaded: str = "") -> Iterator[Page]:
    """The players of these cameras; of the camera ``unloaded`` no picture ever arrives."""
    front, began_us = shown
    span = Span.of_us(began_us - 60_000_000, began_us + SECONDS * 1_000_000)
    with PlayerOffice(front) as office, axe.browser() as running:
        cameras = (CameraId("carpark"), CameraId("hall"))
        url = office.grant("grant-together", Mode.REPLAY, cameras=cameras, span=span)
        listed = [{"camera": name, "title": name, "ticket_url": url, "stream": "main"} for name in names]
        page = running.new_context(locale="fr-FR").new_page()
        page.set_default_timeout(40_000)
        held: list[Route] = []
        if unloaded:
            page.route(f"**/door/replay/{unloaded}/**/*.m4s*", lambda one: held.append(one))
        page.goto(office.show("together", cameras=listed, from_us=span.start_us, to_us=span.end_us, incidents=[]))
        yield page
        for one in held:
            one.abort()


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


def test_they_keep_to_one_clock_within_a_frame_also_after_a_seek(page: Page, shown: tuple[Front, int]) -> None:
    """The median: a machine that has no time to draw shows late frames, but most stand where the clock does."""
    assert page.locator(".timeline svg").count() == 1
    page.evaluate(WATCH)
    for began_us in (0, shown[1] + 3_000_000):
        if began_us:
            page.evaluate(SEEK, began_us)
        samples = page.evaluate(SAMPLE, began_us)
        offs = [abs(off) for one in samples[10:] for off in one["off"] if off == off]
        assert len(offs) > 60
        assert median(offs) <= FRAME_US, sorted(offs)
        # The first and the third show the same recording: the browser itself says which of its frames each presents.
        apart = [abs(one["media"][0] - one["media"][2]) for one in samples[10:] if len(one["media"]) == 3]
        assert median(apart) * 1e6 <= 2 * FRAME_US + 1_000, sorted(apart)


def test_keys_pause_step_skip_and_play_backwards_all_of_them_together(page: Page, shown: tuple[Front, int]) -> None:
    page.locator(".timeline svg").focus()
    page.keyboard.press(" ")
    page.wait_for_function(STANDING)
    # Sought while it stands: a machine that is slow to press plays neither to the end nor back to the beginning.
    begun = shown[1] + 8_500_000
    page.evaluate(SEEK, begun)
    page.wait_for_function(f"(at) => ({MOMENT})() === at", arg=begun)
    page.wait_for_function(STANDING)
    before, stood = page.evaluate(MOMENT), page.evaluate(TIMES)
    page.keyboard.press(".")
    page.wait_for_function(f"(before) => ({MOMENT})() > before", arg=before)
    page.wait_for_function(STANDING)
    stepped = page.evaluate(TIMES)
    assert all(0 < after - one < 0.11 for one, after in zip(stood, stepped, strict=True)), (stood, stepped)
    after = page.evaluate(MOMENT)
    for _ in range(5):
        page.keyboard.press(".")
    page.wait_for_function(f"(after) => ({MOMENT})() >= after + 100_000", arg=after)
    for _ in range(5):
        page.keyboard.press(",")
    page.wait_for_function(f"(after) => Math.abs(({MOMENT})() - after) < 2000", arg=after)
    page.evaluate("document.querySelector('#player').focus()")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"(after) => ({MOMENT})() < after - 10_000", arg=after)
    key = page.evaluate(MOMENT)
    page.keyboard.press("j")
    page.wait_for_function(f"(key) => ({MOMENT})() < key - 1_000_000", arg=key)
    page.keyboard.press("k")
    page.wait_for_function(STANDING)
    back = page.evaluate(MOMENT)
    page.keyboard.press("l")
    page.wait_for_function(f"(back) => ({MOMENT})() > back + 500_000", arg=back)


def test_one_whose_pictures_do_not_come_says_so_and_the_others_go_on(shown: tuple[Front, int]) -> None:
    with opened(shown, ("carpark", "hall"), unloaded="hall") as page:
        page.wait_for_function(f"() => ({MOMENT})() > 0 && document.querySelector('video').currentTime > 1")
        assert page.locator(".replay-tile[data-camera=hall] .replay-state").inner_text() == "still_loading"
        assert page.locator(".replay-tile[data-camera=carpark] .replay-state").inner_text() == ""
