"""The only reader of extractions and hand-overs. Rows leave as values; who may see which follows the requisition."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from beffroi.governance import models
from beffroi.governance.core.evidence import (
    CameraSheet,
    Channel,
    ExternalSheet,
    GapSheet,
    HandoverState,
    StampKind,
    State,
    VideoSheet,
)
from beffroi.governance.queries import requisitions
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts


@dataclass(frozen=True, slots=True)
class ExtractionFacts:
    """One extraction as pages show it."""

    id: str
    package: str
    requisition: str
    requisition_number: str
    procedure: str
    zone: str
    state: State
    cameras: tuple[str, ...]
    span: Span
    language: str
    requested_by_name: str
    requested_at: datetime
    tries: int
    bytes_total: int
    bytes_done: int
    failure: str
    failure_detail: str
    built_at: datetime | None
    zip_sha256: str
    zip_bytes: int
    seal_sha256: str
    stamp: StampKind | None
    stamped_at: datetime | None
    checkpoint: str
    videos: tuple[VideoSheet, ...]
    gaps: tuple[GapSheet, ...]

    @property
    def percent(self) -> int | None:
        """How far the building is; ``None`` while its size is unknown (I9)."""
        return 100 * self.bytes_done // self.bytes_total if self.bytes_total else None

    @property
    def running(self) -> bool:
        return self.state in {State.REQUESTED, State.BUILDING}


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """One hand-over as pages show it, with the package it is of."""

    id: str
    extraction: ExtractionFacts
    channel: Channel
    state: HandoverState
    recipient: str
    recipient_name: str
    recipient_unit: str
    grant: str
    until: datetime | None
    medium: str
    medium_label: str
    opened_at: datetime
    opened_by_name: str
    failure: str
    received_at: datetime | None
    received_name: str
    received_quality: str
    received_unit: str
    received_digest: str

    def downloadable(self, now: datetime) -> bool:
        """Whether the recipient may fetch it at ``now``: also again after the receipt, until the term ends."""
        fetchable = self.state in {HandoverState.OPEN, HandoverState.RECEIVED}
        return self.channel is Channel.DOWNLOAD and fetchable and self.until is not None and now < self.until

    @property
    def wants_receipt(self) -> bool:
        return self.state is HandoverState.DELIVERED or (
            self.state is HandoverState.OPEN and self.channel is Channel.DOWNLOAD
        )


def extraction(extraction_id: str) -> ExtractionFacts:
    """One extraction for jobs, which ask no page's question; ``NotFound``."""
    row = _extractions().filter(pk=extraction_id).first()
    if row is None:
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    return _extraction(row)


def extractions_of(person: PersonFacts, requisition: str) -> list[ExtractionFacts]:
    """The packages of a requisition that the person may see at the desk, newest first; ``NotFound``."""
    row = requisitions.for_desk(person, requisition)
    return [_extraction(one) for one in _extractions().filter(requisition=row.pk).order_by("-requested_at", "-id")]


def for_desk(person: PersonFacts, extraction_id: str) -> ExtractionFacts:
    """One extraction whose requisition the person may see at the desk; absent and foreign are the same (I1)."""
    row = _extractions().filter(pk=extraction_id).first()
    if row is None or not _seen_at_desk(person, row.requisition_id):
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    return _extraction(row)


def handovers_of(extraction_id: str) -> list[HandoverFacts]:
    """How one package left, newest first."""
    return [_handover(row) for row in _handovers().filter(extraction=extraction_id).order_by("-opened_at", "-id")]


def handover_for_desk(person: PersonFacts, handover: str) -> HandoverFacts:
    """One hand-over of a requisition the person may see at the desk; ``NotFound``."""
    row = _handovers().filter(pk=handover).first()
    if row is None or not _seen_at_desk(person, row.extraction.requisition_id):
        raise NotFound("There is no such hand-over.", code="no_such_handover")
    return _handover(row)


def packages_for(person: PersonFacts) -> list[HandoverFacts]:
    """What was opened for this person at the counter, newest first; withdrawn ones are gone."""
    rows = _handovers().filter(recipient=person.id, channel=Channel.DOWNLOAD).exclude(state=HandoverState.WITHDRAWN)
    return [_handover(row) for row in rows.order_by("-opened_at", "-id")]


def package_for(person: PersonFacts, handover: str) -> HandoverFacts:
    """One hand-over opened for this person; ``NotFound`` when absent, withdrawn or another's (I1)."""
    found = next((one for one in packages_for(person) if one.id == handover), None)
    if found is None:
        raise NotFound("There is no such package.", code="no_such_handover")
    return found


def copies_to_make() -> list[HandoverFacts]:
    """Copies to media that were asked for and are not made yet, oldest first."""
    rows = _handovers().filter(channel=Channel.USB, state=HandoverState.OPEN)
    return [_handover(row) for row in rows.order_by("opened_at", "id")]


def _seen_at_desk(person: PersonFacts, requisition: str) -> bool:
    """Asked, not raised: "no such requisition" would tell that the package is there."""
    try:
        requisitions.for_desk(person, requisition)
    except NotFound:
        return False
    return True


def _extractions() -> QuerySet[models.Extraction]:
    return models.Extraction.objects.select_related("requisition")


def _handovers() -> QuerySet[models.Handover]:
    return models.Handover.objects.select_related("extraction__requisition")


def _extraction(row: models.Extraction) -> ExtractionFacts:
    contents: dict[str, list[dict[str, Any]]] = row.contents or {}
    return ExtractionFacts(
        id=row.id,
        package=row.package,
        requisition=row.requisition_id,
        requisition_number=row.requisition.number,
        procedure=row.requisition.procedure_number,
        zone=row.requisition.zone,
        state=State(row.state),
        cameras=tuple(row.cameras),
        span=Span(row.footage_from, row.footage_until),
        language=row.language,
        requested_by_name=row.requested_by_name,
        requested_at=row.requested_at,
        tries=row.tries,
        bytes_total=row.bytes_total,
        bytes_done=row.bytes_done,
        failure=row.failure,
        failure_detail=row.failure_detail,
        built_at=row.built_at,
        zip_sha256=row.zip_sha256,
        zip_bytes=row.zip_bytes,
        seal_sha256=row.seal_sha256,
        stamp=StampKind(row.stamp) if row.stamp else None,
        stamped_at=row.stamped_at,
        checkpoint=row.checkpoint,
        videos=tuple(VideoSheet(**_with_camera(one)) for one in contents.get("videos", [])),
        gaps=tuple(GapSheet(**_with_camera(one)) for one in contents.get("gaps", [])),
    )


def _with_camera(stored: dict[str, Any]) -> dict[str, Any]:
    found = {**stored, "camera": CameraSheet(**stored["camera"])}
    if stored.get("external"):
        found["external"] = ExternalSheet(**stored["external"])
    return found


def _handover(row: models.Handover) -> HandoverFacts:
    return HandoverFacts(
        id=row.id,
        extraction=_extraction(row.extraction),
        channel=Channel(row.channel),
        state=HandoverState(row.state),
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        recipient_unit=row.recipient_unit,
        grant=row.grant,
        until=row.until,
        medium=row.medium,
        medium_label=row.medium_label,
        opened_at=row.opened_at,
        opened_by_name=row.opened_by_name,
        failure=row.failure,
        received_at=row.received_at,
        received_name=row.received_name,
        received_quality=row.received_quality,
        received_unit=row.received_unit,
        received_digest=row.received_digest,
    )
