"""The count by which accesses end: it rises with time alone, however the clock is set and the machine restarted."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from beffroi.audit.core.lived import Lived, Reading, lived

HOUR_US = 3_600_000_000
YEAR_US = 365 * 24 * HOUR_US
MOMENTS = st.integers(0, 2 * HOUR_US)
STEPS = st.integers(-4 * YEAR_US, 4 * YEAR_US)


@dataclass
class Machine:
    """A machine with a wall clock that is set, and a count kept as the worker keeps it."""

    wall_us: int = 40 * YEAR_US
    since_boot_us: int = 5_000_000
    boots: int = 0
    on_us: int = 0
    kept: Lived | None = None

    def __post_init__(self) -> None:
        self.keep()

    def now(self) -> Reading:
        return Reading(str(self.boots), self.since_boot_us, self.wall_us)

    def count(self) -> int:
        return lived(self.kept, self.now()).us

    def keep(self) -> None:
        self.kept = lived(self.kept, self.now())

    def passes(self, us: int) -> None:
        self.wall_us += us
        self.since_boot_us += us
        self.on_us += us

    def starts_anew(self, off_us: int) -> None:
        self.wall_us += off_us
        self.since_boot_us, self.boots = 0, self.boots + 1
        self.keep()  # the worker's first act


def _do(machine: Machine, what: str, us: int) -> None:
    match what:
        case "passes":
            machine.passes(abs(us) % (2 * HOUR_US))
        case "set":
            machine.wall_us += us
        case "keep":
            machine.keep()
        case "restart":
            machine.keep()  # each quarter of a minute: what a cut loses of the count is less
            machine.starts_anew(abs(us) % HOUR_US)


@given(st.lists(st.tuples(st.sampled_from(["passes", "set", "keep", "restart"]), STEPS), max_size=30))
def test_an_access_is_never_open_longer_than_allowed_while_the_machine_runs(steps: list[tuple[str, int]]) -> None:
    machine = Machine()
    began, began_on_us = machine.count(), machine.on_us
    for what, us in steps:
        before = machine.count()
        _do(machine, what, us)
        assert machine.count() >= before, "the count never falls"
        assert machine.count() - began >= machine.on_us - began_on_us, "what has passed is counted, or more"


@given(st.lists(st.tuples(st.sampled_from(["passes", "set", "keep"]), STEPS), max_size=30))
def test_within_one_start_the_count_is_the_time_that_passed_however_the_clock_is_set(
    steps: list[tuple[str, int]],
) -> None:
    machine = Machine()
    began = machine.count()
    for what, us in steps:
        _do(machine, what, us)
    assert machine.count() - began == machine.on_us


@given(MOMENTS, MOMENTS, st.integers(1, 4 * YEAR_US))
def test_a_minute_in_the_future_takes_nothing_from_what_is_opened_after_it(before: int, after: int, ahead: int) -> None:
    machine = Machine()
    machine.passes(before)
    machine.wall_us += ahead
    machine.passes(60_000_000)
    machine.keep()
    machine.starts_anew(0)  # even a start of the machine in between
    machine.wall_us -= ahead
    opened = machine.count()
    machine.passes(after)
    assert machine.count() - opened == after


def test_the_time_a_machine_is_off_counts_and_a_clock_that_lost_it_adds_none() -> None:
    machine = Machine()
    machine.keep()
    began = machine.count()
    machine.starts_anew(HOUR_US)
    assert machine.count() - began == HOUR_US
    machine.starts_anew(-YEAR_US)  # an empty battery
    machine.passes(7)
    assert machine.count() - began == HOUR_US + 7
