"""Acts around a control: papers of compliance, reading the rule table, inspection bundles."""

import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.core.sampling import SAMPLE, SEED_LETTERS
from beffroi.governance.files.inspection import FILE_NAME, BuiltBundle
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import BeffroiError, Conflict, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import new_id

State = models.InspectionBundle.State
KEPT = timedelta(days=30)
"""Design default: how long the file of a bundle stays; what it said can be made again, the log keeps its digest."""
MAX_TRIES = 3
MAX_WAITING = 3
_SEED = re.compile(r"[\w .:/-]+")


@transaction.atomic
def enter_paper(
    *, actor: Actor, kind: str, reference: str, dated: datetime, site: str = "", now: datetime
) -> models.CompliancePaper:
    """Enter a paper of compliance. ``Invalid`` without a reference, with a date to come, or a panel without a place."""
    wrong: dict[str, str] = {}
    reference = " ".join(reference.split())[:160]
    if kind not in models.CompliancePaper.Kind.values:
        wrong["kind"] = "unknown"
    if not reference:
        wrong["reference"] = "missing"
    if dated > now:
        wrong["dated"] = "in-the-future"
    if kind == models.CompliancePaper.Kind.PANEL and not site:
        wrong["site"] = "missing"
    if wrong:
        raise Invalid("This paper cannot be entered.", code="compliance-fields", fields=wrong)
    row = models.CompliancePaper.objects.create(
        id=new_id(to_us(now)), kind=kind, reference=reference, site=site[:120], dated=dated, entered_at=now,
        entered_by=actor.id, entered_by_name=actor.name,
    )  # fmt: skip
    body = {"kind": kind, "reference": reference, "site": row.site, "dated": iso(dated)}
    record(actor=actor, name="compliance:enter", subject=f"compliance:{row.id}", body=body, at=now)
    return row


@transaction.atomic
def note_rules_read(*, actor: Actor, failing: tuple[str, ...], unknown: tuple[str, ...], now: datetime) -> None:
    """Reading the rule table is a fact: who knew what, and since when."""
    body = {"failing": list(failing), "unknown": list(unknown)}
    record(actor=actor, name="rules:read", subject="rules", body=body, at=now)


@transaction.atomic
def request_bundle(
    *, actor: Actor, for_whom: str, seed: str = "", language: str = "fr", now: datetime
) -> models.InspectionBundle:
    """Ask for a bundle; the reconciler builds it. An empty ``seed`` is drawn. ``Conflict`` when three wait already."""
    seed = " ".join(seed.split())
    wrong: dict[str, str] = {}
    if len(seed) > SEED_LETTERS or (seed and not _SEED.fullmatch(seed)):
        wrong["seed"] = "letters"
    if not (for_whom := " ".join(for_whom.split())[:160]):
        wrong["for_whom"] = "missing"
    if wrong:
        raise Invalid("This bundle cannot be asked for.", code="bundle-fields", fields=wrong)
    if models.InspectionBundle.objects.filter(state=State.REQUESTED).count() >= MAX_WAITING:
        raise Conflict("Bundles are being made already.", code="bundle-waiting", hint="Wait until they are there.")
    row = models.InspectionBundle.objects.create(
        id=new_id(to_us(now)), name=f"controle-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        seed=seed or secrets.token_hex(16), sample=SAMPLE, language=language if language in {"fr", "en"} else "fr",
        for_whom=for_whom, requested_by=actor.id, requested_by_name=actor.name, requested_at=now,
    )  # fmt: skip
    _record(actor, "bundle:request", row, now, {"seed": row.seed, "for": for_whom})
    return row


@transaction.atomic
def begin_bundle(*, bundle: str, steps: int) -> None:
    """A builder starts: one try more, progress from nothing."""
    row = _locked(bundle)
    row.tries, row.steps_total, row.steps_done, row.failure = row.tries + 1, steps, 0, ""
    row.save(update_fields=["tries", "steps_total", "steps_done", "failure"])


@transaction.atomic
def note_step(*, bundle: str, done: int) -> None:
    """How far a builder is; leaves no fact."""
    models.InspectionBundle.objects.filter(pk=bundle).update(steps_done=done)


@transaction.atomic
def note_built(*, bundle: str, built: BuiltBundle, now: datetime) -> None:
    """It lies in the vault. ``Conflict`` when another builder said so before."""
    row = _locked(bundle)
    if row.state != State.REQUESTED:
        raise Conflict("This bundle is made already.", code="bundle-state")
    row.state, row.built_at = State.BUILT, now
    row.zip_sha256, row.zip_bytes, row.steps_done = built.zip_sha256, built.zip_bytes, row.steps_total
    row.save()
    _record(SYSTEM, "bundle:build", row, now, {"sha256": row.zip_sha256, "bytes": row.zip_bytes})


@transaction.atomic
def note_failed(*, bundle: str, error: BeffroiError, now: datetime) -> None:
    """A try failed; after three a person must look."""
    row = _locked(bundle)
    row.failure = str(error)[:300]
    if row.tries >= MAX_TRIES:
        row.state = State.FAILED
        _record(SYSTEM, "bundle:fail", row, now, {"why": row.failure})
    row.save()


@transaction.atomic
def read_bundle(*, actor: Actor, bundle: models.InspectionBundle, now: datetime) -> bytes:
    """The bytes of a finished bundle, with the fact that somebody took it."""
    if bundle.state != State.BUILT or bundle.deleted_at is not None:
        raise NotFound("This bundle is not there.", code="no-such-bundle")
    try:
        data = (folder(bundle.name) / FILE_NAME).read_bytes()
    except OSError as error:
        raise Unavailable("The bundle is not in the vault.", code="bundle-missing", hint="Make another.") from error
    _record(actor, "bundle:read", bundle, now, {"sha256": bundle.zip_sha256})
    return data


@transaction.atomic
def delete_bundle(*, bundle: str, now: datetime) -> None:
    """Delete the file at its term; the row and its digest stay."""
    row = _locked(bundle)
    (folder(row.name) / FILE_NAME).unlink(missing_ok=True)
    row.deleted_at = now
    row.save(update_fields=["deleted_at"])
    _record(SYSTEM, "bundle:delete", row, now, {"sha256": row.zip_sha256})


def folder(name: str) -> Path:
    """Where a bundle lies: ``DATA/vault/<name>``."""
    return Path(settings.BEFFROI_DATA_DIR) / "vault" / name


def _locked(bundle: str) -> models.InspectionBundle:
    row = models.InspectionBundle.objects.select_for_update().filter(pk=bundle).first()
    if row is None:
        raise NotFound("There is no such bundle.", code="no-such-bundle")
    return row


def _record(actor: Actor, name: str, row: models.InspectionBundle, now: datetime, body: dict[str, str | int]) -> None:
    record(actor=actor, name=name, subject=f"bundle:{row.name}", body=dict(body), at=now)
