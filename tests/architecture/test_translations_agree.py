"""Django merges all catalogues into one: a text with two French versions would silently show whichever came last."""

from collections import defaultdict
from pathlib import Path

from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parents[2] / "src" / "beffroi"


def _disagreements(catalogues: list[Path]) -> list[str]:
    said: dict[tuple[str | None, str], dict[str, str]] = defaultdict(dict)
    for path in catalogues:
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id and not message.fuzzy:
                    text = message.id if isinstance(message.id, str) else message.id[0]
                    said[message.context, text][path.parents[3].name] = str(message.string)
    return [f"{key}: {texts}" for key, texts in said.items() if len(set(texts.values())) > 1]


def test_one_text_has_one_french_version() -> None:
    catalogues = sorted(SOURCE.rglob("locale/fr/LC_MESSAGES/django.po"))
    assert len(catalogues) > 1
    assert not _disagreements(catalogues), "give the text a context (msgctxt), or the same French everywhere"


def test_two_versions_are_found(tmp_path: Path) -> None:
    files = []
    for app, french in (("one", "jusqu’au"), ("two", "au")):
        file = tmp_path / app / "locale" / "fr" / "LC_MESSAGES" / "django.po"
        file.parent.mkdir(parents=True)
        file.write_text(f'msgid "until"\nmsgstr "{french}"\n', encoding="utf-8")
        files.append(file)
    assert [line.partition(":")[0] for line in _disagreements(files)] == ["(None, 'until')"]
    assert not _disagreements(files[:1])
