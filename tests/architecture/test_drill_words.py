"""What no text may say (Hawaii, 2018): looked for in every page, catalogue, sheet and word that can be read."""

from pathlib import Path

import pytest

from beffroi.safety.core.notices import BANNED_PHRASES, banned_phrase

SOURCE = Path(__file__).resolve().parents[2] / "src" / "beffroi"
KINDS = ("*.html", "*.po", "*.typ", "*.ts", "*.js", "*.txt", "*.yaml", "*.py")
DEFINED = SOURCE / "safety/core/notices.py"


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_the_product_says_that_this_is_no_drill(kind: str) -> None:
    files = [path for path in SOURCE.rglob(kind) if "node_modules" not in path.parts and path != DEFINED]
    assert files or kind == "*.txt"
    found = {
        path.name: phrase for path in files if (phrase := banned_phrase(" ".join(path.read_text("utf-8").split())))
    }
    assert not found


def test_the_lint_finds_what_it_looks_for() -> None:
    for phrase in BANNED_PHRASES:
        assert banned_phrase(f"Attention : {phrase.upper().replace(chr(39), '’')} !") == phrase
