"""No screen speaks English to somebody who reads French: what the planes raise is known to the catalogues."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import beffroi
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.web.shared import plain_words
from beffroi.web.shared.errors import SENTENCES, hint_of, sentence

SOURCE = Path(beffroi.__file__).parent
PLANES = ("governance", "insight", "operations", "people", "sites/actions", "safety/actions")
KINDS = {"Conflict", "Forbidden", "Invalid", "NotFound", "Unavailable"}
ELSEWHERE = {
    "governance/files/inspection_check.py": "the command line of whoever checks a bundle",
    "governance/files/probing.py": "of the machine, told by the installation's own check",
    "governance/files/stamps.py": "keys of an installation, told on the command line",
    "governance/documents/signature.py": "the same",
}
"""Where no screen shows the words."""


def raised() -> Iterator[tuple[str, str, str, str]]:
    """File, code, message and hint of each error with plain words in the planes that screens act on."""
    for plane in PLANES:
        for path in sorted((SOURCE / plane).rglob("*.py")):
            place = str(path.relative_to(SOURCE))
            if place in ELSEWHERE:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in KINDS
                    and node.args
                ):
                    given = {one.arg: _plain(one.value) for one in node.keywords}
                    yield place, given.get("code", ""), _plain(node.args[0]), given.get("hint", "")


def _plain(node: ast.expr) -> str:
    """The words; empty where they are put together at run time."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("which", ["message", "hint"])
def test_whatever_the_planes_say_can_be_said_in_french(which: str) -> None:
    silent = []
    with translation.override("fr"):
        for place, code, message, hint in raised():
            words = hint if which == "hint" else ("" if code in SENTENCES else message)
            if words and translation.gettext(words) == words:
                silent.append(f"{place}: {words}")
    assert not silent, "give it a sentence in web/shared/plain_words.py:\n" + "\n".join(silent)


def test_words_and_codes_are_said_in_the_readers_language() -> None:
    error = Conflict("Only whoever is on duty relays pictures.", code="not_on_duty", hint="Begin your shift first.")
    with translation.override("fr"):
        assert sentence(error) == "Seul qui est en service renvoie des images."
        assert hint_of(error) == "Prenez d’abord votre service."
        assert sentence(Invalid("Version 3 of X exists and was signed.", code="convention_exists")).startswith("Cette")
        assert hint_of(Conflict("x")) == ""
    with translation.override("en"):
        assert sentence(error) == "Only whoever is on duty relays pictures."
    assert set(plain_words.SENTENCES) <= set(SENTENCES)
