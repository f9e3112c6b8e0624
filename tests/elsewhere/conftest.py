"""The product and its people's browsers, as the stories have them; here one camera moves and notes when."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import chromium, page_of
from tests.e2e.product import Product
from tests.media.onvif.cameras import Dome, serving

__all__ = ["chromium", "page_of"]


@dataclass
class NotingDome(Dome):
    """When it was last told to move, by the machine's monotonic clock."""

    moved_ns: int = 0

    def answer(self, name: str, request: str, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """As every dome."""
        if name == "ContinuousMove":
            self.moved_ns = time.monotonic_ns()
        return super().answer(name, request, headers)


@pytest.fixture(scope="package")
def dome() -> Iterator[NotingDome]:
    """The camera of the car park, as a thing that moves."""
    made = NotingDome()
    with serving(made.answer) as made.port:
        yield made


@pytest.fixture(scope="package")
def product(dome: NotingDome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """``beffroi up`` on a fresh folder, its commune entered, four cameras recorded, one moved by the dome."""
    made = Product(tmp_path_factory.mktemp("elsewhere"), moved_by=f"http://127.0.0.1:{dome.port}/")
    try:
        made.open_for_business()
        yield made
    finally:
        made.close()
