"""Text that a paper's fonts can set. PDF/A forbids a letter without a glyph, so a paper with an emoji in a note would
not be made at all: what the fonts lack is shown as ``?``, and the record keeps the text as it was typed."""

from collections.abc import Mapping, Sequence

from beffroi.kernel.canonical import Json

_KEPT = frozenset("\n–—‘’‚“”„†•…‹›«»€№™→←↔−≤≥·◇ \u202f")


def legible(value: Json) -> Json:
    """The same value with every letter outside Latin, Greek and Cyrillic, and every invisible one, as ``?``."""
    if isinstance(value, str):
        return "".join(letter if letter in _KEPT or _plain(letter) else "?" for letter in value)
    if isinstance(value, Mapping):
        return {name: legible(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [legible(part) for part in value]
    return value


def _plain(letter: str) -> bool:
    return letter.isprintable() and ord(letter) < 0x0500 and not 0x0300 <= ord(letter) <= 0x036F
