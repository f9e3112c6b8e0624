"""``make tour``: the stories J0–J5 of the demonstration as screenshots, in French and in English, into ``tour/``.

Starts the demonstration in a folder of its own (``build/tour-data``, kept for the next time), signs in as each person
and goes where that person goes. Needs Chromium; reaches nothing but this machine.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PORT = int(os.environ.get("PORT", "8123"))
BASE = f"http://localhost:{PORT}"
PASSWORD = "le-beffroi-veille"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]
DESKTOP, PHONE = {"width": 1360, "height": 860}, {"width": 390, "height": 844}


@contextlib.contextmanager
def demonstration() -> Iterator[None]:
    """The demonstration, running until the end of the block."""
    data = ROOT / "build" / "tour-data"
    data.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "beffroi.config.cli", "demo", "--data", str(data), "--port", str(PORT)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        until(lambda: answers(f"{BASE}/healthz"), 180, "the pages")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def answers(address: str) -> bool:
    """Whether the address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition; says what it waited for when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} seconds")
        time.sleep(0.5)


def signed_in(browser: object, user: str, language: str, viewport: dict[str, int]) -> tuple[BrowserContext, Page]:
    """A browser of its own, signed in as ``user``."""
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    context = browser.new_context(viewport=viewport, locale=locale, device_scale_factor=1)  # type: ignore[attr-defined]
    context.add_cookies([{"name": "django_language", "value": language, "url": BASE}])
    page = context.new_page()
    page.goto(f"{BASE}/account/sign-in/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form").first.evaluate("form => form.requestSubmit()")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return context, page


def moving(page: Page, seconds: float = 240) -> None:
    """Wait until a picture moves on the page."""
    ready = "() => [...document.querySelectorAll('video')].some(v => v.readyState >= 3 && v.currentTime > 0)"
    until(lambda: bool(page.evaluate(ready)), seconds, "a moving picture")
    page.wait_for_timeout(2_500)


class Album:
    """Numbered screenshots of one language."""

    def __init__(self, language: str) -> None:
        self.folder = ROOT / "tour" / language
        self.folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Save the page as it stands."""
        page.wait_for_timeout(600)
        page.screenshot(path=str(self.folder / f"{name}.png"), full_page=whole)
        print(f"tour/{self.folder.name}/{name}.png", flush=True)


def room(browser: object, album: Album, language: str) -> None:
    """J1: the wall, the map, a camera with its timeline; J0: the duty phone."""
    context, page = signed_in(browser, "garde", language, DESKTOP)
    page.goto(f"{BASE}/desk/")
    moving(page)
    album.take(page, "J1-wall")
    page.goto(f"{BASE}/desk/map/")
    album.take(page, "J1-map")
    page.locator("a[href*='/desk/cameras/']").first.click()
    moving(page, 60)
    album.take(page, "J1-camera")
    page.goto(f"{BASE}/desk/requisitions/")
    album.take(page, "J2-inbox")
    page.goto(f"{BASE}/building/")
    album.take(page, "J4-buildings")
    context.close()
    context, page = signed_in(browser, "garde", language, PHONE)
    page.goto(f"{BASE}/duty/")
    album.take(page, "J0-duty-phone")
    context.close()


def others(browser: object, album: Album, language: str) -> None:
    """J2 and J3 at the counter, J5 for the mayor, the DPO's and the chief's pages."""
    walks = (
        ("opj", "/counter/requisitions/", "J2-counter"),
        ("opj", "/counter/requisitions/new/", "J2-new-requisition"),
        ("corg", "/counter/access/", "J3-operations-centre"),
        ("prefecture", "/counter/access/", "J3-prefecture"),
        ("chef", "/office/conventions/", "J3-convention"),
        ("maire", "/office/figures/", "J5-year"),
        ("dpo", "/office/looks/", "J6-looks"),
        ("ecole", "/building/", "J4-school"),
        ("technicien", "/desk/health/", "J10-health"),
    )
    for user, path, name in walks:
        context, page = signed_in(browser, user, language, DESKTOP)
        page.goto(f"{BASE}{path}")
        album.take(page, name, whole=name == "J5-year")
        context.close()


def main() -> int:
    """Make both albums."""
    with demonstration(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for language in ("fr", "en"):
            album = Album(language)
            room(browser, album, language)
            others(browser, album, language)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
