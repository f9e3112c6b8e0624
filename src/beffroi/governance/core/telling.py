"""What an access tells, to whom, and in which words: ``notify:…`` of the convention made into messages. Pure.

A message leaves the centre by mail, so it says who looks, on what ground and until when; never why in the asker's own
words, never a camera's name, never a picture. The rest stands behind the sign-in, where its address leads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=3)
"""Design defaults: a mail server may be away for a week-end; news of an access older than that is in the register."""


class Occasion(StrEnum):
    """Why somebody is told."""

    OPENED = "opened"  # pictures leave, with somebody's yes
    EMERGENCY = "emergency"  # pictures leave by break-glass: nobody said yes
    AUTOMATIC = "automatic"  # pictures leave by a grant that needs no yes, to be reviewed
    LATE = "late"  # a break-glass or automatic access was not reviewed in time
    ASKED = "asked"  # somebody waits for an answer: it is your turn
    UNANSWERED = "unanswered"  # everybody was called and nobody answered
    LINK = "link"  # a one-time link, blanked here once it has left
    COMPLETION = "completion"  # a unit's mailbox: something is asked for
    KEEPER = "keeper"  # who keeps the other video system: something is to be saved, or may go
    RENEWAL = "renewal"  # a prefect's order ends
    REMINDER = "reminder"  # something is due on a day that comes near
    LAST_REMINDER = "last_reminder"  # and little time is left
    OVERDUE = "overdue"  # its day has passed


class Channel(StrEnum):
    """How somebody is told."""

    PAGE = "page"  # the duty phone's page, and the page of the access
    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or a mailbox, in the capacity in which it is told. ``address`` is empty for the page."""

    capacity: str  # room | chief | mayor | dpo | unit | call
    person: str  # empty: a unit's mailbox
    name: str
    channel: Channel
    address: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class News:
    """What is told of one access, or of one requisition (``mode`` is ``requisition`` then)."""

    subject: str  # access:<id> | requisition:<id>
    occasion: Occasion
    who: str
    unit: str
    mode: str
    cameras: int
    ground: str
    article: str
    until: datetime | None
    due: datetime | None  # when a second person must have reviewed it
    link: str


def notified(obligations: Iterable[str]) -> tuple[str, ...]:
    """The capacities that the gate's answer wants told, each once, in its order."""
    named = [one.removeprefix("notify:") for one in obligations if one.startswith("notify:")]
    return tuple(dict.fromkeys(named))


def occasion_of(obligations: Iterable[str], *, emergency: bool) -> Occasion:
    """As what an access that has just opened is told."""
    if emergency:
        return Occasion.EMERGENCY
    automatic = any(one.startswith("review_seconds:") for one in obligations)
    return Occasion.AUTOMATIC if automatic else Occasion.OPENED


def words(news: News, *, language: str, zone: ZoneInfo) -> tuple[str, str]:
    """Subject and text, in the reader's language."""
    said = _SAID[language if language in _SAID else "fr"]
    lines = [
        said["looks"].format(who=news.who, unit=news.unit, what=said.get(f"mode.{news.mode}", news.mode)),
        said["cameras"].format(count=news.cameras),
    ]
    if news.occasion in {Occasion.ASKED, Occasion.UNANSWERED}:
        lines.insert(0, said[f"call.{news.occasion}"])
    if news.ground:
        lines.append(said["ground"].format(ground=news.ground))
    if news.article:
        lines.append(said["article"].format(article=news.article))
    if news.until is not None:
        lines.append(said["until"].format(at=moment(news.until, zone)))
    if news.due is not None:
        lines.append(
            said[f"due.{news.occasion}" if news.occasion is Occasion.LATE else "due"].format(at=moment(news.due, zone))
        )
    lines += ["", said["link"], news.link]
    return said[f"subject.{news.occasion}"].format(who=news.who), "\n".join(lines)


def title_in(title: str, language: str) -> str:
    """The title of a message made in one language, for a page read in another; as it is where it is not known."""
    for said in _SAID.values():
        for key in _SAID["fr"]:
            before, named, after = said[key].partition("{who}")
            if key.startswith("subject.") and named and title.startswith(before) and title.endswith(after):
                who = title.removeprefix(before).removesuffix(after)
                return _SAID[language if language in _SAID else "fr"][key].format(who=who)
    return title


