"""``make tour``: the stories J0–J5 of the demonstration as screenshots, in French and in English, into ``tour/``.

Starts a new demonstration in a folder of its own (``build/tour-data``), signs in as each person and does by clicking
what that person does. Needs Chromium; reaches nothing but this machine. Takes some minutes.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

from beffroi.kernel.clock import SystemClock

ROOT = Path(__file__).parent.parent
PORT = int(os.environ.get("PORT", "8123"))
BASE = f"http://localhost:{PORT}"
PASSWORD = "le-beffroi-veille"
ZONE = ZoneInfo("Europe/Paris")
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]
AT_FOOT = "() => document.querySelectorAll('.lookers-bar').forEach(bar => { bar.style.position = 'static'; })"
DESKTOP, PHONE = {"width": 1360, "height": 860}, {"width": 390, "height": 844}
BOX = re.compile(r"(http://127\.0\.0\.1:\d+)/cell \(code (\d+)\)")

RECORDING = {"fr": "Enregistre", "en": "Recording"}
WORDS = {
    "fr": {
        "title": "Personne à terre place de la Mairie",
        "reason": "Appel au 17 : une personne à terre devant la mairie",
        "note": "Patrouille envoyée. Secours prévenus, véhicule annoncé rue du Beffroi.",
        "offence": "vol à l’arraché",
        "place": "Place de la Mairie",
        "authority": "Thomas Arnaud, directeur",
    },
    "en": {
        "title": "Person on the ground, Place de la Mairie",
        "reason": "Call to the emergency line: a person on the ground outside the town hall",
        "note": "Patrol sent. Rescue service called, vehicle expected from rue du Beffroi.",
        "offence": "bag snatching",
        "place": "Place de la Mairie",
        "authority": "Thomas Arnaud, head of the school",
    },
}


@contextlib.contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """A new demonstration until the end of the block: the address of the school's box and its code."""
    data = ROOT / "build" / "tour-data"
    shutil.rmtree(data, ignore_errors=True)
    data.parent.mkdir(exist_ok=True)
    said = ROOT / "build" / "tour.log"
    command = [sys.executable, "-u", "-m", "beffroi.config.cli", "demo", "--data", str(data), "--port", str(PORT)]
    with said.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=out, stderr=subprocess.STDOUT)
    try:
        until(lambda: answers(f"{BASE}/healthz") and BOX.search(said.read_text()), 900, f"the pages; see {said}")
        found = BOX.search(said.read_text())
        assert found
        yield found[1], found[2]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def answers(address: str) -> bool:
    """Whether the address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for a condition; says what it waited for when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} seconds")
        time.sleep(0.5)


class Album:
    """Numbered screenshots of one language, and the people who walk through them."""

    def __init__(self, browser: Browser, language: str) -> None:
        self.browser, self.language, self.words = browser, language, WORDS[language]
        self.folder = ROOT / "tour" / language
        self.folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Save the page as it stands."""
        page.wait_for_timeout(800)
        if whole:
            page.evaluate(AT_FOOT)
        page.screenshot(path=str(self.folder / f"{name}.png"), full_page=whole)
        print(f"tour/{self.language}/{name}.png", flush=True)

    def page(self, viewport: dict[str, int] = DESKTOP, *, dark: bool = False) -> Page:
        """An empty page in a browser of its own, in the album's language."""
        locale = {"fr": "fr-FR", "en": "en-GB"}[self.language]
        context = self.browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Europe/Paris",
            color_scheme="dark" if dark else "light",
        )
        context.add_cookies([{"name": "beffroi_language", "value": self.language, "url": BASE}])
        return context.new_page()

    @contextlib.contextmanager
    def signed_in(self, user: str, viewport: dict[str, int] = DESKTOP, *, dark: bool = False) -> Iterator[Page]:
        """A page of ``user``, until the end of the block."""
        page = self.page(viewport, dark=dark)
        page.goto(f"{BASE}/account/sign-in/")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main form").first.evaluate("form => form.requestSubmit()")
        page.wait_for_url(lambda url: "sign-in" not in url)
        if page.locator("html").get_attribute("lang") != self.language:  # the account remembers its own
            with page.expect_navigation():
                page.locator(
                    f".language-choice[lang='{self.language}'], .language-choice[value='{self.language}']"
                ).evaluate("button => button.click()")  # an alarm may cover the page
        try:
            yield page
        finally:
            page.context.close()


def moving(page: Page, seconds: float = 400) -> None:
    """Wait until every picture of the page moves."""
    ready = "() => { const all = [...document.querySelectorAll('video')]; return all.length > 0 && "
    ready += "all.every(v => v.readyState >= 3 && v.currentTime > 0); }"
    until(lambda: page.evaluate(ready), seconds, "a moving picture")
    page.wait_for_timeout(2_500)


