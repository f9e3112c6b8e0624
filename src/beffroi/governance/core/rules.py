"""The rules gate B asks, by the name a law pack gives them (research/law.md §9). Pure.

A predicate takes the context, its rule and the time, and returns an empty string when it holds, else the stable code
of the reason. A rule that does not concern the question holds.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from beffroi.governance.core.context import AccessContext, Licence
from beffroi.governance.core.law import LawPack, Rule
from beffroi.governance.core.orders import Order
from beffroi.media.core.tickets import Mode
from beffroi.sites.core.purposes import Purpose

Predicate = Callable[[AccessContext, Rule, datetime, LawPack], str]
PURPOSES = frozenset(purpose.value for purpose in Purpose)
LIVE = frozenset({Mode.LIVE, Mode.RELAY, Mode.PTZ})
PAST = frozenset({Mode.REPLAY, Mode.STILL, Mode.EXTRACT})


def cameras_authorised(context: AccessContext, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-01: every camera asked for is known and stands under an authorisation in force."""
    if context.request.mode is Mode.PACKAGE:
        return ""
    if not context.cameras or len(context.cameras) != len(context.request.cameras):
        return "camera_unknown"
    for camera in context.cameras:
        if camera.authorised is None:
            return "camera_not_authorised"
        if not camera.authorised.start <= now < camera.authorised.end:
            return "authorisation_not_in_force"
    return ""


def purpose_authorised(context: AccessContext, _rule: Rule, now: datetime, pack: LawPack) -> str:
    """R-03: the purpose is one of L251-2 and of each camera. A judicial basis has its purpose in the Code."""
    purpose = context.request.purpose
    if not purpose:
        basis = pack.basis(context.request.legal_basis, now)
        return "" if basis is not None and basis.judicial else "no_purpose"
    if purpose not in PURPOSES:
        return "purpose_unknown"
    return "" if all(purpose in camera.purposes for camera in context.cameras) else "purpose_not_of_camera"


