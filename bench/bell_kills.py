"""The bell killed at every named boundary of its code, with as many presses as are asked for.

``.venv/bin/python bench/bell_kills.py [--presses 10000] [--to FILE]``. Box and centre as
processes, SIGKILL at each place of ``tests/edge/boundaries.py`` in turn and at random microseconds, the box's clock an
hour ahead or behind in two lives of three; every other round with PostgreSQL under the centre, its tables and rows
locked by another transaction, the server crashed under it. In each round the worker dies at each of its places. Exit
code 1 where a press was lost or doubled, a message that is owed did not come, or a restart changed a state.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests import postgres  # noqa: E402
from tests.edge import boundaries  # noqa: E402
from tests.edge.lives import ANYWHERE, Lives, each_lock, each_place  # noqa: E402
from tests.edge.worker_lives import WorkerLives  # noqa: E402
from tests.edge.worker_lives import each_place as each_place_of_the_worker  # noqa: E402

from beffroi.kernel.clock import SystemClock  # noqa: E402

A_PLACE = 100
"""Presses while one place is waited for."""


RANDOM = 10
"""Deaths of each at a random microsecond, a round."""


def page(lives: Sequence[Lives], workers: Sequence[WorkerLives], seed: int, seconds: float) -> str:
    """What is committed."""
    deaths = sum((one.deaths for one in (*lives, *workers)), Counter[str]())
    locks = {what: times for what, times in deaths.items() if "locked" in what}
    pressed, repeated = sum(one.pressed for one in lives), sum(one.repeated for one in lives)
    day = SystemClock().now().date().isoformat()
    rows = [
        f"| {part} | {place} | {deaths[place]} |"
        for part, places in (
            ("box", boundaries.BOX),
            ("centre", boundaries.CENTRE),
            ("box and centre", (f"{ANYWHERE}",)),
            ("worker", boundaries.WORKER),
        )
        for place in places
    ]
    rows += [f"| centre’s PostgreSQL | {what} | {times} |" for what, times in sorted(locks.items())]
    return "\n".join(
        (
            "# The bell killed at every boundary",
            "",
            f"Written by `make bell-kills` on {day} (two cores, load {os.getloadavg()[0]:.0f}, {seconds:.0f} s).",
            f"**{pressed:,} presses, {deaths.total() - sum(locks.values())} deaths by SIGKILL at the places below,",
            f"{sum(locks.values())} locks and crashes of the database; 0 lost, 0 doubled, no state changed by a",
            "restart**,",
            "box and centre with the same facts, one fact in the log for each event, every rung of every alert once,",
            f"every message that was owed taken by a mail server. {repeated:,} times a press met a dead box and was",
            "repeated. In two of three of its lives the box's clock was an hour ahead or behind. Every other round",
            f"kept the centre's tables in PostgreSQL. The random microseconds come from the seed {seed}: they fall",
            "inside a commit of the database too, below the places that have a name.",
            "",
            "| part | where it died | times |",
            "| --- | --- | --- |",
            *rows,
            "",
        )
    )


def a_round(done: list[Lives], workers: list[WorkerLives], folder: Path, number: int, seed: int) -> None:
    """Every place once; every other time with PostgreSQL under the centre."""
    with closing(Lives(folder / "bell", postgres.start() if number % 2 else "")) as lives:
        done.append(lives)
        each_place(lives, number, presses=A_PLACE)
        for mortal in (lives.box, lives.centre):
            lives.anywhere(mortal, seed=seed + number, times=RANDOM)
        if number % 2:
            each_lock(lives, presses=A_PLACE // 10)
        lives.check()
    with closing(WorkerLives(folder / "worker", postgres.start() if number % 2 else "")) as worker:
        workers.append(worker)
        each_place_of_the_worker(worker)
        worker.check()


def main() -> int:
    """Kill, check, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=10_000)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    places = len(boundaries.BOX) + len(boundaries.CENTRE)
    began = time.monotonic()
    done: list[Lives] = []
    workers: list[WorkerLives] = []
    for number in range(-(-given.presses // (places * A_PLACE))):
        with tempfile.TemporaryDirectory(prefix="beffroi-kills-") as folder:
            try:
                a_round(done, workers, Path(folder), number, given.seed)
            except AssertionError as fault:
                print(f"After {sum(one.pressed for one in done)} presses: {fault}")
                return 1
    text = page(done, workers, given.seed, time.monotonic() - began)
    if given.to:
        given.to.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
