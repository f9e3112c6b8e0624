"""The only writer of notices: write what the gate's answer wants told, hand it over, note how far it has come.

What is owed is written in the transaction that opens the access, so that no crash opens pictures untold; it leaves
afterwards, by the worker, so that no mail server delays a yes.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.channels import Channel as WayOut
from beffroi.governance.core.telling import (
    FIRST_RETRY,
    GIVEN_UP_AFTER,
    LONGEST_RETRY,
    Channel,
    News,
    Occasion,
    Recipient,
    notified,
    occasion_of,
    words,
)
from beffroi.governance.models import Notice
from beffroi.governance.queries import access, notices
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.delivery import Delivery, after_failure, after_move
from beffroi.kernel.errors import NotFound, Unavailable
from beffroi.kernel.ids import new_id

LATE_TO = ("dpo", "chief", "room")
"""Who hears that a review did not come: those who can still make it, and the DPO."""


def tell_opened(*, grant: str, now: datetime) -> int:
    """Write what the opening of an access owes; returns how many messages. Inside the caller's transaction."""
    one = access.grant(grant)
    occasion = occasion_of(one.obligations, emergency=one.emergency)
    return tell(occasion=occasion, one=one, capacities=notified(one.obligations), now=now)


def tell(*, occasion: Occasion, one: GrantFacts, capacities: tuple[str, ...], now: datetime) -> int:
    """Write one message for each recipient and channel that has none on this occasion yet."""
    made = 0
    for capacity in capacities:
        for to in notices.recipients(capacity, one, now):
            made += write(news_of(one, occasion), to, now)
    if made:
        body: dict[str, Json] = {"notices": made, "occasion": occasion.value}
        record(actor=SYSTEM, name="notice:plan", subject=f"access:{one.id}", body=body, at=now)
    return made


@transaction.atomic
def tell_late(*, grant: str, now: datetime) -> int:
    """Say aloud that nobody reviewed a break-glass or automatic access in time (R-41); returns how many are told."""
    one = access.grant(grant)
    body: dict[str, Json] = {"due": iso(one.regularise_by) if one.regularise_by else ""}
    record(actor=SYSTEM, name="access:late", subject=f"access:{one.id}", body=body, at=now)
    return tell(occasion=Occasion.LATE, one=one, capacities=LATE_TO, now=now)


def hand_over(*, notice: str, way_out: WayOut | None, now: datetime) -> Delivery:
    """One attempt. The row moves after the peer's answer; a crash in between repeats the attempt under the same
    message id. A channel that is not set up is a failure like any other: said, and tried again."""
    row = Notice.objects.get(id=notice)
    if now >= row.made_at + GIVEN_UP_AFTER:
        return _move(notice, Delivery.EXPIRED, row.trouble, now)
    try:
        if not row.address:
            raise Unavailable("No address was entered for this person or unit.", code="no_address")
        if way_out is None:
            raise Unavailable("This channel is not set up.", code="channel_absent")
        delivered = way_out.hand_over(address=row.address, keys={}, subject=row.title, text=row.text, message_id=row.id)
    except Unavailable as error:
        return _move(notice, Delivery.RETRYING, error.code, now)
    with transaction.atomic():  # both or none: a row that stays "handed over" would never be looked at again
        _move(notice, Delivery.HANDED_OVER, "", now)
        return _move(notice, Delivery.DELIVERED if delivered else Delivery.UNKNOWN, "", now)


@transaction.atomic
def shown(*, person: str, now: datetime) -> int:
    """This person's page has just fetched what waits for her: delivered to the page, not yet seen by her."""
    rows = Notice.objects.select_for_update().filter(
        person=person, channel=Channel.PAGE.value, state=Delivery.PLANNED.value
    )
    ids = [row.id for row in rows]
    for one in ids:
        _move(one, Delivery.HANDED_OVER, "", now)
        _move(one, Delivery.DELIVERED, "", now)
    return len(ids)


