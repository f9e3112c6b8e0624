"""The mails to whoever keeps the other video system: what to save, by when, and when it may go again. Pure."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from beffroi.governance.core.telling import moment
from beffroi.kernel.spans import Span


class Duty(StrEnum):
    """What the keeper is told of a hold."""

    SAVE = "save"
    LET_GO = "let_go"


def keeper_words(
    duty: Duty, *, reference: str, camera: str, span: Span, due: datetime, centre: str, language: str, zone: ZoneInfo
) -> tuple[str, str]:
    """Subject and text. It names camera and span, because the keeper has to find them, and nothing of the case."""
    said = _SAID[language if language in _SAID else "fr"]
    given = {
        "reference": reference, "camera": camera, "centre": centre, "since": moment(span.start, zone),
        "until": moment(span.end, zone), "due": moment(due, zone),
    }  # fmt: skip
    return said[f"{duty}.subject"].format(**given), said[duty].format(**given)


_SAID: dict[str, dict[str, str]] = {
    "fr": {
        "save.subject": "À conserver avant le {due} : caméra {camera}",
        "save": (
            "Le centre de vidéoprotection de {centre} vous demande de conserver des enregistrements, sous la "
            "référence {reference} :\n\nCaméra : {camera}\nDu {since}\nAu {until}\n\nMettez-les à l’abri de "
            "l’effacement avant le {due}, et jusqu’à ce que le centre vous écrive qu’ils peuvent suivre leur terme. "
            "Dites-le ensuite au centre : il note votre nom."
        ),
        "let_go.subject": "Peut suivre son terme : caméra {camera}",
        "let_go": (
            "Le centre de vidéoprotection de {centre} n’a plus besoin que vous conserviez, sous la référence "
            "{reference} :\n\nCaméra : {camera}\nDu {since}\nAu {until}\n\nCes enregistrements suivent de nouveau "
            "leur terme : détruisez la copie mise de côté."
        ),
    },
    "en": {
        "save.subject": "To be kept before {due}: camera {camera}",
        "save": (
            "The video protection centre of {centre} asks you to keep recordings, under reference {reference}:\n\n"
            "Camera: {camera}\nFrom {since}\nTo {until}\n\nPut them out of reach of deletion before {due}, and until "
            "the centre writes that they may go by their term. Then tell the centre: it notes your name."
        ),
        "let_go.subject": "May go by its term: camera {camera}",
        "let_go": (
            "The video protection centre of {centre} no longer needs you to keep, under reference {reference}:\n\n"
            "Camera: {camera}\nFrom {since}\nTo {until}\n\nThese recordings go by their term again: destroy the copy "
            "that was put aside."
        ),
    },
}
