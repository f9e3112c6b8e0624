"""Every page that anybody reaches by links, on the started product: axe finds nothing, nothing is wider than a phone.

Each person begins where she lands and follows the links she sees; a page is looked at once, by whoever reaches it
first, in French and light, then at 390 px. What needs an object (an incident, a requisition) is there from the stories.
"""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page

from beffroi.config.demo.people import PASSWORD
from tests import axe
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.media]
PEOPLE = (
    "garde", "referent", "chef", "maire", "opj", "corg", "prefecture", "dpo", "ecole", "technicien", "secretariat",
)  # fmt: skip
NO_PAGES = (
    ".csv",
    ".pdf",
    ".txt",
    ".zip",
    ".svg",
    ".json",
    "/csv/",
    "/pdf/",
    "/stream",
    "/slip/",
    "/metrics",
    "/file/",
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LEAST = 35
"""So many pages at least must have been seen: fewer would mean that the walk was cut short, not that all is well."""


def name_of(path: str) -> str:
    """The name of the route behind a path; empty for what is no page of the office."""
    if path.endswith(NO_PAGES) or "/papers/" in path:
        return ""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def links(page: Page) -> list[str]:
    """Paths that the page links to."""
    hrefs = page.eval_on_selector_all(
        "a[href]", 'all => all.filter(a => !a.download).map(a => new URL(a.getAttribute("href"), location).href)'
    )
    own = urlsplit(page.url).netloc
    return [urlsplit(href).path for href in hrefs if urlsplit(href).netloc == own]


def look_at(page: Page, path: str, faults: list[str]) -> list[str]:
    """Look at one page as a person would; returns where it leads."""
    answer = page.goto(path, wait_until="domcontentloaded")
    if answer is None or not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
        faults.append(f"{path}: answered {answer.status if answer else 'nothing'}")
        return []
    page.locator("main").wait_for()
    try:
        axe.check(page)
    except AssertionError as found:
        faults.append(str(found))
    page.set_viewport_size(PHONE)
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 1:
        faults.append(f"{path}: {wide} px wider than a phone")
    page.set_viewport_size(DESKTOP)
    return links(page)


def test_every_page_is_for_everybody(product: Product, chromium: Browser) -> None:
    """The walk."""
    seen: set[str] = set()
    faults: list[str] = []
    for person in PEOPLE:
        context = axe.new_context(chromium, base=product.url, viewport=DESKTOP)
        page = context.new_page()
        axe.sign_in(page, person, PASSWORD)
        waiting = [urlsplit(page.url).path, *links(page)]
        while waiting:
            path = waiting.pop(0)
            name = name_of(path)
            if not name or name in seen:
                continue
            seen.add(name)
            waiting += look_at(page, path, faults)
        context.close()
    print(f"{len(seen)} pages seen")
    assert not faults, "\n\n".join(faults)
    assert len(seen) >= LEAST, sorted(seen)
