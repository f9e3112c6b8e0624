"""From the YAML text of a convention to values, with every fault at once (docs/design/gates.md, "The text"). Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from beffroi.governance.core.conventions import (
    CRISIS,
    INCIDENT,
    PPMS_ALERT,
    Approval,
    Convention,
    Grant,
    Parties,
    Use,
    What,
    When,
    Where,
    Who,
    Why,
)
from beffroi.governance.core.yaml_nodes import Fault, Table, TextFaults, parse
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Force, Quality, Role
from beffroi.sites.core.purposes import Purpose

FORCES = tuple(sorted({force.value for force in Force} - {Force.PM.value}))
"""Agents of the commune itself need no convention: their ground is duty."""
BASES = ("ADMIN_POLICE", "CPP_60_1", "CPP_77_1_1", "CPP_99_3", "CPP_74", "CPP_74_1", "EMERGENCY_LIFE")
JUDICIAL = frozenset(base for base in BASES if base.startswith("CPP_"))
PURPOSES = tuple(purpose.value for purpose in Purpose)
APPROVERS = tuple(role.value for role in (Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF, Role.MAYOR))
NOTIFIED = ("room", "chief", "mayor", "dpo", "unit")
EVENTS = (INCIDENT, CRISIS, PPMS_ALERT)
STAFFINGS = ("solo", "small", "staffed")
OBLIGATIONS = ("watermark", "no_copy", "discharge_signed", "attest_clearance", "report_after", "page_first")
STOPS = ("event_closed", "case_closed")
MAX_LIVE = timedelta(hours=12)
MAX_YEARS = 10


def parse_convention(text: str) -> Convention:
    """The convention in ``text``; ``TextFaults`` with every fault, its line and its remedy."""
    top = parse(text)
    body = top.table("convention", required=True)
    top.done()
    if body is None:
        raise TextFaults(top.faults)
    convention = _convention(body)
    if body.faults or convention is None:
        raise TextFaults(body.faults)
    return convention


def _convention(body: Table) -> Convention | None:
    name = body.text("id", required=True)
    version = body.integer("version", default=1, least=1, most=999)
    zone = _zone(body)
    title = body.languages("title", required=True)
    staffing = body.text("staffing", among=STAFFINGS, default="small")
    refs = body.words("order_refs", required=True)
    parties = _parties(body)
    valid, renewal, notice = _valid(body, zone)
    grants = tuple(_grant(table, parties) for table in body.tables("grants", required=True))
    body.done()
    _overlaps(body, grants)
    if valid is None or parties is None:
        return None
    return Convention(name, version, title, zone.key, parties, valid, refs, grants, renewal, notice, staffing=staffing)


def _zone(body: Table) -> ZoneInfo:
    name = body.text("zone", default="Europe/Paris")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        body.fault("zone", "unknown_zone", name, "Write a place of the time zone list, such as Europe/Paris.")
        return ZoneInfo("Europe/Paris")


def _parties(body: Table) -> Parties | None:
    table = body.table("parties", required=True)
    if table is None:
        return None
    communes = table.words("communes", required=True)
    for code in communes:
        if len(code) != 5 or not code.isalnum():
            table.fault("communes", "not_an_insee_code", code, "An INSEE code has five characters.")
    prefecture = table.text("prefecture", required=True)
    forces = table.words("forces", required=True)
    opinion = table.day("prosecutor_opinion")
    table.done()
    return Parties(frozenset(communes), prefecture, forces, opinion)


def _valid(body: Table, zone: ZoneInfo) -> tuple[Span | None, bool, int]:
    table = body.table("valid", required=True)
    if table is None:
        return None, False, 6
    first, last = table.day("from", required=True), table.day("to", required=True)
    renewal = table.flag("tacit_renewal")
    notice = table.integer("notice_months", default=6, least=0, most=24)
    table.done()
    if first is None or last is None:
        return None, renewal, notice
    if last < first:
        table.fault("to", "ends_before_it_begins", str(last), f"Write a day after {first}.")
        return None, renewal, notice
    if last.year - first.year > MAX_YEARS:
        table.fault("to", "too_long_a_term", str(last), f"A convention runs {MAX_YEARS} years at most.")
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    return Span(start, datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)), renewal, notice


def _grant(table: Table, parties: Parties | None) -> Grant:
    name = table.text("id", required=True)
    what, why = _what(table), _why(table)
    grant = Grant(
        id=name,
        article=table.text("article", required=True),
        title=table.languages("title"),
        who=_who(table),
        what=what,
        where=_where(table, parties),
        why=why,
        when=_when(table, what),
        approval=_approval(table),
        notify=table.words("notify", among=NOTIFIED),
        obligations=table.words("obligations", among=OBLIGATIONS),
        line=table.line,
    )
    table.done()
    _contradictions(table, grant)
    return grant


def _who(grant: Table) -> Who:
    table = grant.table("who", required=True)
    if table is None:
        return Who("")
    who = Who(
        force=table.text("force", required=True, among=FORCES),
        unit_in=frozenset(table.words("unit_in")),
        quality_in=frozenset(table.words("quality_in", among=[one.value for one in Quality if one.value])),
        persons=frozenset(table.words("persons")),
        named_agents_only=table.flag("named_agents_only"),
        order_required=table.flag("order_required", default=True),
    )
    table.done()
    if not who.order_required:
        table.fault("order_required", "below_the_law", "false", "CSI L252-3 names recipients by order: take it out.")
    return who


def _what(grant: Table) -> What:
    table = grant.table("what", required=True)
    if table is None:
        return What(Use.REPLAY)
    mode = table.text("mode", required=True, among=[use.value for use in Use])
    what = What(Use(mode) if mode in {use.value for use in Use} else Use.REPLAY, table.flag("ptz"), table.flag("copy"))
    table.done()
    return what


def _where(grant: Table, parties: Parties | None) -> Where:
    table = grant.table("where", required=True)
    if table is None:
        return Where()
    cameras = table.text("cameras", among=("from_case", "listed", "all"), default="all")
    window = table.text("window", among=("from_case", "free"), default="free")
    where = Where(
        communes=frozenset(table.words("communes")) or (parties.communes if parties else frozenset()),
        numbers=frozenset(table.integers("numbers")),
        tags_any=frozenset(table.words("camera_tags_any")),
        exclude_tags=frozenset(table.words("exclude_tags")),
        from_case=cameras == "from_case",
        window_from_case=window == "from_case",
        margin=table.duration("margin") or timedelta(0),
    )
    table.done()
    if parties and not where.communes <= parties.communes:
        foreign = ", ".join(sorted(where.communes - parties.communes))
        table.fault("communes", "commune_is_no_party", foreign, "Name it among the parties: it has to sign.")
    if cameras == "listed" and not where.numbers:
        table.fault("numbers", "missing", "numbers", "List the camera numbers: numbers: [1, 2].")
    both = sorted(where.tags_any & where.exclude_tags)
    if both:
        table.fault("exclude_tags", "contradiction", ", ".join(both), "A tag cannot be asked for and excluded.")
    return where


def _why(grant: Table) -> Why:
    table = grant.table("why", required=True)
    if table is None:
        return Why(frozenset(), frozenset())
    bases = table.words("basis_in", required=True, among=BASES)
    why = Why(
        basis_in=frozenset(bases),
        purposes=frozenset(table.words("purposes", among=PURPOSES)),
        event_required=table.flag("event_required"),
        case_required=table.flag("case_required"),
        requisition_required=table.flag("requisition_required"),
        event_kind_in=frozenset(table.words("event_kind_in", among=EVENTS)),
    )
    table.done()
    if not set(bases) <= JUDICIAL and not why.purposes:
        table.fault("purposes", "missing", "purposes", "An administrative basis needs purposes of CSI L251-2.")
    if why.event_kind_in and not why.event_required:
        table.fault("event_kind_in", "contradiction", "", "Set event_required: true beside it.")
    return why


def _when(grant: Table, what: What) -> When:
    table = grant.table("when", required=True)
    if table is None:
        return When(timedelta(hours=1))
    longest = table.duration("max_duration", required=True) or timedelta(hours=1)
    when = When(
        max_duration=longest,
        renewable=table.flag("renewable"),
        reach=table.duration("reach"),
        max_window=table.duration("max_window"),
        expires=table.duration("expires"),
        hours=_hours(table),
        auto_stop_on=table.text("auto_stop_on", among=STOPS),
    )
    table.done()
    if what.mode is Use.LIVE_VIEW and longest > MAX_LIVE:
        table.fault("max_duration", "too_long_a_look", "", "One live access lasts twelve hours at most; renew it.")
    if what.mode is Use.LIVE_VIEW and (when.reach or when.max_window):
        table.fault("reach", "contradiction", "", "Live pictures have no past: take reach and max_window out.")
    return when


def _hours(table: Table) -> tuple[int, int] | None:
    text = table.text("hours")
    if not text:
        return None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        table.fault("hours", "not_hours", text, "Write 20:00-06:00.")
        return None
    if first == last:
        table.fault("hours", "not_hours", text, "The first and the last hour differ.")
    return first.hour * 60 + first.minute, last.hour * 60 + last.minute


def _approval(grant: Table) -> Approval:
    table = grant.table("approval", required=True)
    if table is None:
        return Approval()
    by = table.words("by", among=APPROVERS)
    automatic = table.flag("automatic")
    urgent = table.table("emergency")
    allowed = urgent.flag("allowed") if urgent else False
    within = (urgent.duration("regularise_within") if urgent else None) or timedelta(hours=24)
    if urgent:
        urgent.done()
    review = table.duration("review_within")
    second = table.words("second", among=APPROVERS)
    table.done()
    if not by and not automatic:
        table.fault("by", "missing", "by", "Name who approves, or say automatic: true with review_within.")
    if automatic and by:
        table.fault("automatic", "contradiction", "", "Either someone approves, or nobody does.")
    if automatic and review is None:
        table.fault(
            "automatic", "missing", "review_within", "What opens without a human is reviewed: add review_within."
        )
    if within > timedelta(hours=24):
        table.fault("emergency", "below_the_law", "", "A break-glass access is regularised within PT24H.")
    return Approval(by, second, automatic, review, allowed, within)


def _contradictions(table: Table, grant: Grant) -> None:
    if grant.where.from_case and not (
        grant.why.case_required or grant.why.requisition_required or grant.why.event_required
    ):
        table.fault("where", "contradiction", "cameras: from_case", "Require a case, an event or a requisition in why.")
    if grant.what.ptz and grant.what.mode is not Use.LIVE_VIEW:
        table.fault("what", "contradiction", "ptz", "Only live_view moves a camera.")
    if grant.what.mode is Use.EXTRACTION and not grant.why.requisition_required:
        table.fault("why", "below_the_law", "extraction", "Copies leave on a requisition: requisition_required: true.")
    if grant.what.copy and grant.what.mode is not Use.EXTRACTION:
        table.fault("what", "contradiction", "copy", "Only an extraction gives a copy.")
    if grant.who.force == Force.PREF.value and not grant.who.named_agents_only:
        table.fault("who", "below_the_law", "PREF", "Agents of the prefecture are named one by one in the order.")
    if PPMS_ALERT in grant.why.event_kind_in:
        _alert_rules(table, grant)


def _alert_rules(table: Table, grant: Grant) -> None:
    """What opens by the alert of a building: to named persons, its own cameras, and nothing past its end."""
    if not grant.who.persons and not grant.who.named_agents_only:
        table.fault("who", "missing", "persons", "An alert opens pictures to named persons: list their numbers.")
    if not grant.where.from_case:
        table.fault("where", "missing", "cameras: from_case", "An alert opens its own cameras: cameras: from_case.")
    if grant.when.auto_stop_on != "event_closed":
        table.fault("when", "missing", "auto_stop_on", "What an alert opened ends with it: auto_stop_on: event_closed.")


def _overlaps(body: Table, grants: tuple[Grant, ...]) -> None:
    seen: dict[str, Grant] = {}
    for grant in grants:
        if grant.id in seen:
            body.faults.append(Fault(grant.line, 1, "grants", "twice", grant.id, "Give each grant its own id."))
        seen[grant.id] = grant
    for index, one in enumerate(grants):
        for other in grants[index + 1 :]:
            if _same_question(one, other):
                given, remedy = f"{one.id}, {other.id}", "Two grants answer one question: merge them."
                body.faults.append(Fault(other.line, 1, "grants", "overlap", given, remedy))


def _same_question(one: Grant, other: Grant) -> bool:
    same = one.who == other.who and one.what.mode is other.what.mode and one.what.ptz == other.what.ptz
    return (
        same
        and one.where == other.where
        and bool(one.why.basis_in & other.why.basis_in)
        and (one.why.purposes == other.why.purposes or not one.why.purposes or not other.why.purposes)
        and (PPMS_ALERT in one.why.event_kind_in) == (PPMS_ALERT in other.why.event_kind_in)
        and (one.why.event_required, one.why.case_required, one.why.requisition_required)
        == (other.why.event_required, other.why.case_required, other.why.requisition_required)
    )
