"""What middleware adds to a request, so that views are typed."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from beffroi.audit.core.facts import Actor
from beffroi.people.core.facts import PersonFacts


class OfficeRequest(HttpRequest):
    """A request as views meet it behind ``guarded`` with a signed-in permission.

    ``now`` is the one time of the whole request (I10). ``person`` is who is signed in; on routes open to the public it
    may be absent: ask ``signed_in``. ``actor`` is the same person for the log.
    ``proved_at`` is when she last proved that it is she (``proved_lived``: what the centre has lived since then);
    ``lacks_factor`` is set while the rule of sign-in asks her
    for a second factor that she has not set up: only its page opens until then; ``locked``: without a sign
    of life for so long that only alarms come through until she proves that it is she.
    """

    now: datetime
    person: PersonFacts
    actor: Actor
    sign_in: str
    proved_at: datetime | None
    proved_lived: timedelta
    lacks_factor: bool
    locked: bool


def signed_in(request: HttpRequest) -> PersonFacts | None:
    """Who is signed in, or ``None``."""
    return getattr(request, "person", None)
