"""Gate A: the law, completeness and the executor's clearance, for each legal basis."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.core.codec import from_json, to_json
from beffroi.governance.core.gate_a import decide
from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing, RequisitionFacts
from beffroi.kernel.outcome import Allowed, Refused
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Quality
from tests.unit.governance.samples import HOUR, NOW, PACK, convention, licence, officer

FLAGRANCY = RequisitionFacts(
    number="2026-0007",
    requesting_unit="Brigade de Saint-Aubin-du-Beffroi",
    officer_name="Nora Delmas",
    officer_rank="Adjudant",
    officer_quality=Quality.OPJ,
    officer_matricule="GN-100",
    procedure_number="00412/1234/2026",
    legal_basis="CPP_60_1",
    frame=Frame.FLAGRANCY,
    offence="Vol avec violences",
    place="Place de la Mairie",
    cameras=("c1",),
    span=Span(NOW - 5 * HOUR, NOW - 4 * HOUR),
    things=frozenset({RequestedThing.COPY}),
    delivery="platform",
    document_sha256="ab" * 32,
    received_at=NOW - HOUR,
    typed_by="p-pm",
    known_cameras=frozenset({"c1"}),
)
PRELIMINARY = replace(
    FLAGRANCY,
    legal_basis="CPP_77_1_1",
    frame=Frame.PRELIMINARY,
    magistrate="Mme la procureure de la République",
    authorisation=AuthorisationKind.SPECIFIC,
    authorisation_reference="SP-2026-88",
    authorised_on=date(2026, 11, 20),
)
JUDICIAL = replace(
    FLAGRANCY,
    legal_basis="CPP_99_3",
    frame=Frame.INVESTIGATION,
    magistrate="M. le juge d'instruction",
    authorisation=AuthorisationKind.ROGATORY,
    authorisation_reference="CR 12/26",
    authorised_on=date(2026, 11, 2),
)
GENERAL = replace(
    PRELIMINARY, authorisation=AuthorisationKind.GENERAL, instruction_offences=frozenset({"7151"}), natinf="7151"
)


@pytest.mark.parametrize("facts", [FLAGRANCY, PRELIMINARY, JUDICIAL, GENERAL])
def test_a_complete_requisition_must_be_answered(facts: RequisitionFacts) -> None:
    outcome = decide(facts, PACK, officer(), NOW)
    assert isinstance(outcome, Allowed), outcome
    assert outcome.article.startswith("CPP ")
    assert {"log:full", "attest_clearance", "discharge_signed"} <= set(outcome.obligations)
    assert [one.rule for one in outcome.trace] == [rule.id for rule in PACK.asked("requisition", NOW)]


WRONG = {
    "missing:requesting_unit": replace(FLAGRANCY, requesting_unit=" "),
    "missing:officer_name": replace(FLAGRANCY, officer_name=""),
    "missing:officer_quality": replace(FLAGRANCY, officer_quality=Quality.NONE),
    "missing:procedure_number": replace(FLAGRANCY, procedure_number=""),
    "missing:frame": replace(FLAGRANCY, frame=Frame.UNKNOWN),
    "missing:span": replace(FLAGRANCY, span=None),
    "missing:things": replace(FLAGRANCY, things=frozenset()),
    "missing:document": replace(FLAGRANCY, document_sha256=""),
    "basis_not_in_force": replace(FLAGRANCY, legal_basis="ADMIN_POLICE"),
    "frame_not_of_basis": replace(FLAGRANCY, frame=Frame.PRELIMINARY),
    "quality_not_of_basis": replace(FLAGRANCY, officer_quality=Quality.ASSISTANT),
    "apj_without_opj": replace(FLAGRANCY, officer_quality=Quality.APJ),
    "no_prosecutor_authorisation": replace(PRELIMINARY, authorisation=AuthorisationKind.NONE),
    "no_rogatory_commission": replace(JUDICIAL, authorisation=AuthorisationKind.SPECIFIC),
    "magistrate_not_named": replace(PRELIMINARY, magistrate=""),
    "authorisation_not_dated": replace(PRELIMINARY, authorised_on=None),
    "authorisation_after_receipt": replace(PRELIMINARY, authorised_on=date(2026, 11, 25)),
    "instruction_expired": replace(GENERAL, authorised_on=date(2026, 1, 2)),
    "offence_not_in_instruction": replace(GENERAL, natinf="23"),
    "executor_is_requester": replace(FLAGRANCY, requester_person="p-pm"),
    "reuse_without_own_procedure": replace(FLAGRANCY, reuse_of_case=FLAGRANCY.procedure_number),
}


@pytest.mark.parametrize("reason", WRONG)
def test_one_thing_wrong_is_named(reason: str) -> None:
    outcome = decide(WRONG[reason], PACK, officer(), NOW)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason
    assert outcome.article.startswith("R-")


def test_an_apj_under_an_opj_may_ask_in_flagrancy() -> None:
    assert decide(
        replace(FLAGRANCY, officer_quality=Quality.APJ, supervising_opj="Major Henry"), PACK, officer(), NOW
    ).ok


def test_the_executor_needs_a_clearance_in_force() -> None:
    bare = decide(FLAGRANCY, PACK, officer(clearances=()), NOW)
    ended = decide(FLAGRANCY, PACK, officer(clearances=(licence(valid_to=NOW),)), NOW)
    assert isinstance(bare, Refused)
    assert isinstance(ended, Refused)
    assert (bare.reason, ended.reason) == ("executor_without_clearance", "executor_clearance_not_in_force")


def test_unknown_cameras_long_spans_and_lateness_warn_and_never_refuse() -> None:
    facts = replace(
        FLAGRANCY, cameras=("c1", "c9"), span=Span(NOW - 200 * HOUR, NOW), received_at=NOW - timedelta(days=4)
    )
    outcome = decide(facts, PACK, officer(), NOW)
    assert isinstance(outcome, Allowed)
    assert {"warn:R-20a", "alarm:R-20b", "warn:R-23"} <= set(outcome.obligations)
    assert {"span_very_long", "camera_unknown", "late"} <= {one.reason for one in outcome.trace}


def test_the_code_of_the_day_of_receipt_counts_not_that_of_today() -> None:
    later = datetime(2029, 3, 1, tzinfo=UTC)
    received = datetime(2028, 12, 31, 12, tzinfo=UTC)
    executor = officer(clearances=(licence(valid_to=None),))
    assert decide(replace(FLAGRANCY, received_at=received), PACK, executor, later).ok
    outcome = decide(replace(FLAGRANCY, received_at=datetime(2029, 1, 2, tzinfo=UTC)), PACK, executor, later)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "basis_not_in_force"


def test_no_convention_is_asked() -> None:
    assert "convention" not in {rule.source.lower() for rule in PACK.asked("requisition", NOW)}
    assert convention().grants


texts = st.text(max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        lambda base, **changes: replace(base, **changes),
        st.sampled_from((FLAGRANCY, PRELIMINARY, JUDICIAL, GENERAL)),
        requesting_unit=texts,
        officer_name=texts,
        officer_quality=st.sampled_from(tuple(Quality)),
        legal_basis=st.sampled_from(("CPP_60_1", "CPP_77_1_1", "CPP_99_3", "", "X")),
        frame=st.sampled_from(tuple(Frame)),
        authorisation=st.sampled_from(tuple(AuthorisationKind)),
        authorised_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        natinf=texts,
        place=texts,
    )
)
def test_any_requisition_gets_an_answer_with_its_trace_and_can_be_decided_again(facts: RequisitionFacts) -> None:
    outcome = decide(facts, PACK, officer(), NOW)
    again = decide(from_json(RequisitionFacts, to_json(facts)), PACK, officer(), NOW)
    assert outcome == again
    assert outcome.trace == again.trace
    assert outcome.ok == all(one.held or one.severity.value != "block" for one in outcome.trace)
