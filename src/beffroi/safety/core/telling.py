"""What an alert tells, and when: one message at birth, one for each change of posture everywhere, one at the end.

Texts are short, name the nature first, and come in the reader's language; a drill's are framed by ``notices.framed``.
"""

from dataclasses import dataclass

from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.events import AlertFile, Event, Kind
from beffroi.safety.core.notices import framed
from beffroi.safety.core.words import AlertState, Hazard, Nature, Posture

HAZARD_WORDS: dict[str, dict[Hazard, str]] = {
    "fr": {
        Hazard.INTRUSION: "intrusion",
        Hazard.VIOLENCE_NEARBY: "danger aux abords",
        Hazard.BOMB_THREAT: "alerte à la bombe",
        Hazard.EARTHQUAKE: "séisme",
        Hazard.FLOOD: "inondation",
        Hazard.STORM: "tempête",
        Hazard.TOXIC_CLOUD: "nuage toxique",
        Hazard.NUCLEAR: "accident nucléaire",
        Hazard.DAM_FAILURE: "rupture de barrage",
        Hazard.OTHER: "danger",
    },
    "en": {
        Hazard.INTRUSION: "intrusion",
        Hazard.VIOLENCE_NEARBY: "danger nearby",
        Hazard.BOMB_THREAT: "bomb threat",
        Hazard.EARTHQUAKE: "earthquake",
        Hazard.FLOOD: "flood",
        Hazard.STORM: "storm",
        Hazard.TOXIC_CLOUD: "toxic cloud",
        Hazard.NUCLEAR: "nuclear accident",
        Hazard.DAM_FAILURE: "dam failure",
        Hazard.OTHER: "danger",
    },
}
POSTURE_WORDS: dict[str, dict[Posture, str]] = {
    "fr": {
        Posture.SHELTER: "mise à l'abri",
        Posture.SEAL_IN: "confinement",
        Posture.EVACUATE: "évacuation",
        Posture.ESCAPE_OR_HIDE: "s'échapper ou s'enfermer et se cacher",
        Posture.TAKE_COVER: "rester et se protéger",
        Posture.NORMAL: "normal",
        Posture.RELEASED: "fin d'alerte",
    },
    "en": {
        Posture.SHELTER: "take shelter indoors",
        Posture.SEAL_IN: "seal in",
        Posture.EVACUATE: "evacuate",
        Posture.ESCAPE_OR_HIDE: "escape, or lock in and hide",
        Posture.TAKE_COVER: "drop, cover, hold",
        Posture.NORMAL: "normal",
        Posture.RELEASED: "all clear",
    },
}
NATURE_WORDS = {
    "fr": {Nature.REAL: "ALERTE RÉELLE", Nature.DRILL: "EXERCICE", Nature.TEST: "ESSAI"},
    "en": {Nature.REAL: "REAL ALERT", Nature.DRILL: "DRILL", Nature.TEST: "TEST"},
}
SENTENCES = {
    "fr": {
        "posture": "Nouvelle consigne",
        "unheld": "Plus personne ne tient cette alerte : prenez-la",
        "duress": "Code tapé sous contrainte : l'alerte continue, n'appelez pas sur place",
        "quiet": "Code tapé sous contrainte alors que tout était calme. Rien ne sonne là-bas : n'appelez pas sur place",
        "interrupted": "INTERRUPTION. L'exercice est interrompu. ALERTE RÉELLE",
        "lifted": "Fin d'alerte",
        "cancelled": "Fausse alerte : fin",
    },
    "en": {
        "posture": "New instruction",
        "unheld": "Nobody holds this alert any more: take it",
        "duress": "A code was typed under duress: the alert goes on, do not phone the site",
        "quiet": "A code was typed under duress while all was calm. Nothing sounds there: do not phone the site",
        "interrupted": "INTERRUPTION. The drill is interrupted. REAL ALERT",
        "lifted": "All clear",
        "cancelled": "False alarm: over",
    },
}


@dataclass(frozen=True, slots=True)
class Message:
    """What is told because of one event; ``order`` counts from 1 within the alert."""

    event: Event
    order: int
    what: str  # opened | quiet | posture | unheld | duress | interrupted | lifted | cancelled
    posture: Posture


def messages(file: AlertFile) -> list[Message]:
    """Everything this alert has to tell so far, in order. Events without effect tell nothing."""
    told: list[Message] = []
    posture = file.alert.postures[0].posture

    def tell(event: Event, what: str) -> None:
        told.append(Message(event, len(told) + 1, what, posture))

    for line in file.log:
        event = line.event
        if line.without_effect:
            continue
        if event.kind is Kind.TRIGGER and not told:
            tell(event, "quiet" if file.alert.quiet else "opened")
        elif event.kind is Kind.POSTURE and event.body.get("zone") == ALL_ZONES:
            posture = Posture(str(event.body["posture"]))
            tell(event, "posture")
        elif event.kind is Kind.UNHELD:
            tell(event, "unheld")
        elif event.kind is Kind.DURESS:
            tell(event, "duress")
        elif event.kind is Kind.INTERRUPTED:
            tell(event, "interrupted")
        elif event.kind is Kind.RELEASE and event.body.get("zone") == ALL_ZONES:
            tell(event, "lifted")
    if file.alert.state in (AlertState.CANCELLED, AlertState.CLOSED) and not any(one.what == "lifted" for one in told):
        last = next((line.event for line in reversed(file.log) if line.event.kind is Kind.KEY), file.log[-1].event)
        tell(last, "cancelled")
    return told


def words(message: Message, file: AlertFile, *, building: str, language: str) -> tuple[str, str]:
    """Subject and text of a message, nature first."""
    language = language if language in NATURE_WORDS else "en"
    alert = file.alert
    nature, hazard = NATURE_WORDS[language][alert.nature], HAZARD_WORDS[language][alert.hazard]
    posture = POSTURE_WORDS[language][message.posture]
    if message.what == "interrupted":
        # The one text about a drill that is not framed as one: what it says is real.
        return (
            f"{NATURE_WORDS[language][Nature.REAL]} - {building}",
            f"{SENTENCES[language]['interrupted']}. {building}.",
        )
    if message.what == "opened":
        text = f"{building} : {hazard}. {posture.capitalize()}."
    else:
        text = f"{building} : {SENTENCES[language][message.what]}."
        if message.what == "posture":
            text = f"{text[:-1]} : {posture}."
    subject = f"{nature} - {building}"
    return subject, framed(f"{nature}. {text}", alert.nature)
