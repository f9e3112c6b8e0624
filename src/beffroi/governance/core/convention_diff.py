"""What a new text changes: which grant comes, goes, widens or narrows, and for whom. Pure.

A facet widens when it lets through more than before: more units, more purposes, more time, no approval where there
was one. Where it does both, it is *changed* and a reader has to judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from beffroi.governance.core.conventions import Convention, Grant


class Direction(StrEnum):
    """Which way a facet moves."""

    ADDED = "added"
    REMOVED = "removed"
    WIDER = "wider"
    NARROWER = "narrower"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``facet`` is empty for a whole grant; ``before`` and ``after`` are its values as text."""

    grant: str
    article: str
    force: str
    units: tuple[str, ...]
    direction: Direction
    facet: str = ""
    before: str = ""
    after: str = ""

    @property
    def gains(self) -> bool:
        """Whether somebody gets something he did not have."""
        return self.direction in {Direction.ADDED, Direction.WIDER, Direction.CHANGED}

    @property
    def loses(self) -> bool:
        """Whether somebody loses something he had."""
        return self.direction in {Direction.REMOVED, Direction.NARROWER, Direction.CHANGED}


def compare(old: Convention, new: Convention) -> tuple[Change, ...]:
    """Every change from ``old`` to ``new``: the frame first, then grant by grant."""
    return (*_frame(old, new), *_grants(old, new))


def _frame(old: Convention, new: Convention) -> Iterator[Change]:
    communes = _set(old.parties.communes, new.parties.communes)
    if communes:
        yield _change(None, communes, "communes", old.parties.communes, new.parties.communes)
    if old.parties.names != new.parties.names and not communes:
        yield _change(None, Direction.CHANGED, "parties", old.parties.names, new.parties.names)
    if old.valid != new.valid:
        longer = new.valid.covers(old.valid)
        shorter = old.valid.covers(new.valid)
        direction = Direction.WIDER if longer else Direction.NARROWER if shorter else Direction.CHANGED
        yield _change(None, direction, "valid", _span(old), _span(new))
    if old.order_refs != new.order_refs:
        yield _change(None, Direction.CHANGED, "order_refs", old.order_refs, new.order_refs)


def _span(convention: Convention) -> tuple[str, ...]:
    return (convention.valid.start.date().isoformat(), convention.valid.end.date().isoformat())


def _grants(old: Convention, new: Convention) -> Iterator[Change]:
    before = {grant.id: grant for grant in old.grants}
    after = {grant.id: grant for grant in new.grants}
    for grant_id, grant in before.items():
        if grant_id not in after:
            yield _change(grant, Direction.REMOVED)
        else:
            yield from _facets(grant, after[grant_id])
    for grant_id, grant in after.items():
        if grant_id not in before:
            yield _change(grant, Direction.ADDED)


def _facets(old: Grant, new: Grant) -> Iterator[Change]:
    if old.who.force != new.who.force or old.what.mode is not new.what.mode:
        yield _change(old, Direction.REMOVED)
        yield _change(new, Direction.ADDED)
        return
    limits: tuple[tuple[str, frozenset[object], frozenset[object]], ...] = (
        ("unit_in", frozenset(old.who.unit_in), frozenset(new.who.unit_in)),
        ("quality_in", frozenset(old.who.quality_in), frozenset(new.who.quality_in)),
        ("persons", frozenset(old.who.persons), frozenset(new.who.persons)),
        ("numbers", frozenset(old.where.numbers), frozenset(new.where.numbers)),
        ("tags_any", frozenset(old.where.tags_any), frozenset(new.where.tags_any)),
        ("purposes", frozenset(old.why.purposes), frozenset(new.why.purposes)),
        ("event_kind_in", frozenset(old.why.event_kind_in), frozenset(new.why.event_kind_in)),
    )
    for facet, was, becomes in limits:
        direction = _set(was, becomes, empty_means_all=True)
        if direction:
            yield _change(new, direction, facet, was, becomes)
    for facet, was, becomes in (
        ("communes", frozenset(old.where.communes), frozenset(new.where.communes)),
        ("basis_in", frozenset(old.why.basis_in), frozenset(new.why.basis_in)),
    ):
        direction = _set(was, becomes)
        if direction:
            yield _change(new, direction, facet, was, becomes)
    excluded = _set(new.where.exclude_tags, old.where.exclude_tags)
    if excluded:
        yield _change(new, excluded, "exclude_tags", old.where.exclude_tags, new.where.exclude_tags)
    yield from _conditions(old, new)
    yield from _times(old, new)
    yield from _approval(old, new)


