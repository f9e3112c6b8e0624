"""From an accepted requisition to a package in the vault, and from there to a receipt."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from beffroi.audit import jobs as audit_jobs
from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import extractions, handover
from beffroi.governance.actions.slips import print_slip
from beffroi.governance.core.evidence import HandoverState, State
from beffroi.governance.core.requisitions import State as RequisitionState
from beffroi.governance.files.verifier.command import verify
from beffroi.governance.jobs import reconcile_copies, reconcile_extractions
from beffroi.governance.queries import evidence, requisitions
from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.tickets import open_ticket
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson
from tests.unit.governance.evidence_packages import MemorySource

pytestmark = pytest.mark.django_db


def ask(officer: PersonFacts, row: models.Requisition, **more: Any) -> models.Extraction:
    return extractions.request_extraction(actor=people.actor_of(officer), requisition=row.id, now=NOW, **more)


def build(source: MemorySource | None = None, clock: ManualClock | None = None) -> int:
    return reconcile_extractions(source or MemorySource(), NOW, clock=clock or ManualClock(NOW))


@pytest.fixture
def asked(accepted: models.Requisition) -> models.Extraction:
    """The extraction that the acceptance asked for."""
    return models.Extraction.objects.get(requisition=accepted.id)


@pytest.fixture
def built(asked: models.Extraction) -> evidence.ExtractionFacts:
    """A finished package, under a chained log."""
    audit_jobs.sequence(NOW)
    assert build() == 1
    return evidence.extraction(asked.id)


def test_the_package_is_built_verified_and_proved(
    built: evidence.ExtractionFacts, accepted: models.Requisition, tmp_path: Path
) -> None:
    assert built.state is State.BUILT, built.failure_detail
    path = tmp_path / "vault" / built.package / "package.zip"
    report = verify(str(path), sha256=built.zip_sha256)
    assert report["verdict"] == "valid", report["findings"]
    assert built.package == "99123-2026-000001"
    assert report["custody"]["proved"] >= 3
    assert report["custody"]["log_size"] > 0
    assert requisitions.by_id(accepted.id).state == RequisitionState.PACKAGED
    with zipfile.ZipFile(path) as archive:
        events = [json.loads(line) for line in archive.read(f"{built.package}/data/custody/events.jsonl").splitlines()]
    acts = [event["act"] for event in events]
    assert {"receive", "decide", "hold", "order", "extract", "package", "record"} <= set(acts)
    facts = set(Fact.objects.values_list("name", flat=True))
    assert {"extraction:request", "extraction:build", "requisition:package"} <= facts


def test_tickets_are_for_exactly_the_cameras_and_span(accepted: models.Requisition, officer: PersonFacts) -> None:
    source = MemorySource()
    build(source)
    key = VerifyKey(SigningKey(bytes(range(1, 33))).public_bytes)
    span = requisitions.span_of(accepted)
    assert span is not None
    for text in source.tickets:
        ticket = open_ticket(text, [key], now_us=to_us(NOW), binding="office")
        assert ticket.mode == "extract"
        assert ticket.person == officer.id
        assert ticket.span is not None
        assert ticket.span.covers(span)
        assert ticket.basis.kind == "requisition"


def test_only_an_accepted_requisition_and_one_at_a_time(accepted: models.Requisition, officer: PersonFacts) -> None:
    with pytest.raises(Conflict) as seen:
        ask(officer, accepted)
    assert seen.value.code == "extraction_running"
    models.Requisition.objects.filter(pk=accepted.id).update(state=RequisitionState.CHECKED)
    with pytest.raises(Conflict) as seen:
        ask(officer, accepted)
    assert seen.value.code == "requisition_not_accepted"
    with pytest.raises(Invalid):
        ask(officer, accepted, language="xx")


def test_cameras_and_span_beyond_the_requisition_are_refused_and_on_record(
    accepted: models.Requisition, officer: PersonFacts, village: tuple[str, str]
) -> None:
    build()
    span = requisitions.span_of(accepted)
    assert span is not None
    with pytest.raises(Forbidden) as seen:
        ask(officer, accepted, span=span.widened(timedelta(hours=3)))
    assert "R-20" in seen.value.article
    assert models.AccessGrant.objects.filter(mode="extract", state="refused").count() == 1
    assert models.Extraction.objects.count() == 1


def test_nobody_without_clearance_extracts(accepted: models.Requisition, make_person: MakePerson) -> None:
    build()
    uncleared = make_person(Role.VIDEO_OFFICER, name="Sans Habilitation", rank="Brigadier", cleared=False)
    with pytest.raises(Forbidden):
        ask(uncleared, accepted)


def test_a_failure_names_its_cause_and_try_again_succeeds(asked: models.Extraction, officer: PersonFacts) -> None:
    missing = NotFound("The archive no longer has fragment 3 of segment s-12.", code="segment_missing", hint="Check.")
    made = asked
    build(MemorySource(broken=missing))
    found = evidence.extraction(made.id)
    assert found.state is State.FAILED
    assert found.failure == "segment_missing"
    assert "segment s-12" in found.failure_detail
    assert build() == 0
    extractions.try_again(actor=people.actor_of(officer), extraction=made.id, now=NOW)
    assert build() == 1
    found = evidence.extraction(made.id)
    assert found.state is State.BUILT
    assert found.tries == 2
    with pytest.raises(Conflict):
        extractions.try_again(actor=people.actor_of(officer), extraction=made.id, now=NOW)


def test_a_killed_builder_is_replaced_after_its_lease(asked: models.Extraction, tmp_path: Path) -> None:
    made = asked
    clock = ManualClock(NOW)
    with pytest.raises(KeyboardInterrupt):
        build(MemorySource(broken=KeyboardInterrupt()), clock)  # as kill -9: no exception handler of ours runs
    assert evidence.extraction(made.id).state is State.BUILDING
    (tmp_path / "vault" / f".building-{made.package}.0badcafe" / "half").mkdir(parents=True)
    assert build(clock=clock) == 0, "the lease still runs"
    clock.advance(extractions.LEASE)
    assert build(clock=clock) == 1
    assert evidence.extraction(made.id).state is State.BUILT
    assert sorted(path.name for path in (tmp_path / "vault").iterdir()) == [made.package]


def test_a_builder_that_lost_its_lease_changes_nothing(asked: models.Extraction) -> None:
    made = asked
    assert extractions.claim(builder="one", now=NOW) == made.id
    assert extractions.claim(builder="two", now=NOW) is None
    later = NOW + extractions.LEASE
    assert extractions.claim(builder="two", now=later) == made.id
    with pytest.raises(Conflict):
        extractions.note_progress(extraction=made.id, builder="one", done=1, total=2, now=later)
    with pytest.raises(Conflict):
        extractions.note_failed(extraction=made.id, builder="one", error=NotFound("x"), now=later)
    extractions.note_progress(extraction=made.id, builder="two", done=1, total=3, now=later)
    assert evidence.extraction(made.id).percent == 33


def test_download_receipt_and_close(
    built: evidence.ExtractionFacts, accepted: models.Requisition, officer: PersonFacts, investigator: PersonFacts,
    make_person: MakePerson,
) -> None:  # fmt: skip
    actor, taker = people.actor_of(officer), people.actor_of(investigator)
    made = handover.open_download(actor=actor, extraction=built.id, recipient=investigator.id, now=NOW)
    assert requisitions.by_id(accepted.id).state == RequisitionState.HANDED_OVER
    with pytest.raises(Conflict):
        handover.open_download(actor=actor, extraction=built.id, recipient=investigator.id, now=NOW)
    mine = evidence.package_for(investigator, made.id)
    assert mine.downloadable(NOW)
    assert not mine.downloadable(NOW + timedelta(days=15))
    other = make_person(Role.INVESTIGATOR, name="Autre Enquêteur")
    with pytest.raises(NotFound):
        evidence.package_for(other, made.id)
    given = {"name": "Adj Camille Ferrand", "quality": "OPJ", "unit": "BTA"}
    with pytest.raises(Invalid) as seen:
        handover.acknowledge_receipt(
            actor=taker, handover=made.id, **{**given, "quality": " "}, digest="00" * 32, now=NOW
        )
    assert seen.value.fields == {"quality": "missing", "digest": "other-digest"}
    handover.acknowledge_receipt(actor=taker, handover=made.id, **given, digest=built.zip_sha256.upper(), now=NOW)
    assert requisitions.by_id(accepted.id).state == RequisitionState.ACKNOWLEDGED
    found = evidence.package_for(investigator, made.id)
    assert (found.state, found.received_name) == (HandoverState.RECEIVED, "Adj Camille Ferrand")
    with pytest.raises(Conflict):
        handover.acknowledge_receipt(actor=taker, handover=made.id, **given, digest=built.zip_sha256, now=NOW)
    fact = Fact.objects.get(name="package:receive")
    assert json.loads(fact.body)["digest"] == built.zip_sha256


def test_a_stranger_is_refused_the_package_and_it_is_on_record(
    built: evidence.ExtractionFacts, officer: PersonFacts, make_person: MakePerson
) -> None:
    teacher = make_person(Role.SCHOOL_HEAD, name="Directrice")
    with pytest.raises(Forbidden):
        handover.open_download(actor=people.actor_of(officer), extraction=built.id, recipient=teacher.id, now=NOW)
    assert not models.Handover.objects.exists()
    assert models.AccessGrant.objects.filter(mode="package", state="refused").exists()


def test_withdrawn_means_closed(
    built: evidence.ExtractionFacts, officer: PersonFacts, investigator: PersonFacts
) -> None:
    actor = people.actor_of(officer)
    made = handover.open_download(actor=actor, extraction=built.id, recipient=investigator.id, now=NOW)
    handover.withdraw_handover(actor=actor, handover=made.id, reason="mauvais destinataire", now=NOW)
    with pytest.raises(NotFound):
        evidence.package_for(investigator, made.id)
    assert models.AccessGrant.objects.get(pk=made.grant).state == "stopped"


def test_what_the_room_stops_is_withdrawn_and_can_be_opened_anew(
    built: evidence.ExtractionFacts, officer: PersonFacts, investigator: PersonFacts
) -> None:
    actor = people.actor_of(officer)
    made = handover.open_download(actor=actor, extraction=built.id, recipient=investigator.id, now=NOW)
    for _ in range(2):  # a second click changes nothing
        handover.stop_download(actor=actor, grant=made.grant, reason="Arrêté par le poste.", now=NOW)
    assert models.Handover.objects.get(pk=made.id).state == "withdrawn"
    again = handover.open_download(actor=actor, extraction=built.id, recipient=investigator.id, now=NOW)
    assert evidence.package_for(investigator, again.id).downloadable(NOW)


def test_copy_to_a_medium_is_verified_before_it_counts(
    built: evidence.ExtractionFacts, accepted: models.Requisition, officer: PersonFacts, tmp_path: Path
) -> None:
    actor = people.actor_of(officer)
    disk = tmp_path / "disk"
    disk.mkdir()
    roots = [str(disk)]
    given = {"label": "clé 12", "recipient_name": "Adj Ferrand", "recipient_unit": "BTA"}
    with pytest.raises(Invalid) as seen:
        handover.copy_to_medium(
            actor=actor, extraction=built.id, medium="/etc", roots=roots, now=NOW, **{**given, "label": ""}
        )
    assert seen.value.fields == {"label": "missing", "medium": "no-medium"}
    made = handover.copy_to_medium(actor=actor, extraction=built.id, medium=str(disk), roots=roots, now=NOW, **given)
    with pytest.raises(Conflict):
        handover.acknowledge_receipt(
            actor=actor, handover=made.id, name="x", quality="x", unit="x", digest=built.zip_sha256, now=NOW
        )
    assert reconcile_copies(NOW) == 1
    assert verify(str(disk / built.package))["verdict"] == "valid"
    found = evidence.handovers_of(built.id)[0]
    assert found.state is HandoverState.DELIVERED
    assert requisitions.by_id(accepted.id).state == RequisitionState.HANDED_OVER
    slip = print_slip(actor=actor, handover=found, now=NOW)
    assert slip.startswith(b"%PDF-")
    again = handover.copy_to_medium(actor=actor, extraction=built.id, medium=str(disk), roots=roots, now=NOW, **given)
    assert reconcile_copies(NOW) == 0
    failures = {one.id: one.failure for one in evidence.handovers_of(built.id)}  # two of one instant have no order
    assert "exists already" in failures[again.id]
    assert not failures[made.id]


def test_a_refused_act_leaves_its_transaction_clean(accepted: models.Requisition, officer: PersonFacts) -> None:
    with pytest.raises(NotFound), transaction.atomic():
        extractions.try_again(actor=people.actor_of(officer), extraction="absent", now=NOW)
    with pytest.raises(NotFound):
        evidence.extraction("absent")