def guest_words(who: str, link: str, *, centre: str, language: str) -> tuple[str, str]:
    """The mail to a unit's mailbox by which a guest is known."""
    said = _GUEST[language if language in _GUEST else "fr"]
    return said["subject"].format(centre=centre), said["text"].format(who=who, centre=centre, link=link)


def crisis_words(incident: str, link: str, *, centre: str, language: str) -> tuple[str, str]:
    """The mail to a named person of the prefecture who was called back."""
    said = _CRISIS[language if language in _CRISIS else "fr"]
    return said["subject"].format(centre=centre), said["text"].format(incident=incident, centre=centre, link=link)


def completion_words(tag: str, link: str, *, centre: str, answered: bool, language: str) -> tuple[str, str]:
    """The mail to a unit's mailbox that something is missing. It names no case, no place and no person; the tag leads
    an answer back where a mailbox is read."""
    said = _COMPLETION[language if language in _COMPLETION else "fr"]
    text = said["text"].format(number=tag[:-17], centre=centre, link=link)
    return said["subject"].format(tag=tag, centre=centre), f"{text}\n\n{said['answer']}" if answered else text


def renewal_subject(reference: str, months: int) -> str:
    """What the messages of one of an order's reminders are about."""
    return f"order:{reference[:64]}:{months}"


