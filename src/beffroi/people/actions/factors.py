"""Second factors: set up, prove, lose, take away. Secrets and codes stand in no fact; refusals are counted and kept."""

import secrets
from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import Actor
from beffroi.audit.queries import lived_us
from beffroi.kernel.canonical import Json, b64
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import files, models, queries
from beffroi.people.actions.limits import codes_key, count_refusal, forget_refusals
from beffroi.people.actions.persons import fresh_id
from beffroi.people.core import factors
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.sign_in_rule import CODES

MOST_FACTORS = 10


def locked_account(person: str) -> models.Account:
    """The account's row, locked until the act is done; ``NotFound``."""
    account = models.Account.objects.select_for_update().filter(person_id=person).first()
    if account is None:
        raise NotFound("This person has no account.", code="account_unknown")
    return account


@transaction.atomic
def propose_app(*, person: str, actor: Actor, now: datetime) -> str:
    """Begin to set up an authenticator app with a new secret; counts only once its first code was typed."""
    account = locked_account(person)
    must_have_room(account)
    rows = models.Factor.objects.filter(account=account, kind=FactorKind.TOTP.value, confirmed_at=None, removed_at=None)
    rows.update(removed_at=now)
    row = models.Factor(id=fresh_id(now), account=account, kind=FactorKind.TOTP.value, created_at=now)
    row.sealed = files.seal(b64(secrets.token_bytes(factors.SECRET_BYTES)), owner=row.id)
    row.save(force_insert=True)
    audit.record(actor=actor, name="factor:propose", subject=f"person:{person}", body={"kind": row.kind}, at=now)
    return row.id


def must_have_room(account: models.Account) -> None:
    """``Conflict`` for an account with as many second factors as anybody needs."""
    if models.Factor.objects.filter(account=account, removed_at=None).exclude(confirmed_at=None).count() > MOST_FACTORS:
        raise Conflict("This account has enough second factors.", code="factor_enough")


@transaction.atomic
def confirm_app(*, person: str, label: str, code: str, session: str, actor: Actor, now: datetime) -> list[str]:
    """The first code of the app was typed: it counts from now on. Returns recovery codes where there were none.

    ``Invalid`` for a wrong code: nothing is lost, the same QR code holds. The session counts as proved.
    """
    row = queries.proposed_app(person)
    if row is None:
        raise NotFound("No authenticator app is being set up.", code="factor_unknown")
    account = locked_account(person)
    step = factors.matching_step(queries.secret_of(row), code, now, after=0)
    if step is None:
        why = "This code is not the one the app shows now."
        raise Invalid(why, code="factor_code_wrong", fields={"code": why})
    row.label, row.confirmed_at, row.used_at, row.last_step = label.strip()[:80], now, now, step
    row.save(update_fields=["label", "confirmed_at", "used_at", "last_step"])
    return enrolled(account, row, session=session, actor=actor, now=now)


def enrolled(account: models.Account, row: models.Factor, *, session: str, actor: Actor, now: datetime) -> list[str]:
    """A factor counts from now on: its fact, the session proved by it, the first recovery codes."""
    body = {"factor": row.id, "kind": row.kind, "label": row.label}
    audit.record(actor=actor, name="factor:enrol", subject=f"person:{account.person_id}", body=body, at=now)
    proved = models.SignIn.objects.filter(id=session, account=account, ended_at=None)
    proved.update(proved_at=now, proved_lived_us=lived_us(), factor=row.kind)
    if queries.recovery_codes_left(account.person_id):
        return []
    return _new_codes(account, actor=actor, now=now)


@transaction.atomic
def make_recovery_codes(*, person: str, actor: Actor, now: datetime) -> list[str]:
    """New recovery codes in place of the old ones, to be shown once. ``Conflict`` for who has no second factor."""
    account = locked_account(person)
    if not queries.has_factor(person):
        raise Conflict("Recovery codes stand in for a second factor; there is none yet.", code="factor_none")
    return _new_codes(account, actor=actor, now=now)


