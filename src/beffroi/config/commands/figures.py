"""``beffroi figures YEAR``: the year in figures, as text, JSON or PDF (tagged, PDF/A-2a and PDF/UA-1)."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import run_folder, start_django
from beffroi.kernel.clock import SystemClock, iso
from beffroi.kernel.errors import Invalid, Unavailable


class Format(StrEnum):
    """What comes out."""

    TEXT = "text"
    JSON = "json"
    PDF = "pdf"


def command(
    year: Annotated[int, typer.Argument(help="the year")],
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="data folder")] = None,
    form: Annotated[Format, typer.Option("--format", help="text, json or pdf")] = Format.TEXT,
    to: Annotated[Path | None, typer.Option("--to", help="file to write (needed for pdf)")] = None,
    language: Annotated[str, typer.Option("--language", help="fr or en")] = "fr",
) -> None:
    """The year's requests, places, contribution rates and delays, computed from the cases."""
    if form is Format.PDF and to is None and sys.stdout.isatty():
        raise Invalid("A PDF does not belong on a terminal.", hint="Name a file with --to.")
    options = load_options(config, data=data)
    if not (options.data / "keys").is_dir():
        raise Unavailable(f"{options.data} is no data folder of Beffroi.", hint="Name it with --data.")
    start_django(options, run_folder(options))
    from django.utils import translation

    from beffroi.insight import queries
    from beffroi.insight.core.report import as_json
    from beffroi.insight.documents.year import as_pdf, as_text

    figures = queries.year(year)
    now = SystemClock().now()
    with translation.override(language if language in ("fr", "en") else "fr"):
        if form is Format.JSON:
            body = {"as_of": iso(now), **as_json(figures)}
            out = (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode()
        elif form is Format.PDF:
            out = as_pdf(figures, now, language=language)
        else:
            out = as_text(figures, now, language=language).encode()
    if to is not None:
        to.write_bytes(out)
    else:
        sys.stdout.buffer.write(out)
