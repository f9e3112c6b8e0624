"""What each figure is called, what it counts, and out of what: the words behind every number of the mayor's page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.insight.core.figures import FigureName
from beffroi.sites.core.coverage import PlaceClass


@dataclass(frozen=True, slots=True)
class Words:
    """A figure in words."""

    label: Promise
    definition: Promise
    denominator: Promise


_NONE = _("A count: it has no denominator.")
_OF_FACTS = _("Out of the facts named by the year’s requests.")
_OF_REQUESTS = _("Out of the requests of the year, those taken back left out.")
_OF_KNOWN = _("Yes out of yes and no. Outcomes that nobody has told us are not in it; they are shown beside it.")
_DELAY = _("Over the requests of the year that have it; the others are counted beside it.")

WORDS: dict[FigureName, Words] = {
    FigureName.REQUESTS: Words(
        _("Requests received"),
        _(
            "Judicial requisitions that reached the centre between 1 January and 31 December, by local time, whatever"
            " their answer. Those that their requester took back are counted apart."
        ),
        _NONE,
    ),
    FigureName.WITHDRAWN: Words(
        _("Requests taken back"), _("Requisitions of the year that their requester withdrew."), _NONE
    ),
    FigureName.FACTS: Words(
        _("Facts"),
        _(
            "What the requests are about. A fact counts once, however many requests name it; one request may be about"
            " several facts."
        ),
        _NONE,
    ),
    FigureName.COVERED: Words(
        _("Facts in the covered sector"),
        _("Facts whose place lies in the field of view of a camera that was in service at that time."),
        _OF_FACTS,
    ),
    FigureName.UNCOVERED: Words(
        _("Facts elsewhere in the commune"),
        _("Facts inside the commune’s boundary, where no camera looked."),
        _OF_FACTS,
    ),
    FigureName.OUTSIDE: Words(
        _("Facts outside the commune"), _("Facts whose place lies outside the commune’s boundary."), _OF_FACTS
    ),
    FigureName.PLACE_UNKNOWN: Words(
        _("Facts whose place is unknown"),
        _("Facts that were given no place. Unknown is not outside."),
        _OF_FACTS,
    ),
    FigureName.HELPED_COVERED: Words(
        _("Pictures helped, covered sector"),
        _("Facts of the covered sector for which the unit said that pictures helped to clear them."),
        _OF_KNOWN,
    ),
    FigureName.HELPED_UNCOVERED: Words(
        _("Pictures helped, elsewhere in the commune"),
        _("Facts elsewhere in the commune for which the unit said that pictures helped to clear them."),
        _OF_KNOWN,
    ),
    FigureName.HELPED_OUTSIDE: Words(
        _("Pictures helped, outside"),
        _("Facts outside the commune for which the unit said that pictures helped: a vehicle seen on its way."),
        _OF_KNOWN,
    ),
    FigureName.HELPED_ALL: Words(
        _("Pictures helped, all facts"),
        _("Facts for which the unit said that pictures helped to clear them."),
        _OF_KNOWN,
    ),
    FigureName.FIRST_ANSWER: Words(
        _("Time to the first answer"),
        _("From receipt to the first answer without pictures: covered or not, and kept until when."),
        _DELAY,
    ),
    FigureName.DECISION: Words(
        _("Time to the decision"), _("From receipt to the decision that a person signed."), _DELAY
    ),
    FigureName.POSITIVE: Words(_("Pictures given or shown"), _("Requests accepted in full or in part."), _OF_REQUESTS),
    FigureName.NEGATIVE: Words(
        _("No pictures"), _("Requests answered that no camera looked there, or nothing was recorded."), _OF_REQUESTS
    ),
    FigureName.OVERWRITTEN: Words(
        _("Pictures overwritten"), _("Requests that came after the pictures’ term."), _OF_REQUESTS
    ),
    FigureName.REFUSED: Words(
        _("Refusals"), _("Requests that a person refused because the law did not allow them."), _OF_REQUESTS
    ),
    FigureName.OPEN: Words(
        _("Not answered yet"), _("Requests of the year that still wait for a decision."), _OF_REQUESTS
    ),
}

PLACES: dict[PlaceClass, Promise] = {
    PlaceClass.COVERED: _("covered sector"),
    PlaceClass.UNCOVERED: _("elsewhere in the commune"),
    PlaceClass.OUTSIDE: _("outside the commune"),
    PlaceClass.UNKNOWN: _("place unknown"),
}
HELPED: dict[str, Promise] = {"yes": _("yes"), "no": _("no"), "unknown": _("not known")}
RESULTS: dict[str, Promise] = {
    "positive": _("pictures"),
    "partial": _("part of the pictures"),
    "negative": _("no pictures"),
    "overwritten": _("overwritten"),
    "refused": _("refused"),
    "": _("still open"),
}
BASES: dict[str, Promise] = {
    "CPP_60_1": _("flagrante delicto (CPP 60-1)"),
    "CPP_77_1_1": _("preliminary inquiry (CPP 77-1-1)"),
    "CPP_99_3": _("judicial investigation (CPP 99-3)"),
    "CPP_74": _("causes of a death (CPP 74)"),
    "CPP_74_1": _("disappearance (CPP 74-1)"),
    "": _("not given"),
}
