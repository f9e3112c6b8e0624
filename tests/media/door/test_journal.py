"""The door's journal: chained, signed, durable before anything is shown, whole after an accident (I2)."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.media.core.looks import LineName, check_lines, parse_line
from beffroi.media.door.journal import DoorJournal

KEY = SigningKey(bytes(32))
CLOCK = ManualClock(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))


def opened(path: Path) -> DoorJournal:
    return DoorJournal(path, KEY, CLOCK)


async def test_a_line_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    await journal.append(LineName.BEGIN, {"look": "1"})
    lines = [parse_line(raw) for raw in (tmp_path / "journal.jsonl").read_bytes().splitlines()]
    assert lines[-1].body == {"look": "1"}
    check_lines(lines, None, VerifyKey(KEY.public_bytes))
    journal.close()


async def test_lines_written_together_are_chained_and_come_back_by_number(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    await asyncio.gather(*(journal.append(LineName.BEGIN, {"look": str(n)}) for n in range(2_500)))
    assert journal.last_number == 2_501
    for after in (0, 999, 1_000, 1_001, 2_400, 2_501):
        lines = journal.lines(after, 300)
        assert [line.number for line in lines] == list(range(after + 1, min(after + 300, 2_501) + 1))
    check_lines(journal.lines(0, 5_000), None, VerifyKey(KEY.public_bytes))
    journal.close()


async def test_a_torn_line_is_cut_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    await journal.append(LineName.BEGIN, {"look": "1"})
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"v":1,"n":3,"at')
    journal = opened(path)
    await journal.append(LineName.BEGIN, {"look": "2"})
    lines = journal.lines(0, 10)
    assert [line.name for line in lines] == ["door:start", "look:begin", "door:start", "look:begin"]
    check_lines(lines, None, VerifyKey(KEY.public_bytes))
    journal.close()


async def test_a_changed_last_line_is_not_continued(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    await journal.append(LineName.BEGIN, {"look": "1"})
    journal.close()
    path.write_bytes(path.read_bytes().replace(b'"look":"1"', b'"look":"9"'))
    with pytest.raises(Corrupt):
        opened(path)


async def test_a_changed_line_anywhere_is_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = opened(path)
    for n in range(5):
        await journal.append(LineName.BEGIN, {"look": f"look-{n}"})
    journal.close()
    raw = path.read_bytes().replace(b"look-2", b"look-7")
    lines = [parse_line(line) for line in raw.splitlines()]
    with pytest.raises(Corrupt, match="line 4"):
        check_lines(lines, None, VerifyKey(KEY.public_bytes))


def test_two_doors_never_write_one_journal(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    with pytest.raises(Conflict):
        opened(tmp_path / "journal.jsonl")
    journal.close()


async def test_where_the_disk_refuses_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(tmp_path / "journal.jsonl")
    await journal.append(LineName.BEGIN, {"look": "1"})

    def refuse(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", refuse)
    with pytest.raises(Unavailable) as caught:
        await journal.append(LineName.BEGIN, {"look": "2"})
    assert caught.value.code == "journal_failed"
    monkeypatch.undo()
    with pytest.raises(Unavailable):  # only a restart may look again
        await journal.append(LineName.BEGIN, {"look": "3"})
    journal.close()
