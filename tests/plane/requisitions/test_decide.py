"""A person decides: what each answer does, who may not give it, and the paper it leaves. Refusals first."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from beffroi.audit import queries as audit
from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import outcomes, requisitions
from beffroi.governance.actions.requisition_progress import advance
from beffroi.governance.core.holds import HoldState
from beffroi.governance.core.requisition_decisions import GROUNDS, Ground, propose
from beffroi.governance.core.requisition_facts import Frame
from beffroi.governance.core.requisitions import Act, Channel, Helped, Result, State
from beffroi.governance.documents import store
from beffroi.governance.jobs import ask_outcomes, make_papers
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Quality, Role
from beffroi.sites.core.coverage import PlaceClass
from tests.conftest import NOW, MakePerson
from tests.plane.requisitions.test_receive import ASKED, enter
from tests.requisition_world import UNSEEN, RecorderMemory, entry


def decide(person: PersonFacts, actor_of: Any, row: models.Requisition, act: Act, **more: Any) -> models.Requisition:
    requisitions.answer(
        actor=actor_of(person),
        person=person,
        requisition=row.id,
        act=act,
        ground=more.pop("ground", Ground.NONE),
        now=more.pop("now", NOW),
        **more,
    )
    return queries.by_id(row.id)


@pytest.fixture
def recorded(village: tuple[str, str], recorder: RecorderMemory) -> RecorderMemory:
    """Both cameras have the span and more."""
    for camera in village:
        recorder.has[camera] = [ASKED.widened(timedelta(hours=1))]
    return recorder


def test_nobody_decides_on_her_own(recorded: RecorderMemory, make_person: MakePerson, actor_of: Any) -> None:
    both = make_person(Role.INVESTIGATOR, Role.VIDEO_OFFICER, name="Deux Casquettes")
    row = requisitions.submit(
        actor=actor_of(both),
        person=both,
        entry=entry(channel=Channel.COUNTER),
        document=None,
        recorder=recorded,
        now=NOW,
    )
    requisitions.recheck(actor=actor_of(both), person=both, requisition=row.id, recorder=recorded, now=NOW)
    with pytest.raises(Forbidden) as caught:
        decide(both, actor_of, row, Act.ACCEPT)
    assert caught.value.code == "requester-decides"


def test_unchecked_is_not_decided(
    recorded: RecorderMemory, officer: PersonFacts, investigator: PersonFacts, actor_of: Any
) -> None:
    row = requisitions.submit(
        actor=actor_of(investigator), person=investigator, entry=entry(channel=Channel.COUNTER), document=None,
        recorder=recorded, now=NOW,
    )  # fmt: skip
    with pytest.raises(Conflict):
        decide(officer, actor_of, row, Act.ACCEPT)


def test_what_the_law_blocks_takes_the_video_officer_and_a_reason(
    recorded: RecorderMemory, officer: PersonFacts, make_person: MakePerson, actor_of: Any
) -> None:
    chief = make_person(Role.CHIEF)
    row = enter(chief, actor_of, recorded, legal_basis="CPP_77_1_1", frame=Frame.PRELIMINARY)
    with pytest.raises(Forbidden) as caught:
        decide(chief, actor_of, row, Act.ACCEPT, override_reason="le parquet confirme")
    assert "R-19" in caught.value.article
    assert Fact.objects.filter(name="requisition:blocked", subject=f"requisition:{row.number}").count() == 1
    with pytest.raises(Invalid) as without:
        decide(officer, actor_of, row, Act.ACCEPT)
    assert without.value.fields == {"override_reason": "missing"}
    row = decide(officer, actor_of, row, Act.ACCEPT, override_reason="le parquet confirme par téléphone")
    made = row.decisions.get()
    assert (made.gate_ok, made.override_reason) == (False, "le parquet confirme par téléphone")
    body = Fact.objects.get(id=made.fact).body
    assert "R-19d" in str(body)


def test_an_executor_without_clearance_cannot_be_overridden(
    recorded: RecorderMemory, make_person: MakePerson, actor_of: Any
) -> None:
    bare = make_person(Role.VIDEO_OFFICER, name="Sans Habilitation", cleared=False)
    cleared = make_person(Role.VIDEO_OFFICER)
    row = enter(cleared, actor_of, recorded)
    with pytest.raises(Forbidden) as caught:
        decide(bare, actor_of, row, Act.ACCEPT, override_reason="urgence absolue")
    assert "R-22" in caught.value.article
    assert queries.by_id(row.id).state == State.CHECKED


@pytest.mark.parametrize("act", list(GROUNDS))
def test_a_ground_of_another_answer_is_refused(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any, act: Act
) -> None:
    row = enter(officer, actor_of, recorded)
    foreign = next(ground for ground in Ground if ground not in GROUNDS[act])
    with pytest.raises(Invalid) as caught:
        decide(officer, actor_of, row, act, ground=foreign)
    assert caught.value.fields["ground"] == "not-of-act"


def test_never_more_than_was_asked(
    village: tuple[str, str], recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorded, cameras=(village[0],))
    with pytest.raises(Invalid) as caught:
        decide(officer, actor_of, row, Act.ACCEPT_PARTLY, ground=Ground.PART_ONLY, granted=village)
    assert caught.value.fields == {"granted": "out-of-scope"}


def test_acceptance_asks_for_the_package_and_stops_the_term_of_the_hold(
    village: tuple[str, str], recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = decide(officer, actor_of, enter(officer, actor_of, recorded), Act.ACCEPT)
    assert (row.state, row.result) == (State.ACCEPTED, Result.POSITIVE)
    hold = models.Hold.objects.get()
    assert (hold.regularised_at, hold.release_at) == (NOW, None)
    extraction = models.Extraction.objects.get()
    assert (extraction.cameras, extraction.footage_from, extraction.footage_until) == (
        [village[0]], ASKED.start, ASKED.end,
    )  # fmt: skip
    assert not [one for one in row.documents.all() if one.kind in {"negative", "partial", "refusal"}]


@pytest.mark.parametrize(
    ("act", "ground"), [(Act.ACCEPT, Ground.NONE), (Act.ACCEPT_PARTLY, Ground.PART_ONLY)], ids=["whole", "in part"]
)
def test_who_may_not_extract_has_decided_nothing_and_somebody_else_decides(
    village: tuple[str, str],
    recorded: RecorderMemory,
    officer: PersonFacts,
    make_person: MakePerson,
    actor_of: Any,
    act: Act,
    ground: Ground,
) -> None:
    clerk = make_person(Role.CHIEF, rank="Responsable administratif")  # no police officer, no approval
    row = enter(officer, actor_of, recorded, cameras=village)
    granted = village[:1] if act is Act.ACCEPT_PARTLY else ()
    with pytest.raises(Forbidden) as caught:
        decide(clerk, actor_of, row, act, ground=ground, granted=granted)
    assert (caught.value.code, caught.value.article != "") == ("decider-may-not-extract", True)
    row = queries.by_id(row.id)
    assert (row.state, row.result, row.decided_at) == (State.CHECKED, "", None)
    assert not models.RequisitionDecision.objects.exists()
    assert not models.Extraction.objects.exists()
    assert models.Hold.objects.filter(regularised_at=None).count() == models.Hold.objects.count() > 0
    (blocked,) = audit.facts(name="requisition:blocked", subject=f"requisition:{row.number}")
    assert (blocked.fact.body["act"], blocked.fact.body["code"]) == (act.value, "decider-may-not-extract")
    row = decide(officer, actor_of, row, act, ground=ground, granted=granted)
    assert (row.state, models.Extraction.objects.count()) == (State.ACCEPTED, 1)


@pytest.mark.parametrize(
    ("act", "ground"), [(Act.REFUSE, Ground.WRONG_QUALITY), (Act.ANSWER_NEGATIVE, Ground.NOT_COVERED)]
)
def test_who_may_not_extract_may_still_say_no(
    recorded: RecorderMemory, officer: PersonFacts, make_person: MakePerson, actor_of: Any, act: Act, ground: Ground
) -> None:
    clerk = make_person(Role.CHIEF, rank="Responsable administratif")
    row = decide(clerk, actor_of, enter(officer, actor_of, recorded), act, ground=ground)
    assert row.state in {State.REFUSED, State.NEGATIVE}


@pytest.mark.parametrize(
    ("act", "ground", "state", "result", "kind", "said"),
    [
        (Act.ANSWER_NEGATIVE, Ground.NOT_COVERED, State.NEGATIVE, Result.NEGATIVE, "negative", "aucune caméra"),
        (Act.ANSWER_NEGATIVE, Ground.OVERWRITTEN, State.NEGATIVE, Result.OVERWRITTEN, "negative", "détruites"),
        (Act.REFUSE, Ground.WRONG_QUALITY, State.REFUSED, Result.REFUSED, "refusal", "qualité"),
    ],
)
def test_every_no_is_a_signed_paper_and_lets_the_footage_go(
    recorded: RecorderMemory,
    officer: PersonFacts,
    actor_of: Any,
    act: Act,
    ground: Ground,
    state: State,
    result: Result,
    kind: str,
    said: str,
) -> None:
    row = decide(
        officer, actor_of, enter(officer, actor_of, recorded), act, ground=ground, words="Voir <b>ci-joint</b> #x"
    )
    assert (row.state, row.result, row.answered_at) == (state, result, NOW)
    assert models.Hold.objects.get().state == HoldState.RELEASING
    paper = next(one for one in row.documents.all() if one.kind == kind)
    assert (paper.signed, paper.pages) == (True, 1)
    assert row.decisions.get().document_id == paper.id
    text = text_of(store.get(paper.sha256))
    assert said in text
    assert "Voir <b>ci-joint</b> #x" in text  # as typed, never evaluated
    assert row.number in text
    assert PdfFileReader(BytesIO(store.get(paper.sha256))).embedded_signatures


def text_of(pdf: bytes) -> str:
    """The text of a PDF as poppler reads it, on one line."""
    import subprocess

    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_a_partial_answer_names_its_cameras(
    village: tuple[str, str], recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorded, cameras=village)
    row = decide(officer, actor_of, row, Act.ACCEPT_PARTLY, ground=Ground.OUT_OF_SCOPE, granted=[village[1]])
    assert {one.camera: one.granted for one in row.cameras.all()} == {village[0]: False, village[1]: True}
    assert models.Extraction.objects.get().cameras == [village[1]]
    assert any(one.kind == "partial" for one in row.documents.all())


def test_completion_asked_given_and_checked_anew(recorded: RecorderMemory, officer: PersonFacts, actor_of: Any) -> None:
    row = enter(officer, actor_of, recorded, legal_basis="CPP_77_1_1", frame=Frame.PRELIMINARY)
    actor = actor_of(officer)
    with pytest.raises(Invalid):
        requisitions.ask_completion(actor=actor, requisition=row.id, what="  ", now=NOW)
    requisitions.ask_completion(actor=actor, requisition=row.id, what="Joindre l’autorisation du parquet.", now=NOW)
    later = NOW + timedelta(hours=1)
    requisitions.resubmit(
        actor=actor, person=officer, requisition=row.id, entry=entry(), document=None, recorder=recorded, now=later
    )
    row = queries.by_id(row.id)
    assert (row.state, row.legal_basis, row.asked) == (State.RECEIVED, "CPP_60_1", "")
    assert models.Hold.objects.count() == 1  # the same span is not held twice
    outcome = requisitions.recheck(actor=actor, person=officer, requisition=row.id, recorder=recorded, now=later)
    assert outcome.ok


def test_the_desk_proposes_by_law_first_then_by_what_there_is(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    from beffroi.governance.core.codec import outcome_from_json

    wrong = enter(officer, actor_of, recorded, quality=Quality.ASSISTANT, latitude=UNSEEN[0], longitude=UNSEEN[1])
    nowhere = enter(officer, actor_of, recorded, latitude=UNSEEN[0], longitude=UNSEEN[1])
    for row, act, ground in (
        (wrong, Act.REFUSE, Ground.WRONG_QUALITY),
        (nowhere, Act.ANSWER_NEGATIVE, Ground.NOT_COVERED),
    ):
        decision, answer = queries.gate_decision(row.number), queries.latest_answer(row)
        assert decision is not None
        assert answer is not None
        proposal = propose(outcome_from_json(decision.outcome), answer.verdict)
        assert (proposal.act, proposal.ground) == (act, ground)


def test_a_paper_that_failed_is_made_by_the_next_turn(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorded)
    row = decide(officer, actor_of, row, Act.REFUSE, ground=Ground.INCOMPLETE)
    models.RequisitionDecision.objects.update(document=None)
    models.FirstAnswer.objects.update(document=None)
    assert make_papers(NOW) == 2
    assert make_papers(NOW) == 0


def test_outcome_is_asked_once_a_month_until_it_is_said(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = decide(officer, actor_of, enter(officer, actor_of, recorded), Act.ACCEPT)
    actor = actor_of(officer)
    with pytest.raises(Conflict):  # nothing was answered yet
        outcomes.record_outcome(actor=actor, requisition=row.id, helped=Helped.YES, now=NOW)
    advance(actor=actor, requisition=row.id, act=Act.PACKAGE, now=NOW)
    advance(actor=actor, requisition=row.id, act=Act.HAND_OVER, now=NOW)
    assert ask_outcomes(NOW + timedelta(days=29)) == 0
    assert ask_outcomes(NOW + timedelta(days=30)) == 1
    assert ask_outcomes(NOW + timedelta(days=31)) == 0
    assert ask_outcomes(NOW + timedelta(days=60)) == 1
    later = NOW + timedelta(days=61)
    outcomes.record_outcome(actor=actor, requisition=row.id, helped=Helped.YES, note="auteur identifié", now=later)
    assert models.RecordedFact.objects.get().helped == Helped.YES
    assert ask_outcomes(NOW + timedelta(days=120)) == 0


def test_one_requisition_may_be_about_several_facts(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorded)
    actor = actor_of(officer)
    second = outcomes.add_fact(
        actor=actor, requisition=row.id, nature="dégradations", committed_on=date(2026, 11, 22),
        place_class=PlaceClass.OUTSIDE, now=NOW,
    )  # fmt: skip
    assert queries.by_id(row.id).facts.count() == 2
    with pytest.raises(NotFound):
        outcomes.amend_fact(
            actor=actor,
            fact="nothing",
            nature="x",
            committed_on=None,
            place="",
            place_class=PlaceClass.COVERED,
            now=NOW,
        )
    outcomes.amend_fact(
        actor=actor, fact=second.id, nature="dégradations", committed_on=None, place="gare",
        place_class=PlaceClass.UNCOVERED, now=NOW,
    )  # fmt: skip
    assert models.RecordedFact.objects.get(pk=second.id).place_class == PlaceClass.UNCOVERED


def test_withdrawal_and_closing_let_the_footage_go(
    recorded: RecorderMemory, officer: PersonFacts, actor_of: Any
) -> None:
    row = enter(officer, actor_of, recorded)
    requisitions.withdraw(actor=actor_of(officer), requisition=row.id, why="sans objet", now=NOW)
    assert queries.by_id(row.id).state == State.WITHDRAWN
    assert models.Hold.objects.get().state == HoldState.RELEASING


class TestWhoMaySee:
    """Confidentiality (CPP 11) and foreign units: absent and forbidden are the same ``NotFound``."""

    def test_a_confidential_one_is_its_officers_and_the_deciders(
        self, recorded: RecorderMemory, make_person: MakePerson, actor_of: Any
    ) -> None:
        typist, other = make_person(Role.DUTY_OFFICER, name="A"), make_person(Role.DUTY_OFFICER, name="B")
        decider, dpo = make_person(Role.VIDEO_OFFICER), make_person(Role.DPO)
        row = enter(typist, actor_of, recorded)
        assert queries.for_desk(typist, row.id).id == row.id
        assert queries.for_desk(decider, row.id).id == row.id
        for person in (other, dpo):
            with pytest.raises(NotFound):
                queries.for_desk(person, row.id)
            assert queries.inbox(person, NOW) == []
        requisitions.assign(actor=actor_of(decider), requisition=row.id, officer=other, now=NOW)
        assert [line.number for line in queries.inbox(other, NOW)] == [row.number]

    def test_the_counter_shows_ones_own_and_the_units_open_ones(
        self, recorded: RecorderMemory, make_person: MakePerson, actor_of: Any
    ) -> None:
        from beffroi.people.core.roles import Force

        mine, colleague = make_person(Role.INVESTIGATOR, name="A"), make_person(Role.INVESTIGATOR, name="B")
        foreign = make_person(Role.INVESTIGATOR, name="C", force=Force.PN)
        rows = [
            requisitions.submit(
                actor=actor_of(mine), person=mine, entry=entry(channel=Channel.COUNTER, confidential=secret),
                document=None, recorder=recorded, now=NOW,
            )
            for secret in (True, False)
        ]  # fmt: skip
        assert {line.id for line in queries.of_requester(mine, NOW)} == {row.id for row in rows}
        assert {line.id for line in queries.of_requester(colleague, NOW)} == {rows[1].id}
        assert queries.of_requester(foreign, NOW) == []
        for row in rows:
            with pytest.raises(NotFound):
                queries.for_counter(foreign, row.id)
