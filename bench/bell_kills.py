"""The bell killed at every named boundary of its code, with as many presses as are asked for.

``.venv/bin/python bench/bell_kills.py [--presses 10000] [--to FILE]``. Box and centre as
processes, SIGKILL at each place of ``tests/edge/boundaries.py`` in turn, the box's clock an hour ahead or behind in two
lives of three. Exit code 1 where a press was lost or doubled, or a restart changed a state.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tests.edge import boundaries  # noqa: E402
from tests.edge.lives import Lives, each_place  # noqa: E402

from beffroi.kernel.clock import SystemClock  # noqa: E402

A_PLACE = 100
"""Presses while one place is waited for."""


def page(lives: Sequence[Lives], seconds: float) -> str:
    """What is committed."""
    deaths = sum((one.deaths for one in lives), Counter())
    pressed, repeated = sum(one.pressed for one in lives), sum(one.repeated for one in lives)
    day = SystemClock().now().date().isoformat()
    rows = [
        f"| {part} | {place} | {deaths[place]} |"
        for part, places in (("box", boundaries.BOX), ("centre", boundaries.CENTRE))
        for place in places
    ]
    return "\n".join(
        (
            "# The bell killed at every boundary",
            "",
            f"Written by `make bell-kills` on {day} (two cores, load {os.getloadavg()[0]:.0f}, {seconds:.0f} s).",
            f"**{pressed:,} presses, {sum(deaths.values())} deaths by SIGKILL at the places below; 0 lost,",
            "0 doubled, no state changed by a restart**, box and centre with the same facts, one fact in the log for",
            f"each event. {repeated:,} times a press met a dead box and was repeated. In two of three",
            "of its lives the box's clock was an hour ahead or behind.",
            "",
            "| part | where it died | times |",
            "| --- | --- | --- |",
            *rows,
            "",
        )
    )


def main() -> int:
    """Kill, check, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=10_000)
    parser.add_argument("--to", type=Path)
    given = parser.parse_args()
    places = len(boundaries.BOX) + len(boundaries.CENTRE)
    began = time.monotonic()
    done: list[Lives] = []
    for number in range(-(-given.presses // (places * A_PLACE))):
        with tempfile.TemporaryDirectory(prefix="beffroi-kills-") as folder:
            done.append(Lives(Path(folder)))
            try:
                each_place(done[-1], number, presses=A_PLACE)
                done[-1].check()
            except AssertionError as fault:
                print(f"After {sum(one.pressed for one in done)} presses: {fault}")
                return 1
            finally:
                done[-1].close()
    text = page(done, time.monotonic() - began)
    if given.to:
        given.to.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
