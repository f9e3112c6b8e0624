"""Is the stored log the one that was chained and signed? Pure: rows come in, the first break and a report go out.

What is found, and by what: an edited fact (its commitment), a recommitted one (its leaf), a moved or replaced entry
(the chain's head), a missing entry (a hole in the count), a cut end (a signed checkpoint of more entries), a log
rewritten from some point on (the root in a signed checkpoint), a body erased without its ``fact:erase`` (I11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from beffroi.audit.core import checkpoints as notes
from beffroi.audit.core import facts
from beffroi.audit.core.checkpoints import NoteKey
from beffroi.audit.core.merkle import EMPTY, Frontier, leaf_hash
from beffroi.kernel.digest import GENESIS, link


class BreakKind(StrEnum):
    """How the stored log differs from the one that was chained."""

    MISSING = "missing"
    REORDERED = "reordered"
    EDITED = "edited"
    RECOMMITTED = "recommitted"
    ERASED_WITHOUT_RULE = "erased_without_rule"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    CHECKPOINT_FORGED = "checkpoint_forged"
    UNREADABLE = "unreadable"
    UNCHAINED = "unchained"


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as the database gives it. ``fact`` is ``None`` where the body was erased."""

    id: str
    name: str
    commitment: bytes
    fact: facts.Fact | None
    salt: bytes
    at_agrees: bool = True
    erased_rule: str = ""
    erased_by: str = ""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with its fact; ``fact`` is ``None`` where the row is gone."""

    index: int
    leaf: bytes
    head: bytes
    fact_id: str
    fact: StoredFact | None


@dataclass(frozen=True, slots=True)
class Break:
    """Where the log breaks, how, and in which fact."""

    kind: BreakKind
    index: int
    fact: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found. ``breaks`` are in the order of the log; erased facts are named with their rule."""

    entries: int
    root: bytes
    checkpoints: int
    signatures_checked: bool
    unchained: int
    erased: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()

    @property
    def first(self) -> Break | None:
        """The first break, or ``None``."""
        return self.breaks[0] if self.breaks else None


MAX_BREAKS = 100
"""More are not collected: the first is what matters."""


class Walk:
    """One pass over the stored log. Feed entries in order of ``index``, then ask for the report."""

    def __init__(self, given: Sequence[str], *, key: NoteKey | None) -> None:
        """``given`` are signed notes: those stored beside the log and any that a stranger brought."""
        self._breaks: list[Break] = []
        self._signed: dict[int, list[bytes]] = {}
        self._key = key
        self._count = len(given)
        for note in given:
            self._take_note(note)
        self._frontier = Frontier()
        self._head = GENESIS
        self._erased: dict[str, tuple[int, str, str]] = {}
        self._erasures: dict[str, tuple[str, str]] = {}
        self._check_root()

    def _take_note(self, note: str) -> None:
        try:
            checkpoint = notes.read(note)
        except ValueError as error:
            self._found(BreakKind.UNREADABLE, 0, detail=str(error))
            return
        if self._key is not None and not notes.signed_by(note, self._key):
            self._found(BreakKind.CHECKPOINT_FORGED, checkpoint.size, detail=f"checkpoint of {checkpoint.size} entries")
            return
        self._signed.setdefault(checkpoint.size, []).append(checkpoint.root)

    def _found(self, kind: BreakKind, index: int, fact: str = "", detail: str = "") -> None:
        if len(self._breaks) < MAX_BREAKS:
            self._breaks.append(Break(kind, index, fact, detail))

    def take(self, entry: StoredEntry) -> None:
        """The next stored entry."""
        expected = self._frontier.size
        if entry.index != expected:
            self._found(BreakKind.MISSING, expected, entry.fact_id, f"entry {expected} is followed by {entry.index}")
        self._check_fact(entry)
        self._head = link(self._head, entry.leaf)
        if self._head != entry.head:
            self._found(BreakKind.REORDERED, entry.index, entry.fact_id, "the chain does not lead here")
            self._head = entry.head
        self._frontier = self._frontier.grown([entry.leaf])
        self._check_root()

    def _check_fact(self, entry: StoredEntry) -> None:
        stored = entry.fact
        if stored is None:
            self._found(BreakKind.MISSING, entry.index, entry.fact_id, "the fact of this entry is gone")
            return
        if leaf_hash(facts.entry_bytes(stored.id, stored.name, stored.commitment)) != entry.leaf:
            self._found(BreakKind.RECOMMITTED, entry.index, stored.id, "the leaf is not this fact's")
        if stored.fact is None:
            self._erased[stored.id] = (entry.index, stored.erased_rule, stored.erased_by)
            if not stored.at_agrees:
                self._found(BreakKind.EDITED, entry.index, stored.id, "the time is not the one in its identifier")
            return
        try:
            honest = facts.commitment(stored.fact, stored.salt) == stored.commitment
        except ValueError:
            honest = False
        if not honest:
            self._found(BreakKind.EDITED, entry.index, stored.id, "what it says is not what was committed to")
        elif stored.name == "fact:erase":
            body = stored.fact.body
            self._erasures[str(body.get("fact", ""))] = (stored.id, str(body.get("rule", "")))

    def _check_root(self) -> None:
        roots = self._signed.pop(self._frontier.size, [])
        if roots and any(root != self._frontier.root() for root in roots):
            at = max(self._frontier.size - 1, 0)
            detail = f"the signed root over {self._frontier.size} entries is another"
            self._found(BreakKind.REWRITTEN, at, detail=detail)

    def report(self, *, unchained: Iterable[str] = ()) -> Report:
        """Close the walk. ``unchained`` are facts that should have been chained by now and are not."""
        size = self._frontier.size
        for beyond in sorted(self._signed):
            self._found(BreakKind.TRUNCATED, size, detail=f"a signed checkpoint knows {beyond} entries")
        for fact, (index, rule, by) in self._erased.items():
            if not rule or self._erasures.get(fact) != (by, rule):
                self._found(BreakKind.ERASED_WITHOUT_RULE, index, fact, "no fact:erase in the log names it")
        waiting = list(unchained)
        for fact in waiting:
            self._found(BreakKind.UNCHAINED, size, fact, "recorded long ago and not in the chain")
        order = sorted(self._breaks, key=lambda one: one.index)
        erased = {fact: rule for fact, (_, rule, _) in self._erased.items()}
        root = self._frontier.root() if size else EMPTY
        return Report(size, root, self._count, self._key is not None, len(waiting), erased, tuple(order))