def submit(page: Page, action: str, fields: dict[str, str]) -> None:
    """Fill the form whose address ends with ``action``, opening what it is folded into, and send it."""
    form = page.locator(f"form[action$='{action}']").first
    form.evaluate("form => { const fold = form.closest('details'); if (fold) fold.open = true; }")
    for name, value in fields.items():
        field = form.locator(f"[name='{name}']").first
        if field.evaluate("field => field.tagName") == "SELECT":
            chosen = field.locator("option", has_text=value).first.get_attribute("value")
            field.select_option(chosen)
        else:
            field.fill(value)
    with page.expect_navigation():
        form.locator("button").last.click()


def follow(page: Page, link: str) -> None:
    """Go where the first such link leads: by its address, because an alarm may cover it."""
    page.goto(urljoin(page.url, str(page.locator(link).first.get_attribute("href"))))


def room(album: Album) -> None:
    """J1: the wall, the map, a camera, an incident with its note and its relay; J3: who is looking; J0: the phone."""
    with album.signed_in("garde") as page:
        page.goto(f"{BASE}/desk/")
        until(
            lambda: page.get_by_text(RECORDING[album.language], exact=True).count() > 7,
            900,
            "eight cameras that record",
        )
        page.reload()
        moving(page)
        album.take(page, "J1-1-wall")
        page.goto(f"{BASE}/desk/map/")
        album.take(page, "J1-2-map")
        page.locator("main a[href*='/desk/cameras/']").first.click()
        moving(page)
        album.take(page, "J1-3-camera")
        with page.expect_navigation():
            page.locator("form[action$='/incident/'] button").first.click()
        if "/incidents/" not in page.url:
            page.locator("main a[href*='/desk/incidents/']").first.click()
        submit(page, "/reason/", {"title": album.words["title"], "reason": album.words["reason"]})
        submit(page, "/note/", {"text": album.words["note"]})
        submit(page, "/relay/", {"person": "Inès Caron", "reason": album.words["reason"]})
        incident = page.url
        with album.signed_in("corg") as other:
            other.goto(f"{BASE}/counter/access/")
            album.take(other, "J3-1-operations-centre")
            other.locator("main a[href*='/counter/access/']:not([href$='/live/'])").first.click()
            moving(other)
            album.take(other, "J3-2-relay-seen", whole=True)
            page.goto(incident)
            page.wait_for_timeout(2_500)
            album.take(page, "J1-4-incident-relay", whole=True)
            page.goto(f"{BASE}/looking/")
            page.wait_for_timeout(2_500)
            album.take(page, "J3-3-who-is-looking")
            with album.signed_in("garde", PHONE) as phone:
                phone.goto(f"{BASE}/duty/")
                phone.wait_for_timeout(2_500)
                album.take(phone, "J0-duty-phone", whole=True)
        page.goto(incident)
        page.locator("form[action*='/looking/'] button").first.click()
        page.goto(f"{incident}together/")
        with page.expect_navigation():
            page.locator("main form .primary").last.click()
        moving(page)
        album.take(page, "J1-5-side-by-side", whole=True)
    with album.signed_in("prefecture") as page:
        page.goto(f"{BASE}/counter/access/")
        album.take(page, "J3-4-prefecture")
        page.goto(f"{BASE}/counter/access/live/")
        album.take(page, "J3-5-prefecture-asks", whole=True)


def requisition(album: Album) -> None:
    """J2: an investigator asks, knows at once, an officer decides with the trace before her, the package is made."""
    begun = SystemClock().now().astimezone(ZONE) - timedelta(minutes=40)
    with album.signed_in("opj") as page:
        page.goto(f"{BASE}/counter/requisitions/new/")
        page.select_option("#id_legal_basis", "CPP_60_1")
        page.fill("[name=procedure_number]", f"01234/0{begun:%H%M}/{begun:%Y}")
        page.fill("[name=offence]", album.words["offence"])
        page.fill("#id_place", album.words["place"])
        page.locator("[name=cameras]").first.check()
        page.fill("#id_since_day", f"{begun:%Y-%m-%d}")
        page.fill("#id_since_time", f"{begun:%H:%M}")
        page.fill("#id_until_time", f"{begun + timedelta(minutes=3):%H:%M}")
        album.take(page, "J2-1-requisition", whole=True)
        with page.expect_navigation():
            page.locator("main form .actions .primary").last.click()
        page.wait_for_timeout(3_000)
        page.reload()
        album.take(page, "J2-2-first-answer", whole=True)
        number = page.url.rstrip("/").rsplit("/", 1)[1]
    with album.signed_in("referent") as page:
        page.goto(f"{BASE}/desk/requisitions/")
        album.take(page, "J2-3-inbox")
        page.goto(f"{BASE}/desk/requisitions/{number}/")
        if page.locator("form[action$='/decide/']").count() == 0:
            submit(page, "/check/", {})
        album.take(page, "J2-4-gate-trace", whole=True)
        submit(page, "/decide/", {})
        extract = page.locator("form[action$='/extract/'] button")
        if extract.count():
            with page.expect_navigation():
                extract.click()
        page.goto(f"{BASE}/desk/requisitions/{number}/packages/")
        page.locator("main a[href*='/desk/packages/']").first.click()
        until(lambda: page.locator("form[action$='/download/']").count() or page.reload() is None, 400, "the package")
        album.take(page, "J2-5-package", whole=True)
        submit(page, "/download/", {})
    with album.signed_in("opj") as page:
        page.goto(f"{BASE}/counter/packages/")
        page.locator("main a[href*='/counter/packages/']").first.click()
        album.take(page, "J2-6-package-received")


