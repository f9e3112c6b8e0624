"""The paper pack of a plan as PDF/A-2a and PDF/UA-1: call card, who is responsible when, instructions, plans, lists.

Made each night and by one button, so that a building without power, network or centre still has what its plan says.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.legible import legible
from beffroi.safety.core.plan_levels import Level, Mark, MarkKind
from beffroi.safety.core.plans import Plan, Regime
from beffroi.safety.core.telling import HAZARD_WORDS, POSTURE_WORDS
from beffroi.safety.core.words import FIRST_CALL, Hazard

TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = {"image/svg+xml": ".svg", "image/png": ".png"}
_RED, _BLUE, _GREEN, _GREY = "#a11d28", "#1d4477", "#1f6b3b", "#4a4a4a"
TINTS: dict[MarkKind, str] = {
    MarkKind.ROOM: _GREY,
    MarkKind.SAFETY_ZONE: _BLUE,
    MarkKind.ASSEMBLY_POINT: _GREEN,
    MarkKind.EMERGENCY_EXIT: _GREEN,
    MarkKind.VEHICLE_ACCESS: _GREEN,
    MarkKind.FOOT_ACCESS: _GREEN,
    MarkKind.RESPONDERS: _GREEN,
}
"""Colours of the marks; what cuts off or triggers is red."""


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What the pack is made of. ``drawings``: media type and bytes by digest."""

    building: str
    address: str
    phone: str
    centre: str
    plan: Plan
    drawings: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def pack_pdf(facts: PackFacts, *, language: str, now: datetime) -> bytes:
    """The paper. ``Unavailable`` when typst refuses it."""
    words: dict[str, Any] = json.loads(
        (TEMPLATES / f"pack.{'fr' if language == 'fr' else 'en'}.json").read_text("utf-8")
    )
    with tempfile.TemporaryDirectory(prefix="beffroi-pack-") as name:
        folder = Path(name)
        shutil.copy(TEMPLATES / "pack.typ", folder / "pack.typ")
        files = {}
        for digest, (media_type, data) in facts.drawings.items():
            files[digest] = f"{digest}{_SUFFIX.get(media_type, '.png')}"
            (folder / files[digest]).write_bytes(data)
        given = legible(_data(facts, words, "fr" if language == "fr" else "en", files, now))
        try:
            return typst.compile(
                str(folder / "pack.typ"),
                root=str(folder),
                format="pdf",
                sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
                pdf_standards=["a-2a", "ua-1"],
                ignore_system_fonts=True,
            )
        except RuntimeError as error:
            raise Unavailable("The paper pack could not be set.", code="paper", hint="Try again later.") from error


def _data(
    facts: PackFacts, words: dict[str, Any], language: str, files: Mapping[str, str], now: datetime
) -> dict[str, Json]:
    plan, local = facts.plan, now.astimezone(ZoneInfo(facts.plan.zone_info))
    said: dict[str, object] = {
        "version": plan.version, "made": f"{local:%d/%m/%Y %H:%M}", "building": facts.building,
        "address": facts.address or "—", "phone": facts.phone or "—",
    }  # fmt: skip
    data: dict[str, Json] = {
        "language": language,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "centre": facts.centre,
        "building": facts.building,
        "subtitle": words["subtitle"].format(**said),
        "footer": words["footer"].format(**said),
        "call": [line.format(**said) for line in words["call_lines"]],
        "levels": [_level(level, plan, words, files) for level in plan.levels],
    }
    data |= {f"{name}_title": words[name] for name in ("call", "who", "postures", "instructions", "zones", "classes")}
    data |= {f"{name}_title": words[name] for name in ("directory", "levels", "log")}
    data |= {name: words[name] for name in ("title", "numbers", "legend", "none", "no_drawing", "log_head")}
    data |= {f"{name}_head": words[f"{name}_head"] for name in ("who", "postures", "zones", "classes", "directory")}
    return data | _tables(plan, words, language)


def _tables(plan: Plan, words: dict[str, Any], language: str) -> dict[str, Json]:
    zones = {zone.id: zone.name for zone in plan.zones}
    rooms = {room.id: room for room in plan.rooms}
    classes: list[Json] = []
    for group in plan.groups:
        room = rooms.get(group.room)
        zone = zones.get(room.zone, "") if room else ""
        size = "?" if group.size is None else str(group.size)
        classes.append([group.name, room.name if room else "", zone, size, str(group.adults or ""), "", "", ""])
    return {
        "who": [row for regime in plan.regimes for row in _regime(regime, words)],
        "postures": [
            [HAZARD_WORDS[language][hazard], POSTURE_WORDS[language][plan.posture_for(hazard)], FIRST_CALL[hazard]]
            for hazard in Hazard
        ],
        "instructions": [
            {
                "head": " · ".join(
                    filter(
                        None,
                        (
                            str({**words["missions"], **words["roles"]}.get(one.role, one.role)),
                            POSTURE_WORDS[language][one.posture],
                            HAZARD_WORDS[language][one.hazard] if one.hazard else "",
                        ),
                    )
                ),
                "steps": list(one.steps),
            }
            for one in plan.instructions
        ],
        "zones": [[zone.name, words["zone_kinds"][zone.kind.value], str(zone.capacity or "")] for zone in plan.zones],
        "classes": classes,
        "directory": [[entry.name, entry.function, entry.phone] for entry in plan.directory],
    }


def _regime(regime: Regime, words: dict[str, Any]) -> list[Json]:
    days = " ".join(words["days"][day] for day in sorted(regime.days))
    hours = f"{days} {regime.start:%H:%M}–{regime.end:%H:%M}"
    return [
        [
            regime.name if first == 0 else "",
            hours if first == 0 else "",
            words["missions"][holder.mission.value],
            holder.person,
            ", ".join(holder.substitutes),
        ]
        for first, holder in enumerate(regime.holders)
    ]


def _level(level: Level, plan: Plan, words: dict[str, Any], files: Mapping[str, str]) -> Json:
    names = {zone.id: zone.name for zone in plan.zones} | {room.id: room.name for room in plan.rooms}
    return {
        "name": level.name,
        "file": files.get(level.drawing, ""),
        "width": level.width,
        "height": level.height,
        "marks": [_mark(number, mark, names, words) for number, mark in enumerate(level.marks, start=1)],
    }


def _mark(number: int, mark: Mark, names: Mapping[str, str], words: dict[str, Any]) -> Json:
    parts = (words["marks"][mark.kind.value], names.get(mark.ref, ""), mark.label)
    return {
        "number": number,
        "x": round(mark.x * 10_000),
        "y": round(mark.y * 10_000),
        "tint": TINTS.get(mark.kind, _RED),
        "words": " · ".join(filter(None, parts)),
    }
