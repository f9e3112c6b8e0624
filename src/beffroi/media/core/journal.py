"""The lines of a volume's journal: canonical JSON, numbered, each naming the SHA-256 of the one before. Pure.

``{"n": 7, "at_us": …, "prev": "<hex>", "do": "seal", …}``. The head after a line is the SHA-256 of its bytes without
the newline. Lines that destroy or release carry ``sig``, an Ed25519 signature over the line without it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.digest import GENESIS, sha256
from beffroi.kernel.errors import Corrupt
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


def read_line(raw: bytes, *, n: int, previous: bytes) -> Line:
    """The line in ``raw``, which must be number ``n`` after the head ``previous``; ``Corrupt`` otherwise."""
    broken = Corrupt(f"Line {n} of the journal is not what was written.", code="journal_broken")
    try:
        line = json.loads(raw)
        if not isinstance(line, dict) or canonical_bytes(line) != raw:
            raise broken
    except (ValueError, RecursionError):
        raise broken from None
    if line.get("n") != n or line.get("prev") != previous.hex() or not isinstance(line.get("do"), str):
        raise broken
    return line


def read_lines(raws: Iterable[bytes], *, n: int = 1, previous: bytes = GENESIS) -> Iterator[tuple[Line, bytes]]:
    """Each line with the head after it; ``Corrupt`` at the first that does not follow."""
    for raw in raws:
        line = read_line(raw, n=n, previous=previous)
        previous = sha256(raw)
        yield line, previous
        n += 1


def signed_by(line: Line, key: VerifyKey) -> bool:
    """Whether ``key`` signed this line."""
    try:
        signature = unb64(str(line.get("sig", "")))
    except ValueError:
        return False
    return key.verifies(signature, canonical_bytes({name: value for name, value in line.items() if name != "sig"}))
