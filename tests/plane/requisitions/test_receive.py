"""How requisitions come in: register, hold, first answer, paper, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import requisitions
from beffroi.governance.core.answers import Verdict
from beffroi.governance.core.holds import HoldState
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame
from beffroi.governance.core.requisition_fields import TypedTime
from beffroi.governance.core.requisitions import Channel, State
from beffroi.governance.documents import signature, store
from beffroi.governance.documents.incoming import read_incoming
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Corrupt, Invalid
from beffroi.kernel.spans import Span
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality
from beffroi.sites.core.coverage import PlaceClass
from tests.conftest import NOW
from tests.requisition_world import PDF, UNSEEN, RecorderMemory, entry

ASKED = Span(datetime(2026, 11, 22, 20, 0, tzinfo=UTC), datetime(2026, 11, 22, 20, 30, tzinfo=UTC))


def enter(person: PersonFacts, actor_of: Any, recorder: RecorderMemory, **changes: Any) -> models.Requisition:
    paper = read_incoming("requisition.pdf", PDF)
    row = requisitions.enter(
        actor=actor_of(person), person=person, entry=entry(**changes), document=paper, recorder=recorder, now=NOW
    )
    return queries.by_id(row.id)


def test_a_paper_is_registered_held_answered_and_acknowledged_in_one_act(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    recorder.has[village[0]] = [ASKED.widened(timedelta(minutes=10))]
    row = enter(officer, actor_of, recorder)
    assert (row.number, row.state, row.received_by) == ("2026-0001", State.CHECKED, officer.id)
    assert [one.number for one in row.cameras.all()] == [3]  # found from the place
    hold = models.Hold.objects.get()
    assert (hold.state, hold.camera, hold.start, hold.end) == (HoldState.PENDING, village[0], ASKED.start, ASKED.end)
    assert hold.judicial_reference == "12345/00678/2026"
    answer = queries.latest_answer(row)
    assert answer is not None
    assert (answer.verdict, answer.kept_until) == (Verdict.COVERED, ASKED.start + timedelta(days=30))
    fact = models.RecordedFact.objects.get()
    assert (fact.place_class, fact.helped, fact.committed_on) == (PlaceClass.COVERED, "unknown", date(2026, 11, 22))
    kinds = {one.kind: one for one in row.documents.all()}
    assert set(kinds) == {"request", "acknowledgement"}
    assert store.get(kinds["request"].sha256) == PDF
    names = list(Fact.objects.filter(subject=f"requisition:{row.number}").order_by("id").values_list("name", flat=True))
    assert set(names) == {
        "requisition:receive", "requisition:first-answer", "requisition:paper", "requisition:check",
    }  # fmt: skip


def test_the_acknowledgement_is_a_signed_pdf_a_that_names_its_fact(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorder)
    paper = next(one for one in row.documents.all() if one.kind == "acknowledgement")
    pdf = store.get(paper.sha256)
    status = checked(pdf)
    assert status.intact
    assert status.valid
    assert status.trusted  # by whoever knows the centre's certificate, and nobody else
    assert b"pdfaid" in pdf
    assert b"pdfuaid" in pdf
    assert Fact.objects.filter(id=paper.fact, name="requisition:first-answer").exists()
    changed = bytearray(pdf)
    changed[len(pdf) // 3] ^= 1
    assert not checked(bytes(changed)).intact


def checked(pdf: bytes) -> Any:
    """What a verifier that trusts the centre's certificate says of a paper."""
    certificate = signature.certificate(NOW).public_bytes(Encoding.PEM)
    _, _, der = pem.unarmor(certificate)
    context = ValidationContext(trust_roots=[x509.Certificate.load(der)], moment=NOW)
    return validate_pdf_signature(PdfFileReader(BytesIO(pdf)).embedded_signatures[0], context)


