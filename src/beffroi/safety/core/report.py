"""What an alert or drill took, computed from its own log: the times of the after-action review (ppms.md §4.1, §6).

Every figure is a difference between two events of the log, or unknown; nothing is typed in. ``None`` is unknown and
shown so: an edge that never sounded did not sound in zero seconds (I9).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.safety.core.events import AlertFile, Kind
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.rollcall import Line, LineState, line
from beffroi.safety.core.words import FIRST_CALL, Nature


@dataclass(frozen=True, slots=True)
class Times:
    """Delays from the first trigger."""

    to_sound: timedelta | None
    to_acknowledge: timedelta | None
    to_call: timedelta | None
    to_most_answers: timedelta | None  # 80 % of the classes
    to_all_answers: timedelta | None
    to_all_clear: timedelta | None


@dataclass(frozen=True, slots=True)
class Review:
    """The computed part of the review."""

    nature: Nature
    opened_at: datetime
    ended_at: datetime | None
    times: Times
    called: str
    classes: int
    answered: int
    present: int
    missing: int
    injured: int
    silent: tuple[str, ...]  # names of classes that never answered
    refusals: int
    lines: tuple[Line, ...] = ()


def review(file: AlertFile, plan: Plan | None, *, now: datetime) -> Review:
    """The review of one alert as its log stands."""
    alert = file.alert
    groups = plan.groups if plan else ()
    until = alert.ended_at or now
    lines = [line(group.id, "", group.size, file.answers, opened_at=alert.opened_at, now=until) for group in groups]
    unheard = (LineState.NOT_RECEIVED, LineState.NO_NEWS)
    heard = [one for one in lines if one.state not in unheard]
    names = {group.id: group.name for group in groups}
    return Review(
        nature=alert.nature,
        opened_at=alert.opened_at,
        ended_at=alert.ended_at,
        times=_times(file, [group.id for group in groups]),
        called=FIRST_CALL[alert.hazard],
        classes=len(lines),
        answered=len(heard),
        present=sum(one.present or 0 for one in heard),
        missing=sum(one.missing or 0 for one in heard),
        injured=sum(one.injured or 0 for one in heard),
        silent=tuple(names[one.group] for one in lines if one.state in unheard),
        refusals=sum(1 for one in file.log if one.without_effect),
        lines=tuple(lines),
    )


def _times(file: AlertFile, groups: list[str]) -> Times:
    opened = file.alert.opened_at

    def since(at: datetime | None) -> timedelta | None:
        # Clocks of edge and centre may differ by a little: a delay is never shown as negative.
        return None if at is None else max(timedelta(0), at - opened)

    def first(*kinds: Kind) -> datetime | None:
        return next((one.event.at for one in file.log if one.event.kind in kinds and not one.without_effect), None)

    firsts: dict[str, datetime] = {}
    for answer in sorted(file.answers, key=lambda one: one.at):
        if answer.group in groups:
            firsts.setdefault(answer.group, answer.at)
    order = sorted(firsts.values())
    most = -(-len(groups) * 4 // 5)  # 80 %, rounded up
    return Times(
        to_sound=since(first(Kind.SOUND_STARTED)),
        to_acknowledge=since(first(Kind.ACKNOWLEDGE)),
        to_call=since(first(Kind.CALL_MADE)),
        to_most_answers=since(order[most - 1]) if groups and len(order) >= most else None,
        to_all_answers=since(order[-1]) if groups and len(order) == len(groups) else None,
        to_all_clear=since(file.alert.ended_at),  # everywhere: a zone that is released first is not the end
    )