@transaction.atomic
def seen(*, actor: Actor, notice: str, now: datetime) -> None:
    """She says that she has seen it. ``NotFound`` for another's; twice is no error."""
    row = Notice.objects.filter(id=notice, person=actor.id, channel=Channel.PAGE.value).first()
    if row is None:
        raise NotFound("There is no such message.", code="no_such_notice")
    if row.state == Delivery.PLANNED:
        shown(person=actor.id, now=now)
    if row.state != Delivery.SEEN:
        _move(notice, Delivery.SEEN, "", now, actor=actor)


def news_of(one: GrantFacts, occasion: Occasion) -> News:
    """What is told of an access."""
    return News(
        subject=f"access:{one.id}",
        occasion=occasion,
        who=one.person_name,
        unit=one.unit,
        mode=one.mode.value,
        cameras=len(one.cameras),
        ground=one.basis_label,
        article=one.article,
        until=one.until,
        due=one.regularise_by,
        link=settings.BEFFROI_LINKS["access"].format(one.id),
    )


def write(news: News, to: Recipient, now: datetime) -> int:
    """One message to one recipient by one channel; 0 where it stands there already. Inside the caller's transaction."""
    title, text = words(news, language=to.language, zone=timezone.get_default_timezone())
    nowhere = to.channel is not Channel.PAGE and not to.address
    _, new = Notice.objects.get_or_create(
        subject=news.subject,
        occasion=news.occasion.value,
        person=to.person,
        channel=to.channel.value,
        address=to.address,
        defaults={
            "id": new_id(to_us(now)),
            "capacity": to.capacity,
            "person_name": to.name[:200],
            "title": title[:200],
            "text": f"{title}\n{news.link}" if to.channel is Channel.SMS else text,
            "state": Delivery.RETRYING.value if nowhere else Delivery.PLANNED.value,
            "trouble": "no_address" if nowhere else "",
            "made_at": now,
            "moved_at": now,
        },
    )
    return int(new)


def remind(*, subject: str, occasion: Occasion, to: Recipient, title: str, text: str, now: datetime) -> int:
    """A reminder in the words of whoever owes it; 0 where it stands there already. Inside the caller's transaction."""
    _, new = Notice.objects.get_or_create(
        subject=subject, occasion=occasion.value, person=to.person, channel=to.channel.value, address=to.address,
        defaults={
            "id": new_id(to_us(now)), "capacity": to.capacity, "person_name": to.name[:200], "title": title[:200],
            "text": text, "state": (Delivery.PLANNED if to.address else Delivery.RETRYING).value,
            "trouble": "" if to.address else "no_address", "made_at": now, "moved_at": now,
        },
    )  # fmt: skip
    return int(new)


def write_secret(*, subject: str, to: Recipient, title: str, text: str, now: datetime) -> None:
    """A message with a one-time link in it: its text is blanked once it has left, or was given up. Inside the
    caller's transaction."""
    Notice.objects.create(
        id=new_id(to_us(now)), subject=subject, occasion=Occasion.LINK.value, capacity=to.capacity, person=to.person,
        person_name=to.name[:200], channel=to.channel.value, address=to.address, title=title[:200], text=text,
        state=Delivery.PLANNED.value, made_at=now, moved_at=now,
    )  # fmt: skip


@transaction.atomic
def _move(notice: str, to: Delivery, trouble: str, now: datetime, *, actor: Actor = SYSTEM) -> Delivery:
    row = Notice.objects.select_for_update().get(id=notice)
    row.state, row.trouble, row.moved_at = after_move(Delivery(row.state), to), trouble[:40], now
    if to is Delivery.RETRYING:
        row.next_at = now + after_failure(row.attempts, first=FIRST_RETRY, longest=LONGEST_RETRY)
        row.attempts += 1
    if row.occasion == Occasion.LINK and to in {Delivery.UNKNOWN, Delivery.DELIVERED, Delivery.EXPIRED}:
        row.text = ""
    row.save(update_fields=["state", "attempts", "next_at", "trouble", "text", "moved_at"])
    # Every change of state is a fact; the hundredth vain attempt of a dead server is not.
    if to is not Delivery.HANDED_OVER and (to is not Delivery.RETRYING or row.attempts == 1):
        body: dict[str, Json] = {"notice": row.id, "state": to.value, "channel": row.channel, "to": row.person_name}
        record(actor=actor, name="notice:move", subject=row.subject, body=body, at=now)
    return to
