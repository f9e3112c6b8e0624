"""The centre's rule of sign-in: who needs a second factor, how long a proof is fresh, when a page locks itself.

The rule is data: a version a change, set on a page by an audited act. Limits on guessing stand here too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role

NONE = timedelta(0)


def passed(since: datetime, now: datetime, lived: timedelta = NONE) -> timedelta:
    """How long ago that was: the longer of what the wall clock says and of what the centre has lived since
    (``audit.core.lived``). So a clock set back lengthens nothing; one set forward ends it."""
    return max(now - since, lived)


@dataclass(frozen=True, slots=True)
class SignInRule:
    """What holds now. ``version`` is empty until the centre has set a rule of its own."""

    forces: frozenset[Force]
    roles: frozenset[Role]
    step_up_minutes: int
    lock_minutes: int
    version: str = ""

    def asks_factor(self, person: PersonFacts) -> bool:
        """Whether this person may only go on with a second factor."""
        return person.force in self.forces or not self.roles.isdisjoint(person.roles)

    def locks(self, silent: timedelta) -> bool:
        """Whether a session without a sign of life for so long is locked."""
        return silent >= timedelta(minutes=self.lock_minutes)

    def fresh(self, proved_at: datetime | None, now: datetime, lived: timedelta = NONE) -> bool:
        """Whether a proof of then still counts for an act that asks for one (extraction, break-glass).

        One from the future of this clock counts for nothing; ``lived`` is what has passed since whatever it says.
        """
        if proved_at is None or proved_at > now:
            return False
        return passed(proved_at, now, lived) < timedelta(minutes=self.step_up_minutes)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many refusals within a time, then a pause until that time is over."""

    tries: int
    within: timedelta


CODES = Limit(5, timedelta(minutes=15))
"""Wrong codes of one account: a six-digit code is found once in some 300,000 tries, here after a century."""
ADDRESS = Limit(30, timedelta(minutes=15))
"""Refused sign-ins of one address, whatever the names: one password tried on everybody."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Refusals counted since the first of them."""

    count: int
    since: datetime
    lived: timedelta = NONE


def name_digest(username: str) -> str:
    """Under what refusals of a name are counted: people type passwords into the field of the name."""
    return hashlib.sha256(b"beffroi name " + username.strip().lower().encode()).hexdigest()


def counted_name(_request: object, credentials: Mapping[str, str] | None) -> str | None:
    """The same for django-axes (``AXES_USERNAME_CALLABLE``)."""
    return name_digest(credentials["username"]) if credentials and "username" in credentials else None


def counted(limit: Limit, tally: Tally | None, now: datetime) -> Tally:
    """One refusal more; an old count begins anew."""
    if tally is None or not _counts(limit, tally, now):
        return Tally(1, now)
    return Tally(tally.count + 1, tally.since, tally.lived)


def closed_until(limit: Limit, tally: Tally | None, now: datetime) -> datetime | None:
    """Until when nothing more is heard; ``None`` where one may try."""
    if tally is None or tally.count < limit.tries:
        return None
    return now + limit.within - passed(tally.since, now, tally.lived) if _counts(limit, tally, now) else None


def _counts(limit: Limit, tally: Tally, now: datetime) -> bool:
    """Whether the first of them is within the time. One of another clock's future counts where it was lived through."""
    since = passed(tally.since, now, tally.lived)
    return since < limit.within and (tally.since <= now or tally.lived > NONE)
