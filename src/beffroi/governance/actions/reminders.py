"""Reminders: of an outcome as an event on the requisition, of an order that ends by mail."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions import notices
from beffroi.governance.actions.requisition_steps import locked, step
from beffroi.governance.core.requisitions import Act
from beffroi.governance.core.telling import Channel, Occasion, Recipient, renewal_subject, renewal_words
from beffroi.governance.queries.entered_orders import StandingOrder, answer_for
from beffroi.kernel.canonical import Json
from beffroi.people import queries as people


@transaction.atomic
def remind_of_outcome(*, actor: Actor, requisition: str, now: datetime) -> None:
    """Ask the requester whether the images helped. ``Conflict`` where the state does not fit."""
    row = locked(requisition)
    step(row, Act.REMIND, actor=actor, now=now, note="outcome")
    row.outcome_reminded_at = now
    row.save(update_fields=["state", "outcome_reminded_at"])


@transaction.atomic
def remind_of_renewal(*, order: StandingOrder, months: int, now: datetime) -> int:
    """Write the mail of this reminder to each chief and mayor who has none of it yet; returns how many. One who has no
    address gets a message that says so."""
    link, made = settings.BEFFROI_LINKS["order"].format(order.key), 0
    subject = renewal_subject(order.reference, months)
    for person in answer_for(order, now):
        language = people.language_of(person.id) or "fr"
        title, text = renewal_words(order.reference, months, order.entry.last_day, link, language=language)
        to = Recipient("order", person.id, person.called, Channel.EMAIL, person.email, language)
        made += notices.remind(subject=subject, occasion=Occasion.RENEWAL, to=to, title=title, text=text, now=now)
    if made:
        body: dict[str, Json] = {"months": months, "last_day": order.entry.last_day.isoformat(), "notices": made}
        record(actor=SYSTEM, name="notice:plan", subject=f"order:{order.reference}", body=body, at=now)
    return made
