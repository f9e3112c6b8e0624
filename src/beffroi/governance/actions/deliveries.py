"""Accesses that carry out an accepted requisition: extraction by the centre, the package for its recipient."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.granting import Asked, checked, create
from beffroi.governance.queries import grounds, guests
from beffroi.governance.queries.access import GrantFacts, facts_of
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people import queries as people

EXTRACTION_LIFE = timedelta(hours=12)


@transaction.atomic
def open_extraction(
    *, requisition: str, cameras: Sequence[str] | None = None, span: Span | None = None, actor: Actor, now: datetime
) -> GrantFacts:
    """The executor's access to exactly the cameras and span of an accepted requisition (R-20).

    Then ``issue_ticket(grant=…, binding="office", camera=…, actor=…)`` for each camera. ``NotFound`` for an unknown
    requisition, ``Conflict`` for one without cameras or span; the gate's refusal is the row's state.
    """
    person = people.person_facts(actor.id, now)
    ground = grounds.ground("requisition", requisition, now)
    if ground is None:
        raise NotFound("There is no such requisition.", code="no_such_requisition")
    wanted = span or ground.span
    named = tuple(cameras) if cameras is not None else tuple(sorted(ground.cameras))
    if wanted is None or not named:
        raise Conflict("This requisition names no span or no camera.", code="nothing_to_extract")
    chosen = checked(named, wanted, ground.reason, EXTRACTION_LIFE)
    asked = Asked(
        person,
        Mode.EXTRACT,
        chosen,
        wanted,
        "requisition",
        requisition,
        "",
        ground.legal_basis,
        ground.reason,
        now + EXTRACTION_LIFE,
    )
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def open_package(
    *, person: str, requisition: str, package: str, until: datetime, actor: Actor, now: datetime
) -> GrantFacts:
    """A recipient's access to the package of a requisition, by the door, until ``until``; a guest's ends with the sight
    of his requisition at the latest."""
    taker = guests.taker(person, now)
    visit = guests.visit(person, now)
    if visit is not None and visit.until is not None:
        until = min(until, visit.until)
    ground = grounds.ground("requisition", requisition, now)
    if ground is None:
        raise NotFound("There is no such requisition.", code="no_such_requisition")
    asked = Asked(
        taker,
        Mode.PACKAGE,
        (),
        None,
        "requisition",
        requisition,
        "",
        ground.legal_basis,
        ground.reason,
        until,
        package=package,
    )
    return facts_of(create(asked, actor=actor, now=now))
