"""The only writer of contacts and notices: plan what must be told, hand it over, note how far it has come."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.channels import Channel
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid, Unavailable
from beffroi.kernel.ids import new_id
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.core import notices, telling
from beffroi.safety.core.escalation import LAST
from beffroi.safety.core.notices import EMERGENCY_NUMBERS, Delivery, Notice, Recipient, can_be_reached
from beffroi.safety.core.words import Nature


@transaction.atomic
def add_contact(
    *,
    actor: Actor,
    building: str,
    name: str,
    channel: str,
    address: str,
    keys: dict[str, str] | None = None,
    tier: int = 1,
    drill_ok: bool = False,
    language: str = "fr",
    now: datetime,
) -> str:
    """Enter a way to reach somebody. ``Invalid`` for an unknown channel or an emergency number: those are dialled by
    people, never by a program."""
    if channel not in models.Contact.Channel.values:
        raise Invalid("There is no such channel.", code="channel_unknown", fields={"channel": "channel_unknown"})
    if not 1 <= tier <= LAST:
        raise Invalid("There is no such rung.", code="tier_unknown", fields={"tier": "tier_unknown"})
    if not address.strip() or address.replace(" ", "") in EMERGENCY_NUMBERS:
        raise Invalid("This address cannot be entered.", code="address_refused", fields={"address": "address_refused"})
    row = models.Contact.objects.create(
        id=new_id(to_us(now)),
        building_id=building,
        name=name,
        channel=channel,
        address=address.strip(),
        keys=keys or {},
        tier=tier,
        drill_ok=drill_ok,
        language=language,
    )
    body: dict[str, Json] = {"name": name, "channel": channel, "tier": tier, "drill_ok": drill_ok}
    record(actor=actor, name="contact:add", subject=f"building:{building}", body=body, at=now)
    return row.id


@transaction.atomic
def add_own_contact(
    *,
    actor: Actor,
    person: PersonFacts,
    channel: str,
    address: str,
    keys: dict[str, str] | None = None,
    drill_ok: bool = True,
    language: str = "fr",
    now: datetime,
) -> str:
    """Let a person of ours be reached herself, for every building she answers for. The same address again renews it."""
    if not can_be_reached(channel, address, keys or {}):
        raise Invalid("This address cannot be entered.", code="address_refused", fields={"address": "address_refused"})
    old = models.Contact.objects.filter(person=person.id, channel=channel, address=address.strip()).first()
    if old is not None:
        old.keys, old.language, old.removed_at, old.drill_ok = keys or {}, language, None, drill_ok
        old.save(update_fields=["keys", "language", "removed_at", "drill_ok"])
    row = old or models.Contact.objects.create(
        id=new_id(to_us(now)),
        person=person.id,
        name=person.called,
        channel=channel,
        address=address.strip(),
        keys=keys or {},
        drill_ok=drill_ok,
        language=language,
    )
    body: dict[str, Json] = {"name": person.called, "channel": channel, "drill_ok": drill_ok}
    record(actor=actor, name="contact:add", subject=f"person:{person.id}", body=body, at=now)
    return row.id


@transaction.atomic
def remove_contact(*, actor: Actor, contact: str, now: datetime) -> None:
    """Reach somebody this way no more. What was told stays on the board; removing twice changes nothing."""
    row = models.Contact.objects.select_for_update().get(id=contact)
    if row.removed_at is None:
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        subject = f"building:{row.building_id}" if row.building_id else f"person:{row.person}"
        body: dict[str, Json] = {"name": row.name, "channel": row.channel}
        record(actor=actor, name="contact:remove", subject=subject, body=body, at=now)


@transaction.atomic
def plan(*, alert: str, now: datetime) -> int:
    """Write the notices that this alert owes and does not have yet; returns how many. Repeating it adds none.

    Who stands on a rung that was not reached is not told (core/escalation.py); who was told once hears of everything
    that follows, wherever she stands by then. A drill leaves by its own road only.
    """
    file = queries.files([alert])[alert]
    row = models.Alert.objects.select_related("building").get(id=alert)
    told = set(models.Notice.objects.filter(alert=row).values_list("contact", flat=True))
    planned = 0
    for contact in queries.reaches(row.building_id, now):
        recipient = Recipient(contact.contact, contact.channel, contact.address, contact.rung, contact.drill_ok)
        if notices.may_reach(recipient, file.alert.nature) is not None:
            continue
        if contact.rung > file.rung and contact.contact not in told:
            continue
        for message in telling.messages(file):
            if (message.what == "duress" or file.alert.quiet) and not contact.room:
                continue  # nobody near whoever is forced may be given away
            key = "/".join(str(part) for part in message.event.key)
            subject, text = telling.words(message, file, building=row.building.name, language=contact.language)
            _, new = models.Notice.objects.get_or_create(
                alert=row,
                contact_id=contact.contact,
                event=key,
                defaults={
                    "id": f"{file.alert.nature.prefix}-{new_id(to_us(now))}",
                    "order": message.order,
                    "text": f"{subject}\n{text}",
                    "state": Delivery.PLANNED.value,
                    "moved_at": now,
                },
            )
            planned += new
    if planned:
        record(actor=SYSTEM, name="notice:plan", subject=f"alert:{alert}", body={"notices": planned}, at=now)
    return planned


def hand_over(*, notice: str, channel: Channel | None, now: datetime) -> Delivery:
    """One attempt. The row is moved after the peer's answer; a crash in between repeats the attempt under the same
    message id. A channel that is not set up is a failure like any other: said, and tried again."""
    row = models.Notice.objects.select_related("contact", "alert").get(id=notice)
    held = _notice(row)
    subject, _, text = row.text.partition("\n")
    refusal = notices.may_reach(held.recipient, held.nature)
    try:
        if refusal is not None:
            raise Unavailable(refusal.reason, code=refusal.reason)
        if channel is None:
            raise Unavailable("This channel is not set up.", code="channel_absent")
        delivered = channel.hand_over(
            address=row.contact.address, keys=row.contact.keys, subject=subject, text=text, message_id=row.id
        )
    except Unavailable as error:
        return _move(row, notices.failed(held, now=now), str(error), now)
    moved = notices.moved(held, Delivery.HANDED_OVER)
    return _move(row, notices.moved(moved, Delivery.DELIVERED if delivered else Delivery.UNKNOWN), "", now)


@transaction.atomic
def opened_by(*, alert: str, person: str, now: datetime) -> None:
    """A person of ours has the alert's page before her: what her own telephone was told is seen."""
    rows = models.Notice.objects.select_related("contact", "alert").filter(alert=alert, contact__person=person)
    for row in rows:
        held = _notice(row)
        if Delivery.SEEN in notices.MOVES[held.state]:
            _move(row, notices.moved(held, Delivery.SEEN), "", now)


@transaction.atomic
def _move(row: models.Notice, after: Notice, trouble: str, now: datetime) -> Delivery:
    row.state, row.attempts, row.next_at = after.state.value, after.attempts, after.next_at
    row.trouble, row.moved_at = trouble[:300], now
    row.save(update_fields=["state", "attempts", "next_at", "trouble", "moved_at"])
    # Every change of state is a fact; the hundredth vain attempt of a dead peer is not.
    if after.state is not Delivery.RETRYING or after.attempts == 1:
        body: dict[str, Json] = {"notice": row.id, "state": after.state.value, "channel": row.contact.channel}
        record(actor=SYSTEM, name="notice:move", subject=f"alert:{row.alert_id}", body=body, at=now)
    return after.state


def _notice(row: models.Notice) -> Notice:
    contact = row.contact
    return Notice(
        id=row.id,
        alert=row.alert_id,
        nature=Nature(row.alert.nature),
        order=row.order,
        recipient=Recipient(contact.id, contact.channel, contact.address, contact.tier, contact.drill_ok),
        text=row.text,
        state=Delivery(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
    )
