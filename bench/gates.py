"""How long one decision of each gate takes, with pre-filtered grants (target: 100 µs), and one sealed ticket.

``.venv/bin/python bench/gates.py [--json]``. The questions are those of the tests; each is decided many times and the
fastest of several runs is shown, so that a busy machine does not spoil the figure. The yardstick of the same run is
one SHA-256 of 64 kB.
"""

import argparse
import hashlib
import json
import sys
import timeit
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "src"), str(Path(__file__).parents[1])]

from tests.unit.governance import samples  # noqa: E402
from tests.unit.governance.test_gate_a import PRELIMINARY  # noqa: E402

from beffroi.governance.core import gate_a, gate_b  # noqa: E402
from beffroi.governance.core.context import AccessContext  # noqa: E402
from beffroi.governance.core.gate_b import about  # noqa: E402
from beffroi.kernel.clock import to_us  # noqa: E402
from beffroi.kernel.signing import SigningKey  # noqa: E402
from beffroi.media.core.tickets import Basis, Mode, Ticket, seal  # noqa: E402

TARGET_US = 100.0
CAMERAS = 8


def filtered(context: AccessContext) -> AccessContext:
    """The question as ``queries.access.prefiltered`` gives it to the gate."""
    kept = [
        replace(one, grants=tuple(grant for grant in one.grants if about(context, grant)))
        for one in context.conventions
    ]
    force = context.viewer.force.value
    orders = tuple(one for one in context.orders if any(line.force == force for line in one.recipients))
    return replace(context, conventions=tuple(kept), orders=orders)


def questions() -> dict[str, Callable[[], object]]:
    """Name to one decision."""
    names = tuple(f"c{index}" for index in range(1, CAMERAS + 1))
    many = tuple(samples.camera(name) for name in names)
    ground = samples.incident(cameras=frozenset(names))
    relay = filtered(samples.relay())
    wide = filtered(samples.relay(request=samples.request(cameras=names), cameras=many, ground=ground))
    replay, duty = filtered(samples.replay()), filtered(samples.duty())
    refused = filtered(samples.relay(request=samples.request(purpose="L251-2:7")))
    executor = samples.officer()
    key = SigningKey(bytes(32))
    at = to_us(samples.NOW)
    ticket = Ticket(
        "t",
        "g",
        "p",
        "Name",
        "GN",
        Mode.RELAY,
        names,
        None,
        Basis("a", "incident", "i", "r"),
        "0" * 64,
        at,
        at + 60_000_000,
    )
    found: dict[str, Callable[[], object]] = {
        name: (lambda context=context: gate_b.decide(context, samples.PACK, samples.NOW))
        for name, context in (
            ("gate B, live on duty", duty),
            ("gate B, relay", relay),
            (f"gate B, relay of {CAMERAS} cameras", wide),
            ("gate B, replay on a case", replay),
            ("gate B, refused by the convention", refused),
        )
    }
    found["gate A, preliminary inquiry"] = lambda: gate_a.decide(PRELIMINARY, samples.PACK, executor, samples.NOW)
    found["ticket sealed"] = lambda: seal(ticket, key)
    found["yardstick: SHA-256 of 64 kB"] = lambda: hashlib.sha256(bytes(65_536)).digest()
    return found


def measure(act: Callable[[], object], *, runs: int = 7, count: int = 500) -> float:
    """Microseconds of one call, the fastest of ``runs``."""
    return min(timeit.repeat(act, number=count, repeat=runs)) / count * 1e6


def main() -> int:
    """Print the table; 1 when a gate is slower than its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    taken = {name: round(measure(act), 1) for name, act in questions().items()}
    if arguments.json:
        print(json.dumps(taken))
    else:
        for name, microseconds in taken.items():
            target = f"target {TARGET_US:.0f}" if name.startswith("gate") else ""
            print(f"{name:38} {microseconds:8.1f} µs  {target}")
    return int(any(value > TARGET_US for name, value in taken.items() if name.startswith("gate")))


if __name__ == "__main__":
    sys.exit(main())
