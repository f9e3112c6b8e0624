"""The players in a real Chromium, through the front, under the strict policy, on real cameras."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Page

from beffroi.kernel.clock import from_us
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.leases import ShiftLease, seal_lease
from beffroi.media.core.tickets import Mode
from tests import axe
from tests.media.door.front import CLOCK, Front
from tests.media.door.page import PlayerOffice
from tests.media.door.recording import recording
from tests.media.rtsp import RtspCameras
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]
CAMERAS = {"carpark": "02-carpark", "hall": "04-indoor", "street": "street-1080p10"}
HOUR_US = 3_600_000_000
BEHIND = """() => {
  const video = document.querySelector('video');
  return video.buffered.end(video.buffered.length - 1) - video.currentTime;
}"""
SEEK = """(at_us) => document.querySelector('#player')
  .dispatchEvent(new CustomEvent('beffroi:seek', {detail: {at_us}}))"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, RtspCameras]]:
    with recording(tmp_path_factory.mktemp("players"), CAMERAS) as running:
        yield running


@pytest.fixture
def office(watched: tuple[Front, RtspCameras]) -> Iterator[PlayerOffice]:
    with PlayerOffice(watched[0]) as serving:
        yield serving


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="fr-FR", accept_downloads=True)
    shown = context.new_page()
    errors: list[str] = []
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.on("console", lambda one: errors.append(one.text) if "Content Security" in one.text else None)
    yield shown
    context.close()
    assert not errors


def live(office: PlayerOffice, camera: str, mode: Mode = Mode.LIVE, **changes: Any) -> str:
    url = office.grant(f"grant-{camera}", mode, cameras=(CameraId(camera),), **changes)
    return office.show("live", camera=camera, stream="main", ticket_url=url)


def playing(page: Page, seconds: float = 1.0) -> float:
    """Wait until the picture has moved on by so much; where it stands then."""
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2", timeout=20_000)
    start = page.evaluate("() => document.querySelector('video').currentTime")
    page.wait_for_function(
        "([start, by]) => document.querySelector('video').currentTime > start + by",
        arg=[start, seconds],
        timeout=30_000,
    )
    return float(page.evaluate("() => document.querySelector('video').currentTime"))


def state(page: Page) -> str:
    return str(page.locator("#player").get_attribute("data-state"))


@pytest.mark.parametrize("camera", ["carpark", "hall"])
def test_live_plays_near_the_edge(office: PlayerOffice, page: Page, camera: str) -> None:
    page.goto(live(office, camera, watermark="C. Roux"))
    playing(page, 3)
    behind = page.evaluate(BEHIND)
    assert behind < 2.5
    assert state(page) == "live"
    assert page.locator(".live-watermark").inner_text() == "C. Roux"
    assert page.evaluate("() => document.querySelector('video').videoWidth") > 0


def test_a_locked_page_has_no_live_picture_and_plays_again_when_unlocked(office: PlayerOffice, page: Page) -> None:
    page.goto(live(office, "carpark"))
    playing(page, 1)
    page.evaluate("() => window.dispatchEvent(new CustomEvent('beffroi:lock'))")
    assert page.evaluate("() => document.querySelector('video').buffered.length") == 0
    assert not page.locator("video").get_attribute("src")
    page.evaluate("() => window.dispatchEvent(new CustomEvent('beffroi:unlock'))")
    playing(page, 1)


def test_hevc_is_shown_converted_and_said(office: PlayerOffice, page: Page) -> None:
    page.goto(live(office, "street"))
    playing(page, 1)
    assert "converted" in page.locator(".live-notes").inner_text()
    assert page.evaluate("() => document.querySelector('video').videoWidth") == 1280


