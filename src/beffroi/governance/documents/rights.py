"""The answer to a person's request as data for ``paper.typ``. Pure: values in, words out."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from beffroi.governance.core.rights import ARTICLES, RefusalGround, RightsState
from beffroi.governance.documents.compose import moment
from beffroi.governance.documents.papers import qr_svg, texts
from beffroi.kernel.canonical import Json
from beffroi.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class RightsAnswer:
    """What stands on the paper."""

    number: str
    name: str
    place: str
    span: Span
    zone: str
    received_at: datetime
    state: RightsState  # appointed | negative | refused
    words: str
    by: str
    ground: RefusalGround | None = None
    appointment: tuple[datetime, str] | None = None


def rights_paper(
    answer: RightsAnswer, *, centre: str, now: datetime, fact: str, fingerprint: str, language: str
) -> dict[str, Json]:
    """The data of ``paper.typ`` for this answer."""
    words = texts(language)
    zone = ZoneInfo(answer.zone)
    local = now.astimezone(zone)
    reference = f"beffroi:{answer.number}:{fact}"
    return {
        "language": language,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "title": words[f"rights.title.{answer.state.value}"],
        "number": answer.number,
        "subtitle": words["rights.subtitle"].format(number=answer.number),
        "centre": centre,
        "service": words["rights.service"],
        "place_and_date": words["place_and_date"].format(place=centre, date=f"{local:%d/%m/%Y}"),
        "addressee": [answer.name],
        "pairs": [
            [words["rights.label.place"], answer.place],
            [words["label.span"], f"{moment(answer.span.start, zone)} → {moment(answer.span.end, zone)}"],
            [words["label.received"], moment(answer.received_at, zone)],
        ],
        "paragraphs": _paragraphs(answer, language, zone),
        "table_title": "",
        "head": [],
        "rows": [],
        "trace_title": "",
        "trace": [],
        "signatory": words["signatory"].format(name=answer.by),
        "signature_note": words["signature_note"].format(fingerprint=fingerprint, fact=fact),
        "qr": qr_svg(reference),
        "qr_alt": words["qr_alt"].format(text=reference),
        "footer": words["rights.footer"].format(number=answer.number),
    }


def _paragraphs(answer: RightsAnswer, language: str, zone: ZoneInfo) -> list[Json]:
    words = texts(language)
    said: list[Json] = [words[f"rights.body.{answer.state.value}"]]
    if answer.appointment is not None:
        at, place = answer.appointment
        said.append(words["rights.body.when"].format(when=moment(at, zone), where=place))
    if answer.ground is not None:
        ground = words[f"rights.ground.{answer.ground.value}"]
        said.append(words["rights.body.ground"].format(ground=ground, article=ARTICLES[answer.ground]))
    if answer.words:
        said.append(words["body.words"].format(words=answer.words))
    said.append(words["rights.body.remedies"])
    return said
