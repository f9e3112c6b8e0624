"""J2 by clicking: a mailed paper and a request at the counter, each with its answer; package, receipt, verification.

The tests of this file are one story and run in order.
"""

import hashlib
import json
import math
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from beffroi.config.demo.people import VILLAGERS
from beffroi.governance.files import bags
from tests import axe
from tests.e2e.conftest import PageOf
from tests.e2e.product import HALL, NAMES, RECORDED, SHOP, SQUARE, Product
from tests.media.recorded import is_stretch_of, picture_nals
from tests.requisition_world import PDF
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

PARIS = ZoneInfo("Europe/Paris")
MINUTE_US = 60_000_000
SEAM = 12
"""How many pictures may decode otherwise where the end of a clip meets its beginning: its slices are the same there."""
PAPER = {
    "unit_name": "Brigade de Saint-Aubin-du-Beffroi", "officer_name": "Camille Ferrand", "matricule": "271828",
    "procedure_number": "12345/00678/2026", "offence": "vol à l’arraché", "place": "place du Beffroi",
}  # fmt: skip
ASKED = {"procedure_number": "00123/00456/2026", "offence": "dégradations", "place": "centre du village"}


def recorded_minute(product: Product) -> datetime:
    """A whole minute that every camera has recorded, by the clock on the wall: requisitions are typed in minutes."""

    def found() -> int:
        starts = [max(one.start_us for one in product.timeline(number).pieces) for number in RECORDED]
        begin_us = math.ceil(max(starts) / MINUTE_US) * MINUTE_US
        durable = min(product.durable_us(number) for number in RECORDED)
        return begin_us if durable > begin_us + MINUTE_US else 0

    return datetime.fromtimestamp(until(found, 150, "a whole minute of all cameras") / 1e6, tz=PARIS)


def fill(page: Page, texts: dict[str, str], *, basis: str, begin: datetime, numbers: tuple[int, ...]) -> None:
    """What both forms have in common."""
    for name, text in texts.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator("#id_legal_basis").select_option(basis)
    for number in numbers:
        page.get_by_role("checkbox", name=f"{number} · {NAMES[number]}").check()
    page.locator("#id_since_day").fill(begin.strftime("%Y-%m-%d"))
    page.locator("#id_since_time").fill(begin.strftime("%H:%M"))
    page.locator("#id_until_time").fill((begin + timedelta(minutes=1)).strftime("%H:%M"))


def enter_paper(
    page: Page, folder: Path, *, quality: str = "OPJ", basis: str = "CPP_60_1", begin: datetime,
    numbers: tuple[int, ...] = (SQUARE,), place: str = PAPER["place"],
) -> None:  # fmt: skip
    """An officer types a paper that came by mail."""
    paper = folder / "requisition.pdf"
    paper.write_bytes(PDF)
    axe.follow(axe.menu(page, "Réquisitions"))
    page.get_by_role("link", name="Saisir une réquisition").click()
    page.locator("#id_document").set_input_files(paper)
    page.locator("#id_quality").select_option(quality)
    fill(page, {**PAPER, "place": place}, basis=basis, begin=begin, numbers=numbers)


