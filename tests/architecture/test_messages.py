"""Every text on screen is there in French, whole, and typed as French is typed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "beffroi"
APPS = sorted(path.parent.relative_to(SOURCE) for path in SOURCE.rglob("apps.py") if "node_modules" not in path.parts)
MARK_WITHOUT_SPACE = re.compile(r"[^\s\u00a0\u202f][;!?»](\s|$)|[^\s\d\u00a0\u202f:]:(\s|$)")
MARK_AFTER_PLAIN_SPACE = re.compile(r" [:;!?»]|« ")
MARKUP = re.compile(r"<[^>]+>|&[a-z#0-9]+;|\b[a-z_]+: (?=true|false|valeur|\[)|https?://\S+|%\([a-z_]+\)[sd]")

pytestmark = pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext")


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="fr")


@pytest.fixture(scope="module")
def translated() -> dict[str, Catalog]:
    """All French catalogues by app; Django merges them into one."""
    found = sorted(SOURCE.rglob("locale/fr/LC_MESSAGES/django.po"))
    return {str(path.parents[3].relative_to(SOURCE)): _catalogue(path) for path in found}


@pytest.mark.parametrize("app", APPS, ids=str)
def test_every_text_of_pages_and_code_is_in_french(app: Path, translated: dict[str, Catalog], tmp_path: Path) -> None:
    copy = tmp_path / "app"
    ignore = shutil.ignore_patterns("*.mo", "*.po", "__pycache__", "dist", "node_modules")
    shutil.copytree(SOURCE / app, copy, ignore=ignore)
    (copy / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "fr", "--no-location"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr
    made = copy / "locale/fr/LC_MESSAGES/django.po"
    asked = [message.id for message in _catalogue(made) if message.id] if made.exists() else []
    have = {
        message.id
        for catalogue in translated.values()
        for message in catalogue
        if message.id and not message.fuzzy and all(_strings(message.string))
    }
    missing = [text for text in asked if text not in have]
    assert not missing, f"{app}: without French: {missing}"


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (str(string),)


def test_no_entry_is_fuzzy_or_empty(translated: dict[str, Catalog]) -> None:
    bad = [
        f"{app}: {message.id}"
        for app, catalogue in translated.items()
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]
    assert not bad


def test_french_is_typed_as_french_is_typed(translated: dict[str, Catalog]) -> None:
    wrong = []
    for app, catalogue in translated.items():
        for message in catalogue:
            for text in _strings(message.string) if message.id else ():
                plain = MARKUP.sub("x", text)
                if MARK_WITHOUT_SPACE.search(plain) or MARK_AFTER_PLAIN_SPACE.search(plain):
                    wrong.append(f"{app}: {text}")
    assert not wrong, "a non-breaking space stands before : ; ! ? » and after «:\n" + "\n".join(wrong)


def test_placeholders_are_the_same_in_both_languages(translated: dict[str, Catalog]) -> None:
    holder = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
    wrong = []
    for app, catalogue in translated.items():
        for message in catalogue:
            if not message.id:
                continue
            asked = set(holder.findall(_strings(message.id)[-1]))
            given = set(holder.findall(_strings(message.string)[-1]))
            if asked != given:
                wrong.append(f"{app}: {message.id}")
    assert not wrong
