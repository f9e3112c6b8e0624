"""A centre as a process of its own, that a test may kill: ``python -m tests.edge.centre_process DATA PUBLIC_KEY`` sets
it up (one building, one box) and prints the building's id; ``serve`` runs it; ``triggers`` reads its database."""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.edge.office_database import OfficeDatabase

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))


@cache
def _empty() -> Path:
    """A database with all tables and nothing in them, made once for all who ask in this process."""
    folder = tempfile.TemporaryDirectory(prefix="beffroi-centre-")
    atexit.register(folder.cleanup)
    data = Path(folder.name)
    (data / "keys").mkdir()
    (data / "keys" / "office.key").write_bytes(KEY)
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=OfficeDatabase(data).environment, cwd=ROOT / "src", check=True, capture_output=True)
    return data


def tables(data: Path, url: str = "") -> None:
    """Keys, and tables with nothing in them."""
    shutil.copytree(_empty(), data)
    if url:
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        environment = OfficeDatabase(data, url).environment
        subprocess.run(command, env=environment, cwd=ROOT / "src", check=True, capture_output=True)


def set_up(data: Path, public_key: str, url: str = "") -> str:
    """Keys, tables, one building and its box; returns the building. ``url`` is an empty PostgreSQL database."""
    tables(data, url)
    done = subprocess.run(
        [sys.executable, "-m", "tests.edge.centre_process", public_key],
        env=OfficeDatabase(data, url).environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def serve(data: Path, port: int) -> subprocess.Popen[bytes]:
    """The office under uvicorn."""
    command = [sys.executable, "-m", "uvicorn", "beffroi.config.asgi:application", "--port", str(port), "--ws", "none"]
    with (data / "office.log").open("ab") as log:
        return subprocess.Popen(
            [*command, "--log-level", "error"],
            env=OfficeDatabase(data).environment,
            cwd=ROOT / "src",
            stdout=log,
            stderr=log,
        )


def triggers(data: Path, url: str = "") -> list[tuple[str, str]]:
    """Every trigger the centre has: its alert, and the place it names."""
    rows = OfficeDatabase(data, url).rows("SELECT document FROM safety_event WHERE kind = 'trigger'")
    return places(document for (document,) in rows)


def places(documents: Iterable[str | bytes]) -> list[tuple[str, str]]:
    """Alert and place of every trigger among these events."""
    events = [json.loads(document) for document in documents]
    return [(one["alert"], one["body"]["place"]) for one in events if one["kind"] == "trigger"]


def _main(public_key: str) -> None:
    import django

    django.setup()
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.kernel.clock import SystemClock
    from beffroi.safety import actions

    now = SystemClock().now()
    school = actions.enter_building(actor=SYSTEM, insee="99123", name="École", kind="school", now=now)
    actions.pair_edge(actor=SYSTEM, building=school, edge="edge-ecole", public_key=public_key, now=now)
    print(school)


if __name__ == "__main__":
    _main(sys.argv[1])