def send(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    page.locator("#answer-title").wait_for()


@pytest.fixture(scope="module")
def minute(product: Product) -> datetime:
    return recorded_minute(product)


def test_a_mailed_paper_is_answered_held_decided(
    product: Product, page_of: PageOf, minute: datetime, written: Path
) -> None:
    page = page_of("referent")
    begun = time.monotonic()
    enter_paper(page, written, begin=minute)
    send(page, "Inscrire au registre")
    expect(page.get_by_text("Couvert et enregistré")).to_be_visible()
    print(f"\npaper by mail, form open → first answer: {time.monotonic() - begun:.1f} s of the program and the browser")
    expect(page.locator("section[aria-labelledby=rules-title] .badge.good")).to_be_visible()
    until(lambda: len(product.timeline(SQUARE).holds) > 0, 20, "the recorder holds it")
    expect(page.get_by_text("Gelé sur l’enregistreur").first).to_be_visible()
    page.get_by_role("button", name="Décider et signer la réponse").click()
    expect(page.locator(".page-head .badge").first).to_have_text("En recherche")


@pytest.mark.parametrize(
    ("case", "changes", "ground"),
    [
        ("wrong quality", {"quality": "APJ", "basis": "CPP_99_3"}, "La qualité du requérant ne correspond pas"),
        ("no authorisation", {"basis": "CPP_77_1_1"}, "L’autorisation du magistrat manque"),
        ("past its term", {"ago": timedelta(days=60)}, "Les images ont été détruites à leur terme"),
        ("not covered", {"numbers": (), "place": "chemin des Étangs"}, "Le lieu n’est pas couvert"),
    ],
    ids=["wrong-quality", "no-authorisation", "past-its-term", "not-covered"],
)
def test_what_cannot_be_done_is_answered_with_its_ground_on_a_signed_paper(
    page_of: PageOf, minute: datetime, written: Path, case: str, changes: dict[str, Any], ground: str
) -> None:
    page = page_of("referent")
    given = dict(changes)
    begin = minute - given.pop("ago", timedelta(0))
    enter_paper(page, written, begin=begin, **given)
    if case == "not covered":
        with page.expect_navigation():  # the same form comes back, with the point of the map
            page.locator("input[type=image]").click(position={"x": 8, "y": 8})
        expect(page.locator("input[name=cameras]:checked")).to_have_count(0)
    send(page, "Inscrire au registre")
    expect(page.locator("section[aria-labelledby=decide-title]")).to_contain_text(ground)
    before = page.locator(".page-head .badge").first.inner_text()
    papers = page.locator("section[aria-labelledby=papers-title] .badge.good")
    signed = papers.count()
    if case == "no authorisation":  # an answer too: what is missing may still come
        page.get_by_label("Ce qui manque").fill("L’autorisation du procureur de la République")
        page.get_by_role("button", name="Demander au requérant").click()
    else:
        page.get_by_role("button", name="Décider et signer la réponse").click()
    expect(page.locator(".page-head .badge").first).not_to_have_text(before)
    if case == "no authorisation":
        return
    expect(papers.nth(signed)).to_be_visible()  # the worker may have sealed the paper that came in meanwhile
    expect(page.locator("section[aria-labelledby=papers-title]")).to_contain_text(ground)


def test_the_investigator_asks_at_the_counter(page_of: PageOf, minute: datetime) -> None:
    page = page_of("opj")
    axe.follow(axe.menu(page, "Mes réquisitions"))
    begun = time.monotonic()
    page.get_by_role("link", name="Nouvelle réquisition").click()
    fill(page, ASKED, basis="CPP_60_1", begin=minute, numbers=RECORDED)
    send(page, "Envoyer la réquisition")
    expect(page.get_by_text("Couvert et enregistré")).to_be_visible()
    print(f"\ncounter, list → first answer: {time.monotonic() - begun:.1f} s of the program and the browser")
    assert page.locator("video, main img").count() == 0


def accept(page: Page, place: str) -> None:
    """Decide on the requisition of this place, and look at its package."""
    axe.follow(axe.menu(page, "Réquisitions"))
    page.get_by_role("row", name=place).get_by_role("link").first.click()
    page.get_by_role("button", name="Contrôler", exact=True).click()
    page.get_by_role("button", name="Décider et signer la réponse").click()
    expect(page.locator(".page-head .badge").first).to_have_text("En recherche")
    page.get_by_role("link", name="Paquets et remise").click()
    page.locator("tbody th a").click()


def test_a_person_accepts_and_the_worker_builds(page_of: PageOf) -> None:
    page = page_of("referent")
    accept(page, ASKED["place"])
    expect(page.locator("section[aria-labelledby=download-title]")).to_be_visible(timeout=90_000)
    opj = next(one for one in VILLAGERS if one.username == "opj")
    expect(page.locator("#id_recipient option:checked")).to_contain_text(opj.name)
    page.get_by_role("button", name="Ouvrir le téléchargement").click()
    expect(page.get_by_text("Le destinataire peut")).to_be_visible()


def test_the_investigator_downloads_resumes_and_gives_the_receipt(page_of: PageOf, written: Path) -> None:
    page = page_of("opj")
    axe.follow(axe.menu(page, "Paquets"))
    axe.follow(page.locator("main a[href*='/counter/packages/']").first)
    digest = page.locator("code.digest").first.inner_text()
    with page.expect_download() as waiting:
        page.locator("[data-island=package] button").click()
    url = waiting.value.url
    whole = written / "package.zip"
    waiting.value.save_as(whole)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    assert resumed(url, cookies, whole.stat().st_size) == whole.read_bytes()
    assert hashlib.sha256(whole.read_bytes()).hexdigest() == digest
    page.locator("#id_name").fill("Adjudant Julien Morel")
    page.locator("#id_quality").fill("OPJ")
    page.locator("#id_unit").fill("Brigade de Saint-Aubin-du-Beffroi")
    page.locator("#id_confirmed").check()
    page.get_by_role("button", name="Donner la décharge").click()
    expect(page.locator("section[aria-labelledby=receipt-title] .badge.good")).to_be_visible()


def resumed(url: str, cookies: str, size: int) -> bytes:
    """The same file in two goes: the first is cut in the middle, the second asks for the rest."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookies}), timeout=20) as answer:
        first: bytes = answer.read(size // 2 + 7)
    rest = {"Cookie": cookies, "Range": f"bytes={len(first)}-"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=rest), timeout=20) as answer:
        assert answer.status == 206
        return first + bytes(answer.read())


def test_a_stranger_verifies_it_and_one_flipped_bit_is_placed(product: Product, written: Path) -> None:
    whole = written / "package.zip"
    good = product.call("evidence", "verify", str(whole), "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    assert json.loads(good.stdout)["verdict"] == "valid"
    folder = bags.unpack(whole, written)
    video = max(folder.glob("data/video/*.mp4"), key=lambda path: path.stat().st_size)
    data = bytearray(video.read_bytes())
    kept = bytes(data)
    data[len(data) // 2] ^= 1
    video.write_bytes(bytes(data))
    bad = product.call("evidence", "verify", str(folder), "--json")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    told = json.loads(bad.stdout)
    assert told["verdict"] != "valid"
    place = next(one for one in told["findings"] if one["code"] == "place")
    assert video.name in json.dumps(place)
    assert place["data"]["first"] <= len(data) // 2 <= place["data"]["last"]
    video.write_bytes(kept)


GUEST = {"procedure_number": "00124/00457/2026", "offence": "vol", "place": "le long de la halle"}


@pytest.fixture
def nobody(product: Product, chromium: Browser) -> Iterator[Page]:
    """A browser that nobody has signed in with."""
    context = chromium.new_context(base_url=product.url, locale="fr-FR", accept_downloads=True)
    yield context.new_page()
    context.close()


def test_a_guest_is_called_back_and_takes_her_package_away(
    product: Product, page_of: PageOf, nobody: Page, minute: datetime, tmp_path: Path
) -> None:
    nobody.goto("/counter/guest/")
    nobody.locator("#id_unit").select_option(index=1)
    for name, text in {"rank": "Adjudante", "name": "Lise Renaud", "matricule": "GN-77"}.items():
        nobody.locator(f"#id_{name}").fill(text)
    nobody.locator("input[name=method][value=call_back]").check()
    axe.follow(nobody.get_by_role("button", name="Demander à entrer"))
    room = page_of("referent")
    room.goto("/duty/")
    card = room.locator("article.request", has_text="Lise Renaud")
    card.get_by_label("Numéro appelé").fill("01 23 45 67 89")
    axe.follow(card.get_by_role("button", name="J’ai rappelé"))
    nobody.locator("#id_code").fill(room.locator(".dictated").inner_text())
    axe.follow(nobody.get_by_role("button", name="Entrer"))
    fill(nobody, GUEST, basis="CPP_60_1", begin=minute, numbers=(SQUARE,))
    send(nobody, "Envoyer la réquisition")
    accept(room, GUEST["place"])
    expect(room.locator("section[aria-labelledby=download-title]")).to_be_visible(timeout=90_000)
    expect(room.locator("#id_recipient option:checked")).to_contain_text("Lise Renaud")
    room.get_by_role("button", name="Ouvrir le téléchargement").click()
    expect(room.get_by_text("Le destinataire peut")).to_be_visible()
    nobody.goto("/counter/guest/requisition/")
    axe.follow(nobody.locator("main a[href*='/counter/guest/package/']"))
    with nobody.expect_download() as waiting:
        nobody.locator("[data-island=package] button").click()
    taken = tmp_path / "package.zip"
    waiting.value.save_as(taken)
    good = product.call("evidence", "verify", str(taken), "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    assert json.loads(good.stdout)["verdict"] == "valid"


def test_the_package_holds_what_the_cameras_sent(product: Product, written: Path, minute: datetime) -> None:
    with zipfile.ZipFile(written / "package.zip") as package:
        (top,) = {name.split("/")[0] for name in package.namelist()}
    folder = written / top
    sheets = json.loads((folder / "data/metadata/recording.json").read_text())["videos"]
    assert len(sheets) == len(RECORDED)
    begin_us = int(minute.timestamp() * 1_000_000)
    for sheet in sheets:
        assert sheet["start_us"] <= begin_us
        assert sheet["end_us"] >= begin_us + MINUTE_US
    by_camera = {int(path.name.split("_")[0].lstrip("c")): path for path in folder.glob("data/video/*.mp4")}
    for number in RECORDED:
        same_as_sent(by_camera[number], product.streets.sent[number], written, "hevc" if number == SHOP else "h264")


def played_on(clip: Path, folder: Path) -> Path:
    """What the player sends over several rounds: between two it leaves out the pictures that lead the first key."""
    rounds = folder / f"rounds-{clip.name}"
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(clip)]
    once_s = float(subprocess.run(probe, check=True, capture_output=True, text=True).stdout)
    command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(clip), "-map", "0:v", "-c", "copy"]
    wanted = ["-t", str(once_s + 80), "-f", "mpegts", str(rounds)]  # the minute, key frames around it, any offset
    subprocess.run([*command, *wanted], check=True, stdin=subprocess.DEVNULL)
    return rounds


def same_as_sent(video: Path, clip: Path, folder: Path, codec: str) -> None:
    """Codec, every slice and every decoded picture of the span are the camera's own."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    assert subprocess.run([*probe, str(video)], check=True, capture_output=True, text=True).stdout.split() == [codec]
    sent, part = played_on(clip, folder), picture_nals(video, codec)
    assert len(part) > 300
    assert is_stretch_of(part, picture_nals(sent, codec)), f"{video.name}: other slices than the camera sent"
    shown, known = pictures(video), {*pictures(clip), *pictures(sent)}
    assert len(shown) > 300
    strange = [index for index, one in enumerate(shown) if one not in known]
    assert len(strange) <= SEAM, f"{video.name}: {len(strange)} of {len(shown)} pictures are not the camera's"
    assert len(shown) - len(strange) > 300


def pictures(path: Path) -> list[str]:
    """A digest of each decoded picture. Complaints are let pass: a clip played on has a seam between two rounds."""
    command = ["ffmpeg", "-v", "quiet", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5"]
    told = subprocess.run([*command, "-"], check=True, capture_output=True, text=True).stdout
    return [line.rpartition(",")[2].strip() for line in told.splitlines() if not line.startswith("#")]


def test_the_shop_and_the_hall_are_the_hard_ones(product: Product) -> None:
    """What the story stands on: B-frames, HEVC and key frames more than four seconds apart."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries"]

    def frames(number: int, entry: str) -> list[str]:
        command = [*probe, f"frame={entry}", "-of", "csv=p=0", str(product.streets.sent[number])]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [one.strip(",") for one in told.split()]

    assert "B" in frames(HALL, "pict_type")
    keys = [index for index, kind in enumerate(frames(SQUARE, "pict_type")) if kind == "I"]
    assert min(after - before for before, after in pairwise(keys)) / 12 > 4
