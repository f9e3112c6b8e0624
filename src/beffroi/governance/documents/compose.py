"""What stands on a paper, as data for the template. Pure: values in, words out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from beffroi.governance.core.answers import Answer, AnswerLine
from beffroi.governance.documents.papers import qr_svg, texts
from beffroi.kernel.canonical import Json
from beffroi.kernel.outcome import RuleResult
from beffroi.kernel.spans import Span


class PaperKind(StrEnum):
    """The papers a requisition may get."""

    ACKNOWLEDGEMENT = "acknowledgement"
    PARTIAL = "partial"
    NEGATIVE = "negative"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class PaperSubject:
    """The requisition a paper is about."""

    number: str
    procedure: str
    unit: str
    officer: str
    contact: str
    basis: str
    place: str
    span: Span | None
    zone: str
    received_at: datetime
    document_sha256: str


@dataclass(frozen=True, slots=True)
class PaperDecision:
    """What a person decided."""

    ground: str
    words: str
    article: str
    by: str
    trace: tuple[RuleResult, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperStamp:
    """Where, when and under which act it is made."""

    centre: str
    place: str
    now: datetime
    fact: str
    fingerprint: str
    language: str = "fr"


def paper(
    kind: PaperKind,
    subject: PaperSubject,
    stamp: PaperStamp,
    *,
    answer: Answer | None = None,
    decision: PaperDecision | None = None,
    held: bool = False,
) -> dict[str, Json]:
    """The data of ``paper.typ``."""
    words = texts(stamp.language)
    zone = ZoneInfo(subject.zone)
    reference = f"beffroi:{subject.number}:{stamp.fact}"
    local = stamp.now.astimezone(zone)
    lines = answer.lines if answer is not None else ()
    return {
        "language": stamp.language,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "title": words[f"title.{kind.value}"],
        "number": subject.number,
        "subtitle": words["subtitle"].format(number=subject.number, procedure=subject.procedure or words["none"]),
        "centre": stamp.centre,
        "service": words["service"],
        "place_and_date": words["place_and_date"].format(place=stamp.place, date=f"{local:%d/%m/%Y}"),
        "addressee": [line for line in (subject.unit, subject.officer, subject.contact) if line],
        "pairs": _pairs(subject, words, zone, answer),
        "paragraphs": _paragraphs(kind, words, decision, held=held),
        "table_title": words["table.lines"],
        "head": [words[f"head.{name}"] for name in ("camera", "state", "recorded", "until")],
        "rows": [_row(line, words, zone) for line in lines],
        "trace_title": words["title.trace"],
        "trace": _trace(decision, words),
        "signatory": words["signatory"].format(name=decision.by) if decision else words["signatory.program"],
        "signature_note": words["signature_note"].format(fingerprint=stamp.fingerprint, fact=stamp.fact),
        "qr": qr_svg(reference),
        "qr_alt": words["qr_alt"].format(text=reference),
        "footer": words["footer"].format(number=subject.number, fact=stamp.fact),
    }


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time with its offset, so that 02:30 twice is told apart (I10): ``25/10/2026 02:30:00 (UTC+01:00)``."""
    local = at.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"


def _pairs(subject: PaperSubject, words: Mapping[str, str], zone: ZoneInfo, answer: Answer | None) -> list[Json]:
    none = words["none"]
    span = subject.span
    pairs: list[Json] = [
        [words["label.unit"], subject.unit or none],
        [words["label.officer"], subject.officer or none],
        [words["label.basis"], subject.basis or none],
        [words["label.place"], subject.place or none],
        [words["label.span"], f"{moment(span.start, zone)} → {moment(span.end, zone)}" if span else none],
        [words["label.received"], moment(subject.received_at, zone)],
    ]
    if subject.document_sha256:
        pairs.append([words["label.document"], subject.document_sha256])
    if answer is not None:
        pairs.append([words["label.verdict"], words[f"verdict.{answer.verdict.value}"]])
    return pairs


def _paragraphs(kind: PaperKind, words: Mapping[str, str], decision: PaperDecision | None, *, held: bool) -> list[Json]:
    said: list[Json] = [words[f"body.{kind.value}"]]
    if held:
        said.append(words["body.hold"])
    if decision is not None:
        ground = words.get(f"ground.{decision.ground}", words["ground.other"])
        said.append(words["body.ground"].format(ground=ground))
        if decision.words:
            said.append(words["body.words"].format(words=decision.words))
        if decision.article:
            said.append(words["body.article"].format(article=decision.article))
    return said


def _row(line: AnswerLine, words: Mapping[str, str], zone: ZoneInfo) -> list[Json]:
    spans = [f"{moment(span.start, zone)} → {moment(span.end, zone)}" for span in line.recorded]
    until = words["held"] if line.held else (moment(line.kept_until, zone) if line.kept_until else words["dash"])
    return [
        f"{line.camera.number} · {line.camera.name}",
        words[f"state.{line.state.value}"],
        "\n".join(spans) or words["dash"],
        until,
    ]


def _trace(decision: PaperDecision | None, words: Mapping[str, str]) -> list[Json]:
    rules: Iterable[RuleResult] = decision.trace if decision else ()
    return [
        words["trace.held" if rule.held else "trace.failed"].format(rule=rule.rule, source=rule.source)
        for rule in rules
    ]
