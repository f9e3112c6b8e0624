"""The controls that hang on a partner's live pictures: who has asked for them, who has them."""

from datetime import datetime

from beffroi.governance.models import AccessGrant
from beffroi.governance.queries.access import GrantFacts, active_at_rows, facts_of
from beffroi.media.core.tickets import Mode


def controls_of(relay: GrantFacts) -> dict[str, GrantFacts]:
    """By camera, the newest controls that the person of these pictures asked for on the same ground."""
    rows = AccessGrant.objects.filter(
        person=relay.person,
        basis_kind=relay.basis_kind,
        basis_reference=relay.basis_reference,
        mode=Mode.PTZ,
        requested_at__gte=relay.opened_at or relay.requested_at,
    )
    return {camera: facts for facts in map(facts_of, rows.order_by("requested_at")) for camera in facts.cameras}


def pictures_of(controls: GrantFacts, now: datetime) -> GrantFacts | None:
    """The open live pictures that these controls hang on, if any."""
    rows = active_at_rows(now).filter(
        person=controls.person,
        basis_kind=controls.basis_kind,
        basis_reference=controls.basis_reference,
        mode=Mode.RELAY,
    )
    found = map(facts_of, rows.order_by("-opened_at"))
    return next((one for one in found if set(controls.cameras) <= set(one.cameras)), None)
