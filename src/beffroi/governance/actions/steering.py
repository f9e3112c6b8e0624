"""The controls of a camera for a partner: asked for beside live pictures that are open, and gone with them.

Gate B decides (mode ``ptz``: only a grant of the convention with ``ptz: true`` agrees); where it wants a person's yes,
the room answers as for pictures. Whoever loses the pictures loses the controls in the same transaction: nobody steers
what he does not see.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions.granting import Asked, State, body_of, create
from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access, steering
from beffroi.governance.queries.access import GrantFacts, facts_of
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.media.core.tickets import Mode
from beffroi.people import queries as people
from beffroi.sites import queries as sites

LOST = "pictures_over"


@transaction.atomic
def ask_for_controls(*, relay: str, camera: str, actor: Actor, now: datetime) -> GrantFacts:
    """The controls of one camera of the actor's own open pictures, on the same ground, until they end.

    What is open or waiting is given back. A refusal is a row, not an error. ``NotFound`` for pictures or a camera that
    are not the actor's; ``Conflict`` where the pictures are over or the camera does not move.
    """
    person = people.person_facts(actor.id, now)
    AccessGrant.objects.select_for_update().filter(pk=relay).first()  # a form sent twice asks once
    pictures = access.grant_for(person, relay)
    if pictures.mode is not Mode.RELAY or camera not in pictures.cameras:
        raise NotFound("There is no such access.", code="no_such_access")
    if not pictures.active_at(now) or pictures.until is None:
        raise Conflict("These pictures are over.", code="access_over")
    if not sites.camera_visible_to(person, camera).moves:
        raise Conflict("This camera does not move.", code="camera_fixed")
    standing = steering.controls_of(pictures).get(camera)
    if standing is not None and (standing.active_at(now) or standing.state == State.REQUESTED):
        return standing
    asked = Asked(
        person, Mode.PTZ, (camera,), None, pictures.basis_kind, pictures.basis_reference, pictures.purpose,
        pictures.legal_basis, pictures.reason, pictures.until,
    )  # fmt: skip
    return facts_of(create(asked, actor=actor, now=now))


def let_go_with(row: AccessGrant, *, actor: Actor, now: datetime) -> None:
    """End the controls that hung on the pictures of ``row``, inside the transaction that ended them."""
    if row.mode != Mode.RELAY:
        return
    for one in _hanging(row):
        if steering.pictures_of(facts_of(one), now) is not None:
            continue  # others of the same person on the same ground still show this camera
        open_until_now = one.state == State.ACTIVE
        one.state = State.ENDED if open_until_now else State.WITHDRAWN
        one.ended_at, one.stop_reason = now, LOST
        one.save(update_fields=["state", "ended_at", "stop_reason"])
        name = "access:end" if open_until_now else "access:withdraw"
        record(actor=actor, name=name, subject=f"access:{one.id}", body={**body_of(one), "why": LOST}, at=now)


def _hanging(row: AccessGrant) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.select_for_update().filter(
        person=row.person,
        basis_kind=row.basis_kind,
        basis_reference=row.basis_reference,
        mode=Mode.PTZ,
        state__in=(State.ACTIVE, State.REQUESTED),
    )
