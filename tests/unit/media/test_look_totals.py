"""What the end of a look says of a file that was fetched: all of it, in however many goes, or not."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.ids import CameraId
from beffroi.media.core.tickets import Basis, Mode, Ticket
from beffroi.media.door.looks import Look, joined

SIZE = 40
STRETCHES = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE)).map(lambda one: (one[0], sum(one))))


def look() -> Look:
    ticket = Ticket(
        "t", "g", "p", "Julien Morel", "GN", Mode.PACKAGE, (), None, Basis("a", "requisition", "r", ""), "b", 0, 1
    )
    return Look("l", ticket, Mode.PACKAGE, CameraId(""), None, "b", 0, 0, of_bytes=SIZE)


@given(STRETCHES)
def test_joined_names_the_same_bytes_in_order_and_apart(stretches: list[tuple[int, int]]) -> None:
    found = joined(stretches)
    assert {at for start, end in found for at in range(start, end)} == {
        at for start, end in stretches for at in range(start, end)
    }
    assert all(before[1] < after[0] for before, after in pairwise(found))


@given(STRETCHES)
def test_a_file_is_complete_when_each_of_its_bytes_went_out(stretches: list[tuple[int, int]]) -> None:
    one = look()
    inside = [(start, min(end, SIZE)) for start, end in stretches]
    for start, end in inside:
        one.sent_from(start)(end - start)
    assert one.complete == ({at for start, end in inside for at in range(start, end)} == set(range(SIZE)))
    assert one.sent_bytes == sum(end - start for start, end in inside)


def test_where_pictures_are_shown_nothing_is_complete() -> None:
    one = look()
    one.of_bytes = 0
    one.sent(SIZE)
    assert not one.complete