def renewal_words(reference: str, months: int, last: date, link: str, *, language: str) -> tuple[str, str]:
    """The mail to whoever answers for a prefect's order that ends."""
    said = _RENEWAL[language if language in _RENEWAL else "fr"]
    given = {"reference": reference, "months": months, "last": last.strftime("%d/%m/%Y"), "link": link}
    return said["subject"].format(**given), (said["due"] if months <= 4 else said["text"]).format(**given)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time with its offset, so that 02:30 twice is told apart (I10)."""
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M (UTC%z)")


_SAID: dict[str, dict[str, str]] = {
    "fr": {
        "subject.opened": "Accès aux images ouvert : {who}",
        "subject.emergency": "URGENCE : accès aux images sans accord préalable, {who}",
        "subject.automatic": "Accès aux images ouvert sans accord, à relire : {who}",
        "subject.asked": "À VOUS de répondre : {who}",
        "subject.unanswered": "PERSONNE NE RÉPOND : demande de {who}",
        "call.asked": "Une demande attend votre réponse. Sans réponse, la personne suivante sera appelée.",
        "call.unanswered": "Toutes les personnes de l'ordre d'appel ont été appelées et personne n'a répondu.",
        "mode.requisition": "réquisition",
        "subject.late": "EN RETARD : accès aux images jamais régularisé, {who}",
        "looks": "{who} ({unit}) : {what}.",
        "mode.live": "images en direct",
        "mode.relay": "images en direct",
        "mode.replay": "relecture d'enregistrements",
        "mode.still": "image fixe",
        "mode.extract": "extraction",
        "mode.ptz": "pilotage d'une caméra",
        "cameras": "Caméras : {count}.",
        "ground": "Rattaché à : {ground}.",
        "article": "Fondement : {article}.",
        "until": "Fin au plus tard : {at}.",
        "due": "Une seconde personne doit le relire avant le {at}.",
        "due.late": "Une seconde personne devait le relire avant le {at}.",
        "link": "Voir et répondre, relire ou arrêter, après connexion :",
    },
    "en": {
        "subject.opened": "Access to pictures opened: {who}",
        "subject.emergency": "EMERGENCY: access to pictures without prior approval, {who}",
        "subject.automatic": "Access to pictures opened without approval, to be reviewed: {who}",
        "subject.asked": "YOUR TURN to answer: {who}",
        "subject.unanswered": "NOBODY ANSWERS: request of {who}",
        "call.asked": "A request waits for your answer. Without one the next person will be called.",
        "call.unanswered": "Everybody in the order of call was called and nobody answered.",
        "mode.requisition": "requisition",
        "subject.late": "LATE: an access to pictures was never reviewed, {who}",
        "looks": "{who} ({unit}): {what}.",
        "mode.live": "live pictures",
        "mode.relay": "live pictures",
        "mode.replay": "recorded pictures",
        "mode.still": "a still picture",
        "mode.extract": "extraction",
        "mode.ptz": "steering a camera",
        "cameras": "Cameras: {count}.",
        "ground": "Hangs on: {ground}.",
        "article": "Ground in law: {article}.",
        "until": "Ends at the latest: {at}.",
        "due": "A second person has to review it before {at}.",
        "due.late": "A second person had to review it before {at}.",
        "link": "See and answer, review or stop it, after signing in:",
    },
}

_GUEST: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Réquisition vidéo à {centre} : votre lien",
        "text": (
            "{who} a indiqué appartenir à votre unité et souhaite déposer ou suivre une réquisition auprès du centre "
            "de vidéoprotection de {centre}.\n\nCe lien s'ouvre une seule fois, dans les deux heures :\n{link}\n\n"
            "Si vous n'êtes pas à l'origine de cette demande, ne l'ouvrez pas et prévenez le centre."
        ),
    },
    "en": {
        "subject": "Video requisition to {centre}: your link",
        "text": (
            "{who} says to belong to your unit and wants to send or follow a requisition to the video protection "
            "centre of {centre}.\n\nThis link opens once, within two hours:\n{link}\n\n"
            "If you did not ask for this, do not open it and tell the centre."
        ),
    },
}
_COMPLETION: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Réquisition vidéo à {centre} : une pièce manque [{tag}]",
        "text": (
            "Le centre de vidéoprotection de {centre} vous demande de compléter la réquisition {number} de son "
            "registre. Ce qui manque est indiqué au guichet, à l'adresse par laquelle elle a été déposée :\n{link}"
        ),
        "answer": (
            "Vous pouvez aussi répondre à ce message, sans en changer l'objet, en joignant la pièce (PDF, JPEG ou PNG)."
        ),
    },
    "en": {
        "subject": "Video requisition to {centre}: something is missing [{tag}]",
        "text": (
            "The video protection centre of {centre} asks you to complete requisition {number} of its register. "
            "What is missing is said at the counter where it was sent in:\n{link}"
        ),
        "answer": (
            "You may also answer this message, leaving its subject as it is, with the paper (PDF, JPEG, PNG) attached."
        ),
    },
}
_RENEWAL: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Arrêté {reference} : dernier jour le {last}",
        "text": (
            "L’arrêté préfectoral {reference} s’achève le {last}, dans moins de {months} mois. Préparez son "
            "renouvellement : le dossier se dépose quatre mois avant au plus tard.\n\n{link}"
        ),
        "due": (
            "L’arrêté préfectoral {reference} s’achève le {last}, dans moins de {months} mois, et aucun arrêté ne "
            "lui succède ici. Le dossier de renouvellement est dû maintenant ; sans lui, les caméras cessent "
            "d’enregistrer ce jour-là.\n\n{link}"
        ),
    },
    "en": {
        "subject": "Order {reference}: last day {last}",
        "text": (
            "The prefect's order {reference} ends on {last}, in less than {months} months. Prepare its renewal: the "
            "file is handed in four months before at the latest.\n\n{link}"
        ),
        "due": (
            "The prefect's order {reference} ends on {last}, in less than {months} months, and no order follows it "
            "here. The file is due now; without it the cameras stop recording on that day.\n\n{link}"
        ),
    },
}
_CRISIS: dict[str, dict[str, str]] = {
    "fr": {
        "subject": "Accès de crise à {centre} : votre lien personnel",
        "text": (
            "Vous venez d'être rappelé par le centre de vidéoprotection de {centre} ({incident}).\n\n"
            "Ce lien personnel s'ouvre une seule fois, dans la demi-heure. Une page sans image vient d'abord :\n{link}"
            "\n\nTout ce que vous ouvrez est inscrit à votre nom. Si vous n'avez pas été rappelé, ne l'ouvrez pas."
        ),
    },
    "en": {
        "subject": "Crisis access at {centre}: your personal link",
        "text": (
            "The video protection centre of {centre} has just called you back ({incident}).\n\n"
            "This personal link opens once, within half an hour. A page without pictures comes first:\n{link}"
            "\n\nWhatever you open is written down with your name. If nobody called you back, do not open it."
        ),
    },
}