def office(album: Album) -> None:
    """J5: the mayor's year; J6: what the others work on. Each at a desk in the light and on a telephone in the dark."""
    walks = (
        (
            "maire",
            ("/office/figures/", "J5-year"),
            ("/office/rules/", "J6-rules"),
            ("/office/inspection/", "J6-inspection"),
        ),
        (
            "chef",
            ("/office/conventions/", "J6-convention"),
            ("/office/registers/", "J6-registers"),
            ("/duty/rota/", "J6-rota"),
        ),
        ("dpo", ("/office/looks/", "J6-looks"), ("/office/audit/", "J6-audit"), ("/office/rights/", "J6-rights")),
        ("secretariat", ("/office/persons/", "J6-persons"), ("/account/people/", "J6-accounts")),
        ("technicien", ("/desk/health/", "J6-health"), ("/technical/cameras/", "J6-cameras")),
        ("technicien", ("/technical/cameras/new/", "J6-add-camera"), ("/technical/alarms/", "J6-alarms")),
        ("ecole", ("/building/", "J6-school")),
        ("astreinte", ("/duty/holds/", "J6-holds")),
    )
    for user, *pages in walks:
        for viewport, dark, how in ((DESKTOP, False, ""), (PHONE, True, "-phone")):
            with album.signed_in(user, viewport, dark=dark) as page:
                for path, name in pages:
                    page.goto(f"{BASE}{path}")
                    album.take(page, f"{name}{how}", whole=True)
    with album.signed_in("ecole") as page:
        page.goto(f"{BASE}/building/")
        follow(page, "main h2 a")
        school = page.url
        for part in ("plan", "drills"):
            page.goto(f"{school}{part}/")
            album.take(page, f"J6-school-{part}", whole=True)


def alert(album: Album, box: str, code: str) -> None:
    """J4: an alert under way at the desk, and the screen of a room of the school, from its box."""
    with album.signed_in("ecole") as page:
        page.goto(f"{BASE}/building/")
        follow(page, "main h2 a")
        if page.locator("main a[href*='/alerts/'].danger").count() == 0:
            submit(page, "/raise/", {"authority": album.words["authority"]})
    cell = album.page()
    cell.goto(f"{box}/cell")
    cell.fill("[name=code]", code)
    cell.locator("button").first.click()
    cell.goto(f"{box}/cell/cards")
    cards = cell.locator("a[href*='/room/']").first.get_attribute("href")
    cell.goto(f"{box}/cell")
    until(lambda: cell.locator("table").count() or cell.reload() is None, 60, "the alert at the box")
    album.take(cell, "J4-3-crisis-cell", whole=True)
    screen = album.page()
    screen.goto(str(cards))
    album.take(screen, "J4-2-room-screen")
    screen.context.close()
    cell.context.close()
    with album.signed_in("garde") as page:
        page.goto(f"{BASE}/desk/")
        moving(page)
        album.take(page, "J4-1-wall-alarm")
        page.goto(f"{BASE}/building/")
        follow(page, "main a[href*='/alerts/']")
        album.take(page, "J4-4-alert", whole=True)


def main() -> int:
    """Make both albums; the alert comes last, because it stays on every page until two people end it."""
    program = shutil.which("chromium")
    if program is None:
        print("tour: there is no chromium here. Install it (Debian: apt install chromium), then try again.")
        return 2
    with demonstration() as (box, code), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        albums = [Album(browser, language) for language in ("fr", "en")]
        for album in albums:
            room(album)
            requisition(album)
            office(album)
        for album in albums:
            alert(album, box, code)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
