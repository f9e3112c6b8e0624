"""Invitations: a link, once, until a day, by which a person sets her password. The log never has the link."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.audit.queries import lives_until
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import models, queries
from beffroi.people.actions.accounts import set_password
from beffroi.people.actions.holdings import grant_role
from beffroi.people.actions.persons import create_person, fresh_id, locked_person
from beffroi.people.core.roles import Quality, Role

DAYS = range(1, 15)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation: ``token`` is said this once."""

    id: str
    person: str
    token: str
    until: datetime


@transaction.atomic
def invite_new(
    *,
    name: str,
    unit: str,
    roles: Collection[Role],
    username: str,
    days: int,
    rank: str = "",
    matricule: str = "",
    quality: Quality = Quality.NONE,
    email: str = "",
    actor: Actor,
    now: datetime,
) -> Invited:
    """Enter a new person with her roles and an account that only the link opens. ``Conflict`` for a taken name."""
    if not roles:
        raise Invalid("A person who signs in has a role.", code="role_missing", fields={"roles": "missing"})
    person = create_person(
        name=name, unit=unit, rank=rank, matricule=matricule, quality=quality, email=email, actor=actor, now=now
    )
    for role in roles:
        grant_role(person=person, role=role, actor=actor, now=now)
    return invite(person=person, username=username, days=days, actor=actor, now=now)


@transaction.atomic
def invite(*, person: str, username: str = "", days: int, actor: Actor, now: datetime) -> Invited:
    """A link for this person, in place of any earlier one; makes her account where she has none yet.

    An account's password holds until the link is used. ``Forbidden`` for oneself: a password is changed on the profile.
    """
    if days not in DAYS:
        raise Invalid("An invitation holds one to fourteen days.", code="invitation_days", fields={"days": "1 … 14"})
    if actor.id == person:
        raise Forbidden("Nobody invites herself: change the password on your profile.", code="invitation_own")
    row = locked_person(person)
    if row.duty_ended_at is not None:
        raise Conflict("This person's duty has ended.", code="duty_ended")
    account = models.Account.objects.filter(person=row).first() or _account(row, username, actor, now)
    open_ones = models.Invitation.objects.filter(account=account, used_at=None, withdrawn_at=None)
    open_ones.update(withdrawn_at=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = models.Invitation(
        id=fresh_id(now),
        account=account,
        digest=token_digest(token),
        made_at=now,
        made_by=actor.name,
        until=now + timedelta(days=days),
        ends_lived_us=lives_until(now, now + timedelta(days=days)),
    )
    made.save(force_insert=True)
    body = {"invitation": made.id, "username": account.username, "until": iso(made.until)}
    audit.record(actor=actor, name="invitation:make", subject=f"person:{person}", body=body, at=now)
    return Invited(made.id, person, token, made.until)


def _account(row: models.Person, username: str, actor: Actor, now: datetime) -> models.Account:
    name = username.strip().lower()
    if not name:
        raise Invalid("An account has a name.", code="account_name", fields={"username": "missing"})
    if models.Account.objects.filter(username=name).exists():
        raise Conflict("This account name is taken.", code="account_taken")
    account = models.Account(person=row, username=name)
    account.set_unusable_password()
    account.save(force_insert=True)
    audit.record(actor=actor, name="account:open", subject=f"person:{row.id}", body={"username": name}, at=now)
    return account


@transaction.atomic
def withdraw_invitation(*, invitation: str, actor: Actor, now: datetime) -> None:
    """The link opens nothing any more. ``NotFound``; ``Conflict`` where it was used or withdrawn already."""
    row = models.Invitation.objects.select_for_update().select_related("account").filter(id=invitation).first()
    if row is None:
        raise NotFound("There is no such invitation.", code="invitation_unknown")
    if row.used_at is not None or row.withdrawn_at is not None:
        raise Conflict("This invitation is over already.", code="invitation_over")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    body = {"invitation": row.id}
    audit.record(actor=actor, name="invitation:withdraw", subject=f"person:{row.account.person_id}", body=body, at=now)


@transaction.atomic
def accept_invitation(*, token: str, password: str, address: str, now: datetime) -> str:
    """The person sets her password by the link, which is used up by it; return who she is.

    ``NotFound`` for a link that is unknown, used, withdrawn or too old, whichever; ``Invalid`` for a weak password,
    and then the link still holds.
    """
    row = queries.open_invitation(token_digest(token), now)
    if row is None:
        raise NotFound("This invitation is over, or never was.", code="invitation_over")
    used = models.Invitation.objects.filter(id=row.id, used_at=None, withdrawn_at=None).update(used_at=now)
    if not used:
        raise NotFound("This invitation is over, or never was.", code="invitation_over")
    person = row.account.person_id
    herself = queries.actor(person, station=address)
    set_password(person=person, password=password, actor=herself, now=now)
    audit.record(
        actor=herself, name="invitation:accept", subject=f"person:{person}", body={"invitation": row.id}, at=now
    )
    return person


def token_digest(token: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()
