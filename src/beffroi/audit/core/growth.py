"""Did today's log grow from an earlier checkpoint? A consistency proof (RFC 9162 §2.1.4) from what is stored today.

Leaves are told anew from the stored facts, not read from the tree: a fact edited since changes the root.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from beffroi.audit.core import checkpoints as notes
from beffroi.audit.core import facts
from beffroi.audit.core.checkpoints import Checkpoint, NoteKey
from beffroi.audit.core.merkle import consistency_proof, leaf_hash, root_of, verify_consistency
from beffroi.audit.core.verify import StoredEntry

SLIP = "BEFFROI1"
"""First line of the QR code on a slip; the package's digest and then the checkpoint follow."""
GONE = bytes(32)


class Growth(StrEnum):
    """What became of the log that the earlier checkpoint speaks of."""

    CONTAINED = "contained"
    ALTERED = "altered"
    CUT = "cut"
    BROKEN_SINCE = "broken_since"
    FOREIGN = "foreign"
    FORGED = "forged"
    UNREADABLE = "unreadable"


WORDS: dict[Growth, tuple[str, str]] = {
    Growth.CONTAINED: ("Today’s log contains it unchanged.", "Le journal d’aujourd’hui le contient sans changement."),
    Growth.ALTERED: (
        "Today’s log does not contain it: something it covers was changed, moved or taken away.",
        "Le journal d’aujourd’hui ne le contient pas : une partie qu’il couvre a été modifiée, déplacée ou retirée.",
    ),
    Growth.CUT: (
        "Today’s log does not contain it: the log has fewer entries than this checkpoint covers.",
        "Le journal d’aujourd’hui ne le contient pas : il compte moins d’entrées que ce point de contrôle.",
    ),
    Growth.BROKEN_SINCE: (
        "Today’s log begins with it unchanged, but what came after does not fit the newest signed checkpoint.",
        "Le journal commence par lui sans changement, mais la suite diffère du dernier point de contrôle signé.",
    ),
    Growth.FOREIGN: (
        "This checkpoint is about the log of another centre.",
        "Ce point de contrôle est celui du journal d’un autre centre.",
    ),
    Growth.FORGED: (
        "This checkpoint does not bear this centre’s signature.",
        "Ce point de contrôle ne porte pas la signature de ce centre.",
    ),
    Growth.UNREADABLE: ("This is no checkpoint.", "Ceci n’est pas un point de contrôle."),
}
"""English and French: the command line and the page say the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer, and with the proof what a stranger needs to check it without the database."""

    growth: Growth
    earlier: Checkpoint | None = None
    size: int = 0
    root: bytes = b""
    proof: tuple[bytes, ...] = ()

    def words(self, language: str) -> str:
        """The answer as a sentence."""
        return WORDS[self.growth][language.startswith("fr")]


def pasted(text: str) -> str:
    """The note in a pasted text: a checkpoint as it was kept, or all that the QR code of a slip says."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and lines[0] == SLIP:
        lines = lines[2:]
    return "\n".join(lines) + "\n"


def leaf_today(entry: StoredEntry) -> bytes:
    """The leaf that the stored fact makes today; of an erased one only its commitment is left."""
    stored = entry.fact
    if stored is None:
        return GONE
    try:
        committed = facts.commitment(stored.fact, stored.salt) if stored.fact is not None else stored.commitment
    except ValueError:
        return GONE
    return leaf_hash(facts.entry_bytes(stored.id, stored.name, committed))


def compare(note: str, *, tip: str, leaves: Sequence[bytes], key: NoteKey | None) -> Comparison:
    """Whether the log of ``leaves``, signed today by ``tip``, begins with the log of the earlier ``note``.

    Without ``key`` no signature is checked.
    """
    try:
        earlier = notes.read(note)
    except ValueError:
        return Comparison(Growth.UNREADABLE)
    if key is not None and earlier.origin != key.name:
        return Comparison(Growth.FOREIGN, earlier)
    if key is not None and not notes.signed_by(note, key):
        return Comparison(Growth.FORGED, earlier)
    size, root = len(leaves), root_of(leaves)
    if earlier.size > size:
        return Comparison(Growth.CUT, earlier, size, root)
    proof = tuple(consistency_proof(leaves, earlier.size)) if earlier.size else ()
    grown = verify_consistency(old=earlier.size, new=size, old_root=earlier.root, new_root=root, proof=proof)
    if not grown:
        return Comparison(Growth.ALTERED, earlier, size, root, proof)
    verdict = Growth.CONTAINED if _is_signed(tip, size, root, key) else Growth.BROKEN_SINCE
    return Comparison(verdict, earlier, size, root, proof)


def _is_signed(tip: str, size: int, root: bytes, key: NoteKey | None) -> bool:
    try:
        newest = notes.read(tip)
    except ValueError:
        return False
    return (newest.size, newest.root) == (size, root) and (key is None or notes.signed_by(tip, key))
