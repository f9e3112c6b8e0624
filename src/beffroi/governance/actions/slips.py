"""Printing the slip of a hand-over: it carries the seal, so its printing stands in the log."""

import zipfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.audit.files import office_key
from beffroi.governance import models
from beffroi.governance.files import slips
from beffroi.governance.files.bags import ZIP_NAME
from beffroi.governance.files.packages import verifier_sha256
from beffroi.governance.queries.evidence import HandoverFacts
from beffroi.governance.queries.evidence_orders import basis_text
from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Corrupt


@transaction.atomic
def print_slip(*, actor: Actor, handover: HandoverFacts, language: str = "", now: datetime) -> bytes:
    """The slip as PDF: contents, digests, QR with the log's checkpoint, and the receipt when it was given.

    The caller has read ``handover`` for the person who prints. ``Conflict`` when the package is not built.
    """
    package = handover.extraction
    if package.built_at is None or package.stamped_at is None or package.stamp is None:
        raise Conflict("This package is not finished.", code="extraction_state", hint="Wait until it is built.")
    asked = models.Requisition.objects.get(pk=package.requisition)
    heading = slips.Heading(
        package=package.package,
        centre=str(settings.BEFFROI_CENTRE),
        requisition=asked.number,
        procedure=asked.procedure_number,
        basis=basis_text(asked.legal_basis),
        recipient=", ".join(part for part in (handover.recipient_name, handover.recipient_unit) if part),
        made_by=handover.opened_by_name,
        asked=package.span,
        zone=package.zone,
        synthetic=any(video.synthetic for video in package.videos),
        language=language or package.language,
    )
    seal = slips.Seal(
        tagmanifest=package.seal_sha256,
        zip=package.zip_sha256,
        bytes=package.zip_bytes,
        verifier=verifier_sha256(),
        key=sha256(office_key().public_bytes).hex(),
        stamp_kind=package.stamp,
        stamped_at=package.stamped_at,
        checkpoint=package.checkpoint,
    )
    receipt = slips.Receipt(
        handover.received_name,
        handover.received_quality,
        handover.received_unit,
        handover.received_at,
        handover.received_digest,
    )
    made = slips.slip(
        heading, package.videos, package.gaps, made_at=handover.opened_at, seal=seal, receipt=receipt,
        channel=handover.channel.value,
    )  # fmt: skip
    record(
        actor=actor,
        name="package:slip",
        subject=f"extraction:{package.package}",
        body={"handover": handover.id, "sha256": sha256(made).hex()},
        at=now,
    )
    return made


ATTESTATION = "data/legal/attestation_habilitation.pdf"


@transaction.atomic
def print_attestation(*, actor: Actor, handover: HandoverFacts, now: datetime) -> bytes:
    """The attestation of clearance (R-22) as it lies sealed in the package: the paper that goes with the slip.

    ``Conflict`` when the package is not built, ``Corrupt`` when it cannot be read any more.
    """
    package = handover.extraction
    if package.built_at is None:
        raise Conflict("This package is not finished.", code="extraction_state", hint="Wait until it is built.")
    path = Path(settings.BEFFROI_DATA_DIR) / "vault" / package.package / ZIP_NAME
    try:
        with zipfile.ZipFile(path) as archive:
            made = archive.read(f"{package.package}/{ATTESTATION}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise Corrupt(
            f"The stored package {package.package} cannot be read.", code="package_changed", hint="See the backup."
        ) from error
    body: dict[str, Json] = {"handover": handover.id, "sha256": sha256(made).hex()}
    record(actor=actor, name="package:attestation", subject=f"extraction:{package.package}", body=body, at=now)
    return made
