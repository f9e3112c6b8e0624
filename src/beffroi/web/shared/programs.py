"""Tokens with which a person's programs read the API: a session of hers under another name, ended on the same page.

A token is the id of the session, signed; it opens ``GET /api/v1/…`` alone, with what its person may read *now*. It ends
after ninety days, with a new password, with her duty, or when she ends that session.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest

from beffroi.audit.core.facts import Actor
from beffroi.people import actions, queries
from beffroi.people.core.factors import FactorKind

LIFE = timedelta(days=90)
DEVICE = "API · "
ROOT = "/api/v1/"
_SALT = "beffroi.web.programs"
_PREFIX = "Bearer "


def make_token(
    *, person: str, account: int, label: str, address: str, factor: FactorKind, actor: Actor, now: datetime
) -> str:
    """A token for one program; shown once and kept nowhere."""
    session = actions.begin_session(
        person=person, device=DEVICE + label, address=address, factor=factor, actor=actor, now=now
    )
    return signing.dumps([session, account, person], salt=_SALT)


def person_of(request: HttpRequest, now: datetime) -> tuple[str, str] | None:
    """Session and person of the token that a reading request of the API carries; ``None`` without a good one."""
    shown = request.headers.get("Authorization", "")
    if not (request.path.startswith(ROOT) and request.method in {"GET", "HEAD"} and shown.startswith(_PREFIX)):
        return None
    try:
        session, account, person = signing.loads(shown.removeprefix(_PREFIX), salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    alive = queries.live_session(session, account)
    if alive is None or not alive.device.startswith(DEVICE) or now - alive.started_at >= LIFE:
        return None
    if now - alive.seen_at >= actions.TOUCH_EVERY:
        actions.touch_session(session=session, now=now)
    return session, person
