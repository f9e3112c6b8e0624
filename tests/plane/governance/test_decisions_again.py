"""Stored decisions are taken again, all of them: one whose row was changed is named, and why another differs."""

import json
from datetime import timedelta

import pytest
import typer

from beffroi.config.commands import decisions as command
from beffroi.governance.models import Decision
from beffroi.governance.queries.decisions import Difference, difference, stored
from tests.conftest import NOW
from tests.plane.governance.test_access import approve, ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(monkeypatch, capsys, world, convention, incident):
    """The command on this database, which is open already; gives its exit code and what it said."""
    monkeypatch.setattr(command, "_open", lambda _config, _data: None)
    approve(world, ask(world, incident))
    ask(world, incident, reason="motif")

    def run(**given):
        capsys.readouterr()
        code = 0
        try:
            command.command(**{"gate": "", "subject": "", **given})
        except typer.Exit as leaving:
            code = leaving.exit_code
        return code, capsys.readouterr().out

    return run


def test_all_agree_and_a_range_counts_its_own(again):
    assert again() == (0, "3 decisions taken again: 3 agree, 0 do not.\n")
    assert json.loads(again(since=NOW + timedelta(days=1), as_json=True)[1])["decisions"] == 0
    assert json.loads(again(gate="a", as_json=True)[1])["decisions"] == 0


def test_a_changed_row_is_named(again):
    row = Decision.objects.order_by("id").first()
    row.inputs["viewer"]["clearances"] = []
    row.save()
    code, said = again()
    assert code == 1
    assert row.id in said
    assert "2 agree, 1 do not" in said
    (one,) = json.loads(again(subject=row.subject, as_json=True)[1])["differ"]
    assert (one["id"], one["why"]) == (row.id, "answer")


@pytest.mark.parametrize(
    ("changed", "why", "code"),
    [({"pack_digest": "0" * 64}, Difference.PACK, 2), ({"inputs": {}}, Difference.UNREADABLE, 1),
     ({"outcome": []}, Difference.UNREADABLE, 1)],
)  # fmt: skip
def test_one_that_cannot_be_taken_again_is_listed(again, changed, why, code):
    first = Decision.objects.order_by("id").first()
    Decision.objects.filter(pk=first.id).update(**changed)
    assert [found for row in stored() if (found := difference(row))] == [why]
    assert again()[0] == code
