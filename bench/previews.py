"""Previews of a timeline through the real front: made of the key frame, then as the door still has them.

    python bench/previews.py [--moments 120]

The stream of ``bench/movement.py``, an hour of it; one small picture each 30 s, asked for one after the other, twice.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.movement import INCIDENT, SQUARE, write
from tests.media.door.front import Front, browser, running_front

from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--moments", type=int, default=120)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as name:
        base = Path(name)
        span = write(base, 1)
        with running_front(base) as front:
            first, again = asyncio.run(ask(front, span, arguments.moments))
    print(f"| a preview, of {arguments.moments} | made: {first:.1f} ms | kept: {again:.1f} ms |")
    return 0


async def ask(front: Front, span: Span, moments: int) -> tuple[float, float]:
    """Milliseconds a preview takes the first time and the second, from request to last byte."""
    session, binding = await browser(front)
    ticket = front.ticket(Mode.REPLAY, binding, cameras=(SQUARE,), span=span, basis=INCIDENT)
    step = (span.end_us - span.start_us) // moments
    told = []
    async with session:
        for _ in range(2):
            began = time.monotonic()
            for at in range(moments):
                address = f"{front.url}/door/preview/{SQUARE}?stream=sub&at_us={span.start_us + at * step}"
                async with session.get(address, headers={"Beffroi-Ticket": ticket}) as answer:
                    await answer.read()
                    assert answer.status == 200, address
            told.append((time.monotonic() - began) * 1_000 / moments)
    return told[0], told[1]


if __name__ == "__main__":
    sys.exit(main())
