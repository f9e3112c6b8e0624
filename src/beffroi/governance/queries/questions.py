"""What if: may this person see this camera now, and why? Nothing opens and nothing is stored."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beffroi.governance.core.context import OWN_FORCES, AccessRequest, Ground
from beffroi.governance.core.conventions import CRISIS, INCIDENT
from beffroi.governance.core.gate_b import decide
from beffroi.governance.queries import access, law
from beffroi.kernel.outcome import Outcome
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as operations
from beffroi.people import queries as people

REASON = "question posed without any access behind it"


@dataclass(frozen=True, slots=True)
class Question:
    """Who, which camera, live or replay, on what ground. ``version`` asks under one text instead of those in force."""

    person: str
    camera: str
    mode: Mode  # RELAY or REPLAY; own agents' RELAY is asked as LIVE
    ground: str  # duty | incident | case
    legal_basis: str
    purpose: str
    minutes: int
    hours_back: int = 1
    version: str = ""


def answer(question: Question, now: datetime) -> Outcome:
    """Gate B's answer as if a fitting incident or case were open; ``NotFound`` for an unknown person or version."""
    person = people.person_facts(question.person, now)
    own = person.force in OWN_FORCES
    live = question.mode is Mode.RELAY
    span = None if live else Span(now - timedelta(hours=question.hours_back), now - timedelta(minutes=1))
    request = AccessRequest(
        mode=Mode.LIVE if live and own else question.mode,
        cameras=(question.camera,),
        span=span,
        until=now + timedelta(minutes=question.minutes),
        purpose=question.purpose,
        legal_basis="DUTY" if own else question.legal_basis,
        reason=REASON,
    )
    context = access.assembled(person=person, request=request, ground=_supposed(question, person.unit, now), now=now)
    if question.version and not own:
        facts = law.convention(question.version)
        text = facts.convention.renewed(now)
        context = access.prefiltered(replace(context, conventions=(text,)))
    return decide(context, law.law_pack(now), now)


def _supposed(question: Question, unit: str, now: datetime) -> Ground | None:
    span = Span(now - timedelta(hours=question.hours_back + 1), now)
    cameras = frozenset({question.camera})
    if question.ground == "case":
        return Ground(
            "case",
            "supposed",
            now - timedelta(minutes=5),
            cameras=cameras,
            span=span,
            legal_basis=question.legal_basis,
            units=frozenset({unit}),
        )
    if question.ground in {INCIDENT, CRISIS}:
        return Ground(
            "incident",
            "supposed",
            now - timedelta(minutes=5),
            cameras=cameras,
            span=span,
            event=question.ground,
            opened_by="supposed",
        )
    shift = operations.shift_of(question.person, now)
    if shift is None:
        return None
    return Ground("duty", shift.id, shift.begun_at, until=shift.expires_at, reason=shift.reason)
