"""The product and its people's browsers, as the stories have them."""

from tests.e2e.conftest import chromium, page_of, product

__all__ = ["chromium", "page_of", "product"]
