"""Passkeys: added by their owner, used in place of password and code. No key material stands in any fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.people import models
from beffroi.people.actions.factors import enrolled, locked_account, must_have_room
from beffroi.people.actions.persons import fresh_id
from beffroi.people.core import passkeys
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.passkeys import Site


@transaction.atomic
def add_passkey(
    *,
    person: str,
    label: str,
    site: Site,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    session: str,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Keep the passkey that the person's browser made. Returns recovery codes where she had none.

    ``Invalid`` for a wrong answer, ``Conflict`` for a passkey that is somebody's already.
    """
    account = locked_account(person)
    must_have_room(account)
    made = passkeys.created(site, state, answer)
    if models.Factor.objects.filter(credential=made.credential).exists():
        raise Conflict("This passkey is in use already.", code="passkey_known")
    row = models.Factor(
        id=fresh_id(now),
        account=account,
        kind=FactorKind.PASSKEY.value,
        label=label.strip()[:80],
        credential=made.credential,
        public=made.public,
        uses=made.uses,
        domain=site.domain,
        created_at=now,
        confirmed_at=now,
    )
    row.save(force_insert=True)
    return enrolled(account, row, session=session, actor=actor, now=now)


@transaction.atomic
def try_passkey(
    *,
    person: str,
    site: Site,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    purpose: str,
    address: str,
    now: datetime,
) -> str:
    """Whose passkey this is: ``person``'s, or anybody's where that is empty. Empty where refused, with its fact."""
    try:
        row = _row(passkeys.credential_of(answer), site, person)
        kept = passkeys.Passkey(str(row.credential), row.public, row.uses)
        row.uses = passkeys.used(site, state, kept, answer).uses
    except Invalid as error:
        body = {"purpose": purpose, "reason": error.code, "address": address[:64]}
        subject = f"person:{person}" if person else "account"
        audit.record(actor=SYSTEM, name="factor:refuse", subject=subject, body=body, at=now)
        return ""
    row.used_at = now
    row.save(update_fields=["uses", "used_at"])
    return row.account.person_id


def _row(credential: str, site: Site, person: str) -> models.Factor:
    rows = models.Factor.objects.select_for_update(of=("self",)).select_related("account")
    row = rows.filter(
        credential=credential,
        domain=site.domain,
        removed_at=None,
        account__is_active=True,
        **({"account__person_id": person} if person else {}),
    ).first()
    if row is None:
        raise Invalid("This passkey is nobody's here.", code="passkey_unknown")
    return row
