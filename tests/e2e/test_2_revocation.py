"""I12: what the room stops, and a shift that ends, send no byte two seconds later; also to another network.

Measured at the last byte, by a program that looks on its own: the clock runs from before the stop is sent.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page

from tests.e2e import elsewhere
from tests.e2e.conftest import PageOf
from tests.e2e.elsewhere import Looker
from tests.e2e.product import CAR_PARK, Product

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

ALLOWED_S = 2.0
LOOKING = "Appui de la patrouille de nuit"


def post(page: Page, path: str, **form: str) -> APIResponse:
    """A form of this person's browser, sent without its page."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "beffroi_csrf")
    answer = page.context.request.post(
        path, form={**form, "csrfmiddlewaretoken": token}, headers={"Referer": page.url, "Accept": "application/json"}
    )
    assert answer.ok, (path, answer.status, answer.text()[:500])
    return answer


def look_of(page: Page, product: Product, grant: str, *, at: str = "", inside: str = "") -> Looker:
    """A program that looks at the car park with this browser's cookies."""
    cookies = {str(one["name"]): str(one["value"]) for one in page.context.cookies()}
    orders: dict[str, Any] = {
        "at": at or product.url, "host": f"localhost:{product.port}", "grant": grant, "cookies": cookies,
        "camera": product.cameras[CAR_PARK],
    }  # fmt: skip
    looker = Looker(orders, inside=inside)
    looker.looking()
    return looker


@contextmanager
def on_duty(page: Page) -> Iterator[str]:
    """A shift with the wall's look open, its grant; the shift ends with it."""
    post(page, "/desk/shift/", purpose="L251-2:5", reason=LOOKING, hours="4")
    try:
        grant: str = post(page, "/desk/wall/look/").json()["grant"]
        yield grant
    finally:
        post(page, "/desk/shift/end/")


def took_s(looker: Looker, begun_ns: int) -> float:
    """From ``begun_ns`` to the last byte; it was looking until then, and the door said why it closed."""
    seen = looker.end()
    assert seen["code"] == 4403, seen
    assert seen["pictures"] > 10
    return float((seen["last_ns"] - begun_ns) / 1e9)


def held(what: str, samples: list[float]) -> None:
    """The promise holds in the middle of three; one stall of a busy machine is not taken for the product's."""
    print(f"\n{what} → last byte: {', '.join(f'{each:.2f}' for each in samples)} s")
    assert statistics.median(samples) < ALLOWED_S, samples


@pytest.mark.parametrize("who", ["the chief stops it", "the shift ends"])
def test_a_look_on_duty_ends_at_the_last_byte(product: Product, page_of: PageOf, who: str) -> None:
    chief, night = page_of("chef"), page_of("astreinte")  # signed in already: what is measured is the stop
    samples = []
    for _ in range(3):
        with on_duty(night) as grant:
            looker = look_of(night, product, grant)
            begun_ns = time.monotonic_ns()
            if who == "the chief stops it":
                post(chief, f"/looking/{grant}/stop/")
                samples.append(took_s(looker, begun_ns))
        if who == "the shift ends":
            samples.append(took_s(looker, begun_ns))
    held(f"look on duty, {who}", samples)


def test_it_ends_as_fast_in_another_network(product: Product, page_of: PageOf) -> None:
    if not elsewhere.possible():
        pytest.skip("LEFT OUT: a network namespace takes root and iproute2")
    chief, night = page_of("chef"), page_of("astreinte")
    samples = []
    with elsewhere.namespace(product.port) as cable:
        for _ in range(3):
            with on_duty(night) as grant:
                looker = look_of(night, product, grant, at=cable.address, inside=cable.name)
                begun_ns = time.monotonic_ns()
                post(chief, f"/looking/{grant}/stop/")
                samples.append(took_s(looker, begun_ns))
    held("look on duty from another network namespace", samples)
