"""Access to pictures: open a look on duty, look back, ask, offer, decide, stop (DESIGN §2, J1, J3).

Every act asks gate B and leaves an ``AccessGrant``; a refusal is a row in state ``refused`` with its article, not an
error, so that it is kept and shown. Pictures still need a ticket (``tickets.issue_ticket``), and the gate is asked
again for each.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import notices
from beffroi.governance.actions.decisions import ask_gate_b
from beffroi.governance.actions.deliveries import open_extraction as open_extraction
from beffroi.governance.actions.deliveries import open_package as open_package
from beffroi.governance.actions.granting import Asked, State, asked_of, body_of, checked, create, open_now, wants_second
from beffroi.governance.actions.steering import ask_for_controls as ask_for_controls
from beffroi.governance.actions.steering import let_go_with
from beffroi.governance.actions.tickets import issue_shift_lease as issue_shift_lease
from beffroi.governance.actions.tickets import issue_ticket as issue_ticket
from beffroi.governance.core.context import OWN_FORCES
from beffroi.governance.core.inputs import camera_input
from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access, cases
from beffroi.governance.queries.access import GrantFacts, facts_of
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.outcome import Refused
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites

LOOK_BACK_LIFE = timedelta(hours=4)
STOPPERS = frozenset({Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF, Role.MAYOR})
MODES_TO_ASK = frozenset({Mode.RELAY, Mode.REPLAY, Mode.STILL, Mode.PTZ})


@transaction.atomic
def open_duty_look(*, actor: Actor, now: datetime) -> GrantFacts:
    """Live pictures for whoever is on duty, until the shift ends: the cameras that serve the shift's purpose.

    The open look of the same shift is given back when there is one and it still has the same cameras. ``Conflict``
    when the person is not on duty, no camera may be watched, or somebody else stopped it in this shift.
    """
    person = people.person_facts(actor.id, now)
    shift = operations.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    cameras = tuple(
        camera.id
        for camera in access.cameras_to_ask(person)
        if camera_input(camera, now).authorised is not None
        if shift.purpose in {purpose.value for purpose in camera.purposes}
    )
    if not cameras:
        raise Conflict(
            "No camera may be watched for the purpose of this shift.",
            code="no_camera_for_purpose",
            hint="See the purposes of the cameras and the prefect's authorisation.",
        )
    if access.stopped_in(shift.id, person.id):
        raise Conflict(
            "Somebody stopped your pictures in this shift.",
            code="duty_look_stopped",
            hint="Speak with whoever did; a new shift, with its purpose and reason, opens them again.",
        )
    standing = access.duty_grant(person.id, shift.id, now)
    if standing is not None and standing.cameras == cameras:
        return standing
    if standing is not None:
        _end(standing.id, "cameras_changed", actor=actor, now=now)
    asked = Asked(
        person, Mode.LIVE, cameras, None, "duty", shift.id, shift.purpose, "DUTY", shift.reason, shift.expires_at
    )
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def open_duty_steering(*, camera: str, actor: Actor, now: datetime) -> GrantFacts:
    """The controls of a camera that moves, for whoever is on duty, until the shift ends; gate B decides (mode ``ptz``).

    The open one of the same shift and camera is given back. ``Conflict`` when the person is not on duty or the camera
    does not move; ``NotFound`` for a camera that is not hers to see.
    """
    person = people.person_facts(actor.id, now)
    shift = operations.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    if not sites.camera_visible_to(person, camera).moves:
        raise Conflict("This camera does not move.", code="camera_fixed")
    standing = access.steering_grant(person.id, shift.id, camera, now)
    if standing is not None:
        return standing
    asked = Asked(
        person, Mode.PTZ, (camera,), None, "duty", shift.id, shift.purpose, "DUTY", shift.reason, shift.expires_at
    )
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def open_look_back(
    *, incident: str, cameras: Sequence[str], span: Span, reason: str = "", actor: Actor, now: datetime
) -> GrantFacts:
    """Replay for an own agent, hanging on an open incident whose reason may follow before the shift ends."""
    person = people.person_facts(actor.id, now)
    found = operations.incident_visible_to(person, incident)
    shift = operations.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    chosen = checked(cameras, span, reason, LOOK_BACK_LIFE)
    words = reason or found.reason or found.title
    asked = Asked(
        person, Mode.REPLAY, chosen, span, "incident", found.id, shift.purpose, "DUTY", words, now + LOOK_BACK_LIFE
    )
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def request_access(
    *,
    mode: Mode,
    cameras: Sequence[str],
    span: Span | None = None,
    ground_kind: str,
    ground: str,
    purpose: str,
    legal_basis: str,
    reason: str,
    duration: timedelta,
    emergency: bool = False,
    actor: Actor,
    now: datetime,
) -> GrantFacts:
    """Ask for pictures under the convention. The row says whether it is refused, waits for a person, or is open.

    ``NotFound`` for an incident or case that is not this person's to see; ``Invalid`` names what is wrong.
    """
    person = people.person_facts(actor.id, now)
    if mode not in MODES_TO_ASK:
        raise Invalid("This cannot be asked here.", code="mode_not_asked", fields={"mode": "mode_not_asked"})
    _visible_ground(person, ground_kind, ground)
    chosen = checked(cameras, span, reason, duration)
    asked = Asked(
        person, mode, chosen, span, ground_kind, ground, purpose, legal_basis, reason, now + duration, emergency
    )
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def offer_relay(
    *,
    person: str,
    incident: str,
    cameras: Sequence[str],
    duration: timedelta,
    reason: str,
    purpose: str = "",
    actor: Actor,
    now: datetime,
) -> GrantFacts:
    """The room relays live pictures of an incident to a named user of a partner (J1); it is open at once.

    Whoever offers must be on duty and be one of those the convention lets approve; else it waits for one of them.
    """
    giver = people.person_facts(actor.id, now)
    found = operations.incident_visible_to(giver, incident)
    shift = operations.shift_of(giver.id, now)
    if shift is None or giver.force not in OWN_FORCES:
        raise Conflict("Only whoever is on duty relays pictures.", code="not_on_duty", hint="Begin your shift first.")
    taker = people.person_facts(person, now)
    if taker.id == giver.id:
        raise Invalid("Choose somebody else.", code="relay_to_self", fields={"person": "relay_to_self"})
    chosen = checked(cameras, None, reason, duration)
    asked = Asked(
        taker,
        Mode.RELAY,
        chosen,
        None,
        "incident",
        found.id,
        purpose or shift.purpose,
        "ADMIN_POLICE",
        reason or found.reason or found.title,
        now + duration,
    )
    return facts_of(create(asked, actor=actor, now=now, approver=giver))


@transaction.atomic
def decide_access(
    *,
    grant: str,
    answer: str,
    note: str = "",
    cameras: Sequence[str] | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> GrantFacts:
    """A person's ``approve``, ``limit`` (fewer cameras, an earlier end) or ``refuse``. Requester ≠ approver.

    The gate is asked again; ``Conflict`` when somebody decided before, or it was withdrawn. Where the convention wants
    two persons, the first yes leaves it waiting for the second, who is somebody else.
    """
    approver = people.person_facts(actor.id, now)
    row = _locked(grant)
    if row.person == approver.id:
        raise Forbidden("Nobody decides on his own request.", code="requester_is_approver", article="R-41")
    if not access.concerns(approver, facts_of(row)) or not access.in_reach(approver, [facts_of(row)]):
        raise NotFound("There is no such request.", code="no_such_access")
    if row.state != State.REQUESTED or not access.may_decide(approver, facts_of(row)):
        raise Conflict("This request has been answered or withdrawn.", code="access_decided")
    if answer not in {"approve", "limit", "refuse"}:
        raise Invalid("Approve, limit or refuse.", code="answer_unknown", fields={"answer": "answer_unknown"})
    if answer == "refuse" and len(note.strip()) < 4:
        raise Invalid("Say why you refuse.", code="refusal_without_reason", fields={"note": "refusal_without_reason"})
    row.decision_note = " ".join(note.split())[:500]
    if row.decided_by:
        row.second_by, row.second_at = approver.id, now
    else:
        row.decided_by, row.decided_by_name, row.decided_at = approver.id, approver.called, now
    if answer == "refuse":
        row.state, row.refusal, row.ended_at = State.REFUSED, "refused_by_person", now
        row.save()
        record(actor=actor, name="access:refuse", subject=f"access:{row.id}", body=body_of(row), at=now)
        return facts_of(row)
    return _approve(row, limited=answer == "limit", cameras=cameras, until=until, actor=actor, now=now)


@transaction.atomic
def stop_access(*, grant: str, reason: str = "", actor: Actor, now: datetime) -> GrantFacts:
    """Stop an open access, or withdraw an own request. The room may stop anything of its communes (I12).

    Others stop only their own. Pictures stop within two seconds: the next heartbeat no longer names the grant. Stopping
    twice is no error.
    """
    person = people.person_facts(actor.id, now)
    row = _locked(grant)
    in_room = (person.force in OWN_FORCES or Role.MAYOR in person.roles) and access.in_reach(person, [facts_of(row)])
    if row.person != person.id and not (in_room and person.roles & STOPPERS):
        raise NotFound("There is no such access.", code="no_such_access")
    if row.state not in {State.ACTIVE, State.REQUESTED}:
        return facts_of(row)
    withdrawn = row.state == State.REQUESTED
    if withdrawn and row.person != person.id:
        raise Conflict("A request is refused, not stopped.", code="access_not_open", hint="Refuse it with a reason.")
    row.state = State.WITHDRAWN if withdrawn else State.STOPPED
    row.stopped_at, row.stopped_by, row.stopped_by_name = now, person.id, person.called
    row.stop_reason, row.ended_at = " ".join(reason.split())[:200], now
    row.save()
    name = "access:withdraw" if withdrawn else "access:stop"
    record(actor=actor, name=name, subject=f"access:{row.id}", body={**body_of(row), "why": row.stop_reason}, at=now)
    let_go_with(row, actor=actor, now=now)
    return facts_of(row)


@transaction.atomic
def regularise(*, grant: str, note: str, actor: Actor, now: datetime) -> GrantFacts:
    """A second person confirms having reviewed a break-glass or automatic access (R-41)."""
    person = people.person_facts(actor.id, now)
    row = _locked(grant)
    if row.regularise_by is None or row.regularised_by:
        raise Conflict("There is nothing to regularise here.", code="nothing_to_regularise")
    reaches = bool(access.in_reach(person, [facts_of(row)]))
    if not person.roles & STOPPERS or row.person == person.id or not reaches:
        raise NotFound("There is no such access.", code="no_such_access")
    row.regularised_by = person.id
    row.save(update_fields=["regularised_by"])
    body: dict[str, Json] = {
        "note": " ".join(note.split())[:500],
        "due": iso(row.regularise_by),
        "late": now > row.regularise_by,
    }
    record(actor=actor, name="access:regularise", subject=f"access:{row.id}", body=body, at=now)
    return facts_of(row)


def _approve(
    row: AccessGrant,
    *,
    limited: bool,
    cameras: Sequence[str] | None,
    until: datetime | None,
    actor: Actor,
    now: datetime,
) -> GrantFacts:
    wanted = row.requested_until - row.requested_at
    end = now + wanted
    if limited:
        chosen = tuple(row.cameras) if cameras is None else tuple(one for one in row.cameras if one in set(cameras))
        if not chosen or (until is not None and until <= now):
            raise Invalid(
                "Leave at least one camera and some time.", code="limit_to_nothing", fields={"cameras": "none"}
            )
        row.cameras = list(chosen)
        end = min(end, until) if until is not None else end
    asked = asked_of(row, people.person_facts(row.person, now), end)
    context = access.context(
        person=asked.person, request=asked.request, ground_kind=asked.ground_kind, ground=asked.ground, now=now
    )
    outcome = ask_gate_b(context=context, subject=f"access:{row.id}", now=now)
    row.article = outcome.article
    if isinstance(outcome, Refused):
        row.state, row.refusal, row.ended_at = State.REFUSED, outcome.reason, now
        row.save()
        record(actor=actor, name="access:deny", subject=f"access:{row.id}", body=body_of(row), at=now)
        return facts_of(row)
    row.obligations = list(outcome.obligations)
    if wants_second(outcome) and not row.second_by:
        row.requested_until = row.requested_at + (end - now)
    else:
        open_now(row, outcome, now)
    row.save()
    name = "access:limit" if limited else "access:approve"
    record(actor=actor, name=name, subject=f"access:{row.id}", body=body_of(row), at=now)
    if row.state == State.ACTIVE:
        notices.tell_opened(grant=row.id, now=now)
    return facts_of(row)


def _end(grant: str, why: str, *, actor: Actor, now: datetime) -> None:
    row = _locked(grant)
    row.state, row.ended_at, row.stop_reason = State.ENDED, now, why
    row.save(update_fields=["state", "ended_at", "stop_reason"])
    record(actor=actor, name="access:end", subject=f"access:{row.id}", body={"why": why}, at=now)


def _locked(grant: str) -> AccessGrant:
    row = AccessGrant.objects.select_for_update().filter(pk=grant).first()
    if row is None:
        raise NotFound("There is no such access.", code="no_such_access")
    return row


def _visible_ground(person: PersonFacts, kind: str, reference: str) -> None:
    if kind == "incident":
        operations.incident_visible_to(person, reference)
    elif kind == "case":
        cases.case_visible_to(person, reference)
    else:
        raise Invalid("Name a case or an incident.", code="ground_unknown", fields={"ground": "ground_unknown"})