def person_cleared(context: AccessContext, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-11: a named person with an individual clearance in force from a known issuer, whatever his urgency."""
    viewer = context.viewer
    if not viewer.id or not viewer.name.strip():
        return "person_not_named"
    if context.request.mode is Mode.PACKAGE and not context.own:
        return ""  # the requisition was addressed to a cleared person, who executed it
    if not viewer.clearances:
        return "no_clearance"
    if any(one.valid(now) and one.issuer and one.reference for one in viewer.clearances):
        return ""
    return "clearance_not_in_force"


def operator_approved(context: AccessContext, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-12: an own operator who is no police officer holds an approval in force, reviewed within five years."""
    if not context.own:
        return ""
    rank = context.viewer.rank.strip().lower()
    if rank and any(rank.startswith(one) for one in rule.words("police_ranks")):
        return ""
    approval = context.viewer.approval
    if approval is None:
        return "no_approval"
    if not approval.valid(now):
        return "approval_not_in_force"
    if not _reviewed(approval, rule.number("review_years"), now):
        return "approval_review_overdue"
    departments = approval.territory
    if departments and not all(_department(camera.insee) in departments for camera in context.cameras):
        return "approval_elsewhere"
    return "judicial_act_by_operator" if context.request.mode is Mode.EXTRACT else ""


def person_trained(context: AccessContext, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-13: the data-protection training certificate is in force, for the forces the pack names."""
    if context.viewer.force.value not in rule.words("forces"):
        return ""
    training = context.viewer.training
    return "" if training is not None and training.valid(now) else "training_not_in_force"


def territory_agreed(context: AccessContext, _rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-14: each camera's commune is in the person's territory and agreed to be seen.

    For own agents: their own commune, or one whose consent is registered. For others the commune agrees by signing
    the convention, whose grants reach no commune that is not its party.
    """
    agreed = context.home | context.consents
    for camera in context.cameras:
        if camera.insee not in context.viewer.territory:
            return "outside_territory"
        if context.own and camera.insee not in agreed:
            return "commune_has_not_agreed"
    return ""


def reason_given(context: AccessContext, rule: Rule, now: datetime, pack: LawPack) -> str:
    """R-15: one legal basis in force and a reason in words of its own.

    The reason of an incident opened in haste may follow: own agents look back until it is due.
    """
    request, ground = context.request, context.ground
    if pack.basis(request.legal_basis, now) is None:
        return "basis_not_in_force"
    if says_why(request.reason, rule.number("min_characters"), rule.words("boiler_plate")):
        return ""
    if context.own and ground is not None and ground.reason_due_at is not None and now < ground.reason_due_at:
        return ""
    return "no_reason"


def recipient_ordered(context: AccessContext, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-16: one order in force names this agent, this use, these cameras and this purpose."""
    if not context.under_convention:
        return ""
    return matching_order(context, now)[1]


def relay_bounded(context: AccessContext, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-17: whoever is not of the centre gets live pictures as a relay only, and for a bounded time."""
    request = context.request
    if request.until <= now:
        return "no_time_left"
    if context.own:
        return ""
    if request.mode is Mode.LIVE:
        return "relay_only"
    if request.mode in LIVE and request.until - now > timedelta(hours=rule.number("max_hours")):
        return "relay_too_long"
    return ""


def doubt_raised(context: AccessContext, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-18: a relay follows an event opened, or an alert taken, by the centre, unless the order waives it."""
    if context.own or context.request.mode not in LIVE:
        return ""
    if context.ground is not None and context.ground.kind in {"incident", "alert"} and context.ground.opened_by:
        return ""
    order, _reason = matching_order(context, now)
    return "" if order is not None and order.doubt_waived else "no_local_verification"


def extraction_within_requisition(context: AccessContext, rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-20: extraction takes the requisition's cameras and span, give or take the margin, and no more."""
    request, ground = context.request, context.ground
    if request.mode is not Mode.EXTRACT:
        return ""
    if ground is None or ground.kind != "requisition" or not ground.approved_by_law:
        return "no_accepted_requisition"
    if not ground.cameras.issuperset(request.cameras):
        return "camera_outside_requisition"
    margin = timedelta(minutes=rule.number("margin_minutes"))
    if request.span is None or ground.span is None or not ground.span.widened(margin).covers(request.span):
        return "span_outside_requisition"
    return ""


def ground_open(context: AccessContext, _rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-40: the access hangs on an open shift, incident, case, requisition or alert that is this person's or unit's."""
    request, ground, viewer = context.request, context.ground, context.viewer
    if ground is None:
        return "no_ground"
    if not ground.open_at(now) or (ground.until is not None and now >= ground.until):
        return f"{ground.kind}_not_open"
    if ground.units and viewer.unit not in ground.units and not context.own:
        return "ground_of_another_unit"
    if request.mode in PAST and request.span is None:
        return "no_span"
    if request.mode in LIVE and request.span is not None:
        return "live_has_no_span"
    if request.mode in PAST and request.span is not None and request.span.start >= now:
        return "span_in_future"
    if context.own:
        return _own_ground(context)
    return "no_package" if request.mode is Mode.PACKAGE and ground.kind != "requisition" else ""


def break_glass_bounded(context: AccessContext, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """R-41: break-glass has a longer reason and two hours at most. It lifts the approval and nothing else."""
    request = context.request
    if not request.emergency:
        return ""
    if len(" ".join(request.reason.split())) < rule.number("min_characters"):
        return "emergency_without_reason"
    return "" if request.until - now <= timedelta(hours=rule.number("max_hours")) else "emergency_too_long"


def interior_closed(context: AccessContext, rule: Rule, _now: datetime, _pack: LawPack) -> str:
    """R-45: cameras inside buildings are closed to everybody; a real alert there opens them while it lasts."""
    closed, ground = frozenset(rule.words("tags")), context.ground
    if ground is not None and ground.kind == "alert" and ground.cameras.issuperset(context.request.cameras):
        return ""
    return "interior_camera" if any(closed & camera.tags for camera in context.cameras) else ""


def look_back_near_incident(context: AccessContext, rule: Rule, now: datetime, _pack: LawPack) -> str:
    """D-01: own agents look back near their incident, or within an alert's own span; further back takes a case."""
    request, ground = context.request, context.ground
    if not context.own or request.span is None or ground is None or ground.kind not in {"incident", "alert"}:
        return ""
    start = ground.span.start if ground.span is not None else ground.opened_at
    if ground.kind == "alert":
        inside = ground.span is not None and ground.span.covers(request.span)
        return "" if inside else "span_outside_case"
    if request.span.start < start - timedelta(hours=rule.number("before_hours")):
        return "span_before_incident"
    return "" if request.span.end <= now + timedelta(minutes=1) else "span_in_future"


ACCESS_PREDICATES: Mapping[str, Predicate] = {
    predicate.__name__: predicate
    for predicate in (
        cameras_authorised,
        purpose_authorised,
        person_cleared,
        operator_approved,
        person_trained,
        territory_agreed,
        reason_given,
        recipient_ordered,
        relay_bounded,
        doubt_raised,
        extraction_within_requisition,
        ground_open,
        break_glass_bounded,
        interior_closed,
        look_back_near_incident,
    )
}


def says_why(text: str, least: int, boiler_plate: tuple[str, ...]) -> bool:
    """Whether ``text`` is a reason: long enough, more than three different letters, and no boiler-plate."""
    words = " ".join(text.split()).lower().strip(" .!")
    return len(words) >= least and words not in boiler_plate and len(set(words)) > 3


def use_of(mode: Mode) -> str:
    """The word orders and conventions have for a mode; empty for modes that neither gives."""
    return {
        Mode.LIVE: "live_view",  # for own agents no text is asked; others are told to relay
        Mode.RELAY: "live_view",
        Mode.PTZ: "live_view",
        Mode.REPLAY: "replay",
        Mode.STILL: "replay",
        Mode.EXTRACT: "extraction",
    }.get(mode, "")


def matching_order(context: AccessContext, now: datetime) -> tuple[Order | None, str]:
    """The first order that says yes to everything; else ``None`` and the reason of the one that came nearest."""
    nearest, reason = -1, "no_order"
    for order in context.orders:
        step, why = _order_answer(context, order, now)
        if not why:
            return order, ""
        if step > nearest:
            nearest, reason = step, why
    return None, reason


def _order_answer(context: AccessContext, order: Order, now: datetime) -> tuple[int, str]:
    viewer, request = context.viewer, context.request
    recipient = order.recipient(viewer.force.value, viewer.unit, viewer.matricule)
    if recipient is None:
        return 0, "recipient_not_in_order"
    if not order.in_force(now):
        return 1, "order_not_in_force"
    use = use_of(request.mode)
    if use != "extraction" and use not in recipient.uses:
        return 2, "use_not_in_order"
    if request.purpose and request.purpose not in order.purposes:
        return 3, "purpose_not_in_order"
    if not all(order.covers(camera.number, camera.insee) for camera in context.cameras):
        return 4, "camera_not_in_order"
    return 5, ""


def _own_ground(context: AccessContext) -> str:
    mode, ground, viewer = context.request.mode, context.ground, context.viewer
    if ground is None:
        return "no_ground"
    if mode in LIVE:
        return "" if ground.kind in {"duty", "alert"} and viewer.on_duty else "not_on_duty"
    if mode in {Mode.REPLAY, Mode.STILL}:
        return "" if ground.kind != "duty" else "look_back_needs_incident"
    return "" if ground.kind == "requisition" else "no_accepted_requisition"


def _reviewed(approval: Licence, years: int, now: datetime) -> bool:
    since = approval.reviewed_at or approval.valid_from
    return now < since + timedelta(days=365 * years + years // 4)


def _department(insee: str) -> str:
    return insee[:3] if insee.startswith("97") else insee[:2]