def test_a_relay_stopped_by_the_room_leaves_no_picture(office: PlayerOffice, page: Page) -> None:
    stop, grants = threading.Event(), ["grant-carpark"]

    def beat() -> None:
        while not stop.is_set():
            office.front.client().heartbeat(list(grants))
            stop.wait(1)

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        page.goto(live(office, "carpark", Mode.RELAY, heartbeat=True))
        playing(page, 1)
        office.tickets["grant-carpark"] = lambda *_: office.front.ticket(Mode.PTZ, "0" * 64)
        grants.clear()
        stopped_us = CLOCK.now_us()
        page.wait_for_selector("[data-state=stopped]", timeout=4_000)
        assert CLOCK.now_us() - stopped_us < 2_500_000
        assert page.locator(".live-state").inner_text() == "Stopped by the room"
        assert page.evaluate("() => document.querySelector('video').buffered.length") == 0
    finally:
        stop.set()
        beating.join()


def test_the_wall_goes_on_with_the_shift_lease_when_the_office_is_killed(office: PlayerOffice, page: Page) -> None:
    def lease(binding: str, _camera: str) -> str:
        now_us = CLOCK.now_us()
        office.front.client().heartbeat([], duty=["grant-carpark"])  # as the office does before it hands one out
        return seal_lease(
            ShiftLease(
                "lease-1", "grant-carpark", "p1", "Camille Roux", "PM", (CameraId("carpark"),), binding, "shift-1",
                "CSI L251-3", "patrol", now_us, now_us + 8 * HOUR_US,
            ),
            office.front.office_key,
        )  # fmt: skip

    def short(binding: str, _camera: str) -> str:
        now_us = CLOCK.now_us()
        changes: dict[str, Any] = {"issued_us": now_us, "expires_us": now_us + 8_000_000, "grant": "grant-carpark"}
        return office.front.ticket(Mode.LIVE, binding, cameras=(CameraId("carpark"),), **changes)

    url = live(office, "carpark")
    office.tickets |= {"grant-carpark": short, "lease": lease}
    office.data["lease_url"] = "/tickets/lease"
    page.goto(url)
    playing(page, 1)
    page.wait_for_function("() => sessionStorage.getItem('beffroi-lease') !== null")
    office.stop()
    killed_us = CLOCK.now_us()

    def on_the_lease() -> bool:
        return any(one.name == "lease:use" for one in office.front.client().journal(0, limit=5_000))

    until(on_the_lease, timeout=30, what="the lease is used")
    page.wait_for_function(
        "(since) => Number(document.querySelector('#player').dataset.utcUs) > since", arg=killed_us + 9_000_000,
        timeout=40_000,
    )  # fmt: skip
    assert state(page) == "live"
    page.goto(f"{office.front.url}/page")  # reloaded while the office is down: the front's own page, with the wall
    page.wait_for_selector("[data-island=lease-wall] video")
    playing(page, 1)


def replay(office: PlayerOffice, camera: str, seconds: int = 40, *, before_s: int = 0) -> tuple[str, Span]:
    """The page of a replay of the last ``seconds``, and its span: at most from ``before_s`` before all footage."""
    now_us = CLOCK.now_us()
    whole = office.front.client().timeline(CameraId(camera), Span.of_us(now_us - HOUR_US, now_us))
    start_us = max(whole.pieces[0].start_us - before_s * 1_000_000, now_us - seconds * 1_000_000)
    span = Span.of_us(start_us, now_us)
    url = office.grant(f"replay-{camera}", Mode.REPLAY, cameras=(CameraId(camera),), span=span)
    shown = office.show(
        "replay", camera=camera, stream="main", ticket_url=url, from_us=span.start_us, to_us=span.end_us
    )
    return shown, span


def recorded_for(front: Front, camera: str, seconds: int) -> None:
    def enough() -> bool:
        now_us = CLOCK.now_us()
        pieces = front.client().timeline(CameraId(camera), Span.of_us(now_us - HOUR_US, now_us)).pieces
        return sum(one.end_us - one.start_us for one in pieces) > seconds * 1_000_000

    until(enough, timeout=60, what=f"{seconds} s of {camera}")


