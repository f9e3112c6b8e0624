"""The rules of the DPO's list, each with its source. Numbers of times and minutes are design defaults. Pure.

Some watch for what the program makes impossible: they say so if it ever happens, and stay silent otherwise.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from beffroi.audit.core.anomalies import DAY, Occurrence, Rule, Series
from beffroi.audit.core.facts import Fact
from beffroi.kernel.clock import from_us

OBEYED_WITHIN = timedelta(seconds=2)
RECEIPT_WITHIN = 30 * DAY
LONGEST_SHIFT = timedelta(hours=12)
LONGEST_MONTH = 31 * DAY
ASKED_AGAIN_WITHIN = timedelta(minutes=10)
ASKED_AGAIN, LOOKED_BACK, REFUSED_AT_DOOR, DENIED, SIGN_INS = 2, 5, 10, 5, 10
"""How many make a series."""
CONTINUOUS = frozenset({"live", "relay", "extract", "ptz"})
"""Ways of looking whose end is written at the last byte; others end when nothing was asked for a while."""
PROBING = frozenset({"ticket_forged", "ticket_elsewhere", "ticket_other", "ticket_malformed", "not_found"})
PARTNERS = frozenset({"GN", "PN", "PREF", "SCHOOL", "SDIS"})
"""Forces of which nobody has a page that reads the log."""


def outside_shift(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """A look on duty by somebody who was not on duty: once for an access and day."""
    on_duty: dict[str, tuple[str, datetime]] = {}  # by person: her shift, and when it is over
    days = Series(DAY, 1)
    for fact in facts:
        if fact.name == "shift:begin":
            on_duty[fact.actor.id] = (fact.subject, _moment(fact, "until") or fact.at + LONGEST_SHIFT)
        elif fact.name == "shift:end":
            on_duty = {who: one for who, one in on_duty.items() if one[0] != fact.subject}
        elif _part(fact, "basis", "kind") == "duty":
            shift = on_duty.get(fact.actor.id)
            if (shift is None or fact.at >= shift[1]) and days.take((_text(fact, "grant"), fact.actor.id), fact):
                yield Occurrence("A-01", fact.at, (fact,))


def not_received(facts: Iterator[Fact], until: datetime) -> Iterator[Occurrence]:
    """A package that nobody was given, or whose receipt is missing, thirty days later."""
    waiting: dict[str, Fact] = {}  # in the order of time
    for fact in facts:
        yield from _overdue(waiting, fact.at)
        handover = _text(fact, "handover")
        if fact.name == "extraction:build":
            waiting[fact.subject] = fact
        elif fact.name in {"package:open", "package:copied"}:
            waiting.pop(fact.subject, None)
            waiting.setdefault(handover, fact)
        else:
            waiting.pop(handover, None)
    yield from _overdue(waiting, until)


def _overdue(waiting: dict[str, Fact], now: datetime) -> Iterator[Occurrence]:
    while waiting:
        key, first = next(iter(waiting.items()))
        if first.at + RECEIPT_WITHIN >= now:
            return
        del waiting[key]
        yield Occurrence("A-02", first.at + RECEIPT_WITHIN, (first,))


def review_late(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """An access in an emergency, or opened by rule, that no second person reviewed in time."""
    for fact in facts:
        yield Occurrence("A-03", fact.at, (fact,))


def asked_again(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """The same access opened again twice in a day within minutes of its hard end."""
    opened: dict[str, tuple[str, ...]] = {}
    ended: dict[tuple[str, ...], datetime] = {}
    series = Series(DAY, ASKED_AGAIN)
    for fact in facts:
        if fact.name in {"access:open", "access:approve", "access:limit"}:
            key = _access(fact)
            if _text(fact, "state") != "active" or key[2] == "duty":
                continue
            opened[fact.subject] = key
            over = ended.pop(key, None)
            if over is not None and fact.at <= over + ASKED_AGAIN_WITHIN and (found := series.take(key, fact)):
                yield Occurrence("A-04", fact.at, found)
        elif (key := opened.pop(fact.subject, ())) and _text(fact, "why") == "term":
            ended = {one: at for one, at in ended.items() if at > fact.at - ASKED_AGAIN_WITHIN}
            ended[key] = fact.at


def looked_back_often(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """One camera looked back at under five accesses in a day, each on an incident and none on a case or requisition."""
    series = Series(DAY, LOOKED_BACK)
    firsts = Series(DAY, 1)
    for fact in facts:
        grant = _text(fact, "grant")
        if _text(fact, "mode") != "replay" or _part(fact, "basis", "kind") != "incident" or not grant:
            continue
        if not firsts.take((grant, fact.subject), fact):
            continue
        if found := series.take((fact.actor.id, fact.subject), fact):
            yield Occurrence("A-05", fact.at, found)


def refused_at_door(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Ten tickets that were forged, borrowed or for something else, from one side within five minutes."""
    series = Series(timedelta(minutes=5), REFUSED_AT_DOOR)
    for fact in facts:
        count = fact.body.get("count", 1)
        who = _text(fact, "person") or _text(fact, "peer")
        if _text(fact, "code") in PROBING and (
            found := series.take((who,), fact, count if isinstance(count, int) else 1)
        ):
            yield Occurrence("A-06", fact.at, found)


