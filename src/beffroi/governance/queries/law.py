"""Which law pack, orders and conventions are in force. Texts are parsed once per digest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from beffroi.governance.core.convention_text import parse_convention
from beffroi.governance.core.conventions import Convention
from beffroi.governance.core.law import LawPack
from beffroi.governance.core.order_text import parse_order
from beffroi.governance.core.orders import Order
from beffroi.governance.files import texts
from beffroi.governance.models import CommuneConsent, ConventionSignature, ConventionVersion, OrderRow
from beffroi.kernel.errors import NotFound, Unavailable
from beffroi.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One party's signature."""

    party: str
    signatory: str
    quality: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class ConventionFacts:
    """One version as its pages show it."""

    id: str
    reference: str
    version: int
    state: str  # draft | signed | suspended | ended
    text: str
    digest: str
    convention: Convention  # as the text says, dates included
    effective_from: datetime | None
    expires_at: datetime | None  # ended or superseded
    signatures: tuple[SignatureFacts, ...]
    missing: tuple[str, ...]  # parties that have not signed
    changed_reason: str = ""

    def in_force(self, at: datetime) -> bool:
        """Signed by all, effective, inside its dates (renewals included), not suspended or ended."""
        span = self.force_span(at)
        return self.state == "signed" and span is not None and at in span

    def force_span(self, at: datetime) -> Span | None:
        """From when to when it holds, as known at ``at``; ``None`` for a draft."""
        if self.effective_from is None:
            return None
        valid = self.convention.renewed(at).valid
        start = max(valid.start, self.effective_from)
        end = min(valid.end, self.expires_at) if self.expires_at else valid.end
        return Span(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One registered order."""

    order: Order
    text: str
    registered_at: datetime
    revoked_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Inside its dates and not revoked."""
        return self.order.in_force(at) and (self.revoked_at is None or at < self.revoked_at)


def law_pack(now: datetime) -> LawPack:
    """The newest pack that is valid at ``now``; ``Unavailable`` when there is none: then every gate stays shut."""
    for pack in reversed(texts.law_packs()):
        if now in pack.valid:
            return pack
    raise Unavailable("There is no law pack for this day.", code="no_law_pack", hint="Install a newer version.")


def law_pack_named(name: str, digest: str) -> LawPack:
    """The pack a stored decision was taken by; ``NotFound`` when it is no longer shipped."""
    for pack in texts.law_packs():
        if pack.digest == digest:
            return pack
    raise NotFound(f"The law pack {name} is not here any more.", code="no_such_pack")


def orders() -> tuple[OrderFacts, ...]:
    """Every registered order, newest first."""
    rows = OrderRow.objects.order_by("-valid_from", "number")
    return tuple(OrderFacts(_order(row.digest, row.text), row.text, row.registered_at, row.revoked_at) for row in rows)


def orders_for_gates(now: datetime) -> tuple[Order, ...]:
    """The orders as gates take them: a revoked one ends when it was revoked; long past ones are left out."""
    found = []
    for row in OrderRow.objects.filter(valid_from__lte=now).order_by("-valid_from", "number"):
        order = _order(row.digest, row.text)
        if row.revoked_at is not None:
            if row.revoked_at <= order.valid.start:
                continue
            order = replace(order, valid=Span(order.valid.start, min(order.valid.end, row.revoked_at)))
        found.append(order)
    return tuple(found)


def conventions() -> tuple[ConventionFacts, ...]:
    """Every version, newest first."""
    rows = ConventionVersion.objects.prefetch_related("signatures").order_by("reference", "-version")
    return tuple(_facts(row, row.signatures.all()) for row in rows)


def convention(version_id: str) -> ConventionFacts:
    """One version; ``NotFound``."""
    row = ConventionVersion.objects.prefetch_related("signatures").filter(pk=version_id).first()
    if row is None:
        raise NotFound("There is no such convention here.", code="no_such_convention")
    return _facts(row, row.signatures.all())


def conventions_for_gates(now: datetime) -> tuple[Convention, ...]:
    """The versions that took effect, with the span they hold for; suspended ones are marked."""
    found = []
    states = (ConventionVersion.State.SIGNED, ConventionVersion.State.SUSPENDED)
    for row in ConventionVersion.objects.filter(state__in=states, effective_from__lte=now).order_by("reference"):
        facts = _facts(row, ())
        span = facts.force_span(now)
        if span is not None and now < span.end:
            suspended = row.state == ConventionVersion.State.SUSPENDED
            found.append(replace(facts.convention, valid=span, suspended=suspended))
    return tuple(found)


def consents(now: datetime) -> frozenset[str]:
    """Communes that agreed to be seen from this centre."""
    rows = CommuneConsent.objects.filter(given_at__lte=now)
    return frozenset(row.insee for row in rows if row.revoked_at is None or now < row.revoked_at)


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """One agreement of a commune, given and perhaps taken back."""

    insee: str
    reference: str
    given_at: datetime
    revoked_at: datetime | None


def consent_history(communes: Iterable[str]) -> tuple[ConsentFacts, ...]:
    """Every agreement these communes gave, newest first."""
    rows = CommuneConsent.objects.filter(insee__in=list(communes)).order_by("-given_at", "-id")
    return tuple(ConsentFacts(row.insee, row.reference, row.given_at, row.revoked_at) for row in rows)


@lru_cache(maxsize=256)
def _convention(digest: str, text: str) -> Convention:
    del digest  # part of the key, so that equal texts of two rows are parsed once
    return parse_convention(text)


@lru_cache(maxsize=256)
def _order(digest: str, text: str) -> Order:
    del digest
    return parse_order(text)


def _facts(row: ConventionVersion, signatures: Iterable[ConventionSignature]) -> ConventionFacts:
    signed = tuple(
        SignatureFacts(one.party, one.signatory, one.quality, one.signed_at)
        for one in sorted(signatures, key=lambda one: one.signed_at)
        if one.digest == row.digest
    )
    parties = {one.party for one in signed}
    return ConventionFacts(
        id=row.id,
        reference=row.reference,
        version=row.version,
        state=row.state,
        text=row.text,
        digest=row.digest,
        convention=_convention(row.digest, row.text),
        effective_from=row.effective_from,
        expires_at=row.expires_at,
        signatures=signed,
        missing=tuple(party for party in row.parties if party not in parties),
        changed_reason=row.changed_reason,
    )
