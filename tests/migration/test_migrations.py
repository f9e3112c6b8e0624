"""Migrations on SQLite and PostgreSQL: from nothing to today, nothing left over, the log append-only, data kept."""

import os
import subprocess
import sys
from pathlib import Path

from tests import postgres

ROOT = Path(__file__).parents[2]


def told(tmp_path, **environment):
    (tmp_path / "keys").mkdir()
    given = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "beffroi.config.settings",
        "BEFFROI_DATA": str(tmp_path),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        **environment,
    }
    command = [sys.executable, "-m", "tests.migration.story"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=240, check=False)
    return done.stdout + done.stderr


def test_on_sqlite(tmp_path):
    assert told(tmp_path, BEFFROI_DATABASE_URL="").endswith("whole\n")


def test_on_postgresql(tmp_path):
    assert told(tmp_path, BEFFROI_DATABASE_URL=postgres.start()).endswith("whole\n")
