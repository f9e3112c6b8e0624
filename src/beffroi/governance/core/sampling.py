"""Which entries of the log a control looks at: told by a seed that anyone may choose and compute again. Pure."""

from beffroi.kernel.digest import sha256

SEED_LETTERS = 80
SAMPLE = 40
"""Design default: entries a bundle shows."""
RULE = "entry k is the first of SHA-256(seed ':' n) modulo size, n = 0, 1, 2 …, that was not taken yet"

DISCLOSED = ("look:", "access:", "hold:", "extraction:", "package:")
"""Names whose facts stand in a register of the bundle anyway: they are disclosed, the others stay sealed."""


def picks(seed: str, size: int, count: int) -> tuple[int, ...]:
    """The indexes, ascending: ``count`` different ones, or all where the log is smaller."""
    taken: set[int] = set()
    number = 0
    while len(taken) < min(count, size):
        taken.add(int.from_bytes(sha256(f"{seed}:{number}".encode()), "big") % size)
        number += 1
    return tuple(sorted(taken))