def test_a_silent_recorder_leaves_unknown_and_loses_nothing(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    recorder.silent = True
    row = enter(officer, actor_of, recorder, cameras=village)
    answer = queries.latest_answer(row)
    assert answer is not None
    assert answer.verdict is Verdict.UNKNOWN
    assert recorder.asked == 1  # one that does not answer is not asked for each camera
    assert models.Hold.objects.filter(state=HoldState.PENDING).count() == 2


def test_a_place_no_camera_sees_is_not_covered(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorder, latitude=UNSEEN[0], longitude=UNSEEN[1])
    answer = queries.latest_answer(row)
    assert answer is not None
    assert answer.verdict is Verdict.NOT_COVERED
    assert row.facts.get().place_class == PlaceClass.UNCOVERED
    assert not models.Hold.objects.exists()


def test_a_place_nobody_located_is_unknown_not_uncovered(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorder, latitude=None, longitude=None)
    answer = queries.latest_answer(row)
    assert answer is not None
    assert answer.verdict is Verdict.UNKNOWN
    assert row.facts.get().place_class == PlaceClass.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quality": Quality.ASSISTANT}, "quality_not_of_basis"),
        ({"quality": Quality.APJ}, "apj_without_opj"),
        ({"legal_basis": "CPP_77_1_1", "frame": Frame.PRELIMINARY}, "no_prosecutor_authorisation"),
        ({"legal_basis": "CPP_99_3", "frame": Frame.INVESTIGATION}, "no_rogatory_commission"),
        ({"frame": Frame.PRELIMINARY}, "frame_not_of_basis"),
        ({"texts": {"procedure_number": ""}}, "missing:procedure_number"),
        (
            {
                "legal_basis": "CPP_77_1_1",
                "frame": Frame.PRELIMINARY,
                "authorisation_kind": AuthorisationKind.GENERAL,
                "authorisation_date": date(2026, 1, 5),
                "authorisation_until": date(2026, 6, 30),
                "texts": {"magistrate": "Procureur de Villeneuve", "authorisation_reference": "IG-2026-4"},
            },
            "instruction_expired",
        ),
    ],
)
def test_each_fault_in_law_is_registered_with_its_rule_and_nothing_is_refused_by_itself(
    village: tuple[str, str],
    officer: PersonFacts,
    recorder: RecorderMemory,
    actor_of: Any,
    changes: dict[str, Any],
    reason: str,
) -> None:
    row = enter(officer, actor_of, recorder, **changes)
    assert row.state == State.CHECKED
    decision = queries.gate_decision(row.number)
    assert decision is not None
    assert decision.outcome["allowed"] is False
    assert decision.outcome["reason"] == reason
    assert models.Hold.objects.exists()  # held all the same


def test_the_same_hour_twice_must_be_told_apart(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    night = {"since": TypedTime(date(2026, 10, 25), time(2, 30)), "until": TypedTime(date(2026, 10, 25), time(4, 0))}
    with pytest.raises(Invalid) as caught:
        enter(officer, actor_of, recorder, **night)
    assert caught.value.fields == {"since": "twice"}
    assert not models.Requisition.objects.exists()


def test_a_typist_is_not_the_requester(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    with pytest.raises(Invalid) as caught:
        enter(officer, actor_of, recorder, texts={"matricule": officer.matricule})
    assert caught.value.fields == {"matricule": "typist-is-requester"}


def test_at_the_counter_the_account_says_who_asks(
    village: tuple[str, str], investigator: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    row = requisitions.submit(
        actor=actor_of(investigator),
        person=investigator,
        entry=entry(
            channel=Channel.COUNTER,
            quality=Quality.PROSECUTOR,
            texts={"officer_name": "Procureure", "unit_name": "Parquet", "matricule": "1"},
        ),
        document=None,
        recorder=recorder,
        now=NOW,
    )
    row = queries.for_counter(investigator, row.id)
    assert (row.officer_name, row.unit_name, row.quality, row.requester) == (
        investigator.name, investigator.unit, Quality.OPJ, investigator.id,
    )  # fmt: skip
    assert row.state == State.RECEIVED  # the rules wait for whoever will execute it


def test_cameras_of_elsewhere_do_not_exist(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    with pytest.raises(Invalid) as caught:
        enter(officer, actor_of, recorder, cameras=(village[0], "no-such-camera"))
    assert caught.value.fields == {"cameras": "unknown-camera"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00 not a paper", "not-a-document"),
        (b"<html><script>alert(1)</script>", "not-a-document"),
        (b"%PDF-1.7\n" + b"x" * 5_000, "cut-short"),
        (b"%PDF-1.7\n" + b"x" * (20 * 1024 * 1024), "too-large"),
    ],
)
def test_files_that_are_no_papers_are_named(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_incoming("../../etc/\u202efdp.exe", data)
    assert caught.value.fields == {"document": code}


def test_file_names_lose_what_lies() -> None:
    assert read_incoming("C:\\tmp\\../a\x00\u202e.pdf", PDF).name == "a__.pdf"


def test_a_paper_changed_on_disk_is_found(village: tuple[str, str], settings: Any) -> None:
    digest = store.put(PDF)
    path = settings.BEFFROI_DATA_DIR / "documents" / digest[:2] / digest
    raw = bytearray(path.read_bytes())
    assert PDF not in raw  # sealed
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Corrupt):
        store.get(digest)


def test_numbers_run_on_in_the_register(
    village: tuple[str, str], officer: PersonFacts, recorder: RecorderMemory, actor_of: Any
) -> None:
    rows = [enter(officer, actor_of, recorder) for _ in range(3)]
    assert [row.number for row in rows] == ["2026-0001", "2026-0002", "2026-0003"]
