"""Accounts and their sessions: open, sign in, move on, sign out. Refused sign-ins are facts too."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.audit.queries import lived_us
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.people import models
from beffroi.people.actions.limits import count_refusal
from beffroi.people.actions.persons import fresh_id, locked_person
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import ADDRESS

TOUCH_EVERY = timedelta(seconds=30)
"""A session's last sign of life is written at most this often."""


@transaction.atomic
def open_account(*, person: str, username: str, password: str, language: str = "", actor: Actor, now: datetime) -> None:
    """Give a person an account; an empty language is not chosen yet.

    ``Conflict`` for a name that is taken, ``Invalid`` for a weak password.
    """
    row = locked_person(person)
    name = username.strip().lower()
    if models.Account.objects.filter(username=name).exists() or models.Account.objects.filter(person=row).exists():
        raise Conflict("This name is taken, or the person has an account already.", code="account_taken")
    account = models.Account(person=row, username=name, language=language)
    _set(account, password)
    account.save(force_insert=True)
    audit.record(actor=actor, name="account:open", subject=f"person:{person}", body={"username": name}, at=now)


@transaction.atomic
def set_password(*, person: str, password: str, keep: str = "", actor: Actor, now: datetime) -> None:
    """Set a new password and end the person's sessions but ``keep``. ``Invalid`` for a weak one."""
    account = _account(person)
    _set(account, password)
    account.save(update_fields=["password"])
    others = models.SignIn.objects.filter(account=account, ended_at=None).exclude(id=keep)
    ended = others.update(ended_at=now, ended_by="password")
    body = {"sessions_ended": ended}
    audit.record(actor=actor, name="account:password", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def choose_language(*, person: str, language: str, actor: Actor, now: datetime) -> None:
    """Keep the language a person reads in; no fact: it says nothing about pictures."""
    models.Account.objects.filter(person_id=person).update(language=language)


@transaction.atomic
def begin_session(
    *,
    person: str,
    device: str,
    address: str,
    factor: FactorKind = FactorKind.PASSWORD,
    actor: Actor,
    now: datetime,
) -> str:
    """A person signed in, at last by ``factor``; return the id of the session."""
    account = _account(person)
    lived = lived_us()
    row = models.SignIn(
        id=fresh_id(now),
        account=account,
        device=device[:200],
        address=address[:64],
        started_at=now,
        seen_at=now,
        factor=factor.value,
        proved_at=now,
        seen_lived_us=lived,
        proved_lived_us=lived,
    )
    row.save(force_insert=True)
    models.Account.objects.filter(pk=account.pk).update(last_login=now)
    body = {"session": row.id, "address": address[:64], "factor": factor.value}
    audit.record(actor=actor, name="session:begin", subject=f"person:{person}", body=body, at=now)
    return row.id


@transaction.atomic
def refuse_session(*, username: str, address: str, reason: str, now: datetime) -> None:
    """A sign-in was refused: ``reason`` is ``credentials``, ``locked`` or ``address`` (too many from there).

    A name that is no account's is not written down: people type passwords into the wrong field.
    """
    known = models.Account.objects.filter(username=username).exists()
    body = {"username": username if known else "", "address": address[:64], "reason": reason}
    audit.record(actor=SYSTEM, name="session:refuse", subject="account", body=body, at=now)
    if reason == "credentials":
        count_refusal(key=address_key(address), limit=ADDRESS, now=now)


def address_key(address: str) -> str:
    """Under which refused sign-ins of an address are counted."""
    return f"address:{address[:64]}"


@transaction.atomic
def prove_session(*, session: str, person: str, by: FactorKind, actor: Actor, now: datetime) -> None:
    """The person proved again that it is she: acts that ask for a fresh proof are open for a while."""
    rows = models.SignIn.objects.filter(id=session, account__person_id=person, ended_at=None)
    if not rows.update(proved_at=now, proved_lived_us=lived_us()):
        raise NotFound("There is no such session.", code="session_unknown")
    body = {"session": session, "factor": by.value}
    audit.record(actor=actor, name="session:step-up", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def lock_session(*, session: str, person: str, actor: Actor, now: datetime) -> None:
    """No sign of life on the page: only alarms come through until she proves that it is she."""
    rows = models.SignIn.objects.filter(id=session, account__person_id=person, ended_at=None, locked_at=None)
    if rows.update(locked_at=now):
        audit.record(actor=actor, name="session:lock", subject=f"person:{person}", body={"session": session}, at=now)


@transaction.atomic
def unlock_session(*, session: str, person: str, by: FactorKind, actor: Actor, now: datetime) -> None:
    """It is she: the session goes on where it was."""
    rows = models.SignIn.objects.filter(id=session, account__person_id=person, ended_at=None)
    lived = lived_us()
    if not rows.update(locked_at=None, seen_at=now, proved_at=now, seen_lived_us=lived, proved_lived_us=lived):
        raise NotFound("There is no such session.", code="session_unknown")
    body = {"session": session, "factor": by.value}
    audit.record(actor=actor, name="session:unlock", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def refuse_proof(*, person: str, by: FactorKind, purpose: str, actor: Actor, now: datetime) -> None:
    """A password or passkey was refused where she is signed in already (codes count for themselves)."""
    body = {"factor": by.value, "purpose": purpose}
    audit.record(actor=actor, name="session:step-up-refuse", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def end_session(*, session: str, person: str, by: str, actor: Actor, now: datetime) -> None:
    """End a session of this person (``by``: signed-out, idle, other-session). ``NotFound`` for anyone else's."""
    row = models.SignIn.objects.select_for_update().filter(id=session, account__person_id=person).first()
    if row is None:
        raise NotFound("There is no such session.", code="session_unknown")
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by = now, by
    row.save(update_fields=["ended_at", "ended_by"])
    body = {"session": session, "by": by}
    audit.record(actor=actor, name="session:end", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def end_sessions(*, person: str, keep: str = "", by: str, actor: Actor, now: datetime) -> int:
    """End all sessions of a person but ``keep``; returns how many (``by``: other-session, manager)."""
    rows = models.SignIn.objects.filter(account__person_id=person, ended_at=None).exclude(id=keep)
    ended = rows.update(ended_at=now, ended_by=by)
    body: dict[str, Json] = {"sessions_ended": ended, "by": by}
    audit.record(actor=actor, name="session:end", subject=f"person:{person}", body=body, at=now)
    return ended


@transaction.atomic
def touch_session(*, session: str, now: datetime) -> None:
    """Note that the session is alive; also where it was last seen in the future of a clock that was set back."""
    due = Q(seen_at__lte=now - TOUCH_EVERY) | Q(seen_at__gt=now)
    models.SignIn.objects.filter(due, id=session, ended_at=None).update(seen_at=now, seen_lived_us=lived_us())


def _account(person: str) -> models.Account:
    account = models.Account.objects.select_for_update().filter(person_id=person).first()
    if account is None:
        raise NotFound("This person has no account.", code="account_unknown")
    return account


def _set(account: models.Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        why = " ".join(error.messages)
        raise Invalid(why, code="password_weak", fields={"password": why}) from error
    account.set_password(password)
