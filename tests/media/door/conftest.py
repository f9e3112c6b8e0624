"""One front for the tests that only ask it questions."""

from collections.abc import Iterator

import pytest

from tests.media.door.front import Front, running_front


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with running_front(tmp_path_factory.mktemp("front")) as started:
        yield started
