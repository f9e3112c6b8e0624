"""One start of the product for all stories, and a browser each of its people sits at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from beffroi.config.demo.people import PASSWORD
from tests import axe
from tests.e2e.product import Product

CLOCKED = """(() => {
  const kept = () => JSON.parse(sessionStorage.getItem('clocked') ?? '{"clicks": 0, "clicked_ms": 0, "last_ms": 0}');
  const keep = (more) => sessionStorage.setItem('clocked', JSON.stringify({...kept(), ...more}));
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', (one) => {
        if (typeof one.data !== 'string') keep({last_ms: Date.now()});
      });
    }
  };
  addEventListener('click', (one) => {
    if (one.isTrusted) keep({clicks: kept().clicks + 1, clicked_ms: Date.now()});
  }, true);
})()"""
"""Notes in each page, for the whole of a sitting, when live bytes came last and what a hand clicked."""


def clocked(page: Page) -> dict[str, int]:
    """``clicks`` so far, and ``clicked_ms`` and ``last_ms``: when somebody clicked last, when live bytes came last."""
    found: dict[str, int] = page.evaluate("() => JSON.parse(sessionStorage.getItem('clocked'))")
    return found


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """``beffroi up`` on a fresh folder, its commune entered, four cameras recorded."""
    made = Product(tmp_path_factory.mktemp("story"))
    try:
        made.open_for_business()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium for one story."""
    with axe.browser() as running:
        yield running


PageOf = Callable[[str], Page]


@contextmanager
def sittings(browser: Browser, url: str) -> Iterator[PageOf]:
    """``sit("garde")``: this person's own browser, signed in through the page; kept for the whole story. A breach of
    the content policy or an error of a script fails it."""
    contexts: dict[str, BrowserContext] = {}
    complaints: list[str] = []

    def sit(username: str) -> Page:
        if username in contexts:
            return contexts[username].pages[0]
        context = browser.new_context(base_url=url, locale="fr-FR", accept_downloads=True)
        context.add_init_script(CLOCKED)
        contexts[username] = context
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{username}: {error}"))
        page.on(
            "console",
            lambda one: complaints.append(f"{username}: {one.text}") if "Content Security" in one.text else None,
        )
        axe.sign_in(page, username, PASSWORD)
        return page

    yield sit
    for context in contexts.values():
        context.close()
    assert not complaints, complaints


@pytest.fixture(scope="module")
def page_of(product: Product, chromium: Browser) -> Iterator[PageOf]:
    """The browsers of this machine (``sittings``)."""
    with sittings(chromium, product.url) as sit:
        yield sit


@pytest.fixture(scope="package")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what one story hands to the next."""
    return tmp_path_factory.mktemp("written")
