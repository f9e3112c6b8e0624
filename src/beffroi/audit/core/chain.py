"""The chain: every entry's head binds it to all before it, so that the first break has a place.

The signed checkpoints (``merkle``, ``checkpoints``) prove the log to strangers; the chain says at which entry the
stored log stops being what was chained.
"""

from collections.abc import Iterable, Iterator

from beffroi.kernel.digest import link


def heads(previous: bytes, leaves: Iterable[bytes]) -> Iterator[bytes]:
    """The head after each of ``leaves`` (32-byte leaf hashes), going on from ``previous``."""
    head = previous
    for leaf in leaves:
        head = link(head, leaf)
        yield head


def first_break(previous: bytes, links: Iterable[tuple[bytes, bytes]]) -> int | None:
    """The position of the first ``(leaf, head)`` whose head does not follow from what stands before, or ``None``."""
    head = previous
    for position, (leaf, stored) in enumerate(links):
        head = link(head, leaf)
        if head != stored:
            return position
    return None
