"""The life of a convention: entered, signed by each party, in effect from a date, suspended, resumed, ended."""

from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.governance.core.convention_text import parse_convention
from beffroi.governance.models import ConventionSignature, ConventionVersion
from beffroi.governance.queries import law
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id

State = ConventionVersion.State


@transaction.atomic
def draft_convention(*, text: str, actor: Actor, now: datetime) -> law.ConventionFacts:
    """Enter a version as a draft. ``TextFaults`` names each fault; ``Conflict`` for a version that exists.

    A draft of the same number that nobody signed yet is replaced.
    """
    convention = parse_convention(text)
    digest = sha256(text.encode()).hex()
    rows = ConventionVersion.objects.select_for_update().filter(reference=convention.id, version=convention.version)
    row = rows.first()
    if row is not None and (row.state != State.DRAFT or row.signatures.exists()):
        raise Conflict(
            f"Version {convention.version} of {convention.id} exists and was signed.",
            code="convention_exists",
            hint=f"Write version: {convention.version + 1}.",
        )
    if row is None:
        row = ConventionVersion(id=new_id(to_us(now)), reference=convention.id, version=convention.version)
    row.text, row.digest, row.parties = text, digest, list(convention.parties.names)
    row.created_at, row.created_by = now, actor.id
    row.save()
    _record(row, "convention:draft", {"digest": digest}, actor, now)
    return law.convention(row.id)


@transaction.atomic
def sign_convention(
    *, convention: str, party: str, signatory: str, quality: str, actor: Actor, now: datetime
) -> law.ConventionFacts:
    """Enter that a party signed exactly this text. ``Invalid`` for a party the text does not name."""
    row = _locked(convention)
    if row.state != State.DRAFT or row.effective_from is not None:
        raise Conflict("This version is not open for signature.", code="convention_not_draft")
    if party not in row.parties:
        raise Invalid("The text does not name this party.", code="not_a_party", fields={"party": "not_a_party"})
    fields = {name: "empty" for name, value in (("signatory", signatory), ("quality", quality)) if not value.strip()}
    if fields:
        raise Invalid("Say who signed, and in which quality.", code="signatory_empty", fields=fields)
    if row.signatures.filter(party=party).exists():
        raise Conflict("This party has signed.", code="party_signed")
    ConventionSignature(
        convention=row,
        party=party,
        signatory=signatory.strip()[:120],
        quality=quality.strip()[:120],
        digest=row.digest,
        signed_at=now,
        entered_by=actor.id,
    ).save(force_insert=True)
    _record(row, "convention:sign", {"party": party, "signatory": signatory.strip(), "digest": row.digest}, actor, now)
    return law.convention(row.id)


@transaction.atomic
def bring_into_effect(*, convention: str, at: datetime, actor: Actor, now: datetime) -> law.ConventionFacts:
    """Let a version that every party signed take effect at ``at`` (now at the earliest).

    Earlier versions of the same convention end there. ``Conflict`` while a signature is missing.
    """
    row = _locked(convention)
    facts = law.convention(row.id)
    if row.state != State.DRAFT:
        raise Conflict("This version has taken effect already.", code="convention_not_draft")
    if facts.missing:
        raise Conflict(
            f"Not signed yet: {', '.join(facts.missing)}.",
            code="signature_missing",
            hint="Every party named in the text signs first.",
        )
    if at < now:
        raise Invalid("A convention does not take effect in the past.", code="effect_in_past", fields={"at": "past"})
    if at >= facts.convention.renewed(now).valid.end:
        raise Invalid("Its own term is over by then.", code="effect_after_term", fields={"at": "after_term"})
    row.state, row.effective_from, row.changed_at = State.SIGNED, at, now
    row.save(update_fields=["state", "effective_from", "changed_at"])
    earlier = ConventionVersion.objects.select_for_update().filter(
        reference=row.reference, state__in=(State.SIGNED, State.SUSPENDED)
    )
    for one in earlier.exclude(pk=row.pk):
        if one.expires_at is None or one.expires_at > at:
            one.expires_at = at
            one.save(update_fields=["expires_at"])
    _record(row, "convention:effect", {"from": iso(at), "digest": row.digest}, actor, now)
    return law.convention(row.id)


@transaction.atomic
def suspend_convention(*, convention: str, reason: str, actor: Actor, now: datetime) -> law.ConventionFacts:
    """Nothing opens under it from now on, and what is open ends within two seconds."""
    return _move(convention, State.SIGNED, State.SUSPENDED, "convention:suspend", reason, actor, now)


@transaction.atomic
def resume_convention(*, convention: str, reason: str, actor: Actor, now: datetime) -> law.ConventionFacts:
    """A suspended convention holds again."""
    return _move(convention, State.SUSPENDED, State.SIGNED, "convention:resume", reason, actor, now)


@transaction.atomic
def end_convention(*, convention: str, reason: str, actor: Actor, now: datetime) -> law.ConventionFacts:
    """End a version for good, before its term."""
    row = _locked(convention)
    facts = _move(convention, row.state, State.ENDED, "convention:end", reason, actor, now)
    ConventionVersion.objects.filter(pk=row.pk).update(expires_at=now)
    return law.convention(facts.id)


def _move(
    convention: str, was: str, becomes: str, name: str, reason: str, actor: Actor, now: datetime
) -> law.ConventionFacts:
    row = _locked(convention)
    if row.state != was or row.state == State.ENDED:
        raise Conflict("The convention is in another state.", code="convention_state")
    if len(reason.strip()) < 4:
        raise Invalid("Say why.", code="reason_empty", fields={"reason": "reason_empty"})
    row.state, row.changed_at, row.changed_reason = State(becomes), now, " ".join(reason.split())[:300]
    row.save(update_fields=["state", "changed_at", "changed_reason"])
    _record(row, name, {"why": row.changed_reason}, actor, now)
    return law.convention(row.id)


def _locked(convention: str) -> ConventionVersion:
    row = ConventionVersion.objects.select_for_update().filter(pk=convention).first()
    if row is None:
        raise NotFound("There is no such convention here.", code="no_such_convention")
    return row


def _record(row: ConventionVersion, name: str, body: dict[str, Json], actor: Actor, now: datetime) -> None:
    whole: dict[str, Json] = {"reference": row.reference, "version": row.version, **body}
    record(actor=actor, name=name, subject=f"convention:{row.id}", body=whole, at=now)
