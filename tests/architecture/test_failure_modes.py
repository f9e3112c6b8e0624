"""The table of failure modes names tests that exist, for each of the thirty-five, or says that it shows nothing."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "reference" / "failure-modes.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _rows() -> dict[str, str]:
    rows = [line.split(" | ", 2) for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| F")]
    return {number.removeprefix("| "): shown for number, _failure, shown in rows}


def test_every_failure_mode_has_its_line() -> None:
    assert list(_rows()) == [f"F{number}" for number in range(1, 36)]


def test_each_line_names_tests_that_exist_or_says_why_there_is_none() -> None:
    missing = []
    for number, shown in _rows().items():
        named = NAMED.findall(shown)
        assert named or shown.startswith("not shown: "), f"{number} names no test and gives no reason"
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            functions = {
                node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            if name not in functions:
                missing.append(f"{number}: {path}::{name}")
    assert not missing


DOORS_AND_FIRE = re.compile(
    r"\bDoorControl|\b(?:Un)?[Ll]ock(?:Down)?_?[Dd]oor|\bSetRelayOutputState\b|\b(?:stop|silence|reset)_fire",
    re.IGNORECASE,
)
"""How a command to a lock, a relay or the fire system would be called (ONVIF profiles A, C and D, and plainly)."""


def test_nothing_here_commands_a_door_or_the_fire_system() -> None:
    said = {path: path.read_text("utf-8") for path in (ROOT / "src" / "beffroi").rglob("*.py")}
    found = {str(path.relative_to(ROOT)) for path, text in said.items() if DOORS_AND_FIRE.search(text)}
    assert not found, "locks and the fire system are certified devices: nobody is shut in by this program"
    assert DOORS_AND_FIRE.search("await door.LockDoor(token)"), "the pattern finds what it is for"
