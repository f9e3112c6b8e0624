"""After lines of a journal were lost: what the catalogue still knows of them, to be said again.

Holds above all (I6): a hold whose line is lost would else be forgotten at the next rebuild, and its pictures destroyed.
Pictures themselves need none of this: their files are taken in.
"""

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import sha256


@dataclass(frozen=True, slots=True)
class Said:
    """A line to write again; ``acted_us`` in its fields is when it was true first."""

    do: str
    fields: dict[str, Json]


def unsaid(before: sqlite3.Connection, after: sqlite3.Connection) -> Iterator[Said]:
    """What the catalogue ``before`` has and the one made from the journal lacks."""
    for query, make in ((_HOLDS, _hold), (_GAPS, _gap), (_DESTROYED, _destroyed)):
        mine = {row[:-1]: row[-1] for row in after.execute(query)}
        for row in before.execute(query):
            yield from make(row, known=row[:-1] in mine, ended=mine.get(row[:-1]), after=after)


def unsaid_runs(after: sqlite3.Connection, runs: Collection[str]) -> Iterator[Said]:
    """The lines of ``runs`` again, as their files tell of them."""
    for run in sorted(runs):
        row = after.execute(
            "SELECT camera, stream, codec, width, height, synthetic, mask_version, born_us, init FROM run "
            "WHERE run = ?",
            (run,),
        ).fetchone()
        names = ("camera", "stream", "codec", "width", "height", "synthetic", "mask_version", "born_us")
        fields = dict(zip(names, row, strict=False))
        known = {"run": run, "synthetic": bool(fields["synthetic"]), "init": sha256(bytes(row[-1])).hex()}
        yield Said("run", _json(fields | known))


_HOLDS = "SELECT hold, camera, start_us, end_us, reference, judicial, set_us, reason, released_us FROM hold"
_GAPS = "SELECT camera, stream, start_us, cause, detail, end_us FROM gap ORDER BY id"
_DESTROYED = (
    "SELECT segment, camera, stream, start_us, end_us, bytes, hex(head), rule, at_us, NULL FROM destruction ORDER BY id"
)


def _hold(row: tuple[object, ...], *, known: bool, ended: object, after: sqlite3.Connection) -> Iterator[Said]:
    hold, camera, start, end, reference, judicial, set_us, reason, released = row
    there = after.execute("SELECT released_us FROM hold WHERE hold = ?", (hold,)).fetchone()
    if there is None:
        fields = {"hold": hold, "camera": camera, "start_us": start, "end_us": end, "reference": reference}
        yield Said("hold", _json(fields | {"judicial": bool(judicial), "acted_us": set_us}))
    if released is not None and (there is None or there[0] is None):
        yield Said("release", _json({"hold": hold, "reason": reason, "acted_us": released}))


def _gap(row: tuple[object, ...], *, known: bool, ended: object, after: sqlite3.Connection) -> Iterator[Said]:
    camera, stream, start, cause, detail, end = row
    if not known:
        fields = {"camera": camera, "stream": stream, "start_us": start, "cause": cause, "detail": detail}
        yield Said("gap", _json(fields | ({"end_us": end} if end is not None else {})))
    elif ended is None and end is not None:
        (number,) = after.execute(
            "SELECT id FROM gap WHERE camera = ? AND stream = ? AND start_us = ? AND end_us IS NULL",
            (camera, stream, start),
        ).fetchone()
        yield Said("gap_end", _json({"gap": number, "end_us": end}))


def _destroyed(row: tuple[object, ...], *, known: bool, ended: object, after: sqlite3.Connection) -> Iterator[Said]:
    if not known:
        names = ("segment", "camera", "stream", "start_us", "end_us", "bytes", "head", "rule", "acted_us")
        fields = dict(zip(names, row, strict=False))
        yield Said("destroy", _json(fields | {"head": str(fields["head"]).lower()}))


def _json(fields: dict[str, object]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is None or isinstance(value, str | int | bool)}
