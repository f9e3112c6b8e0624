"""The prefect's orders."""

from collections.abc import Sequence

from beffroi.sites.core.authorisations import AuthorisationFacts
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.models import (
    Authorisation,
)


def authorisations() -> list[AuthorisationFacts]:
    """Every order over the system, the one that ends last first."""
    return [authorisation_facts(row) for row in Authorisation.objects.order_by("-valid_to", "reference")]


def authorisation_facts(row: Authorisation) -> AuthorisationFacts:
    return AuthorisationFacts(
        id=row.id,
        reference=row.reference,
        department=row.department,
        purposes=purposes_of(row.purposes),
        retention_min_days=row.retention_min_days,
        retention_max_days=row.retention_max_days,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        withdrawn_at=row.withdrawn_at,
    )


def purposes_of(values: Sequence[str]) -> frozenset[Purpose]:
    return frozenset(Purpose(value) for value in values)
