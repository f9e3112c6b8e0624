"""Identity providers the centre trusts, and who is who there."""

from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.errors import NotFound
from beffroi.people import documents, files, models
from beffroi.people.core import openid


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """A provider without its secret."""

    id: str
    name: str
    issuer: str
    client: str
    acr: str
    strong: bool
    active: bool


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """One of a person's identities elsewhere."""

    id: str
    provider: str
    subject: str
    linked_at: datetime
    used_at: datetime | None


def providers(*, stopped: bool = False) -> list[ProviderFacts]:
    """Providers one may sign in by; with ``stopped`` the others too."""
    rows = models.IdentityProvider.objects.order_by("name", "id")
    return [_facts(row) for row in (rows if stopped else rows.filter(active=True))]


def provider(provider_id: str) -> ProviderFacts:
    """An active provider; ``NotFound``."""
    row = models.IdentityProvider.objects.filter(id=provider_id, active=True).first()
    if row is None:
        raise NotFound("There is no such identity provider.", code="provider_unknown")
    return _facts(row)


def _facts(row: models.IdentityProvider) -> ProviderFacts:
    return ProviderFacts(row.id, row.name, row.issuer, row.client, row.acr, row.strong, row.active)


def client_secret(provider_id: str) -> str:
    """The secret by which the centre is known to a provider; empty for a public client."""
    row = models.IdentityProvider.objects.get(id=provider_id)
    return files.unseal(row.sealed, owner=row.id) if row.sealed else ""


def identities(person: str) -> list[IdentityFacts]:
    """A person's identities at providers."""
    rows = models.ExternalIdentity.objects.filter(account__person_id=person, removed_at=None).select_related("provider")
    return [IdentityFacts(r.id, r.provider.name, r.subject, r.linked_at, r.used_at) for r in rows.order_by("linked_at")]


def discovered(issuer: str) -> openid.Provider:
    """The provider's endpoints as it says them now; ``Invalid``, ``Unavailable``."""
    address = openid.provider_address(issuer)
    return openid.read_discovery(address, documents.fetch(f"{address.rstrip('/')}/.well-known/openid-configuration"))


def told_subject(one: ProviderFacts, asked: openid.Asked, *, code: str, back: str, now: datetime) -> str:
    """Whom the provider vouches for; ``Invalid`` for a wrong token, ``Unavailable`` for no answer."""
    there = discovered(one.issuer)
    secret = client_secret(one.id)
    answer = documents.exchange(there, asked, client=one.client, secret=secret, back=back, code=code)
    token = answer.get("id_token") if isinstance(answer, dict) else None
    keys = documents.fetch(there.jwks_uri)
    return openid.subject_of(token, keys, issuer=one.issuer, client=one.client, nonce=asked.nonce, acr=one.acr, now=now)
