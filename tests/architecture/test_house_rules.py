"""What imports cannot show: who writes, how long things are, what is never there, what is pointed at and missing."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from beffroi.audit.core.facts import is_name
from beffroi.audit.core.names import NAMES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "beffroi"
PLANES = ("audit", "people", "sites", "operations", "governance", "insight")
FILE_LINES, FUNCTION_LINES = 400, 60

LONG_FILES: dict[str, str] = {}
"""Named exceptions, each with its reason."""

ORM_WRITE = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "delete"}

REFUSED = re.compile(
    r"(^|[-_.])(face|facial|faces|insightface|deepface|dlib|mediapipe|openface|retinaface|arcface|reid|openpose|ultralytics"
    r"|yolo\w*|openalpr|alpr|anpr|lpr|lapi|plate|plates|biometr\w*|gait|emotion|pose)($|[-_.])",
    re.IGNORECASE,
)
"""Names of packages and modules that analyse persons or read plates: absent, not switched off (I15)."""


def _python(*folders: Path) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not {"migrations", "node_modules"} & set(path.parts)
    )


def _names_models(tree: ast.AST) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return any(
        str(node.module).startswith("beffroi.")
        and (str(node.module).endswith(".models") or any(alias.name == "models" for alias in node.names))
        for node in imports
    )


def test_only_actions_write() -> None:
    found = []
    for path in _python(*(SOURCE / plane for plane in PLANES), SOURCE / "web", SOURCE / "config"):
        parts = path.relative_to(SOURCE).parts
        if len(parts) > 1 and (parts[1] in {"actions", "actions.py", "core", "files"}):
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            touches = ast.unparse(node.func.value)
            on_table = ".objects" in touches and node.func.attr in ORM_WRITE | {"update"}
            on_row = node.func.attr in ORM_WRITE - {"create", "delete"} and _names_models(tree)
            if on_table or on_row:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, "written outside actions: " + ", ".join(found)


def test_pages_never_touch_tables() -> None:
    found = [
        str(path.relative_to(ROOT)) for path in _python(SOURCE / "web") if _names_models(ast.parse(path.read_text()))
    ]
    assert not found


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("folder", ["src", "tools", "bench", "tests"])
def test_files_and_functions_stay_short(folder: str) -> None:
    long = []
    for path in _python(ROOT / folder):
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if text.count("\n") > FILE_LINES and name not in LONG_FILES:
            long.append(f"{name}: {text.count(chr(10))} lines")
        for function in _functions(ast.parse(text)):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > FUNCTION_LINES:
                long.append(f"{name}: {function.name}: {length} lines")
    assert not long, "\n".join(long)


def test_islands_and_styles_stay_short() -> None:
    paths = [*(SOURCE / "web").rglob("src/*.ts"), *(SOURCE / "web").rglob("static/**/*.css")]
    long = [
        f"{path.relative_to(ROOT)}: {lines}" for path in paths if (lines := path.read_text().count("\n")) > FILE_LINES
    ]
    assert not long, "\n".join(long)


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    names = {"utils", "helpers", "common", "misc", "util", "helper"}
    found = [str(path.relative_to(ROOT)) for path in SOURCE.rglob("*") if path.stem in names]
    assert not found


def test_no_file_analyses_persons_or_plates() -> None:
    modules = [path.relative_to(SOURCE).with_suffix("") for path in [*SOURCE.rglob("*.py"), *SOURCE.rglob("src/*.ts")]]
    found = [str(module) for module in modules if any(REFUSED.search(part) for part in module.parts)]
    assert not found


def test_no_dependency_analyses_persons_or_plates() -> None:
    locked = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE)
    node = re.findall(r'"node_modules/([^"]+)"', (ROOT / "package-lock.json").read_text())
    here = [distribution.metadata["Name"] for distribution in distributions()]
    assert len(locked) > 50
    found = [name for name in (*locked, *node, *here) if REFUSED.search(name)]
    assert not found


def test_the_refusal_would_find_them() -> None:
    for name in ("face_recognition", "insightface", "openalpr", "fast-alpr", "yolov8-face", "torch-reid", "gait.core"):
        assert REFUSED.search(name), name
    for name in ("interface", "surface", "template", "pyhanko", "typeface-inter", "composer", "replay"):
        assert not REFUSED.search(name), name


def _recorded(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Fact names written in code: ``name="subject:act"`` given to a call whose function records."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if not (called.endswith(("record", "record_refusal"))):
                continue
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value), node.lineno


def test_every_recorded_name_is_listed_with_its_meaning() -> None:
    unknown = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in _python(SOURCE)
        for name, line in _recorded(ast.parse(path.read_text()))
        if name not in NAMES
    ]
    assert not unknown, "add to audit/core/names.py: " + ", ".join(unknown)
    assert all(is_name(name) for name in NAMES)


LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MENTION = re.compile(r"\bdocs/[a-z_/-]+\.md\b")


def test_links_in_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in LINK.findall(path.read_text()):
            place = target.split("#")[0]
            if not place or "://" in target or target.startswith("mailto:"):
                continue
            if not (path.parent / place).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def test_documents_named_in_the_code_exist() -> None:
    sources = [*_python(SOURCE, ROOT / "tools", ROOT / "bench"), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = sorted(
        {
            f"{path.relative_to(ROOT)}: {mention}"
            for path in sources
            for mention in MENTION.findall(path.read_text())
            if not (ROOT / mention).exists()
        }
    )
    assert not broken, "\n".join(broken)


def test_pages_carry_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))[^>]*>|<style\b|\sstyle=\"|\son[a-z]+=\"|javascript:",
        re.IGNORECASE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in (SOURCE / "web").rglob("templates/**/*.html")
        for match in inline.finditer(path.read_text())
    ]
    assert not found


def test_no_machine_path_or_registry_stands_in_the_tree() -> None:
    places = re.compile(r"/work/|/home/[a-z]|registry\.npmjs|pypi\.org|files\.pythonhosted")
    suffixes = {".py", ".md", ".ts", ".css", ".html", ".toml", ".json", ".lock", ".in", ".po", ".yaml", ".yml", ".sh"}
    this = Path(__file__)
    found = []
    for folder in (ROOT / "src", ROOT / "tests", ROOT / "docs", ROOT / "tools", ROOT / "bench"):
        for path in folder.rglob("*"):
            skip = path == this or "dist" in path.parts or "node_modules" in path.parts
            if path.is_file() and path.suffix in suffixes and not skip and places.search(path.read_text()):
                found.append(str(path.relative_to(ROOT)))
    found += [name.name for name in ROOT.glob("*.lock") if places.search(name.read_text())]
    found += [
        name
        for name in ("package-lock.json", "package.json", "Makefile", "README.md")
        if places.search((ROOT / name).read_text())
    ]
    assert not found


def test_the_two_dark_palettes_are_one() -> None:
    """Dark by the system's wish and by the user's are written twice, as CSS has it; they must not drift apart."""
    tokens = (SOURCE / "web/shared/static/beffroi/tokens.css").read_text()
    by_system, by_choice = (
        re.findall(r"--[a-z-]+: [^;]+;", block)
        for block in re.findall(r':root(?:\[data-theme="dark"\]|:not\(\[data-theme="light"\]\)) \{([^}]*)\}', tokens)
    )
    assert by_system == by_choice
    assert len(by_system) > 20
