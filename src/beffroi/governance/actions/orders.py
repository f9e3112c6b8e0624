"""Prefect's orders naming recipients (CSI L252-3), and communes' agreements (L132-14)."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.core.order_text import parse_order
from beffroi.governance.core.orders import Order
from beffroi.governance.models import CommuneConsent, OrderRow
from beffroi.kernel.clock import iso
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Invalid, NotFound


@transaction.atomic
def register_order(*, text: str, actor: Actor, now: datetime) -> Order:
    """Register an order from its text. ``TextFaults`` names each fault; ``Conflict`` for a number that exists."""
    order = parse_order(text)
    if OrderRow.objects.filter(number=order.number).exists():
        raise Conflict(f"The order {order.number} is registered already.", code="order_exists")
    digest = sha256(text.encode()).hex()
    OrderRow(
        number=order.number,
        text=text,
        digest=digest,
        valid_from=order.valid.start,
        valid_to=order.valid.end,
        registered_at=now,
        registered_by=actor.id,
    ).save(force_insert=True)
    body = {"digest": digest, "valid": [iso(order.valid.start), iso(order.valid.end)]}
    record(actor=actor, name="order:register", subject=f"order:{order.number}", body=body, at=now)
    return order


@transaction.atomic
def revoke_order(*, number: str, reason: str, actor: Actor, at: datetime | None = None, now: datetime) -> None:
    """From ``at`` (now, or to come) the order names nobody; open accesses under it end within two seconds then."""
    row = OrderRow.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotFound("There is no such order.", code="no_such_order")
    at = max(at or now, now)
    if row.revoked_at is not None and row.revoked_at <= now:
        raise Conflict("This order is revoked already.", code="order_revoked")
    if len(reason.strip()) < 4:
        raise Invalid("Say why.", code="reason_empty", fields={"reason": "reason_empty"})
    row.revoked_at = min(row.revoked_at or at, at)
    row.revoked_by, row.revoke_reason = actor.id, " ".join(reason.split())[:200]
    row.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    body = {"why": row.revoke_reason, "at": iso(row.revoked_at)}
    record(actor=actor, name="order:revoke", subject=f"order:{number}", body=body, at=now)


@transaction.atomic
def give_consent(*, insee: str, reference: str, actor: Actor, now: datetime) -> None:
    """A commune agreed that its cameras be seen from this centre; ``reference`` names its decision."""
    if len(insee) != 5 or not insee.isalnum() or not reference.strip():
        raise Invalid(
            "Give the commune's INSEE code and its decision.", code="consent_invalid", fields={"reference": "missing"}
        )
    if CommuneConsent.objects.filter(insee=insee, revoked_at__isnull=True).exists():
        raise Conflict("This commune has agreed already.", code="consent_exists")
    CommuneConsent(insee=insee, reference=reference.strip()[:120], given_at=now, entered_by=actor.id).save()
    body = {"reference": reference.strip()}
    record(actor=actor, name="consent:give", subject=f"commune:{insee}", body=body, at=now)


@transaction.atomic
def withdraw_consent(*, insee: str, actor: Actor, now: datetime) -> None:
    """The agreement ends now (R-43); nothing of that commune is seen any more."""
    changed = CommuneConsent.objects.filter(insee=insee, revoked_at__isnull=True).update(revoked_at=now)
    if not changed:
        raise NotFound("There is no such agreement.", code="no_such_consent")
    record(actor=actor, name="consent:withdraw", subject=f"commune:{insee}", body={}, at=now)
