"""The whole suite: ``run_tests.py [PYTEST ARGUMENTS]``. With arguments, one plain pytest run with them.

In order, cheapest first: cores and architecture and planes in two processes; planes again on a real PostgreSQL; pages
and browsers in two processes; what drives cameras and the whole centre one after the other. Ends with the sum, and 1
when anything failed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = {"tests/unit", "tests/architecture", "tests/plane"}
PAGES = {"tests/surface", "tests/migration"}
IN_TWO = ["-n", "2", "--dist", "loadfile"]
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|error|errors|xfailed)")


def main(arguments: list[str]) -> int:
    """Run everything, or just what the arguments name."""
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.run([*pytest, *arguments], cwd=ROOT, check=False).returncode
    known = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}
    parts = [
        ("cores, rules of the house, planes", [*sorted(known & CORES), *IN_TWO], {}),
        ("planes on PostgreSQL", ["tests/plane"], {"BEFFROI_TEST_DATABASE": "postgres"}),
        ("pages, migrations", [*sorted(known & PAGES), *IN_TWO], {}),
        ("media, edge, whole centre", sorted(known - CORES - PAGES), {}),
    ]
    total: dict[str, int] = {}
    worst = 0
    for title, chosen, environment in parts:
        if not chosen:
            continue
        print(f"── {title} ──", flush=True)
        code, counts = run([*pytest, "-q", *chosen], environment)
        worst = worst or (code if code != 5 else 0)  # 5: no test there, which the sum shows
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    failed = total.get("failed", 0) + total.get("errors", 0)
    print(f"{total.get('passed', 0)} passed, {failed} failed, {total.get('skipped', 0)} skipped", flush=True)
    return worst or int(failed > 0)


def run(command: list[str], environment: dict[str, str]) -> tuple[int, dict[str, int]]:
    """Run, pass its output through, and read the counts off pytest's closing line."""
    counts: dict[str, int] = {}
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        print(line, end="", flush=True)
        found = COUNTED.findall(line)
        if found and (" in " in line):
            counts = {("errors" if name == "error" else name): int(count) for count, name in found}
    return child.wait(), counts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
