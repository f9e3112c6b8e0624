"""The album of ``make tour``: a demonstration of its own, a browser for each person, numbered screenshots."""

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
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
PORT = int(os.environ.get("PORT", "8123"))
BASE = f"http://localhost:{PORT}"
PASSWORD = "le-beffroi-veille"
AT_FOOT = "() => document.querySelectorAll('.lookers-bar').forEach(bar => { bar.style.position = 'static'; })"
DESKTOP, PHONE = {"width": 1360, "height": 860}, {"width": 390, "height": 844}
BOX = re.compile(r"(http://127\.0\.0\.1:\d+)/cell \(code (\d+)\)")


@contextlib.contextmanager
def demonstration(language: str) -> Iterator[tuple[str, str]]:
    """A new demonstration whose school speaks ``language``, until the end of the block: the address of the school's
    box and its code."""
    data = ROOT / "build" / "tour-data"
    shutil.rmtree(data, ignore_errors=True)
    data.parent.mkdir(exist_ok=True)
    said = ROOT / "build" / "tour.log"
    command = [sys.executable, "-u", "-m", "beffroi.config.cli", "demo", "--data", str(data), "--port", str(PORT)]
    command += ["--lang", language]
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

    def __init__(self, browser: Browser, language: str, box: str, code: str) -> None:
        self.browser, self.language, self.box, self.code = browser, language, box, code
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
