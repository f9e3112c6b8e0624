"""The papers of a hand-over as PDF/A-2a and PDF/UA-1: the slip (bordereau de remise) and the attestation of clearance.

Set by typst with its own fonts, offline. The same values give the same bytes.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
import typst

from beffroi.governance.core.evidence import GapSheet, StampKind, VideoSheet, label
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.legible import legible
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts

FOLDER = Path(__file__).parent / "papers"
LANGUAGES = ("fr", "en")
CAUSES_FR = {
    "camera": "caméra",
    "network": "réseau",
    "power": "alimentation",
    "storage": "stockage",
    "clock": "horloge",
    "schedule": "programmation",
    "privacy": "vie privée (masque d’habitation)",
    "retention": "durée de conservation échue",
    "order": "hors arrêté préfectoral",
    "maintenance": "maintenance",
    "recorder": "enregistreur",
    "unknown": "inconnue",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the head of each paper of one hand-over."""

    package: str
    centre: str
    requisition: str
    procedure: str
    basis: str
    recipient: str
    made_by: str
    asked: Span
    zone: str
    synthetic: bool
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Seal:
    """What lets a stranger check the package: printed on the slip that goes with it, outside of it."""

    tagmanifest: str
    zip: str
    bytes: int
    verifier: str
    key: str
    stamp_kind: StampKind
    stamped_at: datetime
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The discharge (R-21): empty before it is given, for ink."""

    name: str = ""
    quality: str = ""
    unit: str = ""
    at: datetime | None = None
    digest: str = ""


@cache
def texts(language: str) -> dict[str, str]:
    """The words of the papers in one language; French when it is unknown."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    loaded: dict[str, str] = json.loads((FOLDER / f"texts.{chosen}.json").read_text("utf-8"))
    return loaded


def slip(
    heading: Heading,
    videos: tuple[VideoSheet, ...],
    gaps: tuple[GapSheet, ...],
    *,
    made_at: datetime,
    seal: Seal | None = None,
    receipt: Receipt | None = None,
    channel: str = "",
) -> bytes:
    """The slip. Without ``seal``: the copy inside the package, which cannot know the digest of what holds it."""
    zone, words = ZoneInfo(heading.zone), texts(heading.language)
    data = _head(heading, made_at)
    data |= {
        "channel": words.get(channel, ""),
        "videos": [
            {
                "camera": label(video.camera),
                "from": shown(from_us(video.start_us), zone),
                "to": shown(from_us(video.end_us), zone),
                "codec": video.codec,
                "size": f"{video.width} × {video.height}",
                "bytes": _grouped(video.bytes),
                "file": video.file.rsplit("/", 1)[-1],
                "sha256": video.sha256,
                "masked": video.mask_version,
                "offset": _offset(video),
                "external": _external(video, words),
            }
            for video in videos
        ],
        "gaps": [
            {
                "camera": label(gap.camera),
                "from": shown(from_us(gap.start_us), zone),
                "to": shown(from_us(gap.end_us), zone),
                "cause": CAUSES_FR.get(gap.cause, gap.cause) if heading.language == "fr" else gap.cause,
            }
            for gap in gaps
        ],
        "external": any(video.external for video in videos),
        "seal": _seal(seal, zone, words) if seal else None,
        "receipt": _receipt(receipt or Receipt(), zone),
    }
    return _set("slip", data, heading.language, made_at)


def _offset(video: VideoSheet) -> str:
    if video.external is not None:
        return video.external.clock or "?"
    return f"{video.clock_offset_us / 1_000:+.0f} ms (± {video.uncertainty_us / 1_000:.0f} ms)"


def _external(video: VideoSheet, words: dict[str, str]) -> str:
    """Where a file came from that the centre did not record."""
    if video.external is None:
        return ""
    return words["external"].format(system=video.external.system, by=video.external.handed_by, name=video.external.name)


def clearance(heading: Heading, persons: tuple[tuple[PersonFacts, str], ...], *, insee: str, at: datetime) -> bytes:
    """The attestation (R-22): each person with her act (``extracted`` or ``viewed``) and her clearance at ``at``."""
    zone, words = ZoneInfo(heading.zone), texts(heading.language)
    listed: list[Json] = []
    for person, act in persons:
        held = person.clearance_for(insee, at)
        until = shown(held.term.until, zone) if held and held.term.until else words["until_withdrawn"]
        listed.append(
            {
                "name": person.called,
                "act": words[act],
                "matricule": person.matricule,
                "force": ", ".join(part for part in (person.force.value, person.unit, person.organisation) if part),
                "clearance": held.reference if held else "",
                "issuer": held.issuer if held else "",
                "valid": f"{shown(held.term.start, zone)} – {until}" if held else "",
                "communes": ", ".join(sorted(held.territory)) if held else "",
                "approval": person.approval.reference if person.approval and person.approval.holds(at) else "",
                "training": person.training.reference if person.training and person.training.holds(at) else "",
            }
        )
    return _set("clearance", _head(heading, at) | {"persons": listed}, heading.language, at)


def shown(at: datetime, zone: ZoneInfo) -> str:
    """A time as papers show it: local with its offset, then UTC, so that 02:30 twice is told apart (I10)."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    utc = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{local.strftime('%d/%m/%Y %H:%M:%S')} (UTC{offset[:3]}:{offset[3:]}) · {utc}Z"


def _head(heading: Heading, made_at: datetime) -> dict[str, Json]:
    zone = ZoneInfo(heading.zone)
    return {
        "lang": heading.language if heading.language in LANGUAGES else LANGUAGES[0],
        "package": heading.package,
        "centre": heading.centre,
        "requisition": heading.requisition,
        "procedure": heading.procedure,
        "basis": heading.basis,
        "recipient": heading.recipient,
        "by": heading.made_by,
        "made": shown(made_at, zone),
        "asked": {"from": shown(heading.asked.start, zone), "to": shown(heading.asked.end, zone)},
        "synthetic": heading.synthetic,
    }


def _seal(seal: Seal, zone: ZoneInfo, words: Mapping[str, str]) -> Json:
    return {
        "tagmanifest": seal.tagmanifest,
        "zip": seal.zip,
        "bytes": _grouped(seal.bytes),
        "verifier": seal.verifier,
        "key": seal.key,
        "stamp_time": shown(seal.stamped_at, zone),
        "stamp_note": words["stamp_own" if seal.stamp_kind is StampKind.OWN else "stamp_external"],
        "qr": qr_svg(f"BEFFROI1\n{seal.tagmanifest}\n{seal.checkpoint}".rstrip("\n")),
    }


def _receipt(receipt: Receipt, zone: ZoneInfo) -> Json:
    return {
        "name": receipt.name,
        "quality": receipt.quality,
        "unit": receipt.unit,
        "date": shown(receipt.at, zone) if receipt.at else "",
        "digest": receipt.digest,
    }


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def qr_svg(text: str) -> str:
    """A QR code as SVG text."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode("utf-8")


def _set(template: str, data: Mapping[str, Json], language: str, at: datetime) -> bytes:
    shown, words = json.dumps(legible(data), ensure_ascii=False), json.dumps(texts(language), ensure_ascii=False)
    inputs = {"data": shown, "texts": words}
    try:
        made = typst.compile(
            str(FOLDER / f"{template}.typ"),
            root=str(FOLDER),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-2a", "ua-1"],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
        )
    except RuntimeError as error:
        raise Unavailable(
            f"The paper {template} could not be set: {error}", code="paper", hint="Report this; the data are safe."
        ) from error
    if not isinstance(made, bytes):
        raise Unavailable(f"The paper {template} has no single file.", code="paper")
    return made
