"""Which fragments of a file a hold needs, to the group of pictures: from the key frame at or before the span that is
held, to the last fragment that meets it. It is what an extraction of that span would deliver. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from beffroi.kernel.spans import Span
from beffroi.media.core.index import Entry
from beffroi.media.core.stamp import RANDOM_ACCESS


@dataclass(frozen=True, slots=True)
class Tomb:
    """A stretch of fragments that was destroyed and whose neighbours were not: what the chain needs of it."""

    first: int  # sequence numbers, in the run
    last: int
    start_us: int
    end_us: int
    head: bytes  # SHA-256 of the last: the fragment after names it


def needed(entries: Sequence[Entry], held: Iterable[Span], *, by_next: bool = False) -> list[bool]:
    """For each fragment whether it must stay. ``by_next``: the file after this one, of the same run, begins inside a
    group of pictures that must stay, so the last group here leads to it."""
    keep = [False] * len(entries)
    for span in held:
        for at, each in enumerate(entries):
            if each.end_us > span.start_us and each.start_us < span.end_us:
                keep[at] = True
    if by_next and entries:
        keep[-1] = True
    for at in range(len(entries) - 1, 0, -1):
        before, each = entries[at - 1], entries[at]
        if keep[at] and not each.flags & RANDOM_ACCESS and before.sequence == each.sequence - 1:
            keep[at - 1] = True
    return keep


def tombs(entries: Sequence[Entry], keep: Sequence[bool]) -> list[Tomb]:
    """The stretches that go."""
    found: list[Tomb] = []
    for each, kept in zip(entries, keep, strict=True):
        if kept:
            continue
        if found and found[-1].last == each.sequence - 1:
            last = found[-1]
            found[-1] = Tomb(last.first, each.sequence, last.start_us, each.end_us, each.sha256)
        else:
            found.append(Tomb(each.sequence, each.sequence, each.start_us, each.end_us, each.sha256))
    return found


def moved(entries: Sequence[Entry], keep: Sequence[bool], *, init_bytes: int) -> list[Entry]:
    """The fragments that stay, where they stand in a file of their own: other offsets, the same digests."""
    found: list[Entry] = []
    at = init_bytes
    for each, kept in zip(entries, keep, strict=True):
        if kept:
            found.append(
                Entry(
                    each.sequence,
                    at,
                    each.length,
                    each.start_us,
                    each.end_us,
                    each.decode_time_90k,
                    each.flags,
                    each.frames,
                    each.camera_offset_us,
                    each.uncertainty_us,
                    each.sha256,
                )
            )
            at += each.length
    return found
