"""What was decided after an alert or a drill: by whom, by when, done or late; and the mails that remind of it. Pure.

Once when the day comes near, once when it has passed. A mail names a building and a day, never what is to be mended:
mail is read by others.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

NEAR = timedelta(days=7)

_SAID = {
    "fr": (
        "{building} : une action est due le {due}",
        "{building} : une action était due le {due}",
        (
            "{building} : une action décidée après une alerte ou un exercice est à faire par {owner}, "
            "pour le {due}.\nElle se lit et se clôt ici :\n\n{link}"
        ),
    ),
    "en": (
        "{building}: an action is due on {due}",
        "{building}: an action was due on {due}",
        (
            "{building}: something decided after an alert or a drill is to be done by {owner}, by {due}.\n"
            "It is read and closed here:\n\n{link}"
        ),
    ),
}


class MeasureState(StrEnum):
    """How far something that was decided has come."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody noticed."""

    text: str
    person_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """What was decided, whose it is, and who said that it is done."""

    id: str
    alert: str
    what: str
    owner: str  # a person of the centre; empty for somebody who has no account
    owner_name: str
    due: date
    done_at: datetime | None = None
    done_by: str = ""
    outcome: str = ""

    def state(self, today: date) -> MeasureState:
        """Done once somebody said so; late from the day after its date."""
        if self.done_at is not None:
            return MeasureState.DONE
        return MeasureState.LATE if today > self.due else MeasureState.OPEN


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What followed from one alert or drill."""

    remarks: tuple[Remark, ...] = ()
    measures: tuple[Measure, ...] = ()


def owed_by_mail(measure: Measure, today: date) -> str:
    """Which of its two mails is owed today: ``reminder``, ``overdue``, or nothing."""
    if measure.done_at is not None or today < measure.due - NEAR:
        return ""
    return "overdue" if today > measure.due else "reminder"


def words(measure: Measure, occasion: str, *, building: str, link: str, language: str) -> tuple[str, str]:
    """Subject and text, in the reader's language."""
    near, past, text = _SAID.get(language, _SAID["fr"])
    day = measure.due.strftime("%d/%m/%Y")
    given = {"building": building, "due": day, "owner": measure.owner_name, "link": link}
    return (past if occasion == "overdue" else near).format(**given), text.format(**given)
