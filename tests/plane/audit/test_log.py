"""The log on a real database: recorded with the act, chained, verified, broken on purpose, forgotten by rule."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from beffroi.audit import actions, files, jobs, models, queries
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.audit.core.merkle import verify_inclusion
from beffroi.audit.core.verify import BreakKind
from beffroi.kernel.errors import Conflict, Corrupt, NotFound, Unavailable
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
OFFICER = Actor("p-1", "Brigadier Lenoir", "PM", "Police municipale", "poste 1")


def _record(count: int, *, name: str = "look:begin", start: int = 0) -> list[str]:
    return [
        actions.record(
            actor=OFFICER,
            name=name,
            subject=f"camera:{place}",
            body={"reason": f"incident {place}", "bytes": place},
            at=NOW + timedelta(seconds=place),
        )
        for place in range(start, start + count)
    ]


def _verify() -> BreakKind | None:
    first = queries.verify(key=files.log_key(), checkpoints=[files.last_checkpoint()]).first
    return first.kind if first else None


def _sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_fact_says_all_that_was_given() -> None:
    (fact,) = _record(1)
    line = queries.fact(fact)
    assert line.fact.actor == OFFICER
    assert line.fact.body == {"reason": "incident 0", "bytes": 0}
    assert (line.fact.name, line.fact.subject, line.index) == ("look:begin", "camera:0", None)


def test_a_name_without_form_is_refused() -> None:
    with pytest.raises(ValueError, match="subject:act"):
        actions.record(actor=SYSTEM, name="Look", subject="", body={}, at=NOW)


def test_the_sequencer_chains_in_the_order_of_recording_and_signs() -> None:
    facts = _record(7)
    assert jobs.sequence(NOW) == 7
    assert jobs.sequence(NOW) == 0
    assert [queries.fact(fact).index for fact in facts] == list(range(7))
    checkpoint = queries.latest_checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == 7
    assert files.last_checkpoint() == checkpoint.note
    report = queries.verify(key=files.log_key())
    assert (report.entries, report.root, report.breaks, report.signatures_checked) == (7, checkpoint.root, (), True)


def test_one_checkpoint_an_hour_is_kept_for_ever_and_all_verify() -> None:
    for minute in range(0, 150, 10):
        _record(1, start=minute * 60)
        jobs.sequence(NOW + timedelta(minutes=minute))
    assert list(models.Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [1, 7, 13]
    newest = queries.latest_checkpoint()
    assert newest is not None
    assert newest.size == 15
    assert queries.verify(key=files.log_key()).checkpoints == 4
    assert _verify() is None


def test_every_fact_has_a_proof_under_the_newest_checkpoint() -> None:
    facts = _record(11)
    jobs.sequence(NOW)
    checkpoint = queries.latest_checkpoint()
    assert checkpoint is not None
    for fact in facts:
        index, size, proof = queries.proof(fact)
        leaf = bytes(models.Entry.objects.get(index=index).leaf)
        assert verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=checkpoint.root)


def test_a_fact_that_waits_has_no_proof_yet() -> None:
    (fact,) = _record(1)
    with pytest.raises(NotFound):
        queries.proof(fact)


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        ("UPDATE audit_fact SET actor_name = 'Someone Else' WHERE subject = 'camera:3'", BreakKind.EDITED),
        ("UPDATE audit_fact SET body = '{}' WHERE subject = 'camera:3'", BreakKind.EDITED),
        ("UPDATE audit_fact SET body = 'no json' WHERE subject = 'camera:3'", BreakKind.EDITED),
        ("UPDATE audit_fact SET commitment = salt WHERE subject = 'camera:3'", BreakKind.RECOMMITTED),
        ("UPDATE audit_entry SET head = leaf WHERE index = 3", BreakKind.REORDERED),
        ("DELETE FROM audit_entry WHERE index = 3", BreakKind.MISSING),
        ("DELETE FROM audit_entry WHERE index > 6", BreakKind.TRUNCATED),
        ("UPDATE audit_checkpoint SET note = replace(note, '10', '11')", BreakKind.CHECKPOINT_FORGED),
        ("UPDATE audit_checkpoint SET note = 'nothing'", BreakKind.UNREADABLE),
        ("UPDATE audit_tip SET note = replace(note, '10', '11')", BreakKind.CHECKPOINT_FORGED),
        (
            """UPDATE audit_fact SET body = NULL, salt = NULL, erased_rule = 'R-27', erased_by = 'x'
            WHERE subject = 'camera:3'""",
            BreakKind.ERASED_WITHOUT_RULE,
        ),
    ],
)
def test_whatever_is_done_to_the_tables_is_found_where_it_was_done(harm: str, kind: BreakKind) -> None:
    _record(10)
    jobs.sequence(NOW)
    assert _verify() is None
    _sql(harm.replace(" index ", ' "index" '))
    first = queries.verify(key=files.log_key(), checkpoints=[files.last_checkpoint()]).first
    assert first is not None
    assert first.kind is kind
    if "camera:3" in harm or "index = 3" in harm:
        assert first.index == 3


def test_two_entries_exchanged_are_found() -> None:
    _record(5)
    jobs.sequence(NOW)
    for index, becomes in ((1, 100), (2, 1), (100, 2)):
        _sql('UPDATE audit_entry SET "index" = %s WHERE "index" = %s', becomes, index)
    first = queries.verify(key=files.log_key()).first
    assert first is not None
    assert (first.kind, first.index) == (BreakKind.REORDERED, 1)


def test_a_log_forged_as_a_whole_is_found_by_the_checkpoint_someone_kept() -> None:
    _record(4)
    jobs.sequence(NOW)
    kept = files.last_checkpoint()
    for table in ("audit_checkpoint", "audit_entry", "audit_tip"):
        _sql(f"DELETE FROM {table}")
    _sql("DELETE FROM audit_fact WHERE subject = 'camera:0'")
    for fact in models.Fact.objects.order_by("id"):
        models.Pending(fact=fact).save()
    jobs.sequence(NOW)
    _record(4, start=4)
    jobs.sequence(NOW)
    assert queries.verify(key=files.log_key()).first is None
    first = queries.verify(key=files.log_key(), checkpoints=[kept]).first
    assert first is not None
    assert first.kind is BreakKind.REWRITTEN


def test_nothing_is_chained_on_top_of_a_cut_log() -> None:
    _record(5)
    jobs.sequence(NOW)
    _sql('DELETE FROM audit_entry WHERE "index" = 4')
    _record(1, start=9)
    with pytest.raises(Corrupt, match="4 entries"):
        jobs.sequence(NOW)


def test_a_fact_kept_out_of_the_chain_is_found() -> None:
    _record(3)
    jobs.sequence(NOW)
    (fact,) = _record(1, start=3)
    _sql("DELETE FROM audit_pending")
    first = queries.verify(key=files.log_key()).first
    assert first is not None
    assert (first.kind, first.fact) == (BreakKind.UNCHAINED, fact)


def test_an_erased_body_leaves_a_log_that_still_verifies() -> None:
    facts = _record(6)
    jobs.sequence(NOW)
    later = NOW + timedelta(days=3 * 365)
    eraser = actions.erase_body(fact=facts[2], rule="R-27", actor=SYSTEM, now=later)
    jobs.sequence(later)
    line = queries.fact(facts[2])
    assert (line.fact.body, line.fact.actor.name, line.fact.subject, line.erased_rule) == ({}, "", "", "R-27")
    assert line.fact.name == "look:begin"
    report = queries.verify(key=files.log_key(), checkpoints=[files.last_checkpoint()])
    assert report.breaks == ()
    assert report.erased == {facts[2]: "R-27"}
    assert queries.fact(eraser).fact.body == {"fact": facts[2], "rule": "R-27"}


def test_persons_are_forgotten_at_their_term_and_not_before() -> None:
    (look,) = _record(1)
    (session,) = _record(1, name="session:begin", start=1)
    (kept,) = _record(1, name="requisition:receive", start=2)
    jobs.sequence(NOW)
    year = timedelta(days=366)
    assert jobs.forget(NOW + year) == 0
    assert jobs.forget(NOW + year + timedelta(seconds=2)) == 1
    jobs.sequence(NOW + year)
    assert jobs.forget(NOW + timedelta(days=1_097)) == 1
    jobs.sequence(NOW + timedelta(days=1_097))
    assert queries.verify(key=files.log_key()).erased == {look: "R-27", session: "R-27"}
    assert queries.fact(kept).fact.actor == OFFICER
    assert jobs.forget(NOW + timedelta(days=1_098)) == 0


def test_erasing_is_for_chained_facts_once_and_never_for_the_erasure_itself() -> None:
    facts = _record(1)
    with pytest.raises(Conflict, match="not chained"):
        actions.erase_body(fact=facts[0], rule="R-27", actor=SYSTEM, now=NOW)
    jobs.sequence(NOW)
    eraser = actions.erase_body(fact=facts[0], rule="R-27", actor=SYSTEM, now=NOW)
    jobs.sequence(NOW)
    with pytest.raises(Conflict, match="already"):
        actions.erase_body(fact=facts[0], rule="R-27", actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict, match="stays in the log"):
        actions.erase_body(fact=eraser, rule="R-27", actor=SYSTEM, now=NOW)
    with pytest.raises(NotFound):
        actions.erase_body(fact="nothing", rule="R-27", actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("append_only")
@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit_fact SET actor_name = 'x'",
        "UPDATE audit_fact SET body = NULL",
        "DELETE FROM audit_fact",
        'UPDATE audit_entry SET "index" = 99',
        "DELETE FROM audit_entry",
        "UPDATE audit_checkpoint SET size = 1",
        "DELETE FROM audit_checkpoint",
    ],
)
def test_the_table_itself_refuses_an_edit(edit: str) -> None:
    _record(2)
    jobs.sequence(NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _sql(edit)
    assert _verify() is None


@pytest.mark.usefixtures("append_only")
def test_the_triggers_let_an_erasure_by_rule_pass() -> None:
    facts = _record(2)
    jobs.sequence(NOW)
    actions.erase_body(fact=facts[0], rule="R-27", actor=SYSTEM, now=NOW)
    jobs.sequence(NOW)
    assert _verify() is None


def test_without_its_key_the_office_chains_nothing(data_dir: Path) -> None:
    (data_dir / "keys" / "office.key").unlink()
    _record(1)
    with pytest.raises(Unavailable, match="key"):
        jobs.sequence(NOW)
    assert queries.pending() == 1


def test_reading_the_log_is_a_fact() -> None:
    actions.note_reading(actor=OFFICER, what="looks", filters={"camera": "3"}, shown=12, now=NOW)
    (line,) = queries.facts(name="log:read")
    assert line.fact.body == {"filters": {"camera": "3"}, "shown": 12}


def test_facts_are_found_by_name_subject_actor_words_and_time() -> None:
    _record(5)
    _record(2, name="look:end", start=10)
    assert len(queries.facts(name="look:begin")) == 5
    assert len(queries.looks()) == 7
    assert len(queries.looks(camera="3")) == 1
    assert len(queries.facts(actor="p-1", contains="incident 11")) == 1
    assert len(queries.facts(since=NOW + timedelta(seconds=4), until=NOW + timedelta(seconds=11))) == 2
    assert queries.count_facts(name=("look:begin", "look:end")) == 7
    assert [line.fact.subject for line in queries.looks(limit=2, offset=1)] == ["camera:10", "camera:4"]


def _act_that_fails() -> None:
    with transaction.atomic():
        _record(1)
        raise Conflict("no")


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """What only shows with real commits."""

    def test_a_fact_outside_a_transaction_is_refused(self) -> None:
        with pytest.raises(RuntimeError, match="inside the act's transaction"):
            _record(1)

    def test_an_act_that_fails_leaves_no_fact(self) -> None:
        with pytest.raises(Conflict):
            _act_that_fails()
        assert models.Fact.objects.count() == 0

    def test_a_refusal_stays_when_the_act_is_rolled_back(self) -> None:
        fact = actions.record_refusal(actor=OFFICER, name="look:refuse", subject="door", body={}, at=NOW)
        with pytest.raises(Conflict):
            _act_that_fails()
        assert [line.fact.id for line in queries.facts()] == [fact]

    def test_a_refusal_of_its_own_cannot_ride_on_another_act(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            actions.record_refusal(actor=OFFICER, name="look:refuse", subject="door", body={}, at=NOW)
