"""How long the pages of requisitions take with ten years of cases in the database (target: 200 ms), and their queries.

``python bench/requisitions.py [--cases 1500] [--to docs/reference/requisitions.md]``. One requisition goes its way
by the acts of the program; the others are its rows again, over ten years, with everything that hangs on it (cameras,
events, papers, answers, decisions with their traces, holds). 1,500 is ten years of a small commune, 42,000 of a town
of 350 a month. Pages are asked through the whole office in this process: middleware, permissions, templates.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET_MS = 200
OPEN = 30
"""So many of them wait for an answer, as on a busy morning."""


@dataclass(frozen=True, slots=True)
class Line:
    """One page: what it took, and what it asked of the database."""

    page: str
    median_ms: float
    slowest_ms: float
    processor_ms: float
    queries: int


def main() -> int:
    """Measure and say; exit code 1 when a page is beyond the target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, nargs="+", default=[1_500, 42_000])
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--to", type=Path)
    given = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")
    import django

    logging.disable(logging.CRITICAL)
    django.setup()
    found = {cases: list(_measured(cases, given.times)) for cases in given.cases}
    page = _page(found)
    if given.to:
        given.to.write_text(page, encoding="utf-8")
    print(page)
    return 1 if any(line.median_ms > TARGET_MS for lines in found.values() for line in lines) else 0


def _measured(cases: int, times: int) -> Iterator[Line]:
    import tests.conftest
    from django.db import transaction
    from django.test.utils import override_settings, setup_databases, teardown_databases

    from beffroi.kernel.clock import ManualClock

    databases = setup_databases(verbosity=0, interactive=False)
    hasher = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    try:
        with (
            tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder,
            override_settings(
                PASSWORD_HASHERS=hasher, BEFFROI_CLOCK=ManualClock(tests.conftest.NOW), ALLOWED_HOSTS=["testserver"]
            ),
            transaction.atomic(),
        ):
            yield from _pages(Path(folder), cases, times)
            transaction.set_rollback(True)
    finally:
        teardown_databases(databases, verbosity=0)