@pytest.mark.parametrize("camera", ["carpark", "hall"])
def test_replay_plays_seeks_and_tells_true_time(office: PlayerOffice, page: Page, camera: str) -> None:
    recorded_for(office.front, camera, 25)
    url, span = replay(office, camera)
    page.goto(url)
    playing(page, 1)
    target_us = span.start_us + 12_000_000
    page.evaluate(SEEK, target_us)
    page.wait_for_function(
        "(at) => { const t = Number(document.querySelector('#player').dataset.utcUs); return t >= at && t < at + 4e6 }",
        arg=target_us, timeout=20_000,
    )  # fmt: skip
    page.locator("[data-act=pause]").click()
    before = page.evaluate("() => document.querySelector('video').currentTime")
    page.locator("[data-act=frame_forward]").click()
    page.wait_for_function("(t) => document.querySelector('video').currentTime > t", arg=before)
    slider = page.locator("svg[role=slider]")
    slider.focus()
    at = int(slider.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "(at) => Number(document.querySelector('svg[role=slider]').getAttribute('aria-valuenow')) <= at - 8", arg=at
    )
    assert page.locator(".timeline-table table tbody tr").count() >= 1


def test_one_camera_plays_backwards_stands_and_runs_on_by_the_keys_of_editing_tools(
    office: PlayerOffice, page: Page
) -> None:
    moment = "Number(document.querySelector('#player').dataset.utcUs)"
    recorded_for(office.front, "carpark", 15)
    url, span = replay(office, "carpark", seconds=15)
    page.goto(url)
    playing(page, 1)
    late_us = span.start_us + 10_000_000
    page.evaluate(SEEK, late_us)
    page.wait_for_function(f"(at) => {moment} >= at", arg=late_us)
    page.locator(".timeline svg").focus()
    page.keyboard.press("j")
    page.wait_for_function(f"(at) => {moment} < at - 1_500_000", arg=late_us)
    assert page.evaluate("() => document.querySelector('video').paused"), "pictures are sought, not played"
    page.keyboard.press("j")  # again: twice as fast
    page.wait_for_function(f"(at) => {moment} < at - 4_000_000", arg=late_us)
    page.keyboard.press("k")
    page.wait_for_function("() => { const v = document.querySelector('video'); return v.paused && !v.seeking }")
    stood = page.evaluate(f"() => {moment}")
    page.keyboard.press("l")
    page.wait_for_function(f"(stood) => {moment} > stood + 1_000_000", arg=stood)
    page.keyboard.press("l")
    page.wait_for_function("() => document.querySelector('video').playbackRate === 2")
    assert page.locator(".replay-speed").input_value() == "2"
    page.keyboard.press("j")
    turned = page.evaluate(f"() => {moment}")
    page.wait_for_function(f"(turned) => {moment} < turned - 500_000", arg=turned)


def test_a_recording_this_browser_cannot_show_is_converted_and_said(office: PlayerOffice, page: Page) -> None:
    recorded_for(office.front, "street", 10)
    url, span = replay(office, "street", seconds=9)
    page.goto(url)
    playing(page, 1)
    assert page.locator(".replay-note").inner_text() == "converted"
    assert page.evaluate("() => document.querySelector('video').videoHeight") == 720
    page.evaluate(SEEK, span.start_us + 6_000_000)
    page.wait_for_function(
        "(at) => { const v = document.querySelector('video');"
        " const t = Number(document.querySelector('#player').dataset.utcUs);"
        " return t >= at && t < at + 3e6 && !v.seeking }",
        arg=span.start_us + 6_000_000, timeout=30_000,
    )  # fmt: skip
    assert page.locator("#player").get_attribute("data-failed") is None


def test_a_still_is_saved_with_its_time(office: PlayerOffice, page: Page) -> None:
    recorded_for(office.front, "carpark", 10)
    url, _ = replay(office, "carpark", seconds=9)
    page.goto(url)
    playing(page, 1)
    with page.expect_download() as waiting:
        page.locator("[data-act=still]").click()
    download: Download = waiting.value
    assert download.suggested_filename.startswith("carpark-")
    assert download.path().read_bytes()[:3] == b"\xff\xd8\xff"
    exact_us = int(page.locator("#player").get_attribute("data-still") or 0)
    assert from_us(exact_us).isoformat()[:10] in download.suggested_filename


