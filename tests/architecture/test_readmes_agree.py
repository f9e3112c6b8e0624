"""The two front pages say the same figures, found by the same commands, in the same order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)]*)\)")
CODE = re.compile(r"`([^`]*)`")
NUMBER = re.compile(r"\d+(?:\.\d+)*")


def _measured(name: str, heading: str) -> list[str]:
    """The opening sentence of the part and the rows of its table."""
    part = (ROOT / name).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line and not line.startswith("| ---")]
    return lines[:1] + [line for line in lines if line.startswith("|")]


def english(text: str) -> list[str]:
    """The numbers of an English text, smallest text first."""
    return sorted(NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", text)))


def french(text: str) -> list[str]:
    """The numbers of a French text, written as in English."""
    joined = re.sub(r"(?<=\d)[\u202f\u00a0](?=\d{3})", "", text)
    return sorted(NUMBER.findall(re.sub(r"(?<=\d),(?=\d)", ".", joined)))


def test_the_figures_of_the_two_front_pages_are_the_same() -> None:
    ours, theirs = _measured("README.md", "Measured"), _measured("README.fr.md", "Mesuré")
    assert len(ours) > 10, "the table was found"
    assert len(ours) == len(theirs), "README.md and README.fr.md have the same rows"
    for line, ligne in zip(ours, theirs, strict=True):
        said = f"README.md and README.fr.md differ:\n{line}\n{ligne}"
        assert CODE.findall(line) == CODE.findall(ligne), said
        assert LINK.findall(line) == LINK.findall(ligne), said
        assert english(CODE.sub("", line)) == french(CODE.sub("", ligne)), said


@pytest.mark.parametrize(
    ("line", "ligne", "same"),
    [
        ("12,500 in 0.85 s", "12\u202f500 en 0,85 s", True),
        ("12,500 in 0.85 s", "12\u202f500 en 0,86 s", False),
        ("2 and 3", "3 et 2", True),
    ],
)
def test_numbers_are_compared_as_numbers_are_written(line: str, ligne: str, same: bool) -> None:
    assert (english(line) == french(ligne)) is same