def _pages(folder: Path, cases: int, times: int) -> Iterator[Line]:
    from beffroi.governance.models import Requisition

    browser = _signed_in(folder)
    _multiply(Requisition.objects.get(), cases)
    one = Requisition.objects.order_by("-received_at")[cases // 2]
    for page, address in {
        "what waits": "/desk/requisitions/",
        "what was answered": "/desk/requisitions/?closed=1",
        "what was answered, its twentieth page": "/desk/requisitions/?closed=1&page=20",
        "one requisition": f"/desk/requisitions/{one.id}/",
        "the register": "/office/registers/requisitions/",
        "the register, its twentieth page": "/office/registers/requisitions/?page=20",
        "the register, by words": "/office/registers/requisitions/?words=halle",
    }.items():
        yield _timed(page, lambda address=address: browser.get(address), times)


def _signed_in(folder: Path) -> Any:
    """A video officer's browser, and one requisition that went its way."""
    from django.conf import settings
    from django.test import Client
    from tests.conftest import INSEE, NOW, PASSWORD
    from tests.requisition_world import PDF, RecorderMemory, entry, make_keys, make_village

    from beffroi.audit.core.facts import SYSTEM
    from beffroi.governance.actions import requisitions
    from beffroi.governance.core.requisition_decisions import Ground
    from beffroi.governance.core.requisitions import Act
    from beffroi.governance.documents.incoming import read_incoming
    from beffroi.people import actions as people
    from beffroi.people import queries as persons
    from beffroi.people.core.roles import Force, Role

    (folder / "keys").mkdir()
    make_keys(folder, settings)
    make_village()
    body = people.create_organisation(name="Commune", force=Force.PM, insee=INSEE, actor=SYSTEM, now=NOW)
    unit = people.create_unit(organisation=body, name="Police municipale", actor=SYSTEM, now=NOW)
    made = people.create_person(name="Agent", unit=unit, matricule="PM-1", actor=SYSTEM, now=NOW)
    people.grant_role(person=made, role=Role.VIDEO_OFFICER, actor=SYSTEM, now=NOW)
    people.grant_clearance(person=made, reference="H", issuer="Maire", territory=[INSEE], actor=SYSTEM, now=NOW)
    people.open_account(person=made, username="agent", password=PASSWORD, actor=SYSTEM, now=NOW)
    officer = persons.person_facts(made, NOW)
    actor = persons.actor_of(officer)
    row = requisitions.enter(
        actor=actor, person=officer, entry=entry(), document=read_incoming("r.pdf", PDF), recorder=RecorderMemory(),
        now=NOW,
    )  # fmt: skip
    requisitions.answer(
        actor=actor, person=officer, requisition=row.id, act=Act.REFUSE, ground=Ground.OTHER, words="Hors délai",
        now=NOW,
    )  # fmt: skip
    browser = Client()
    assert browser.post("/account/sign-in/", {"username": "agent", "password": PASSWORD}).status_code == 302
    return browser


def _multiply(first: Any, cases: int) -> None:
    """The same requisition again, ``cases`` in all, from today back over ten years; ``OPEN`` of them unanswered."""
    from beffroi.governance import models

    step = timedelta(days=3_650) / cases
    rows, hung = [], {name: list(getattr(first, name).all()) for name in HANGING}
    decisions = list(models.Decision.objects.filter(subject=f"requisition:{first.number}"))
    children: dict[type[Any], list[Any]] = {}
    for number in range(2, cases + 1):
        received = first.received_at - step * number
        year, state = received.year, "received" if number <= OPEN else "closed"
        row = _again(first, f"r{number}", number=f"{year}-{number:05}", year=year, sequence=number + 100_000)
        row.received_at, row.state, row.offence = received, state, f"vol à l’arraché {number}"
        rows.append(row)
        for name, found in hung.items():
            for place, child in enumerate(found):
                copy = _again(child, f"{name[:2]}{number}-{place}", requisition_id=row.pk)
                children.setdefault(type(child), []).append(copy)
        for place, decision in enumerate(decisions):
            copy = _again(decision, f"d{number}-{place}", subject=f"requisition:{row.number}")
            children.setdefault(models.Decision, []).append(copy)
    models.Requisition.objects.bulk_create(rows, batch_size=500)
    for kind, copies in children.items():
        kind.objects.bulk_create(copies, batch_size=500)


HANGING = ("documents", "cameras", "events", "first_answers", "decisions", "holds")


def _again(row: Any, key: str, **changed: Any) -> Any:
    """A copy under another key; what numbers itself does so again."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} | changed
    values[row._meta.pk.attname] = key if row._meta.pk.get_internal_type() == "CharField" else None
    if "document_id" in values:
        values["document_id"] = None
    return type(row)(**values)


def _timed(page: str, ask: Callable[[], Any], times: int) -> Line:
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        answer = ask()
    assert answer.status_code == 200, (page, answer.status_code)
    took, worked = [], []
    for _ in range(times):
        began, busy = time.perf_counter(), time.process_time()
        ask()
        took.append((time.perf_counter() - began) * 1_000)
        worked.append((time.process_time() - busy) * 1_000)
    return Line(page, median(took), max(took), median(worked), len(asked))


def _page(found: dict[int, list[Line]]) -> str:
    from beffroi.kernel.clock import SystemClock

    lines = [
        "# The pages of requisitions with ten years of cases",
        "",
        "Written by `python bench/requisitions.py --to docs/reference/requisitions.md` on",
        f"{SystemClock().now():%Y-%m-%d}, two cores shared with other work (load {os.getloadavg()[0]:.0f}), SQLite.",
        "1,500 cases are ten years of a small commune, 42,000 of a town of 350 a month. Each page is asked through the",
        "whole office, in its process.",
        f"Wanted: {TARGET_MS} ms.",
        "",
        "| cases | page | median | slowest | processor | queries |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for cases, measured in found.items():
        for line in measured:
            times = (line.median_ms, line.slowest_ms, line.processor_ms)
            shown = " | ".join(f"{one:.0f} ms" for one in times)
            lines.append(f"| {cases} | {line.page} | {shown} | {line.queries} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
