"""axe-core on a page in a real Chromium: what other tests call on their own pages.

``browser`` starts Debian's Chromium; ``check(page)`` fails with what axe found and where. Pages keep their strict
content policy; axe itself is injected through a context that bypasses it (``new_page``).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@contextmanager
def browser(*arguments: str, **options: Any) -> Iterator[Browser]:
    """Debian's Chromium, headless; the test is left out where there is none.

    While it runs, this thread has an event loop: the database may be used all the same (Django is told so), but
    ``django.test.Client`` may not. Sign in through the page: ``sign_in``.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments], **options)
            try:
                yield running
            finally:
                running.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def new_context(
    running: Browser, *, base: str, cookies: dict[str, str] | None = None, **options: Any
) -> BrowserContext:
    """A context in which axe may be injected (``bypass_csp``); ``cookies`` are set for ``base``."""
    context = running.new_context(bypass_csp=True, base_url=base, locale="fr-FR", **options)
    for name, value in (cookies or {}).items():
        context.add_cookies([{"name": name, "value": value, "url": base}])
    return context


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in through the page, as a person does."""
    page.goto("/account/sign-in/")
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(password)
    page.locator(".sign-in button").click()
    page.locator(".who").wait_for()


def follow(button: Locator) -> None:
    """Click what leads to another page, and be there: what is read next is not read from the page that is left."""
    with button.page.expect_navigation():
        button.click()


def menu(page: Page, name: str) -> Locator:
    """The entry of the main menu with exactly this name, brought into sight where it stands in a group or a fold."""
    nav = page.locator(".site-nav[data-ready]")
    link = page.get_by_role("link", name=name, exact=True, include_hidden=True)
    entry = nav.locator(link)
    entry.wait_for(state="attached")
    for button in (nav.locator(".menu-open"), nav.locator("li.menu-group", has=link).locator(".menu-group-open")):
        if button.count() and button.is_visible() and button.get_attribute("aria-expanded") == "false":
            button.click()
    return entry


def check(page: Page, *, leaving_out: tuple[str, ...] = ()) -> None:
    """Fail where axe finds a violation on the page as it stands now; ``leaving_out`` are ids of rules."""
    page.wait_for_load_state()
    options = {**RULES, "rules": {rule: {"enabled": False} for rule in leaving_out}}
    found = Axe().run(page, options=options).response["violations"]
    told = [
        f"{one['id']}: {one['help']}\n"
        + "\n".join(f"    {node['html'][:160]}  {node['failureSummary'][:300]}" for node in one["nodes"])
        for one in found
    ]
    assert not found, f"{page.url}\n" + "\n".join(told)