def denied_in_series(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Five accesses that the convention refused to one person within an hour."""
    series = Series(timedelta(hours=1), DENIED)
    for fact in facts:
        if found := series.take((_text(fact, "person"),), fact):
            yield Occurrence("A-07", fact.at, found)


def sign_ins_refused(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Ten sign-ins refused to one address within ten minutes."""
    series = Series(timedelta(minutes=10), SIGN_INS)
    for fact in facts:
        if found := series.take((_text(fact, "address"),), fact):
            yield Occurrence("A-08", fact.at, found)


def look_after_reset(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Somebody's second factors were taken away by another, and within a day there was a look in her name."""
    resets: dict[str, Fact] = {}
    for fact in facts:
        if fact.name == "factor:reset":
            resets[fact.subject.removeprefix("person:")] = fact
        elif (reset := resets.pop(fact.actor.id, None)) is not None and fact.at < reset.at + DAY:
            yield Occurrence("A-09", fact.at, (reset, fact))


def held_too_long(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """The recorder confirmed a hold of footage older than a month, and no judicial reference stands on it."""
    for fact in facts:
        covered = fact.body.get("covered")
        if _text(fact, "judicial") or not isinstance(covered, list):
            continue
        match covered:
            case [[int() as first, int()], *_] if from_us(first) < fact.at - LONGEST_MONTH:
                yield Occurrence("A-10", fact.at, (fact,))


def own_request(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Somebody said yes to her own request."""
    for fact in facts:
        if fact.actor.id == _text(fact, "person"):
            yield Occurrence("A-11", fact.at, (fact,))


def read_from_outside(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """The log or a register was read by somebody of a force that has no page for it."""
    for fact in facts:
        if fact.actor.force in PARTNERS:
            yield Occurrence("A-12", fact.at, (fact,))


def stop_not_obeyed(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """Pictures still flowed two seconds after an access was stopped: the first sign of it."""
    stops: dict[str, Fact] = {}
    for fact in facts:
        if fact.name == "access:stop":
            stops = {one: stop for one, stop in stops.items() if stop.at > fact.at - DAY}
            stops[fact.subject.removeprefix("access:")] = fact
            continue
        stop = stops.get(_text(fact, "grant"))
        late = stop is not None and stop.at + OBEYED_WITHIN < fact.at < stop.at + DAY
        shown = fact.name == "look:begin" or (_text(fact, "mode") in CONTINUOUS and _text(fact, "why") != "idle")
        if stop is not None and late and shown:
            del stops[_text(fact, "grant")]
            yield Occurrence("A-13", fact.at, (stop, fact))


def log_broken(facts: Iterator[Fact], _until: datetime) -> Iterator[Occurrence]:
    """A verification found the log broken, or a recorder's journal does not follow from what was taken in."""
    for fact in facts:
        if fact.name == "journal:break" or fact.body.get("good") is False:
            yield Occurrence("A-14", fact.at, (fact,))


_LOG_SOURCE = "CNIL 2021-122"
_OPENED = frozenset({"access:open", "access:approve", "access:limit"})
RULES: tuple[Rule, ...] = (
    Rule(
        "A-01", "CSI L512-4 (R-40)", frozenset({"shift:begin", "shift:end", "look:begin"}), 2 * DAY, outside_shift
    ),
    Rule(
        "A-02", "Pratique (R-21)",
        frozenset({"extraction:build", "package:open", "package:copied", "package:receive", "package:withdraw"}),
        2 * RECEIPT_WITHIN, not_received,
    ),
    Rule("A-03", "conception (R-41)", frozenset({"access:late"}), timedelta(0), review_late),
    Rule(
        "A-04", "Convention ; doctrine 2014 (R-17)",
        _OPENED | {"access:end", "access:stop", "access:idle"}, 33 * DAY, asked_again,
    ),
    Rule("A-05", "LIL art. 101 (R-15)", frozenset({"look:begin"}), 3 * DAY, looked_back_often),
    Rule("A-06", _LOG_SOURCE, frozenset({"look:refuse"}), DAY + timedelta(minutes=5), refused_at_door),
    Rule("A-07", _LOG_SOURCE, frozenset({"access:deny"}), DAY + timedelta(hours=1), denied_in_series),
    Rule("A-08", "CNIL 2022-100", frozenset({"session:refuse"}), DAY + timedelta(minutes=10), sign_ins_refused),
    Rule("A-09", _LOG_SOURCE, frozenset({"factor:reset", "look:begin"}), DAY, look_after_reset),
    Rule("A-10", "CSI L252-5 (R-09)", frozenset({"hold:confirm"}), timedelta(0), held_too_long),
    Rule("A-11", "conception (R-41)", frozenset({"access:approve", "access:limit"}), timedelta(0), own_request),
    Rule("A-12", "LIL art. 101 (R-28)", frozenset({"log:read"}), timedelta(0), read_from_outside),
    Rule(
        "A-13", "Convention ; doctrine 2014 (R-17)",
        frozenset({"access:stop", "look:begin", "look:end"}), DAY, stop_not_obeyed,
    ),
    Rule(
        "A-14", "Arrêté du 3 août 2007 ; LIL 101 (R-26)", frozenset({"journal:break", "log:verify"}), timedelta(0),
        log_broken,
    ),
)  # fmt: skip
"""Each rule once, in the order of the page. The clock is not among them: its trust is not in the log."""


def _access(fact: Fact) -> tuple[str, ...]:
    """Who, how, on what ground, which cameras: what makes two accesses the same."""
    ground = fact.body.get("ground")
    cameras = fact.body.get("cameras")
    kind, reference = (str(one) for one in ground[:2]) if isinstance(ground, list) and len(ground) > 1 else ("", "")
    named = sorted(str(one) for one in cameras) if isinstance(cameras, list) else []
    return (_text(fact, "person"), _text(fact, "mode"), kind, reference, *named)


def _text(fact: Fact, name: str) -> str:
    value = fact.body.get(name, "")
    return value if isinstance(value, str) else ""


def _part(fact: Fact, name: str, part: str) -> str:
    value = fact.body.get(name)
    found = value.get(part) if isinstance(value, Mapping) else ""
    return found if isinstance(found, str) else ""


def _moment(fact: Fact, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(fact, name))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
