"""Facts a second: recorded one by one, each in its act's own transaction; recorded a hundred an act; chained; verified.

``python bench/audit.py [--facts N] [--writers N]``. A real SQLite file with the office's settings (WAL,
synchronous=FULL), on disk in the temporary folder; with ``BEFFROI_DATABASE_URL`` that PostgreSQL database, which must
be empty. ``--writers``: so many persons act at once, each in a thread with a connection of its own. The target of the
design is 1,000 facts a second. Beside it, what the disk itself gives: one fsync per write of the same size, in the
same run.
"""

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path


def main() -> None:
    """Measure and print one line a thing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=int, default=5_000)
    parser.add_argument("--writers", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder:
        _prepare(Path(folder))
        _measure(Path(folder), asked.facts, asked.writers)


def _prepare(folder: Path) -> None:
    """An empty office in ``folder`` with its triggers."""
    (folder / "keys").mkdir()
    (folder / "keys" / "office.key").write_bytes(os.urandom(32))
    os.environ["BEFFROI_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "beffroi.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from beffroi.audit import triggers

    call_command("migrate", run_syncdb=True, verbosity=0)
    triggers.install(connection)


def _measure(folder: Path, wanted: int, writers: int) -> None:
    from django.db import connection, transaction

    from beffroi.audit import actions, jobs, queries
    from beffroi.audit.core.facts import Actor
    from beffroi.audit.files import log_key
    from beffroi.kernel.clock import SystemClock

    clock = SystemClock()
    actor = Actor("p1", "Brigadier Lenoir", "PM", "Police municipale", "poste 1")
    body = {"mode": "live", "basis": {"kind": "incident", "reference": "INC-7", "reason": "rixe place du marché"}}

    def record(count: int) -> None:
        with transaction.atomic():
            for _ in range(count):
                actions.record(actor=actor, name="look:begin", subject="camera:c1", body=body, at=clock.now())

    def writes() -> None:
        for _ in range(wanted // writers):
            record(1)
        connection.close()

    def singly() -> None:
        threads = [threading.Thread(target=writes) for _ in range(writers)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def together() -> None:
        for _ in range(wanted // 100):
            record(100)

    def chained() -> None:
        while jobs.sequence(clock.now()):
            pass

    _say("disk: fsync of 512 bytes", wanted // 5, _timed(lambda: _fsyncs(folder / "plain", wanted // 5)))
    print(f"{connection.vendor}, {writers} writing at once")
    _say("recorded, one an act", wanted, _timed(singly))
    _say("recorded, a hundred an act", wanted // 100 * 100, _timed(together))
    _say("chained and signed", wanted + wanted // 100 * 100, _timed(chained))
    _say("verified", wanted + wanted // 100 * 100, _timed(lambda: queries.verify(key=log_key())))


def _fsyncs(path: Path, count: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    for _ in range(count):
        os.write(handle, bytes(512))
        os.fsync(handle)
    os.close(handle)


def _timed(act: object) -> float:
    start = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - start


def _say(what: str, count: int, seconds: float) -> None:
    print(f"{what:32} {count:7} in {seconds:7.2f} s   {count / seconds:10,.0f} a second", flush=True)


if __name__ == "__main__":
    main()