def _conditions(old: Grant, new: Grant) -> Iterator[Change]:
    narrowing = (
        ("named_agents_only", old.who.named_agents_only, new.who.named_agents_only),
        ("cameras_from_case", old.where.from_case, new.where.from_case),
        ("window_from_case", old.where.window_from_case, new.where.window_from_case),
        ("event_required", old.why.event_required, new.why.event_required),
        ("case_required", old.why.case_required, new.why.case_required),
        ("requisition_required", old.why.requisition_required, new.why.requisition_required),
        ("auto_stop_on", bool(old.when.auto_stop_on), bool(new.when.auto_stop_on)),
    )
    for facet, was, becomes in narrowing:
        if was != becomes:
            yield _change(new, Direction.NARROWER if becomes else Direction.WIDER, facet, was, becomes)
    for facet, was, becomes in (
        ("ptz", old.what.ptz, new.what.ptz),
        ("copy", old.what.copy, new.what.copy),
        ("renewable", old.when.renewable, new.when.renewable),
    ):
        if was != becomes:
            yield _change(new, Direction.WIDER if becomes else Direction.NARROWER, facet, was, becomes)


def _times(old: Grant, new: Grant) -> Iterator[Change]:
    times: tuple[tuple[str, timedelta | None, timedelta | None], ...] = (
        ("max_duration", old.when.max_duration, new.when.max_duration),
        ("reach", old.when.reach, new.when.reach),
        ("max_window", old.when.max_window, new.when.max_window),
        ("expires", old.when.expires, new.when.expires),
        ("margin", old.where.margin, new.where.margin),
    )
    for facet, was, becomes in times:
        if was != becomes:
            wider = becomes is None or (was is not None and becomes > was)
            yield _change(new, Direction.WIDER if wider else Direction.NARROWER, facet, was, becomes)
    if old.when.hours != new.when.hours:
        open_before, open_after = old.when.hours is None, new.when.hours is None
        one_way = Direction.WIDER if open_after else Direction.NARROWER if open_before else Direction.CHANGED
        yield _change(new, one_way, "hours", _hours(old), _hours(new))


def _hours(grant: Grant) -> str:
    if grant.when.hours is None:
        return ""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in grant.when.hours)


def _approval(old: Grant, new: Grant) -> Iterator[Change]:
    was, becomes = old.approval, new.approval
    if was.automatic != becomes.automatic:
        direction = Direction.WIDER if becomes.automatic else Direction.NARROWER
        yield _change(new, direction, "automatic", was.by, becomes.by)
    elif frozenset(was.by) != frozenset(becomes.by):
        yield _change(new, Direction.CHANGED, "approval_by", was.by, becomes.by)
    if frozenset(was.second) != frozenset(becomes.second):
        direction = Direction.NARROWER if becomes.second and not was.second else Direction.WIDER
        yield _change(new, direction, "approval_second", was.second, becomes.second)
    if was.emergency != becomes.emergency:
        direction = Direction.WIDER if becomes.emergency else Direction.NARROWER
        yield _change(new, direction, "emergency", was.emergency, becomes.emergency)
    for facet, before, after in (("notify", old.notify, new.notify), ("obligations", old.obligations, new.obligations)):
        if frozenset(before) != frozenset(after):
            yield _change(new, Direction.CHANGED, facet, before, after)


def _set(
    was: frozenset[object] | frozenset[str],
    becomes: frozenset[object] | frozenset[str],
    *,
    empty_means_all: bool = False,
) -> Direction | None:
    if was == becomes:
        return None
    if empty_means_all and not becomes:
        return Direction.WIDER
    if empty_means_all and not was:
        return Direction.NARROWER
    if set(was) < set(becomes):
        return Direction.WIDER
    return Direction.NARROWER if set(becomes) < set(was) else Direction.CHANGED


def _change(
    grant: Grant | None, direction: Direction, facet: str = "", before: object = "", after: object = ""
) -> Change:
    return Change(
        grant=grant.id if grant else "",
        article=grant.article if grant else "",
        force=grant.who.force if grant else "",
        units=tuple(sorted(grant.who.unit_in)) if grant else (),
        direction=direction,
        facet=facet,
        before=_text(before),
        after=_text(after),
    )


def _text(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(str(one) for one in value))
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, timedelta):
        return duration_text(value)
    return "" if value is None else str(value)


def duration_text(value: timedelta) -> str:
    """The ISO 8601 form in which a convention writes a duration: ``P8D``, ``PT2H30M``."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    day = f"{value.days}D" if value.days else ""
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return f"P{day}{'T' if clock else ''}{clock}" if day or clock else "PT0S"
