"""The after-action review as PDF/A-2a and PDF/UA-1: computed times, roll-call, observations, actions, the whole log."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typst

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.legible import legible
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.events import AlertFile, Event, Kind, LogLine
from beffroi.safety.core.follow_up import FollowUp, Measure
from beffroi.safety.core.report import Review
from beffroi.safety.core.rollcall import Line
from beffroi.safety.core.sources import Names, Source, begun_as_planned, source_of
from beffroi.safety.core.telling import HAZARD_WORDS, NATURE_WORDS, POSTURE_WORDS
from beffroi.safety.core.words import Nature
from beffroi.safety.documents.review_words import KIND_WORDS, LINE_WORDS, VALUES, WORDS

TEMPLATES = Path(__file__).parent / "templates"
_TIMES = ("to_sound", "to_acknowledge", "to_call", "to_most_answers", "to_all_answers", "to_all_clear")
_SAID = ("about", "mission", "verdict", "act", "number", "note", "text", "authority", "place", "what", "call_back")
_NEVER_ON_SITE = (Kind.DURESS, Kind.DURESS_OVER)


@dataclass(frozen=True, slots=True)
class Paper:
    """For whom and where it is printed. Without ``room`` nothing of a duress stands on it; a drill has its
    ``objectives`` and whom it was announced to."""

    building: str
    address: str
    plan_version: int | None
    names: Names
    centre: str
    zone: ZoneInfo
    language: str
    room: bool
    objectives: str = ""
    informed: str = ""


def review_pdf(file: AlertFile, found: Review, follow_up: FollowUp, *, paper: Paper, now: datetime) -> bytes:
    """The paper. ``Unavailable`` when typst refuses, which a test would have found."""
    data = _head(file, found, paper, now) | _body(file, found, paper) | _followed(follow_up, paper, now)
    try:
        return typst.compile(
            str(TEMPLATES / "review.typ"),
            root=str(TEMPLATES),
            format="pdf",
            sys_inputs={"data": json.dumps(legible(data), ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            ignore_system_fonts=True,
        )
    except RuntimeError as error:
        raise Unavailable(
            "The review could not be set.", code="paper", hint="The log stands; print it later."
        ) from error


def _head(file: AlertFile, found: Review, paper: Paper, now: datetime) -> dict[str, Json]:
    words, zone, language = WORDS[paper.language], paper.zone, paper.language
    local = now.astimezone(zone)
    hazard = HAZARD_WORDS[language][file.alert.hazard]
    authority = next((key.authority for key in file.alert.keys if key.authority), "")
    plan = words["version"].format(number=paper.plan_version) if paper.plan_version else words["no_plan"]
    facts = [
        [words["building"], ", ".join(filter(None, (paper.building, paper.address)))],
        [words["hazard" if found.nature is Nature.REAL else "hazard_drill"], hazard[:1].upper() + hazard[1:]],
        [words["began"], _moment(found.opened_at, zone)],
        [words["ended"], _moment(found.ended_at, zone) if found.ended_at else words["going_on"]],
        *[[words[name], said] for name, said in _announced(authority, paper) if said],
        [words["plan"], plan],
    ]
    return {
        "language": language,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "nature": found.nature.value,
        "nature_word": NATURE_WORDS[language][found.nature],
        "title": f"{words['title']} — {paper.building}",
        "centre": paper.centre,
        "facts": [[str(cell) for cell in row] for row in facts],
        "signed": words["signed"],
        "footer": words["footer"].format(alert=file.alert.id, made=_moment(now, zone)),
    }


def _announced(authority: str, paper: Paper) -> tuple[tuple[str, str], ...]:
    return ("authority", authority), ("objectives", paper.objectives), ("informed", paper.informed)


def _body(file: AlertFile, found: Review, paper: Paper) -> dict[str, Json]:
    words, language = WORDS[paper.language], paper.language
    shown = [one for one in file.log if paper.room or one.event.kind not in _NEVER_ON_SITE]
    days = {one.event.at.astimezone(paper.zone).date() for one in shown}
    clock = "%d/%m %H:%M:%S" if len(days) > 1 else "%H:%M:%S"
    roll = words["roll_text"].format(
        answered=found.answered,
        classes=found.classes,
        present=found.present,
        missing=found.missing,
        injured=found.injured,
    )
    return {
        "times_title": words["times"],
        "times_note": words["times_note"],
        "times_head": [words["step"], words["delay"]],
        "times": [[_step(name, found, words), _delay(getattr(found.times, name), paper)] for name in _TIMES],
        "roll_title": words["roll"],
        "roll": roll if found.classes else words["no_classes"],
        "roll_head": list(words["roll_head"].split("|")),
        "roll_lines": [
            [
                paper.names.groups.get(one.group, one.group),
                *("?" if one_count is None else str(one_count) for one_count in _counts(one)),
                LINE_WORDS[language][one.state],
            ]
            for one in found.lines
        ],
        "log_title": words["log"],
        "log_head": [words["at"], words["what"], words["who"]],
        "log": [_line(one, paper, clock) for one in shown],
    }


def _counts(line: Line) -> tuple[int | None, ...]:
    return line.expected, line.present, line.missing, line.injured


def _step(name: str, found: Review, words: dict[str, str]) -> str:
    drill = name == "to_call" and found.nature is not Nature.REAL
    return words[f"{name}_drill" if drill else name].format(number=found.called)


def _followed(found: FollowUp, paper: Paper, now: datetime) -> dict[str, Json]:
    words, zone = WORDS[paper.language], paper.zone
    today = now.astimezone(zone).date()
    return {
        "observations_title": words["observations"],
        "no_observations": words["no_observations"],
        "observations": [[one.text, f"{one.person_name}, {one.at.astimezone(zone):%d/%m/%Y}"] for one in found.remarks],
        "actions_title": words["actions"],
        "no_actions": words["no_actions"],
        "actions_head": [words["action"], words["owner"], words["due"], words["state"]],
        "actions": [
            [one.what, one.owner_name, f"{one.due:%d/%m/%Y}", _state(one, zone, words, today)] for one in found.measures
        ],
    }


def _state(one: Measure, zone: ZoneInfo, words: dict[str, str], today: date) -> str:
    if one.done_at is None:
        return words[one.state(today).value]
    outcome = words["outcome"].format(text=one.outcome) if one.outcome else ""
    return words["done"].format(day=f"{one.done_at.astimezone(zone):%d/%m/%Y}", who=one.done_by, outcome=outcome)


def _line(line: LogLine, paper: Paper, clock: str) -> Json:
    event, body, words = line.event, line.event.body, WORDS[paper.language]
    simulated = event.kind is Kind.CALL_MADE and not event.alert.startswith(f"{Nature.REAL.prefix}-")
    said = [words["simulated"] if simulated else KIND_WORDS[paper.language][event.kind]]
    if event.kind in (Kind.POSTURE, Kind.TRIGGER):
        named = {posture.value: word for posture, word in POSTURE_WORDS[paper.language].items()}
        said.append(named.get(str(body.get("posture")), "").replace("'", "’"))  # as text messages have it
    if event.kind in (Kind.POSTURE, Kind.RELEASE):
        zone = str(body.get("zone", ""))
        said.append(words["everywhere"] if zone == ALL_ZONES else paper.names.zones.get(zone, zone))
    if event.kind is Kind.ROLL_CALL:
        group = str(body.get("group"))
        counts = {name: body.get(name, 0) for name in ("present", "missing", "injured")}
        said.append(words["counts"].format(group=paper.names.groups.get(group, group), **counts))
    spoken = [name for name in _SAID if not (name == "authority" and begun_as_planned(event))]
    said += [VALUES[paper.language].get(str(body[name]), str(body[name])) for name in spoken if body.get(name)]
    if line.without_effect:
        said.append(f"({words['without_effect']})")
    at = event.at.astimezone(paper.zone)
    return [format(at, clock), " — ".join(one for one in said if one), _who(event, paper)]


def _who(event: Event, paper: Paper) -> str:
    words, (kind, ref) = WORDS[paper.language], source_of(event)
    if kind is Source.PERSON or (kind is Source.NAMED and ref in paper.names.persons):
        return paper.names.persons.get(ref, words["person"])
    if kind is Source.ROOM:
        return words["room"].format(name=paper.names.rooms.get(ref, ref))
    if kind is Source.TRIGGER:
        return words["trigger"].format(name=ref)
    return ref if kind is Source.NAMED else words[kind.value]


def _delay(value: timedelta | None, paper: Paper) -> str:
    if value is None:
        return WORDS[paper.language]["unknown"]
    seconds = int(value.total_seconds())
    if seconds >= 60:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    figure = f"{value.total_seconds():.1f} s"
    return figure.replace(".", ",") if paper.language == "fr" else figure


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"
