"""The page that travels in a package, opened from the disk in a real browser without any network."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from beffroi.governance.files import bags
from beffroi.kernel.spans import Span
from tests import axe
from tests.media.door.clips import HALL_B_FRAMES, archive
from tests.media.door.front import data_folder, running_front
from tests.media.evidence.test_real_package import START_US, Recorded
from tests.unit.governance import evidence_packages as made

pytestmark = [pytest.mark.media, pytest.mark.browser]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of ten seconds of the hall, with a gap at its end."""
    base = tmp_path_factory.mktemp("hall")
    data, _, _ = data_folder(base)
    past = archive(data / "archive", HALL_B_FRAMES, "cam-1", START_US)
    with running_front(base) as front:
        recorded = Recorded(front, past, replace(made.CAMERAS[0], id="cam-1"))
        asked = Span.of_us(past.gap_us[0] - 10_000_000, past.gap_us[0] + 5_000_000)
        return Path(shutil.copy(recorded.package(asked), base / "delivered.zip"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with axe.browser() as running:
        yield running


@pytest.fixture
def folder(delivered: Path, tmp_path: Path) -> Path:
    return bags.unpack(delivered, tmp_path)


@pytest.fixture
def page(chromium: Browser, folder: Path) -> Iterator[Page]:
    """The page; a request that leaves the disk, or an error in it, fails the test."""
    context = chromium.new_context(locale="fr-FR")
    shown = context.new_page()
    wrong: list[str] = []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    shown.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(("file:", "blob:")) else None)
    shown.goto((folder / "data/player/index.html").as_uri())
    yield shown
    context.close()
    assert not wrong, wrong


def test_it_says_what_was_asked_delivered_and_missing(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(made.NAME)
    expect(page.locator("#videos tr")).to_have_count(1)
    expect(page.locator("#videos tr").first).to_contain_text("7 Place de l'Église – images de démonstration")
    expect(page.locator("#videos tr").first).to_contain_text("UTC+01:00")
    expect(page.locator("#gaps li")).to_have_count(1)
    expect(page.locator("#gaps li").first).to_contain_text("réseau")
    expect(page.locator("#papers li")).to_have_count(3)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#gaps li").first).to_contain_text("network")
    expect(page.get_by_text("Choose the folder", exact=True)).to_be_visible()


def test_it_plays_and_tells_the_time(page: Page) -> None:
    page.get_by_role("button", name="Lire la caméra").first.click()
    page.wait_for_function("() => document.getElementById('screen').currentTime > 1", timeout=20_000)
    state = page.evaluate(
        "() => { const v = document.getElementById('screen'); return [v.videoWidth, v.error, v.currentTime]; }"
    )
    assert state[0] == 768
    assert state[1] is None
    expect(page.locator("#clock")).to_contain_text("Z")
    assert page.locator("#trouble").is_hidden()
    start = page.evaluate("() => window.BEFFROI_PACKAGE.videos[0].start_us")
    shown = page.locator("#clock").inner_text().rsplit("· ", 1)[1]
    at_us = page.evaluate("text => Date.parse(text) * 1000", shown)
    assert 0 <= at_us - start < 11_000_000


def test_it_verifies_the_folder_and_finds_a_flipped_bit(page: Page, folder: Path) -> None:
    page.set_input_files("#folder", str(folder))
    expect(page.locator("#verdict")).to_contain_text("VALIDE", timeout=60_000)
    expect(page.locator("#verdict")).to_have_class("good")
    expect(page.locator("#findings")).to_contain_text("Clé du centre")
    video = next(folder.glob("data/video/*.mp4"))
    data = bytearray(video.read_bytes())
    data[len(data) // 2] ^= 1
    video.write_bytes(bytes(data))
    page.reload()
    page.set_input_files("#folder", str(folder))
    expect(page.locator("#verdict")).to_contain_text("NON VALIDE", timeout=60_000)
    expect(page.locator("#findings")).to_contain_text("altéré entre les octets")
    expect(page.locator("#videos tr").first).to_contain_text("ALTÉRÉ")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("rename", "fichier manquant"),
        ("extra", "fichier en trop"),
        ("custody", "chaîne rompue à la ligne 2"),
        ("stamp", "l’horodatage ne porte pas sur ce manifeste"),
    ],
)
def test_it_finds_other_damage(page: Page, folder: Path, damage: str, told: str) -> None:
    events = folder / "data/custody/events.jsonl"
    if damage == "rename":
        video = next(folder.glob("data/video/*.mp4"))
        video.rename(video.with_name("x.mp4"))
    elif damage == "extra":
        (folder / "data/note.txt").write_text("x")
    elif damage == "custody":
        lines = events.read_bytes().splitlines(keepends=True)
        events.write_bytes(b"".join([lines[0], *lines[2:]]))
    else:
        stamp = folder / "tagmanifest-sha256.txt.tsr"
        stamp.write_bytes(stamp.read_bytes()[:-1] + b"x")
    page.set_input_files("#folder", str(folder))
    expect(page.locator("#verdict")).to_contain_text("NON VALIDE", timeout=60_000)
    expect(page.locator("#findings")).to_contain_text(told)


def test_it_verifies_the_zip_without_unpacking(page: Page, delivered: Path, tmp_path: Path) -> None:
    page.set_input_files("#zip", str(delivered))
    expect(page.locator("#verdict")).to_contain_text("VALIDE :", timeout=60_000)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(delivered.read_bytes()[:100_000])
    page.set_input_files("#zip", str(cut))
    expect(page.locator("#verdict")).to_contain_text("Vérification impossible", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, folder: Path, scheme: str) -> None:
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 800})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto((folder / "data/player/index.html").as_uri())
    axe.check(page)
    context.close()