def _new_codes(account: models.Account, *, actor: Actor, now: datetime) -> list[str]:
    models.RecoveryCode.objects.filter(account=account).delete()
    codes = [
        "".join(secrets.choice(factors.RECOVERY_ALPHABET) for _ in range(factors.RECOVERY_CHARACTERS))
        for _ in range(factors.RECOVERY_CODES)
    ]
    models.RecoveryCode.objects.bulk_create(
        models.RecoveryCode(account=account, digest=factors.recovery_digest(code), created_at=now) for code in codes
    )
    body = {"codes": len(codes)}
    audit.record(actor=actor, name="factor:codes", subject=f"person:{account.person_id}", body=body, at=now)
    return [factors.written(code) for code in codes]


@transaction.atomic
def try_code(*, person: str, code: str, purpose: str, actor: Actor, now: datetime) -> FactorKind | None:
    """Whether this is a code of the person's app or one of her recovery codes, used up by this; ``None`` where not.

    A refusal is a fact and counts; after five nothing is heard for a while (``queries.refused_until``), whatever is
    typed. ``purpose`` (sign-in, step-up, unlock) stands in the fact.
    """
    account = locked_account(person)
    subject, key = f"person:{person}", codes_key(person)
    closed = queries.refused_until(key, CODES, now) is not None
    kind = None if closed else _accepted(account, code, actor, now)
    if kind is None:
        if not closed:
            count_refusal(key=key, limit=CODES, now=now)
        body = {"purpose": purpose, "reason": "locked" if closed else "code"}
        audit.record(actor=actor, name="factor:refuse", subject=subject, body=body, at=now)
        return None
    forget_refusals(key=key)
    return kind


def _accepted(account: models.Account, code: str, actor: Actor, now: datetime) -> FactorKind | None:
    if factors.looks_like_recovery(code):
        digest = factors.recovery_digest(code)
        used = models.RecoveryCode.objects.filter(account=account, digest=digest, used_at=None).update(used_at=now)
        if not used:
            return None
        body = {"left": queries.recovery_codes_left(account.person_id)}
        audit.record(actor=actor, name="factor:recover", subject=f"person:{account.person_id}", body=body, at=now)
        return FactorKind.RECOVERY
    rows = models.Factor.objects.select_for_update().filter(
        account=account, kind=FactorKind.TOTP.value, removed_at=None, confirmed_at__isnull=False
    )
    for row in rows:
        step = factors.matching_step(queries.secret_of(row), code, now, after=row.last_step)
        if step is not None:
            row.last_step, row.used_at = step, now
            row.save(update_fields=["last_step", "used_at"])
            return FactorKind.TOTP
    return None


@transaction.atomic
def remove_factor(*, person: str, factor: str, actor: Actor, now: datetime) -> None:
    """A person gives up one of her second factors. ``NotFound``; ``Conflict`` for the last of one who must have one."""
    account = locked_account(person)
    row = models.Factor.objects.filter(account=account, id=factor, removed_at=None, confirmed_at__isnull=False).first()
    if row is None:
        raise NotFound("There is no such second factor.", code="factor_unknown")
    last = len(queries.factors(person)) == 1
    if last and queries.sign_in_rule().asks_factor(queries.person_facts(person, now)):
        raise Conflict("The centre's rule asks for a second factor: set up another one first.", code="factor_last")
    row.removed_at, row.sealed = now, ""
    row.save(update_fields=["removed_at", "sealed"])
    if last:
        models.RecoveryCode.objects.filter(account=account).delete()
    body = {"factor": row.id, "kind": row.kind}
    audit.record(actor=actor, name="factor:remove", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def reset_factors(*, person: str, reason: str, actor: Actor, now: datetime) -> int:
    """Somebody else takes all second factors of a person away, because they are lost; her sessions end.

    Returns how many there were. ``Forbidden`` on oneself: that would be the thief's way.
    """
    if actor.id == person:
        raise Forbidden("Nobody takes her own second factor away: ask another administrator.", code="factor_own")
    if not reason.strip():
        raise Invalid("Say why.", code="reason_missing", fields={"reason": "missing"})
    account = locked_account(person)
    gone = models.Factor.objects.filter(account=account, removed_at=None).update(removed_at=now, sealed="")
    models.RecoveryCode.objects.filter(account=account).delete()
    ended = models.SignIn.objects.filter(account=account, ended_at=None).update(ended_at=now, ended_by="factor-reset")
    forget_refusals(key=codes_key(person))
    body: dict[str, Json] = {"factors": gone, "sessions_ended": ended, "reason": reason.strip()}
    audit.record(actor=actor, name="factor:reset", subject=f"person:{person}", body=body, at=now)
    return gone
