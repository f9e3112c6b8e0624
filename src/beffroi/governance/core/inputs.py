"""From the facts of other planes to what gates look at. Pure."""

from datetime import datetime

from beffroi.governance.core.context import CameraInput, Licence, Viewer
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import ApprovalFacts, ClearanceFacts, PersonFacts, TrainingFacts
from beffroi.sites.core.cameras import CameraFacts


def viewer_of(person: PersonFacts, *, on_duty: bool) -> Viewer:
    """The person, with every clearance that was entered; whether she is on duty is for operations to say."""
    return Viewer(
        id=person.id,
        name=person.called,
        matricule=person.matricule,
        rank=person.rank,
        force=person.force,
        unit=person.unit,
        quality=person.quality,
        roles=person.roles,
        territory=person.territory,
        clearances=tuple(_clearance(one) for one in person.clearances),
        approval=_approval(person.approval) if person.approval else None,
        training=_training(person.training) if person.training else None,
        on_duty=on_duty,
    )


def camera_input(camera: CameraFacts, now: datetime) -> CameraInput:
    """The camera under the authorisation that counts at ``now``; out of service it has none."""
    order = camera.authorisation_at(now)
    authorised = None
    if order is not None and camera.in_service(now):
        end = min(order.valid_to, order.withdrawn_at) if order.withdrawn_at else order.valid_to
        authorised = Span(order.valid_from, end) if order.valid_from < end else None
    return CameraInput(
        id=camera.id,
        number=camera.number,
        insee=camera.insee,
        tags=camera.tags,
        purposes=frozenset(purpose.value for purpose in camera.purposes),
        authorised=authorised,
        authorisation=order.reference if order else "",
        retention_days=camera.retention_days,
    )


def _clearance(one: ClearanceFacts) -> Licence:
    end = one.term.until
    if one.withdrawn_at is not None:
        end = one.withdrawn_at if end is None else min(end, one.withdrawn_at)
    return Licence("habilitation", one.reference, one.issuer, one.term.start, end, one.territory)


def _approval(one: ApprovalFacts) -> Licence:
    end = one.term.until
    if one.suspended_at is not None:
        end = one.suspended_at if end is None else min(end, one.suspended_at)
    return Licence(
        "agrement", one.reference, one.issuer, one.term.start, end, frozenset({one.department}), one.reviewed_at
    )


def _training(one: TrainingFacts) -> Licence:
    return Licence("training", one.reference, "", one.term.start, one.term.until)
