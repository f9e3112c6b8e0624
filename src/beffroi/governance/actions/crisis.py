"""Crisis access of a named person of the prefecture (J3): called back, invited once, words before pictures, a hard end.

The access is a relay as any other: gate B asks order, convention, clearance and incident, and asks again for each
ticket. The invitation only replaces the account that a duty officer of the prefecture rarely has at three in the
morning; it opens this one access in one browser, and dies with it.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import notices
from beffroi.governance.actions.access import offer_relay
from beffroi.governance.core.telling import Channel, Recipient, crisis_words
from beffroi.governance.models import CrisisInvitation
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force

LINK_LIFE = timedelta(minutes=30)
"""Design default: the person is on the telephone, or has just been."""


@transaction.atomic
def open_crisis(
    *,
    person: str,
    incident: str,
    cameras: Sequence[str],
    purpose: str,
    duration: timedelta,
    reason: str,
    number: str,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> GrantFacts:
    """Open the access for a named person of the prefecture who was called back at ``number``, and mail her the link.

    The grant says whether it is open, waits for a second yes, or was refused with its article; a link leaves only for
    an open one. ``Invalid`` for another force, no address, or no number.
    """
    taker = people.person_facts(person, now)
    wrong: dict[str, str] = {}
    if taker.force is not Force.PREF:
        wrong["person"] = "crisis_not_prefecture"
    elif not taker.email:
        wrong["person"] = "crisis_no_address"
    if sum(letter.isdigit() for letter in number) < 4:
        wrong["number"] = "guest_number"
    if wrong:
        raise Invalid("This person cannot be invited so.", code=next(iter(wrong.values())), fields=wrong)
    grant = offer_relay(
        person=person, incident=incident, cameras=cameras, duration=duration, reason=reason, purpose=purpose,
        actor=actor, now=now,
    )  # fmt: skip
    if grant.state == "active":
        _invite(grant, taker, number=number, note=note, actor=actor, now=now)
    return grant


@transaction.atomic
def open_link(*, link: str, now: datetime) -> str:
    """Use an invitation, once; the id of its grant. ``NotFound`` for any that does not work."""
    row = CrisisInvitation.objects.select_for_update().select_related("grant").filter(secret=_digest(link)).first()
    if row is None or not link or now >= row.secret_until or row.grant.state != "active":
        raise NotFound("This link does not work any more.", code="guest_link")
    row.secret, row.opened_at = "", now
    row.save(update_fields=["secret", "opened_at"])
    actor = people.actor(row.grant.person, station="invitation")
    record(actor=actor, name="invitation:open", subject=f"access:{row.grant_id}", body={}, at=now)
    return row.grant_id


def link_works(link: str, now: datetime) -> bool:
    """Whether the link would open; asking does not use it up."""
    found = CrisisInvitation.objects.filter(secret=_digest(link), secret_until__gt=now, grant__state="active")
    return bool(link) and found.exists()


def _invite(grant: GrantFacts, taker: PersonFacts, *, number: str, note: str, actor: Actor, now: datetime) -> None:
    link = secrets.token_urlsafe(32)
    row = CrisisInvitation.objects.create(
        id=new_id(to_us(now)), grant_id=grant.id, secret=_digest(link), secret_until=now + LINK_LIFE,
        called_number=" ".join(number.split())[:40], called_note=" ".join(note.split())[:300], made_at=now,
        made_by=actor.id, made_by_name=actor.name,
    )  # fmt: skip
    body: dict[str, Json] = {"person": taker.id, "number": row.called_number, "note": row.called_note}
    record(actor=actor, name="invitation:send", subject=f"access:{grant.id}", body=body, at=now)
    language = people.language_of(taker.id) or "fr"
    address = settings.BEFFROI_LINKS["crisis"].format(link)
    title, text = crisis_words(grant.basis_label, address, centre=settings.BEFFROI_CENTRE, language=language)
    to = Recipient("guest", taker.id, taker.called, Channel.EMAIL, taker.email, language)
    notices.write_secret(subject=f"access:{grant.id}", to=to, title=title, text=text, now=now)


def _digest(text: str) -> str:
    return sha256(text.encode()).hex()
