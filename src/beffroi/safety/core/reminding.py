"""The mail that reminds of what a plan owes by a day: in which words, and how often. Pure.

Three times at most: when it comes near, when a week is left, and when the day has passed and it is still owed. It
names a building and a day, nothing of the plan: mail is read by others.
"""

from datetime import date, timedelta

LAST_WEEK = timedelta(days=7)

_WHAT = {
    "fr": {
        "drill_autumn": "le premier exercice PPMS de l’année scolaire",
        "drill_before_winter_holidays": "le second exercice PPMS de l’année scolaire",
        "plan_transmission": "la transmission du plan aux forces de sécurité et aux secours",
        "plan_validity": "la révision du plan, dont la validité s’achève ce jour-là",
    },
    "en": {
        "drill_autumn": "the first safety drill of the school year",
        "drill_before_winter_holidays": "the second safety drill of the school year",
        "plan_transmission": "handing the plan to the forces and to rescue",
        "plan_validity": "revising the plan, whose validity ends on that day",
    },
}
_SAID = {
    "fr": (
        "{building} : à faire avant le {due}",
        (
            "{building} : il reste à faire, au plus tard le {due} : {what}.\n"
            "Ce rappel cesse de lui-même une fois que c’est fait et inscrit.\n\n{link}"
        ),
        "{building} : était à faire avant le {due}",
        (
            "{building} : n’est pas inscrit comme fait, et était à faire au plus tard le {due} : {what}.\n"
            "Si c’est fait, il reste à l’inscrire ici :\n\n{link}"
        ),
    ),
    "en": (
        "{building}: to be done by {due}",
        (
            "{building}: still to be done, by {due} at the latest: {what}.\n"
            "This reminder ends by itself once it is done and written down.\n\n{link}"
        ),
        "{building}: was to be done by {due}",
        (
            "{building}: not written down as done, and to be done by {due} at the latest: {what}.\n"
            "If it is done, write it down here:\n\n{link}"
        ),
    ),
}


def owed_by_mail(what: str, due: date | None, today: date) -> str:
    """Which of its mails is owed today: ``reminder``, ``last_reminder``, ``overdue``, or nothing where no day ends
    it."""
    if due is None or what not in _WHAT["fr"]:
        return ""
    if today > due:
        return "overdue"
    return "last_reminder" if today >= due - LAST_WEEK else "reminder"


def words(what: str, due: date, *, occasion: str, building: str, link: str, language: str) -> tuple[str, str]:
    """Subject and text, in the reader's language."""
    language = language if language in _SAID else "fr"
    subject, text = _SAID[language][2:] if occasion == "overdue" else _SAID[language][:2]
    day = due.strftime("%d/%m/%Y")
    given = {"building": building, "due": day, "what": _WHAT[language][what], "link": link}
    return subject.format(**given), text.format(**given)
