"""``beffroi audit verify`` on a copied database file: whole, edited by hand, erased by rule, no log at all."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction

from beffroi.audit import actions, files, jobs
from beffroi.audit.core.facts import SYSTEM
from tests.conftest import NOW, POSTGRES

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(POSTGRES, reason="a copied file is SQLite's"),
]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "beffroi.config.cli", "audit", *arguments]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "beffroi.config.settings"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def copied(data_dir: Path) -> Path:
    """A log of twenty facts, one of them erased, in a file of its own."""
    with transaction.atomic():
        facts = [
            actions.record(actor=SYSTEM, name="look:begin", subject=f"camera:{place}", body={"n": place}, at=NOW)
            for place in range(20)
        ]
    jobs.sequence(NOW)
    actions.erase_body(fact=facts[4], rule="R-27", actor=SYSTEM, now=NOW)
    jobs.sequence(NOW)
    target = data_dir / "copy.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(target) as out:
        connection.connection.backup(out)
    return target


def test_a_whole_log_is_called_whole(copied: Path) -> None:
    done = _run("verify", "--database", str(copied), "--key", files.log_key().to_text())
    assert (done.returncode, done.stderr) == (0, "")
    assert "The log is whole." in done.stdout
    assert "erased by R-27" in done.stdout


def test_a_row_edited_by_hand_is_found(copied: Path) -> None:
    with sqlite3.connect(copied) as opened:
        opened.execute("UPDATE audit_fact SET actor_name = 'Nobody' WHERE subject = 'camera:13'")
    done = _run("verify", "--database", str(copied), "--key", files.log_key().to_text(), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [(one["kind"], one["entry"]) for one in found["breaks"]] == [("edited", 13)]


def test_a_log_cut_back_is_found_by_a_kept_checkpoint(copied: Path, data_dir: Path) -> None:
    kept = data_dir / "kept.txt"
    kept.write_text(files.last_checkpoint())
    with sqlite3.connect(copied) as opened:
        opened.execute('DELETE FROM audit_entry WHERE "index" >= 20')
        opened.execute("DELETE FROM audit_tip")
        opened.execute("DELETE FROM audit_fact WHERE name = 'fact:erase'")
    key = files.log_key().to_text()
    done = _run("verify", "--database", str(copied), "--key", key, "--checkpoint", str(kept), "--json")
    assert done.returncode == 1
    assert {one["kind"] for one in json.loads(done.stdout)["breaks"]} == {"erased_without_rule", "truncated"}


def test_without_a_key_it_was_not_checked(copied: Path) -> None:
    done = _run("verify", "--database", str(copied))
    assert done.returncode == 2
    assert "--key" in done.stdout


def test_what_is_no_log_cannot_be_checked(tmp_path: Path) -> None:
    text = tmp_path / "notes.sqlite3"
    text.write_text("no database at all, but long enough to be read as one" * 10)
    for path in (text, tmp_path / "absent.sqlite3"):
        done = _run("verify", "--database", str(path))
        assert done.returncode == 2
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr


def test_the_checkpoint_is_printed_as_it_was_signed(copied: Path, data_dir: Path) -> None:
    shutil.copy(copied, data_dir / "office.sqlite3")
    done = _run("checkpoint", "--data", str(data_dir))
    assert (done.returncode, done.stdout) == (0, files.last_checkpoint())
    live = _run("verify", "--data", str(data_dir))
    assert live.returncode == 0, live.stdout + live.stderr


def test_an_earlier_checkpoint_is_proved_a_prefix_until_a_row_under_it_is_edited(copied: Path, data_dir: Path) -> None:
    kept = data_dir / "kept.txt"
    with sqlite3.connect(copied) as opened:
        size, note = opened.execute("SELECT size, note FROM audit_checkpoint ORDER BY size LIMIT 1").fetchone()
    kept.write_text(f"BEFFROI1\n{'0' * 64}\n{note}")
    given = ("consistency", "--database", str(copied), "--key", files.log_key().to_text())
    whole = _run(*given, "--from", str(kept), "--language", "fr")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "contient sans changement" in whole.stdout
    with sqlite3.connect(copied) as opened:
        opened.execute("UPDATE audit_fact SET actor_name = 'Nobody' WHERE subject = 'camera:13'")
    edited = _run(*given, "--from", str(size), "--language", "en", "--json")
    assert (edited.returncode, json.loads(edited.stdout)["growth"]) == (1, "altered")
