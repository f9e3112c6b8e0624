"""What the DPO looks at again: acts that the log itself shows to be out of the ordinary. Pure.

It is a check of acts, never of persons: one line an occurrence, with the facts it rests on, no count per person and no
ranking. A rule sees only facts of its own names, at most ``before`` older than what it finds, so that any range of the
log is read alone and says the same as a longer one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.audit.core.facts import Fact

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing to look at: when it was so, and the facts that prove it; ``key`` is the same whoever reads when."""

    rule: str
    at: datetime
    facts: tuple[Fact, ...]

    @property
    def key(self) -> str:
        """The rule and the fact by which it was so."""
        return f"{self.rule}.{self.facts[-1].id}"


Finder = Callable[[Iterator[Fact], datetime], Iterator[Occurrence]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched: in facts of these names, by ``find``, which takes them in order up to a time."""

    id: str
    source: str
    names: frozenset[str]
    before: timedelta
    find: Finder


def occurrences(rule: Rule, facts: Iterable[Fact], *, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """What ``rule`` finds in ``since <= at < until``, in ``facts`` in the order of their time from ``rule.before``
    earlier; facts of other names are passed over."""
    watched = (one for one in facts if one.name in rule.names and one.at < until)
    return (one for one in rule.find(watched, until) if since <= one.at < until)


class Series:
    """Facts of one key close together: ``take`` gives them once a day (UTC), when they weigh ``enough``."""

    def __init__(self, window: timedelta, enough: int) -> None:
        self._window, self._enough = window, enough
        self._kept: dict[tuple[str, ...], list[tuple[Fact, int]]] = {}
        self._said: dict[tuple[str, ...], datetime] = {}

    def take(self, key: tuple[str, ...], fact: Fact, weight: int = 1) -> tuple[Fact, ...]:
        """The facts of the series when ``fact`` completes one that was not given today, else none."""
        kept = [one for one in self._kept.get(key, ()) if one[0].at > fact.at - self._window]
        kept = [*kept, (fact, weight)][-self._enough :]
        self._kept[key] = kept
        if len(self._kept) > 1_000:
            self._forget(fact.at)
        day = fact.at.replace(hour=0, minute=0, second=0, microsecond=0)
        if sum(one[1] for one in kept) < self._enough or self._said.get(key) == day:
            return ()
        self._said[key] = day
        return tuple(one[0] for one in kept)

    def _forget(self, now: datetime) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if kept[-1][0].at > now - self._window}
        self._said = {key: day for key, day in self._said.items() if day > now - 2 * DAY}
