"""The keeper of the other video system: who that is, and the mails by which each hold becomes a duty there."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions import notices
from beffroi.governance.core.answers import expiry
from beffroi.governance.core.holds import due_elsewhere
from beffroi.governance.core.keeper_words import Duty, keeper_words
from beffroi.governance.core.telling import Channel, Occasion, Recipient
from beffroi.governance.queries.holds import HoldFacts
from beffroi.governance.queries.keepers import KeeperFacts, subject_of
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.sites import queries as sites


@transaction.atomic
def set_keeper(*, name: str, email: str, actor: Actor, now: datetime) -> None:
    """Say who keeps the other system. ``Invalid`` names what is wrong; ``Conflict`` where this centre records."""
    if settings.BEFFROI_RECORDING:
        raise Conflict("The recorder answers for its holds.", code="hold-of-recorder")
    name, email = " ".join(name.split())[:160], email.strip()[:254]
    wrong = {} if name else {"name": "missing"}
    try:
        validate_email(email)
    except ValidationError:
        wrong["email"] = "not-an-address"
    if wrong:
        raise Invalid("Say who keeps it, and the address.", code="keeper-fields", fields=wrong)
    models.ElsewhereKeeper.objects.update_or_create(id=1, defaults={"name": name, "email": email})
    record(actor=actor, name="keeper:set", subject="keeper", body={"name": name, "email": email}, at=now)


@transaction.atomic
def tell(*, hold: HoldFacts, keeper: KeeperFacts, duty: Duty, now: datetime) -> int:
    """Write the mail of a hold's duty, once an address; how many were written."""
    days = next((one.retention_days for one in sites.cameras(retired=True) if one.id == hold.camera), None)
    term = expiry(hold.span.start, days) if days is not None else None
    title, text = keeper_words(
        duty, reference=hold.label, camera=hold.camera_name, span=hold.span, due=due_elsewhere(hold.placed_at, term),
        centre=settings.BEFFROI_CENTRE, language=settings.LANGUAGE_CODE[:2], zone=timezone.get_default_timezone(),
    )  # fmt: skip
    to = Recipient("keeper", "", keeper.name, Channel.EMAIL, keeper.email, settings.LANGUAGE_CODE[:2])
    subject = subject_of(hold.id, duty)
    made = notices.remind(subject=subject, occasion=Occasion.KEEPER, to=to, title=title, text=text, now=now)
    if made:
        body: dict[str, Json] = {"duty": duty.value, "to": keeper.name}
        record(actor=SYSTEM, name="notice:plan", subject=f"hold:{hold.id}", body=body, at=now)
    return made
