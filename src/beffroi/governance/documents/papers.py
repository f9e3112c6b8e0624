"""Papers set by typst as PDF/A-2a and PDF/UA-1: text goes in as JSON and is never evaluated."""

import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import segno
import typst

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.legible import legible

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("fr", "en")


@cache
def texts(language: str) -> Mapping[str, str]:
    """The words of the papers in one language (``templates/texts.<language>.json``)."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    return dict(json.loads((TEMPLATES / f"texts.{chosen}.json").read_text(encoding="utf-8")))


def set_paper(template: str, data: Mapping[str, Json], *, language: str = "fr") -> bytes:
    """The PDF of ``templates/<template>.typ`` with ``data`` and the words of ``language``.

    The same data give the same bytes. ``Unavailable`` when typst refuses, which a test would have found.
    """
    try:
        return _compiled(template, legible(data), language)
    except RuntimeError as error:
        raise Unavailable(
            f"The paper {template} could not be set.", code="paper", hint="The answer stands; print it later."
        ) from error


def _compiled(template: str, data: Json, language: str) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False), "texts": json.dumps(texts(language), ensure_ascii=False)}
    return typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,
    )


def qr_svg(text: str) -> str:
    """A QR code as SVG text, for the foot of a paper."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode("ascii")
