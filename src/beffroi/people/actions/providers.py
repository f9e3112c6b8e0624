"""Identity providers: trusted, stopped, linked by a person to herself. No secret and no token stands in a fact."""

from datetime import datetime

from django.db import transaction

from beffroi.audit import actions as audit
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.people import files, models
from beffroi.people.actions.factors import locked_account
from beffroi.people.actions.persons import fresh_id
from beffroi.people.core.openid import provider_address


@transaction.atomic
def trust_provider(
    *, name: str, issuer: str, client: str, secret: str, acr: str, strong: bool, actor: Actor, now: datetime
) -> str:
    """Enter a provider, or change the one of this issuer. An empty secret keeps the one that is there."""
    address = provider_address(issuer)
    if not name.strip() or not client.strip():
        raise Invalid("A provider has a name and knows us by one.", code="provider_incomplete")
    row = models.IdentityProvider.objects.select_for_update().filter(issuer=address).first()
    row = row or models.IdentityProvider(id=fresh_id(now), issuer=address, made_at=now)
    row.name, row.client, row.acr, row.strong, row.active = name.strip(), client.strip(), acr.strip(), strong, True
    if secret:
        row.sealed = files.seal(secret, owner=row.id)
    row.save()
    body: dict[str, Json] = {"provider": row.id, "name": row.name, "issuer": address, "acr": row.acr, "strong": strong}
    audit.record(actor=actor, name="provider:trust", subject=f"provider:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def stop_provider(*, provider: str, actor: Actor, now: datetime) -> None:
    """Nobody signs in by this provider any more; sessions that began by it go on to their end. ``NotFound``."""
    if not models.IdentityProvider.objects.filter(id=provider, active=True).update(active=False):
        raise NotFound("There is no such identity provider.", code="provider_unknown")
    audit.record(actor=actor, name="provider:stop", subject=f"provider:{provider}", body={}, at=now)


@transaction.atomic
def link_identity(*, person: str, provider: str, subject: str, actor: Actor, now: datetime) -> None:
    """The person is this subject at the provider. ``Conflict`` where that is somebody's already."""
    account = locked_account(person)
    if models.ExternalIdentity.objects.filter(provider_id=provider, subject=subject, removed_at=None).exists():
        raise Conflict("This identity is linked already.", code="identity_linked")
    row = models.ExternalIdentity(
        id=fresh_id(now), account=account, provider_id=provider, subject=subject, linked_at=now
    )
    row.save(force_insert=True)
    body = {"identity": row.id, "provider": provider}
    audit.record(actor=actor, name="identity:link", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def unlink_identity(*, person: str, identity: str, actor: Actor, now: datetime) -> None:
    """The person is no longer known by this identity. ``NotFound`` for anybody else's."""
    rows = models.ExternalIdentity.objects.filter(id=identity, account__person_id=person, removed_at=None)
    if not rows.update(removed_at=now):
        raise NotFound("There is no such identity.", code="identity_unknown")
    body = {"identity": identity}
    audit.record(actor=actor, name="identity:unlink", subject=f"person:{person}", body=body, at=now)


@transaction.atomic
def whose_identity(*, provider: str, subject: str, now: datetime) -> str:
    """Whose this subject is, noted as used; empty for nobody's."""
    row = (
        models.ExternalIdentity.objects.filter(
            provider_id=provider, subject=subject, removed_at=None, provider__active=True, account__is_active=True
        )
        .select_related("account")
        .first()
    )
    if row is None:
        return ""
    row.used_at = now
    row.save(update_fields=["used_at"])
    return row.account.person_id


@transaction.atomic
def refuse_identity(*, provider: str, reason: str, address: str, now: datetime) -> None:
    """A sign-in by a provider was refused: what was wrong, never the token."""
    body = {"provider": provider, "reason": reason, "address": address[:64]}
    audit.record(actor=SYSTEM, name="identity:refuse", subject="account", body=body, at=now)
