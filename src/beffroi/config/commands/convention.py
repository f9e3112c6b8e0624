"""``beffroi convention check|explain|diff``: read a convention as a lawyer would, before anyone signs it.

Exit codes: 0 good (for ``diff``: read), 1 the text has faults, 2 it could not be read. A name instead of a file is a
model that ships with the program: ``petite-commune``, ``ville-tenue``, ``centre-partage``.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beffroi.kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from beffroi.governance.core.conventions import Convention

app = typer.Typer(no_args_is_help=True, help="A convention: check the text, put it in plain words, compare two.")
BAD = 1
Text = Annotated[str, typer.Argument(help="file, or name of a shipped model")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]
Language = Annotated[str, typer.Option("--language", help="fr or en; by default the language of this shell")]


@app.command()
def check(text: Text, language: Language = "", as_json: AsJson = False) -> None:
    """Say whether the text can be used; every fault with its line and what to do about it."""
    with _speaking(language):
        convention = _read(text, as_json=as_json)
        if as_json:
            said = {"good": True, "id": convention.id, "version": convention.version, "faults": []}
            typer.echo(json.dumps(said, ensure_ascii=False))
        else:
            from django.utils.translation import gettext as _

            typer.echo(
                _("%(id)s, version %(version)s: without fault, %(grants)s grants.")
                % {"id": convention.id, "version": convention.version, "grants": len(convention.grants)}
            )


@app.command()
def explain(text: Text, language: Language = "", as_json: AsJson = False) -> None:
    """Put each grant in plain words: who, which pictures, why, when, with whose yes."""
    with _speaking(language):
        from beffroi.web.shared.convention_words import explain as in_words
        from beffroi.web.shared.convention_words import party_words
        from beffroi.web.shared.gate_words import titled

        convention = _read(text, as_json=as_json)
        grants = in_words(convention)
        if as_json:
            typer.echo(json.dumps({"id": convention.id, "grants": [asdict(one) for one in grants]}, ensure_ascii=False))
            return
        typer.echo(f"{titled(convention.title, convention.id)} ({convention.id}, {convention.version})")
        typer.echo(" · ".join(party_words(name) for name in convention.parties.names))
        for one in grants:
            typer.echo(f"\n{one.article} — {one.title} ({one.id})\n  {one.summary}")
            for question, answer in one.lines:
                typer.echo(f"  {question}: {answer}")


@app.command()
def diff(old: Text, new: Text, language: Language = "", as_json: AsJson = False) -> None:
    """Say who gains and who loses what between two texts."""
    with _speaking(language):
        from django.utils.translation import gettext as _

        from beffroi.governance.core.convention_diff import compare
        from beffroi.web.shared.convention_words import change_words

        was, becomes = _read(old, as_json=as_json), _read(new, as_json=as_json)
        changes = compare(was, becomes)
        if as_json:
            found = [{**asdict(one), "gains": one.gains, "loses": one.loses} for one in changes]
            typer.echo(json.dumps({"changes": found}, ensure_ascii=False))
            return
        if not changes:
            typer.echo(_("The two texts give the same."))
        for change in changes:
            said = change_words(change, was, becomes)
            move = f": {said.before or '–'} → {said.after or '–'}" if said.before or said.after else ""
            typer.echo(f"{said.direction:12} {said.who}\n             {said.what}{move}")


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Django's translations, without a database or a data folder."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")
    django.setup()
    from django.utils import translation

    shell = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "fr"
    chosen = (language or shell)[:2].lower()
    with translation.override(chosen if chosen in {"fr", "en"} else "en"):
        yield


def _read(text: str, *, as_json: bool) -> "Convention":
    from beffroi.governance.core.convention_text import parse_convention
    from beffroi.governance.core.yaml_nodes import TextFaults
    from beffroi.web.shared.convention_words import fault_words, remedy_words

    content = _content(text)
    try:
        return parse_convention(content)
    except TextFaults as error:
        if as_json:
            found: list[dict[str, Any]] = [asdict(fault) for fault in error.faults]
            typer.echo(json.dumps({"good": False, "faults": found}, ensure_ascii=False))
        for fault in () if as_json else error.faults:
            place = f" {fault.path}:" if fault.path else ""
            typer.echo(
                f"{text}:{fault.line}:{fault.column}:{place} {fault_words(fault)}. {remedy_words(fault)}".rstrip()
            )
        raise typer.Exit(BAD) from error


def _content(text: str) -> str:
    from beffroi.governance.files.texts import model_convention

    path = Path(text)
    if not path.exists() and path.name == text and not path.suffix:
        return model_convention(text)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {text}.", hint="Give a file, or the name of a shipped model.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"{text} cannot be read: {error}", hint="Give a readable text file in UTF-8.") from error
