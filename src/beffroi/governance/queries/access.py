"""Who may look, who looks now, who waits for an answer; and the question put to gate B for a person at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from beffroi.audit import queries as audit
from beffroi.governance.core.alert_access import lifted_until
from beffroi.governance.core.codec import trace_from_json
from beffroi.governance.core.context import OWN_FORCES, AccessContext, AccessRequest, CameraInput, Ground
from beffroi.governance.core.conventions import Convention
from beffroi.governance.core.gate_b import about
from beffroi.governance.core.inputs import camera_input, viewer_of
from beffroi.governance.models import AccessGrant, AlertGround, RequisitionCamera
from beffroi.governance.queries import grounds, law
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId, GrantId
from beffroi.kernel.outcome import RuleResult
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts

OWN_READERS = frozenset({Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF, Role.MAYOR, Role.DPO})
"""Who sees every grant of her communes: the room rules (I12), the mayor answers for it, the DPO controls."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """One access as pages show it and as tickets are made from it."""

    id: GrantId
    person: str
    person_name: str
    force: str
    unit: str
    mode: Mode
    cameras: tuple[CameraId, ...]
    span: Span | None
    basis_kind: str
    basis_reference: str
    basis_label: str
    legal_basis: str
    purpose: str
    reason: str
    emergency: bool
    article: str
    refusal: str
    obligations: tuple[str, ...]
    trace: tuple[RuleResult, ...]
    heartbeat: bool
    watermark: str
    package: str
    state: str
    requested_at: datetime
    requested_until: datetime
    opened_at: datetime | None
    until: datetime | None
    decided_by: str
    decided_by_name: str
    decided_at: datetime | None
    decision_note: str
    stopped_at: datetime | None
    stopped_by_name: str
    stop_reason: str
    regularise_by: datetime | None
    regularised_by: str

    def active_at(self, at: datetime) -> bool:
        """Open and not yet at its end."""
        return self.state == "active" and self.until is not None and at < self.until

    def approvers(self) -> tuple[str, ...]:
        """Roles of which one has to say yes next: the first, then, where the convention wants two, the second."""
        prefix = "second:" if self.decided_by else "approve:"
        found = next((one.removeprefix(prefix) for one in self.obligations if one.startswith(prefix)), "")
        return tuple(found.split("|")) if found else ()

    @property
    def page_first(self) -> bool:
        """Whether a page without images stands before the pictures (prefecture)."""
        return "page_first" in self.obligations


def grant(grant_id: str) -> GrantFacts:
    """One access, whoever's; ``NotFound``. Pages use ``grant_for`` or ``grant_in_room``."""
    return _one(AccessGrant.objects.filter(pk=grant_id))


def grant_for(person: PersonFacts, grant_id: str) -> GrantFacts:
    """One of the person's own; absent and foreign are the same ``NotFound``."""
    return _one(AccessGrant.objects.filter(pk=grant_id, person=person.id))


def grant_in_room(person: PersonFacts, grant_id: str) -> GrantFacts:
    """One that the room of its cameras' commune may see, or the person's own; ``NotFound``."""
    found = _one(visible_to(person).filter(pk=grant_id))
    if not in_reach(person, [found]):
        raise NotFound("There is no such access.", code="no_such_access")
    return found


def in_reach(person: PersonFacts, found: Sequence[GrantFacts]) -> list[GrantFacts]:
    """Those of ``found`` that are the person's own or of a commune she answers for: by their cameras, a package by
    the cameras of its requisition."""
    known = cameras_in_reach(person)
    if known is None:
        return list(found)
    papers = {one.basis_reference for one in found if not one.cameras}
    asked = RequisitionCamera.objects.filter(requisition__in=papers, camera__in=known) if papers else ()
    near = {row.requisition_id for row in asked}
    return [
        one
        for one in found
        if one.person == person.id or known & set(one.cameras) or (not one.cameras and one.basis_reference in near)
    ]


def grants_named(ids: Iterable[str]) -> list[GrantFacts]:
    """Those with these ids, in no order. Callers narrow them to who may see."""
    return [facts_of(row) for row in AccessGrant.objects.filter(pk__in=list(ids))]


def with_purpose(purpose: str) -> QuerySet[Any]:
    """Ids of every access ever asked for with this purpose, as a subquery."""
    return AccessGrant.objects.filter(purpose=purpose).values("id")


def purposes_of(ids: Iterable[str]) -> dict[str, str]:
    """What each access was for, by its id."""
    return dict(AccessGrant.objects.filter(pk__in=set(ids)).values_list("id", "purpose"))


def grants_of(person: PersonFacts, now: datetime, *, days: int = 31, limit: int = 100) -> list[GrantFacts]:
    """The person's own, newest first, of the last ``days``."""
    since = now - timedelta(days=days)
    rows = AccessGrant.objects.filter(person=person.id, requested_at__gte=since).exclude(basis_kind="duty")
    return [facts_of(row) for row in rows.order_by("-requested_at")[:limit]]


