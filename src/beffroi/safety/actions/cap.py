"""An alert leaves the centre as a CAP message: always written down."""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.digest import sha256
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import queries
from beffroi.safety.core import cap
from beffroi.safety.core.cap_out import message_of


@transaction.atomic
def take_out(*, actor: Actor, person: PersonFacts, alert: str, now: datetime) -> bytes:
    """The alert as it stands, valid against the OASIS schema. ``NotFound`` for whoever may not see the alert."""
    view = queries.alert_visible_to(person, alert)
    message = message_of(
        view.file,
        building=view.building.name,
        zones={zone.id: zone.name for zone in view.plan.zones} if view.plan else {},
        sender=parseaddr(settings.BEFFROI_MAIL_FROM)[1] or "beffroi@localhost",
    )
    written = cap.write(message)
    body = {
        "identifier": message.identifier,
        "type": message.message_type.value,
        "sha256": sha256(written).hex(),
    }
    record(actor=actor, name="alert:cap", subject=f"alert:{alert}", body=body, at=now)
    return written
