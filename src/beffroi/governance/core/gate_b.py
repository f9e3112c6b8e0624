"""Gate B: may this person see these pictures now? law ∧ order ∧ convention ∧ ground ∧ person ∧ cameras ∧ span ∧ time.

Pure. Deny by default; each layer only narrows; the answer names its article and carries the trace of every rule
(docs/design/gates.md). ``decide`` asks the law pack, in its order, then the conventions: of the grants that are
about this force and use, the first that agrees, else the refusal of the one that came nearest.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from beffroi.governance.core.context import AccessContext
from beffroi.governance.core.conventions import PPMS_ALERT, Convention, Grant, Use
from beffroi.governance.core.law import LawPack
from beffroi.governance.core.rules import ACCESS_PREDICATES, matching_order, use_of
from beffroi.kernel.clock import iso, parse_utc
from beffroi.kernel.outcome import Allowed, Outcome, Refused, RuleResult, Severity
from beffroi.media.core.tickets import Mode

OWN_OBLIGATIONS = ("log:full",)
PARTNER_OBLIGATIONS = ("log:full", "visible_in_room", "heartbeat", "watermark", "notify:room")
STEPS = ("who", "what", "why", "where", "window", "when")
"""The questions put to a grant, in this order; a refusal further down came nearer."""


def decide(context: AccessContext, pack: LawPack, now: datetime) -> Outcome:
    """The answer, by the law pack in force and the texts in ``context``. Never raises for a strange question."""
    trace: list[RuleResult] = []
    refusal: RuleResult | None = None
    for rule in pack.asked("access", now):
        reason = ACCESS_PREDICATES[rule.predicate](context, rule, now, pack)
        result = RuleResult(rule.id, rule.source, not reason, rule.severity, reason)
        trace.append(result)
        if reason and rule.severity is Severity.BLOCK and refusal is None:
            refusal = result
    if refusal is not None:
        return Refused(refusal.reason, f"{refusal.rule} · {refusal.source}", tuple(trace))
    if not context.under_convention:
        return _own(context, pack, now, trace)
    return _under_convention(context, now, trace)


def floor(context: AccessContext, pack: LawPack, now: datetime) -> bool:
    """Whether the law and the prefect's orders alone would let it through: no convention may go below (*monotonic*)."""
    return all(
        rule.severity is not Severity.BLOCK or not ACCESS_PREDICATES[rule.predicate](context, rule, now, pack)
        for rule in pack.asked("access", now)
    )


def until_of(outcome: Allowed) -> datetime:
    """When an allowed access ends (*expiry total*: there always is such an obligation)."""
    return next(parse_utc(one[6:]) for one in outcome.obligations if one.startswith("until:"))


def approvers_of(outcome: Allowed) -> tuple[str, ...]:
    """The roles of which one has to say yes; empty when it opens by itself."""
    found = next((one[8:] for one in outcome.obligations if one.startswith("approve:")), "")
    return tuple(found.split("|")) if found else ()


def _own(context: AccessContext, pack: LawPack, now: datetime, trace: list[RuleResult]) -> Outcome:
    basis = pack.basis(context.request.legal_basis, now)
    article = basis.name if basis else ""
    ends = [context.request.until, *_floor_ends(context)]
    extra = () if context.own else ("watermark",)
    obligations = (*OWN_OBLIGATIONS, *extra, *_warnings(trace), f"until:{iso(min(ends))}")
    return Allowed(article, obligations, tuple(trace))


def _under_convention(context: AccessContext, now: datetime, trace: list[RuleResult]) -> Outcome:
    nearest, refusal = -1, Refused("no_convention")
    for convention in context.conventions:
        if not convention.in_force(now):
            trace.append(RuleResult(convention.id, convention.id, held=False, reason="convention_not_in_force"))
            if nearest < 0:
                refusal = Refused("convention_not_in_force", convention.id)
            continue
        for grant in convention.grants:
            if not about(context, grant):
                continue
            step, reason, end = _ask(context, convention, grant, now)
            name = article_of(convention, grant)
            trace.append(RuleResult(f"{convention.id}:{grant.id}", name, not reason, Severity.BLOCK, reason))
            if not reason:
                return _allowed(context, convention, grant, trace, end)
            if step > nearest:
                nearest, refusal = step, Refused(reason, name)
        if nearest < 0:
            nearest, refusal = 0, Refused("no_grant", convention.id)
    return Refused(refusal.reason, refusal.article, tuple(trace))


