"""Whatever is damaged of a journal, the lines that are left are told apart from what is not one of them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.digest import GENESIS, sha256
from beffroi.media.archive.journal import last_flush
from beffroi.media.core.journal import Break, Line, follow, make_line


def journal(count: int) -> list[bytes]:
    raws: list[bytes] = []
    previous = GENESIS
    for n in range(1, count + 1):
        raws.append(make_line(n=n, at_us=n, previous=previous, do="gap", fields={"detail": "x" * (n % 5)}))
        previous = sha256(raws[-1])
    return raws


def read(raws: list[bytes]) -> tuple[list[Line], list[Break]]:
    found = list(follow(raws))
    breaks = [each for each in found if isinstance(each, Break)]
    return [each[0] for each in found if not isinstance(each, Break)], breaks


WHOLE = journal(12)


@given(st.sets(st.integers(1, 11)))
def test_lost_lines_are_named_and_all_others_read(gone: set[int]) -> None:
    lines, breaks = read([raw for n, raw in enumerate(WHOLE, 1) if n not in gone])
    assert [line["n"] for line in lines] == [n for n in range(1, 13) if n not in gone]
    assert {n for each in breaks for n in range(each.first, each.last + 1)} == gone
    for each in breaks:
        assert each.before == (sha256(WHOLE[each.first - 2]) if each.first > 1 else GENESIS)
        assert each.after == sha256(WHOLE[each.last - 1])


@given(st.integers(0, sum(len(raw) + 1 for raw in WHOLE) - 1), st.integers(0, 7))
def test_one_flipped_bit_anywhere_costs_two_lines_at_most_and_is_told(at: int, bit: int) -> None:
    data = bytearray(b"".join(raw + b"\n" for raw in WHOLE))
    data[at] ^= 1 << bit
    lines, breaks = read(bytes(data).split(b"\n"))
    kept = {line["n"] for line in lines}
    assert len(kept & set(range(1, 12))) >= 9
    lost = set(range(1, 12)) - kept
    told = {n for n in lost if n < max(kept)}  # what is lost at the very end is a torn tail, which no line follows
    assert told <= {n for each in breaks for n in range(each.first, each.last + 1)}
    assert [line["do"] for line in lines if line["n"] < 12] == ["gap"] * (11 - len(lost))


@given(st.lists(st.sampled_from([*WHOLE, b"", b"{}", b'{"n":3}', b"\x00" * 90]), max_size=20))
def test_no_order_of_lines_makes_a_chain_that_was_not_written(raws: list[bytes]) -> None:
    lines, breaks = read(raws)
    assert [line["n"] for line in lines] == sorted({line["n"] for line in lines})
    told = {each.last + 1 for each in breaks}
    for before, after in pairwise(lines):
        assert after["n"] == before["n"] + 1 or after["n"] in told


def test_a_flush_that_came_through_in_part_never_happened() -> None:
    first = make_line(n=1, at_us=1, previous=GENESIS, do="start", fields={})
    second = make_line(n=2, at_us=2, previous=sha256(first), do="run", fields={})
    third = make_line(n=3, at_us=2, previous=sha256(second), do="intent", fields={"of": 2})
    whole = first + b"\n"
    assert last_flush(whole + second + b"\n" + third + b"\n", None) is not None
    assert last_flush(whole + second + b"\n" + third + b"\n", None)[1] == 3  # type: ignore[index]
    for torn in (third[:-3], b"\0" * len(second) + b"\n" + third + b"\n", b"\0" * 50):
        assert last_flush(whole + torn, None) == (len(whole), 1, sha256(first))
    assert last_flush(whole + second + b"\n", until=2) == (len(whole), 1, sha256(first))
