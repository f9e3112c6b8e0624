"""Acts on the networks in which cameras may be."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.sites.core.networks import network_problem, written
from beffroi.sites.models import CameraNetwork


@transaction.atomic
def declare_network(*, actor: Actor, network: str, reason: str, now: datetime) -> str:
    """Let cameras be in ``network`` (CIDR) and say what it is; returns it as it is kept. ``Invalid``, ``Conflict``."""
    fields: dict[str, str] = {}
    problem = network_problem(network.strip())
    if problem:
        fields["network"] = problem
    if not reason.strip():
        fields["reason"] = "network_reason_missing"
    if fields:
        raise Invalid("This network cannot be declared.", code="network_invalid", fields=fields)
    kept = written(network.strip())
    if CameraNetwork.objects.filter(pk=kept).exists():
        raise Conflict("This network is declared already.", code="network_twice")
    CameraNetwork.objects.create(network=kept, reason=reason.strip()[:200], declared_by=actor.id, declared_at=now)
    body: dict[str, Json] = {"network": kept, "reason": reason.strip()[:200]}
    record(actor=actor, name="network:declare", subject=f"network:{kept}", body=body, at=now)
    return kept


@transaction.atomic
def withdraw_network(*, actor: Actor, network: str, now: datetime) -> None:
    """No camera is called there any more: those that are there stop at the next push of settings."""
    if not CameraNetwork.objects.filter(pk=network).delete()[0]:
        raise NotFound("This network is not declared.", code="no_such_network")
    record(actor=actor, name="network:withdraw", subject=f"network:{network}", body={"network": network}, at=now)