def about(context: AccessContext, grant: Grant) -> bool:
    """Whether a grant speaks of this force and this use at all; what ``prefilter`` keeps."""
    request = context.request
    return grant.who.force == context.viewer.force.value and grant.what.mode.value == use_of(request.mode)


def article_of(convention: Convention, grant: Grant) -> str:
    """How a grant is named on screen, on paper and in tickets."""
    return f"{convention.id}, {grant.article} ({grant.id})"


def _ask(context: AccessContext, convention: Convention, grant: Grant, now: datetime) -> tuple[int, str, datetime]:
    """The step at which the grant refused and why (empty: it agrees), and the end it would give."""
    for step, answer in enumerate(_answers(context, convention, grant, now)):
        if answer:
            return step, answer, now
    ends = [context.request.until, now + grant.when.max_duration, convention.valid.end, *_floor_ends(context)]
    order, _reason = matching_order(context, now)
    if order is not None:
        ends.append(order.valid.end)
    if grant.when.expires is not None and context.ground is not None:
        ends.append(context.ground.opened_at + grant.when.expires)
    if grant.when.hours is not None:
        ends.append(_window_end(grant.when.hours, convention.zone, now))
    end = min(ends)
    return (len(STEPS), "no_time_left", end) if end <= now else (len(STEPS), "", end)


def _answers(context: AccessContext, convention: Convention, grant: Grant, now: datetime) -> Iterator[str]:
    yield _who(context, grant, now)
    yield _what(context, grant)
    yield _why(context, grant)
    yield _where(context, convention, grant)
    yield _window(context, grant, now)
    yield _when(context, convention, grant, now)


def _who(context: AccessContext, grant: Grant, now: datetime) -> str:
    who, viewer = grant.who, context.viewer
    if who.unit_in and viewer.unit not in who.unit_in:
        return "unit_not_agreed"
    if who.quality_in and viewer.quality.value not in who.quality_in:
        return "quality_not_agreed"
    if who.persons and viewer.matricule not in who.persons:
        return "person_not_agreed"
    if who.named_agents_only:
        order, _reason = matching_order(context, now)
        line = order.recipient(viewer.force.value, viewer.unit, viewer.matricule) if order else None
        if line is None or not line.persons:
            return "person_not_named"
    return ""


def _what(context: AccessContext, grant: Grant) -> str:
    if context.request.mode is Mode.PTZ and not grant.what.ptz:
        return "ptz_not_agreed"
    return "copy_not_agreed" if context.request.copy and not grant.what.copy else ""


def _why(context: AccessContext, grant: Grant) -> str:
    why, request, ground = grant.why, context.request, context.ground
    if request.legal_basis not in why.basis_in:
        return "basis_not_agreed"
    if why.purposes and request.purpose not in why.purposes:
        return "purpose_not_agreed"
    kind = ground.kind if ground else ""
    if why.requisition_required and kind != "requisition":
        return "requisition_required"
    if why.case_required and kind not in {"case", "requisition"}:
        return "case_required"
    if why.event_required and kind not in {"incident", "alert"}:
        return "event_required"
    if kind == "alert" and PPMS_ALERT not in why.event_kind_in:
        return "event_of_another_kind"  # only what names the bell opens by the bell
    if why.event_kind_in and (ground is None or not ground.events & why.event_kind_in):
        return "event_of_another_kind"
    judicial = request.legal_basis.startswith("CPP_")
    return "basis_is_not_the_case's" if judicial and ground and ground.legal_basis != request.legal_basis else ""


