"""Second half of ``make fuzz``: ten thousand requests drawn for the door; the result is a page.

    python tools/fuzz_door.py [--requests 10000] [--seed 1] [--page docs/reference/fuzz-door.md]

Exit code 1 when anything was found. Needs the footage of ``BEFFROI_MATERIAL``.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Send them and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "reference" / "fuzz-door.md")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.media.door import door_storm

    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        storm = door_storm.blow(Path(folder), given.requests, given.seed)
    seconds = time.monotonic() - began
    statuses = sorted({status for _, status in storm.statuses})
    lines = [
        "# Requests drawn at random for the door",
        "",
        "Made by `make fuzz`; not written by hand. Every route of the door that answers HTTP is asked for footage that",
        "is there and that is not, with tickets that are good and that are of another mode, camera, span or browser,",
        "expired, forged or absent (`tests/media/door/door_storm.py`; CI sends some hundreds:",
        "`test_no_unlogged_look.py`). A fault is an answer of 500 or above, a picture or a package without its",
        "`look:begin` in the journal, one that stands there under another camera, footage in a refusal, or a grant",
        "whose looks say other bytes than came.",
        "",
        f"**{storm.statuses.total()} requests, seed {given.seed}, {seconds:.0f} s: {len(storm.faults)} faults;",
        f"{storm.shown.total()} answers with footage, each of them in the journal.**",
        "",
        f"| route | with footage | {' | '.join(map(str, statuses))} |",
        f"| --- | ---: |{' ---: |' * len(statuses)}",
    ]
    for route in sorted({route for route, _ in storm.statuses}):
        counts = [str(storm.statuses[route, status] or "") for status in statuses]
        lines.append(f"| `{route}` | {storm.shown[route] or ''} | {' | '.join(counts)} |")
    if storm.faults:
        lines += ["", "## Found", "", *(f"* {fault}" for fault in storm.faults[:100])]
    given.page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{storm.statuses.total()} requests, {len(storm.faults)} faults: {given.page}")
    return 1 if storm.faults else 0


if __name__ == "__main__":
    sys.exit(main())