def pending(person: PersonFacts, now: datetime) -> list[GrantFacts]:
    """What waits for this person's yes or no, the oldest first: never her own requests."""
    del now
    rows = visible_to(person).filter(state=AccessGrant.State.REQUESTED).exclude(person=person.id)
    waiting = in_reach(person, [facts_of(row) for row in rows.order_by("requested_at")])
    return [one for one in waiting if may_decide(person, one)]


def may_decide(person: PersonFacts, one: GrantFacts) -> bool:
    """Whether the convention names a role of this person as (next) approver; the requester never, nobody twice."""
    roles = {role.value for role in person.roles}
    return person.id not in {one.person, one.decided_by} and bool(roles & set(one.approvers()))


def concerns(person: PersonFacts, one: GrantFacts) -> bool:
    """Whether the convention names a role of this person as first or second approver, whatever the state."""
    named = {role for text in one.obligations if text.startswith(("approve:", "second:")) for role in _roles(text)}
    return one.person != person.id and bool({role.value for role in person.roles} & named)


def _roles(obligation: str) -> list[str]:
    return obligation.partition(":")[2].split("|")


def active(now: datetime) -> list[GrantFacts]:
    """Every open access at ``now``, the oldest first."""
    return [facts_of(row) for row in active_at_rows(now).order_by("opened_at")]


def active_visible_to(person: PersonFacts, now: datetime) -> list[GrantFacts]:
    """The same for the room of a commune: what looks through its cameras, and the person's own."""
    return in_reach(person, active(now))


def active_relay_ids(now: datetime) -> frozenset[str]:
    """What lives on the office's heartbeat: everything that is not own live pictures on duty."""
    return frozenset(active_at_rows(now).filter(heartbeat=True).values_list("id", flat=True))


def active_duty_ids(now: datetime) -> frozenset[str]:
    """The looks on duty that are open: their shift too, so that ending it needs no other step to close pictures."""
    shifts = [shift.id for shift in operations.on_duty(now)]
    rows = active_at_rows(now).filter(heartbeat=False, basis_kind="duty", basis_reference__in=shifts)
    return frozenset(rows.values_list("id", flat=True))


def heartbeat(now: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """What each beat says: relays that live by it, and looks on duty that outlive it unless it drops them."""
    return active_relay_ids(now), active_duty_ids(now)


def duty_grant(person_id: str, shift: str, now: datetime) -> GrantFacts | None:
    """The open live grant of this shift, if any."""
    row = active_at_rows(now).filter(person=person_id, basis_kind="duty", basis_reference=shift, mode=Mode.LIVE).first()
    return facts_of(row) if row else None


def stopped_in(shift: str, person_id: str) -> bool:
    """Whether somebody else stopped this person's look on duty in this shift."""
    rows = AccessGrant.objects.filter(person=person_id, basis_kind="duty", basis_reference=shift, state="stopped")
    return rows.exclude(stopped_by=person_id).exists()


def steering_grant(person_id: str, shift: str, camera: str, now: datetime) -> GrantFacts | None:
    """The open controls of this camera in this shift, if any."""
    rows = active_at_rows(now).filter(person=person_id, basis_kind="duty", basis_reference=shift, mode=Mode.PTZ)
    return next((found for found in map(facts_of, rows) if found.cameras == (camera,)), None)


def hanging_on(kind: str, reference: str) -> list[GrantFacts]:
    """Every access on this incident, case or requisition, newest first."""
    rows = AccessGrant.objects.filter(basis_kind=kind, basis_reference=reference)
    return [facts_of(row) for row in rows.order_by("-requested_at")]


def open_alert_grounds(now: datetime) -> list[str]:
    """The alerts of buildings that have opened pictures and whose hard stop is not set or not reached."""
    rows = AlertGround.objects.filter(Q(closes_at=None) | Q(closes_at__gt=now))
    return list(rows.values_list("alert", flat=True))


def lifted_by_alerts(now: datetime) -> dict[str, datetime]:
    """The cameras of real alerts, and until when each is recorded whatever its hours."""
    found: dict[str, datetime] = {}
    for row in AlertGround.objects.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=now)):
        until = lifted_until(row.opened_at, row.closes_at, now)
        found |= {camera: max(until, found.get(camera, until)) for camera in row.cameras}
    return found


def to_regularise(now: datetime) -> list[GrantFacts]:
    """Break-glass accesses that no second person has confirmed yet, the most urgent first (R-41)."""
    rows = AccessGrant.objects.filter(regularise_by__isnull=False, regularised_by="", requested_at__lte=now)
    return [facts_of(row) for row in rows.order_by("regularise_by")]


def to_regularise_by(person: PersonFacts, now: datetime) -> list[GrantFacts]:
    """Those of them that this person may review: of her communes, and not her own."""
    return [one for one in in_reach(person, to_regularise(now)) if one.person != person.id]


def visible_to(person: PersonFacts) -> QuerySet[AccessGrant]:
    """The room, the mayor and the DPO see all; everyone else her own."""
    if person.roles & OWN_READERS:
        return AccessGrant.objects.all()
    return AccessGrant.objects.filter(person=person.id)


