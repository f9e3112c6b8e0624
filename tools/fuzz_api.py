"""``make fuzz``: a hundred thousand requests drawn from the API's document, as every role; the result is a page.

    python tools/fuzz_api.py [--requests 100000] [--seed 1] [--page docs/reference/fuzz.md]

Exit code 1 when anything was found. Runs on a database of its own that is thrown away.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = 19
"""Operations with right requests, those of them with wrong ones, and addresses that do not exist."""


def main() -> int:
    """Send them and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "reference" / "fuzz.md")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")
    import logging

    import django

    logging.disable(logging.CRITICAL)
    django.setup()
    import tests.conftest  # noqa: F401  a data folder and a database of its own
    from django.db import transaction
    from django.test.utils import override_settings, setup_databases, setup_test_environment, teardown_databases
    from tests.surface import api_storm, role_world

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    began = time.monotonic()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
            transaction.atomic(),
            role_world.built(Path(folder)) as world,
        ):
            storm = api_storm.blow(world, per_kind=max(1, given.requests // KINDS), number=given.seed)
            transaction.set_rollback(True)
    finally:
        teardown_databases(databases, verbosity=0)
    given.page.write_text(_page(storm, given.seed, time.monotonic() - began), encoding="utf-8")
    print(f"{storm.sent} requests, {len(storm.faults)} faults: {given.page}")
    return 1 if storm.faults else 0


def _page(storm: object, number: int, seconds: float) -> str:
    from tests.surface.api_storm import AS_PERSONS, Storm

    assert isinstance(storm, Storm)
    statuses = sorted({status for _, status in storm.statuses})
    lines = [
        "# Requests drawn at random from the API's document",
        "",
        "Made by `make fuzz`; not written by hand. Every operation is sent requests that its document allows and",
        "requests that it forbids, and addresses that no document names, as every role of two communes and as nobody:",
        f"each drawn request as {AS_PERSONS} persons. CI sends ten thousand (`tests/surface/test_api_*.py`).",
        "A fault is an answer of 500 or above, a byte of footage, an error that is no `application/problem+json`, or",
        "an answer that the document does not describe.",
        "",
        f"**{storm.sent} requests, seed {number}, {seconds:.0f} s: {len(storm.faults)} faults.**",
        "",
        f"| operation | {' | '.join(map(str, statuses))} |",
        f"| --- |{' ---: |' * len(statuses)}",
    ]
    for label in sorted({label for label, _ in storm.statuses}):
        counts = [str(storm.statuses[label, status] or "") for status in statuses]
        lines.append(f"| `{label}` | {' | '.join(counts)} |")
    if storm.faults:
        lines += ["", "## Found", "", *(f"* {fault}" for fault in storm.faults[:100])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
