"""The after-action review as PDF/A-2a and PDF/UA-1: computed times, roll-call, the whole log, room for observations."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typst

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.legible import legible
from beffroi.safety.core.events import AlertFile, Kind, LogLine
from beffroi.safety.core.follow_up import FollowUp, Measure
from beffroi.safety.core.report import Review
from beffroi.safety.core.telling import HAZARD_WORDS, NATURE_WORDS, POSTURE_WORDS

TEMPLATES = Path(__file__).parent / "templates"

WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "title": "Retour d'expérience",
        "subtitle": "{building} — {hazard}, du {start} au {end}",
        "going_on": "en cours",
        "times": "Délais calculés depuis le déclenchement",
        "step": "Étape",
        "delay": "Délai",
        "to_sound": "Sonnerie dans le bâtiment",
        "to_acknowledge": "Prise en compte par la salle",
        "to_call": "Appel au {number}",
        "to_most_answers": "80 % des classes ont répondu à l'appel",
        "to_all_answers": "100 % des classes ont répondu à l'appel",
        "to_all_clear": "Fin d'alerte",
        "unknown": "inconnu",
        "roll": "Recensement",
        "roll_text": "{answered} classes sur {classes} ont répondu : {present} présents, "
        "{missing} manquants, {injured} blessés.",
        "no_classes": "Aucun plan avec des classes n'était en vigueur.",
        "silent": "Classes restées sans réponse :",
        "log": "Main courante",
        "at": "Heure",
        "what": "Fait",
        "who": "Qui",
        "without_effect": "sans effet",
        "observations": "Observations",
        "no_observations": "Aucune observation n'est inscrite à ce jour.",
        "actions": "Actions décidées",
        "no_actions": "Aucune action n'est inscrite à ce jour.",
        "action": "Action",
        "owner": "Responsable",
        "due": "Échéance",
        "state": "État",
        "open": "à faire",
        "late": "en retard",
        "done": "fait le {day} ({who}){outcome}",
        "footer": "{alert} — tiré de la main courante signée le {made}",
    },
    "en": {
        "title": "After-action review",
        "subtitle": "{building} — {hazard}, from {start} to {end}",
        "going_on": "going on",
        "times": "Delays computed from the trigger",
        "step": "Step",
        "delay": "Delay",
        "to_sound": "Sound in the building",
        "to_acknowledge": "Taken by the room",
        "to_call": "Call to {number}",
        "to_most_answers": "80 % of the classes have answered",
        "to_all_answers": "100 % of the classes have answered",
        "to_all_clear": "All clear",
        "unknown": "unknown",
        "roll": "Roll-call",
        "roll_text": "{answered} of {classes} classes answered: {present} present, "
        "{missing} missing, {injured} injured.",
        "no_classes": "No plan with classes was in force.",
        "silent": "Classes that never answered:",
        "log": "Log",
        "at": "Time",
        "what": "Fact",
        "who": "Who",
        "without_effect": "without effect",
        "observations": "Observations",
        "no_observations": "No observation is written down so far.",
        "actions": "Actions decided",
        "no_actions": "No action is written down so far.",
        "action": "Action",
        "owner": "Owner",
        "due": "Due",
        "state": "State",
        "open": "to be done",
        "late": "late",
        "done": "done on {day} ({who}){outcome}",
        "footer": "{alert} — from the signed log, {made}",
    },
}
KIND_WORDS: dict[str, dict[Kind, str]] = {
    "fr": {
        Kind.TRIGGER: "Alerte déclenchée",
        Kind.ACKNOWLEDGE: "Prise en compte",
        Kind.QUALIFY: "Levée de doute",
        Kind.STABILISE: "Situation stabilisée",
        Kind.POSTURE: "Posture ordonnée",
        Kind.REQUEST_LIFT: "Levée demandée",
        Kind.KEY: "Clé tournée",
        Kind.RELEASE: "Fin d'alerte donnée",
        Kind.CLOSE: "Dossier clos",
        Kind.REQUALIFY: "Requalifiée",
        Kind.ROLL_CALL: "Recensement",
        Kind.CALL_MADE: "Appel passé",
        Kind.ORDER_RECEIVED: "Ordre reçu",
        Kind.NOTE: "Note",
        Kind.MISSION_DONE: "Mission accomplie",
        Kind.SOUNDER_SILENCED: "Sonnerie coupée par la clé",
        Kind.SOUND_STARTED: "Sonnerie lancée",
    },
    "en": {
        Kind.TRIGGER: "Alert raised",
        Kind.ACKNOWLEDGE: "Taken",
        Kind.QUALIFY: "Verification",
        Kind.STABILISE: "Situation stable",
        Kind.POSTURE: "Posture ordered",
        Kind.REQUEST_LIFT: "All-clear asked for",
        Kind.KEY: "Key turned",
        Kind.RELEASE: "All clear given",
        Kind.CLOSE: "File closed",
        Kind.REQUALIFY: "Named afterwards",
        Kind.ROLL_CALL: "Roll-call",
        Kind.CALL_MADE: "Call made",
        Kind.ORDER_RECEIVED: "Order received",
        Kind.NOTE: "Note",
        Kind.MISSION_DONE: "Mission done",
        Kind.SOUNDER_SILENCED: "Sounder stopped by the key",
        Kind.SOUND_STARTED: "Sounder started",
    },
}
_TIMES = ("to_sound", "to_acknowledge", "to_call", "to_most_answers", "to_all_answers", "to_all_clear")


def review_pdf(
    file: AlertFile,
    found: Review,
    follow_up: FollowUp,
    *,
    building: str,
    centre: str,
    zone: ZoneInfo,
    language: str,
    now: datetime,
) -> bytes:
    """The paper. ``Unavailable`` when typst refuses, which a test would have found."""
    language = language if language in WORDS else "en"
    data = _data(file, found, building, centre, zone, language, now) | _followed(follow_up, zone, language, now)
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


def _data(
    file: AlertFile, found: Review, building: str, centre: str, zone: ZoneInfo, language: str, now: datetime
) -> dict[str, Json]:
    words = WORDS[language]
    local = now.astimezone(zone)
    end = _moment(found.ended_at, zone) if found.ended_at else words["going_on"]
    subtitle = words["subtitle"].format(
        building=building,
        hazard=HAZARD_WORDS[language][file.alert.hazard],
        start=_moment(found.opened_at, zone),
        end=end,
    )
    return {
        "language": language,
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "nature": found.nature.value,
        "nature_word": NATURE_WORDS[language][found.nature],
        "title": f"{words['title']} — {building}",
        "centre": centre,
        "subtitle": subtitle,
        "times_title": words["times"],
        "times_head": [words["step"], words["delay"]],
        "times": [
            [words[name].format(number=found.called), _delay(getattr(found.times, name), words)] for name in _TIMES
        ],
        "roll_title": words["roll"],
        "roll": _roll(found, words),
        "silent_title": words["silent"],
        "silent": list(found.silent),
        "log_title": words["log"],
        "log_head": [words["at"], words["what"], words["who"]],
        "log": [_line(one, zone, language) for one in file.log],
        "footer": words["footer"].format(alert=file.alert.id, made=_moment(now, zone)),
    }


def _followed(found: FollowUp, zone: ZoneInfo, language: str, now: datetime) -> dict[str, Json]:
    words, today = WORDS[language], now.astimezone(zone).date()
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
    outcome = f" : {one.outcome}" if one.outcome else ""
    return words["done"].format(day=f"{one.done_at.astimezone(zone):%d/%m/%Y}", who=one.done_by, outcome=outcome)


def _roll(found: Review, words: dict[str, str]) -> str:
    if not found.classes:
        return words["no_classes"]
    return words["roll_text"].format(
        answered=found.answered,
        classes=found.classes,
        present=found.present,
        missing=found.missing,
        injured=found.injured,
    )


def _line(line: LogLine, zone: ZoneInfo, language: str) -> Json:
    event, body = line.event, line.event.body
    said = [KIND_WORDS[language][event.kind]]
    if event.kind in (Kind.POSTURE, Kind.TRIGGER):
        posture = next((one for one in POSTURE_WORDS[language] if one.value == body.get("posture")), None)
        said.append(POSTURE_WORDS[language][posture] if posture else "")
    if event.kind is Kind.ROLL_CALL:
        said.append(
            f"{body.get('group')} : {body.get('present', 0)} / {body.get('missing', 0)} / {body.get('injured', 0)}"
        )
    said += [str(body[name]) for name in ("number", "note", "text", "authority", "place", "what") if body.get(name)]
    if line.without_effect:
        said.append(f"({WORDS[language]['without_effect']})")
    who = str(body.get("by") or body.get("person") or body.get("device") or event.origin)
    return [f"{event.at.astimezone(zone):%H:%M:%S}", " — ".join(one for one in said if one), who]


def _delay(value: timedelta | None, words: dict[str, str]) -> str:
    if value is None:
        return words["unknown"]
    seconds = int(value.total_seconds())
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{value.total_seconds():.1f} s"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"
