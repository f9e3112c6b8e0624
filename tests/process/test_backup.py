"""The drill: a founded centre is saved, lost, and brought back; its log verifies and it starts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import postgres
from tests.process.test_up import Centre

ROOT = Path(__file__).resolve().parents[2]
_CHAIN = """
import sys
from pathlib import Path
from beffroi.config.options import load_options
from beffroi.config.setup import prepare, start_django
options = load_options(None, data=Path(sys.argv[1]))
start_django(options, prepare(options))
from beffroi.audit import jobs
from beffroi.kernel.clock import SystemClock
jobs.sequence(SystemClock().now())
"""
"""What the worker does each second: facts are chained and sealed."""
WORDS = "la cloche sonne a midi"


@pytest.mark.timeout(240)
def test_a_lost_centre_comes_back_from_its_backup(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    centre.environment |= {f"CAMERA_{number}_PASSWORD": "secret-of-a-camera" for number in range(1, 20)}
    words, file = tmp_path / "words", tmp_path / "centre.backup"
    words.write_text(WORDS)
    founded = centre.call(
        "commune", "found", str(ROOT / "docs/guide/founding-example.yaml"), "--data", str(centre.data)
    )
    assert founded.returncode == 0, founded.stderr
    chained = subprocess.run([sys.executable, "-c", _CHAIN, str(centre.data)], env=centre.environment, check=False)
    assert chained.returncode == 0
    sealed = ["--passphrase-file", str(words)]
    made = centre.call("backup", "--to", str(file), "--data", str(centre.data), *sealed, "--json")
    assert made.returncode == 0, made.stderr
    drill = centre.call("restore", str(file), "--check", *sealed, "--json")
    assert drill.returncode == 0, drill.stderr
    assert json.loads(drill.stdout)["facts"] > 10
    lost = (centre.data / "keys" / "office.key").read_bytes()
    shutil.rmtree(centre.data)

    altered = bytearray(file.read_bytes())
    altered[len(altered) // 2] ^= 1
    (tmp_path / "altered.backup").write_bytes(altered)
    bad = centre.call("restore", str(tmp_path / "altered.backup"), "--data", str(centre.data), *sealed)
    assert bad.returncode == 1, bad.stderr
    assert not centre.data.exists()

    back = centre.call("restore", str(file), "--data", str(centre.data), *sealed)
    assert back.returncode == 0, back.stderr
    assert (centre.data / "keys" / "office.key").read_bytes() == lost
    verified = centre.call("audit", "verify", "--data", str(centre.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    centre.start()
    try:
        centre.ready()
    finally:
        centre.kill_all()


@pytest.mark.timeout(240)
def test_a_centre_on_postgresql_comes_back_into_an_empty_database(tmp_path: Path) -> None:
    address = postgres.start()
    centre = Centre(tmp_path)
    centre.environment |= {f"CAMERA_{number}_PASSWORD": "secret-of-a-camera" for number in range(1, 20)}
    centre.environment |= {"BEFFROI_DATABASE_URL": address, "PATH": f"{postgres.programs()}:{os.environ['PATH']}"}
    words, file = tmp_path / "words", tmp_path / "centre.backup"
    words.write_text(WORDS)
    place, sealed = ["--data", str(centre.data)], ["--passphrase-file", str(words)]
    founded = centre.call("commune", "found", str(ROOT / "docs/guide/founding-example.yaml"), *place)
    assert founded.returncode == 0, founded.stderr
    chained = subprocess.run([sys.executable, "-c", _CHAIN, str(centre.data)], env=centre.environment, check=False)
    assert chained.returncode == 0
    made = centre.call("backup", "--to", str(file), *place, *sealed)
    assert made.returncode == 0, made.stderr
    drill = centre.call("restore", str(file), "--check", *sealed, "--json")
    assert drill.returncode == 0, drill.stderr
    facts = json.loads(drill.stdout)["facts"]
    assert facts > 10
    with psycopg.connect(address) as server:
        names = [row[0] for row in server.execute("SELECT datname FROM pg_database")]
    assert not [name for name in names if "drill" in name], "the drill leaves nothing behind"

    shutil.rmtree(centre.data)
    over = centre.call("restore", str(file), *place, *sealed)
    assert over.returncode == 2, "never over tables that are there"
    assert "tables already" in over.stderr
    assert not centre.data.exists()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("CREATE DATABASE elsewhere")
    centre.environment["BEFFROI_DATABASE_URL"] = urlsplit(address)._replace(path="/elsewhere").geturl()
    back = centre.call("restore", str(file), *place, *sealed)
    assert back.returncode == 0, back.stderr
    assert f"{facts} facts, log whole" in back.stdout
    verified = centre.call("audit", "verify", *place)
    assert verified.returncode == 0, verified.stdout + verified.stderr