def _where(context: AccessContext, convention: Convention, grant: Grant) -> str:
    where = grant.where
    for camera in context.cameras:
        if camera.insee not in where.communes or camera.insee not in convention.parties.communes:
            return "commune_not_agreed"
        if where.numbers and camera.number not in where.numbers:
            return "camera_not_agreed"
        if where.tags_any and not where.tags_any & camera.tags:
            return "camera_not_agreed"
        if where.exclude_tags & camera.tags:
            return "camera_excluded"
    if where.from_case and (context.ground is None or not context.ground.cameras.issuperset(context.request.cameras)):
        return "camera_outside_case"
    return ""


def _window(context: AccessContext, grant: Grant, now: datetime) -> str:
    span = context.request.span
    if span is None:
        return ""
    ground = context.ground
    if grant.where.window_from_case:
        if ground is None or ground.span is None:
            return "case_has_no_span"
        if not ground.span.widened(grant.where.margin).covers(span):
            return "span_outside_case"
    if grant.when.reach is not None and span.start < now - grant.when.reach:
        return "beyond_reach"
    return "window_too_long" if grant.when.max_window and span.duration > grant.when.max_window else ""


def _when(context: AccessContext, convention: Convention, grant: Grant, now: datetime) -> str:
    if context.request.emergency and not grant.approval.emergency:
        return "emergency_not_agreed"
    hours = grant.when.hours
    if hours is not None and not _inside(hours, _minute(convention.zone, now)):
        return "outside_hours"
    ground = context.ground
    if grant.when.expires is not None and ground is not None and now >= ground.opened_at + grant.when.expires:
        return "ground_too_old"
    return ""


def _allowed(
    context: AccessContext,
    convention: Convention,
    grant: Grant,
    trace: list[RuleResult],
    end: datetime,
) -> Allowed:
    approval = grant.approval
    found = [*PARTNER_OBLIGATIONS, *(f"notify:{one}" for one in grant.notify if one != "room"), *grant.obligations]
    if grant.what.mode is not Use.EXTRACTION and "no_copy" not in found:
        found.append("no_copy")
    if approval.by and not context.request.emergency:
        found.append(f"approve:{'|'.join(approval.by)}")
    if approval.second and not context.request.emergency:
        found.append(f"second:{'|'.join(approval.second)}")
    if context.request.emergency:
        found += ["notify:dpo", f"regularise_seconds:{int(approval.regularise_within.total_seconds())}"]
    if approval.automatic and approval.review_within:
        found.append(f"review_seconds:{int(approval.review_within.total_seconds())}")
    if grant.when.auto_stop_on:
        found.append(f"stop_on:{grant.when.auto_stop_on}")
    if grant.when.renewable:
        found.append("renewable")
    found += [*_warnings(trace), f"until:{iso(end)}"]
    return Allowed(article_of(convention, grant), tuple(dict.fromkeys(found)), tuple(trace))


def _warnings(trace: list[RuleResult]) -> tuple[str, ...]:
    return tuple(
        f"{one.severity.value}:{one.rule}" for one in trace if not one.held and one.severity is not Severity.BLOCK
    )


def _floor_ends(context: AccessContext) -> list[datetime]:
    """Ends that no text can pass: authorisations, the person's clearance, the shift."""
    ends = [camera.authorised.end for camera in context.cameras if camera.authorised is not None]
    terms = [one.valid_to for one in context.viewer.clearances if not one.suspended]
    if terms and None not in terms:
        ends.append(max(term for term in terms if term is not None))
    if context.ground is not None:
        ends += [end for end in (context.ground.until, context.ground.closed_at) if end is not None]
    return ends


def _minute(zone: str, at: datetime) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


def _inside(hours: tuple[int, int], minute: int) -> bool:
    first, last = hours
    return first <= minute < last if first < last else minute >= first or minute < last


def _window_end(hours: tuple[int, int], zone: str, now: datetime) -> datetime:
    """When the hours of this day or night end, as an instant; the step of summer time counts."""
    local = now.astimezone(ZoneInfo(zone))
    minutes = (hours[1] - (local.hour * 60 + local.minute)) % (24 * 60)
    day = local.date() + timedelta(days=1 if local.hour * 60 + local.minute + minutes >= 24 * 60 else 0)
    end = datetime(day.year, day.month, day.day, hours[1] // 60, hours[1] % 60, tzinfo=local.tzinfo)
    return parse_utc(end.isoformat())