def test_two_minutes_back_in_the_tile_and_live_again(office: PlayerOffice, page: Page) -> None:
    recorded_for(office.front, "carpark", 10)
    now_us = CLOCK.now_us()
    span = Span.of_us(now_us - 8_000_000, now_us)
    url = live(office, "carpark")
    office.data["look_back_url"] = "/open/look-back"
    back = office.grant("back", Mode.REPLAY, cameras=(CameraId("carpark"),), span=span)
    office.data["opens"] = {"ticket_url": back, "from_us": span.start_us, "to_us": span.end_us}
    page.goto(url)
    playing(page, 1)
    page.locator(".live-look-back").click()
    page.wait_for_function("() => document.querySelector('.replay-video')?.currentTime > 0.5", timeout=20_000)
    page.locator(".live-return").click()
    page.wait_for_selector(".replay-video", state="detached")
    playing(page, 1)
    assert state(page) == "live"


def test_the_gap_of_a_camera_stands_on_the_timeline(
    office: PlayerOffice, watched: tuple[Front, RtspCameras], page: Page
) -> None:
    front, cameras = watched
    cameras.stall("hall")

    def gone() -> bool:
        return any(one.camera == "hall" and one.gap is not None for one in front.client().status().cameras)

    try:
        until(gone, timeout=40, what="the gap of the hall is open")
        url, _ = replay(office, "hall", seconds=120)
        page.goto(url)
        page.wait_for_selector(".timeline-gap", state="attached", timeout=20_000)
        assert "cause." in page.locator(".timeline-gap title").last.evaluate("(one) => one.textContent")
    finally:
        cameras.resume("hall")


def test_a_package_is_downloaded(office: PlayerOffice, page: Page) -> None:
    folder = office.front.data / "vault" / "pkg-1"
    folder.mkdir(exist_ok=True)
    content = os.urandom(300_000)
    (folder / "package.zip").write_bytes(content)
    url = office.grant("package", Mode.PACKAGE, cameras=(), package="pkg-1")
    page.goto(office.show("package", package="pkg-1", ticket_url=url))
    with page.expect_download() as waiting:
        page.locator("#player button").click()
    assert waiting.value.suggested_filename == "pkg-1.zip"
    assert waiting.value.path().read_bytes() == content


def test_axe_finds_nothing_on_a_replay(office: PlayerOffice, chromium: Browser) -> None:
    recorded_for(office.front, "carpark", 10)
    url, _ = replay(office, "carpark", seconds=9)
    context = axe.new_context(chromium, base=office.front.url)
    shown = context.new_page()
    shown.goto(url)
    playing(shown, 1)
    axe.check(shown)
    context.close()


def test_no_ticket_stands_in_any_address(office: PlayerOffice, page: Page) -> None:
    recorded_for(office.front, "carpark", 10)
    seen: list[str] = []
    page.on("request", lambda one: seen.append(one.url))
    page.on("websocket", lambda one: seen.append(one.url))
    page.goto(live(office, "carpark"))
    playing(page, 0.5)
    url, _ = replay(office, "carpark", seconds=9)
    page.goto(url)
    playing(page, 0.5)
    assert any("/door/live" in one for one in seen)
    assert any(".m4s" in one for one in seen)
    assert not any("bt1." in one for one in seen)


def test_a_front_that_comes_back_is_joined_again(office: PlayerOffice, page: Page) -> None:
    page.goto(live(office, "carpark"))
    playing(page, 1)
    frozen = json.loads((office.front.run / "front.json").read_text())
    office.front.process.send_signal(signal.SIGSTOP)
    try:
        page.wait_for_selector("[data-state=late]", timeout=10_000)
    finally:
        office.front.process.send_signal(signal.SIGCONT)
    page.wait_for_selector("[data-state=live]", timeout=20_000)
    assert frozen["port"] == office.front.port
