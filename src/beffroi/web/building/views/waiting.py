"""Alerts from outside that wait for a decision: what the bell's pages show of them."""

from django.utils.translation import get_language

from beffroi.safety.actions.bulletins import may_relay
from beffroi.safety.queries import bulletins as reader
from beffroi.web.building.bulletin_words import STANDINGS
from beffroi.web.shared.requests import OfficeRequest


def waiting(request: OfficeRequest, building: str = "") -> dict[str, object]:
    """Messages that wait for a decision (of one building, if named), and alerts whose message was cancelled since."""
    views = reader.bulletins_visible_to(request.person, request.now, language=language())
    shown = [
        (view, STANDINGS[view.proposal.standing])
        for view in views
        if (view.open or view.goes_on)
        and (not building or any(row.building.id == building for row in view.waiting) or view.goes_on)
    ]
    return {"bulletins": shown, "may_bring": may_relay(request.person)}


def language() -> str:
    """The language in which a message is read where it speaks several."""
    return "en" if get_language() == "en" else "fr"
