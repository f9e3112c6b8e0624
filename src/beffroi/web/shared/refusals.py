"""Why gate B said no, in the user's language: the first rule that did not hold, by its title in the law pack."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.governance.queries import law
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.errors import Forbidden
from beffroi.kernel.outcome import Severity

REFUSED = "refused"


def why(grant: GrantFacts, now: datetime) -> str:
    """One sentence: the rule that did not hold, with its article; the article alone where the pack has no such rule."""
    broken = next((one for one in grant.trace if not one.held and one.severity is Severity.BLOCK), None)
    rule = law.law_pack(now).rule(broken.rule) if broken else None
    if rule is None:
        return _("Refused under %(article)s.") % {"article": grant.article or "?"}
    titles = dict(rule.title)
    title = titles.get((get_language() or "fr")[:2]) or titles.get("fr", rule.id)
    return _("Refused: this does not hold: “%(rule)s”.") % {"rule": title}


def opened(grant: GrantFacts, now: datetime) -> GrantFacts:
    """The grant, unless the gate refused it: then ``Forbidden`` with the reason and the article."""
    if grant.state == REFUSED:
        raise Forbidden(why(grant, now), code=grant.refusal, article=grant.article)
    return grant
