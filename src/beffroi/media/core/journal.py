"""The lines of a volume's journal: canonical JSON, numbered, each naming the SHA-256 of the one before. Pure.

``{"n": 7, "at_us": …, "prev": "<hex>", "do": "seal", …}``. The head after a line is the SHA-256 of its bytes without
the newline. Lines that destroy or release carry ``sig``, an Ed25519 signature over the line without it. A line that is
not the first of its flush names that first one in ``of``.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.signing import SigningKey, VerifyKey

FORMAT = 1
Line = dict[str, Any]


def make_line(
    *, n: int, at_us: int, previous: bytes, do: str, fields: Mapping[str, Json], key: SigningKey | None = None
) -> bytes:
    """The bytes of a line, without newline; signed when ``key`` is given."""
    body: dict[str, Json] = {"n": n, "at_us": at_us, "prev": previous.hex(), "do": do, **fields}
    if key is not None:
        body["sig"] = b64(key.sign(canonical_bytes(body)))
    return canonical_bytes(body)


def _is_canonical(line: Line, raw: bytes) -> bool:
    """Whether ``raw`` is the one form of ``line``. For names of ASCII and no fractions, which is all that is ever
    written, the standard library gives the same bytes ten times as fast, whatever the texts are."""
    quick = json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return quick.encode("utf-8", "surrogatepass") == raw or canonical_bytes(line) == raw


@dataclass(frozen=True, slots=True)
class Break:
    """Lines ``first`` to ``last`` are not there, or not what was written. ``after`` is the head that the next good line
    names: what stood there is lost, but nothing else can be put in its place."""

    first: int
    last: int
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: Line
    head: bytes

    def names(self, other: "_Candidate") -> bool:
        return bool(self.line["prev"] == other.head.hex())

    def follows(self, other: "_Candidate") -> bool:
        """By its number alone."""
        return bool(self.line["n"] == other.line["n"] + 1)


def _refused(text: str) -> float:
    raise ValueError(f"{text} is in no line of a journal")


def well_formed(raw: bytes) -> Line | None:
    """The line in ``raw`` when it is one, wherever it may belong."""
    try:
        line = json.loads(raw, parse_float=_refused, parse_constant=_refused)
        if not isinstance(line, dict) or not _is_canonical(line, raw):
            return None
    except (ValueError, RecursionError):
        return None
    n, prev, do = line.get("n"), line.get("prev"), line.get("do")
    return line if isinstance(n, int) and n > 0 and isinstance(prev, str) and isinstance(do, str) else None


def follow(raws: Iterable[bytes], *, n: int = 1, previous: bytes = GENESIS) -> Iterator[tuple[Line, bytes] | Break]:
    """Each line that can be proved, with the head after it, and a ``Break`` wherever some are missing between.

    A line is proved by the next, which names its SHA-256; where the next is itself lost, or there is none, by its form
    and its number. Bytes that are no line are passed over: if they were one, its number is missing.
    """
    window: deque[_Candidate] = deque()
    source = iter(raws)
    while True:
        while len(window) < 3 and (candidate := _next(source)) is not None:
            window.append(candidate)
        if not window:
            return
        one = window.popleft()
        if one.line["n"] < n or not _vouched(one, window):
            continue
        if one.line["n"] > n or one.line["prev"] != previous.hex():
            yield Break(n, max(n, one.line["n"] - 1), previous, bytes.fromhex(one.line["prev"]))
        yield one.line, one.head
        n, previous = one.line["n"] + 1, one.head


def _next(source: Iterator[bytes]) -> _Candidate | None:
    for raw in source:
        line = well_formed(raw)
        if line is not None and len(line["prev"]) == 2 * len(GENESIS) and _is_hex(line["prev"]):
            return _Candidate(line, sha256(raw))
    return None


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in text)


def _vouched(one: _Candidate, after: deque[_Candidate]) -> bool:
    if not after or after[0].names(one):
        return True
    if not after[0].follows(one):
        return bool(after[0].line["n"] > one.line["n"])  # the next is lost; a number that jumps ahead is not believed
    if len(after) < 2 or not after[1].follows(after[0]):
        return False
    return not after[1].names(after[0])  # the next is itself not what was written: it proves nothing


def signed_by(line: Line, key: VerifyKey) -> bool:
    """Whether ``key`` signed this line."""
    try:
        signature = unb64(str(line.get("sig", "")))
    except ValueError:
        return False
    return key.verifies(signature, canonical_bytes({name: value for name, value in line.items() if name != "sig"}))