def cameras_to_ask(person: PersonFacts) -> list[CameraFacts]:
    """The cameras a person may name in a request: of her territory, without interior ones. No pictures."""
    return [one for one in sites.cameras_visible_to(person) if not one.interior]


def context(
    *, person: PersonFacts, request: AccessRequest, ground_kind: str, ground: str, now: datetime
) -> AccessContext:
    """The question, with everything the gate needs at ``now``, its conventions pre-filtered."""
    return assembled(person=person, request=request, ground=grounds.ground(ground_kind, ground, now), now=now)


def assembled(*, person: PersonFacts, request: AccessRequest, ground: Ground | None, now: datetime) -> AccessContext:
    """The same for a ground already at hand (questions asked before it exists)."""
    on_duty = operations.shift_of(person.id, now) is not None
    known = {camera.id: camera for camera in sites.cameras()}
    found = tuple(camera_input(known[CameraId(one)], now) for one in request.cameras if one in known)
    own = person.force in OWN_FORCES
    conventions = () if own else law.conventions_for_gates(now)
    whole = AccessContext(
        request=request,
        viewer=viewer_of(person, on_duty=on_duty),
        cameras=found,
        ground=ground,
        orders=() if own else law.orders_for_gates(now),
        conventions=conventions,
        home=frozenset(filter(None, [people.home_of(person.id)])) if own else frozenset(),
        consents=law.consents(now),
    )
    return prefiltered(whole)


def tried_camera(person: PersonFacts, trial: str, replaced: str, now: datetime) -> tuple[CameraInput, ...]:
    """A camera that is being tried, as gate B sees it: the one it is tried for under that one's own order, also before
    it is commissioned (its mask is drawn first); else a camera of the person's commune under the order in force on its
    system. Nothing where there is no such order."""
    if replaced:
        known = sites.camera_visible_to(person, replaced)
        return (replace(camera_input(replace(known, commissioned_at=known.commissioned_at or now), now), id=trial),)
    order = next((one for one in sites.authorisations() if one.in_force(now)), None)
    insee = people.home_of(person.id)
    if order is None or not insee:
        return ()
    purposes = frozenset(purpose.value for purpose in order.purposes)
    span = Span(order.valid_from, order.valid_to)
    return (CameraInput(trial, 0, insee, frozenset(), purposes, span, order.reference),)


def prefiltered(whole: AccessContext) -> AccessContext:
    """The same question with only the grants and orders that speak of this force and use."""
    kept: Sequence[Convention] = [
        replace(one, grants=tuple(grant for grant in one.grants if about(whole, grant))) for one in whole.conventions
    ]
    force = whole.viewer.force.value
    orders = tuple(one for one in whole.orders if any(line.force == force for line in one.recipients))
    return replace(whole, conventions=tuple(kept), orders=orders)


def person(person_id: str, now: datetime) -> PersonFacts:
    """The person of a grant as she is now."""
    return people.person_facts(person_id, now)


def facts_of(row: AccessGrant) -> GrantFacts:
    """The values of a row."""
    span = Span(row.footage_from, row.footage_until) if row.footage_from and row.footage_until else None
    same = {name: getattr(row, name) for name in _SAME}
    return GrantFacts(
        id=GrantId(row.id),
        mode=Mode(row.mode),
        cameras=tuple(CameraId(one) for one in row.cameras),
        span=span,
        obligations=tuple(row.obligations),
        trace=trace_from_json(row.trace),
        state=str(row.state),
        **same,
    )


_SAME = (
    "person",
    "person_name",
    "force",
    "unit",
    "basis_kind",
    "basis_reference",
    "basis_label",
    "legal_basis",
    "purpose",
    "reason",
    "emergency",
    "article",
    "refusal",
    "heartbeat",
    "watermark",
    "package",
    "requested_at",
    "requested_until",
    "opened_at",
    "until",
    "decided_by",
    "decided_by_name",
    "decided_at",
    "decision_note",
    "stopped_at",
    "stopped_by_name",
    "stop_reason",
    "regularise_by",
    "regularised_by",
)


def active_at_rows(now: datetime) -> QuerySet[AccessGrant]:
    """The rows of every open access; for the queries beside this one."""
    return AccessGrant.objects.filter(lasts(now), state=AccessGrant.State.ACTIVE)


def lasts(now: datetime) -> Q:
    """What has not come to its end: neither by the wall clock nor by the time that has really passed."""
    return Q(until__gt=now) & (Q(ends_lived_us=None) | Q(ends_lived_us__gt=audit.lived_us()))


def end_of(row: AccessGrant, now: datetime) -> datetime:
    """When an open access ends, on the wall clock as it is set now: the earlier of both ends."""
    until = row.until or now
    return (
        until
        if row.ends_lived_us is None
        else min(until, now + timedelta(microseconds=row.ends_lived_us - audit.lived_us()))
    )


def over(row: AccessGrant, now: datetime) -> bool:
    """Whether an access has come to its end by one clock or the other."""
    return end_of(row, now) <= now


def _one(rows: Iterable[AccessGrant]) -> GrantFacts:
    row = next(iter(rows), None)
    if row is None:
        raise NotFound("There is no such access.", code="no_such_access")
    return facts_of(row)
