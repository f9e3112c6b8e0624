"""Holds at term: exactly the groups of pictures that are held stay, byte for byte, and everything else goes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.ids import HoldId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.cutting import undo_cuts
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.purge import purge
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.recovery import adopt_orphans, finish_destructions, recover_open
from beffroi.media.archive.store import Store
from beffroi.media.archive.synthetic import SyntheticRecorder
from beffroi.media.core.words import Fragment, GapCause, StreamName
from tests.media.feeding import FORM, HALL, KEY, NOW, second

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN
SECONDS = 150
BEGIN = to_us(NOW) - SECONDS * 1_000_000
ALL = Span.of_us(0, 2**52)


def archive(folder: Path, *, gop: int, cut_at: int = -1) -> ManualClock:
    """Two and a half minutes with a key frame each ``gop`` seconds; at ``cut_at`` another file begins without one, as a
    recorder does after five minutes."""
    clock = ManualClock(NOW)
    recorder = SyntheticRecorder(folder, clock, key=KEY)
    track = recorder.track(HALL, FORM)
    for at in range(SECONDS):
        if at == cut_at:
            track._close_file()
        track.add(second(at, key=at % gop == 0, size=40), start_us=BEGIN + at * 1_000_000)
    recorder.close()
    return clock


@contextmanager
def opened(folder: Path, clock: ManualClock) -> Iterator[Store]:
    """As the writer opens it."""
    store = Store(folder, clock, key=KEY, clock_trusted=lambda: True)
    try:
        if store.rebuilt:
            adopt_orphans(store)
        finish_destructions(store)
        undo_cuts(store)
        recover_open(store)
        yield store
    finally:
        store.close()


def kept(folder: Path) -> dict[int, Fragment]:
    """Every fragment that can be read, by its second; its bytes are what they were."""
    reader = CatalogueReader(folder)
    try:
        rows = {(each.start_us - BEGIN) // 1_000_000: each for each in reader.fragments(HALL, MAIN, ALL)}
        for each in rows.values():
            assert len(reader.read(each)) == each.length
        return rows
    finally:
        reader.close()


def rows(folder: Path) -> dict[str, list[object]]:
    """The whole catalogue."""
    from tests.media.test_archive import rows as every_row

    return {name: sorted(found, key=repr) for name, found in every_row(folder).items()}


def seconds(first: int, last: int) -> Span:
    return Span.of_us(BEGIN + first * 1_000_000, BEGIN + (last + 1) * 1_000_000)


def test_at_term_the_held_groups_stay_in_a_file_of_their_own_and_the_rest_leaves_tombs(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = archive(folder, gop=4)
    before = kept(folder)
    files = {path.stem for path in (folder / "media").rglob("*.mp4")}
    clock.advance(timedelta(days=20))
    with opened(folder, clock) as store:
        store.hold_set(hold="h", camera=HALL, span=seconds(26, 33), reference="req", judicial=False)
        store.commit()
        done = purge(store, {(HALL, MAIN): 15})
        assert (done.segments, done.cut) == (3, 1)
    after = kept(folder)
    assert set(after) == set(range(24, 34)), "from the key frame before it to its own end"
    for at, each in after.items():
        assert (each.sha256, each.sequence, each.run) == (before[at].sha256, before[at].sequence, before[at].run)
    (left,) = (folder / "media").rglob("*.mp4")
    assert left.stem not in files
    assert check_volume(folder, key=KEY) == []
    was = rows(folder)
    rebuild_catalogue(folder, clock, key=KEY)
    assert rows(folder) == was
    reader = CatalogueReader(folder)
    line = reader.timeline(HALL, MAIN, seconds(0, SECONDS - 1))
    assert [(gap.cause, (gap.end_us or 0) - gap.start_us) for gap in line.gaps] == [
        (GapCause.RETENTION, 24_000_000),
        (GapCause.RETENTION, 116_000_000),
    ]
    assert [hold.id for hold in line.holds] == [HoldId("h")]
    reader.close()
    with opened(folder, clock) as store:
        assert purge(store, {(HALL, MAIN): 15}).segments == 0, "it is not cut twice"
        store.hold_release(hold="h", reason="answered")
        store.commit()
        assert purge(store, {(HALL, MAIN): 15}).segments == 1
    assert kept(folder) == {}
    assert list((folder / "media").rglob("*.mp4")) == []
    assert check_volume(folder, key=KEY) == []
    raws = next((folder / "journal").glob("*.jsonl")).read_text().splitlines()
    assert all(json.loads(raw).get("sig") for raw in raws if '"destroy"' in raw)


def test_a_group_of_pictures_that_began_in_the_file_before_leads_to_what_is_held(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    clock = archive(folder, gop=1000, cut_at=100)
    with opened(folder, clock) as store:
        store.hold_set(hold="h", camera=HALL, span=seconds(140, 141), reference="req", judicial=True)
        store.commit()
        clock.advance(timedelta(days=90))
        purge(store, {(HALL, MAIN): 30})
        (files,) = store.db.execute("SELECT count(*) FROM segment").fetchone()
    assert (set(kept(folder)), files) == (set(range(142)), 2)
    assert check_volume(folder, key=KEY) == []


def test_killed_at_each_step_of_a_cut_the_held_pictures_are_whole_and_nothing_is_there_twice(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    clock = archive(whole, gop=4)
    clock.advance(timedelta(days=20))
    with opened(whole, clock) as store:
        store.hold_set(hold="h", camera=HALL, span=seconds(70, 75), reference="req", judicial=False)
        store.commit()
    steps = killed_at(shutil.copytree(whole, tmp_path / "counted"), clock, step=1000)
    assert steps > 15
    for step in range(1, steps + 1):
        folder = shutil.copytree(whole, tmp_path / "killed")
        killed_at(folder, clock, step=step)
        with opened(folder, clock) as store:
            assert set(range(68, 76)) <= set(kept(folder))
            purge(store, {(HALL, MAIN): 15})
        assert set(kept(folder)) == set(range(68, 76))
        assert len(list((folder / "media").rglob("*.mp4"))) == 1
        assert check_volume(folder, key=KEY) == []
        shutil.rmtree(folder)


def killed_at(folder: Path, clock: ManualClock, *, step: int) -> int:
    """A purge whose process dies at its ``step``-th call of the disk; how many there were."""
    disk = DyingDisk()
    store = Store(folder, clock, key=KEY, disk=disk, clock_trusted=lambda: True)
    disk.left = step
    with suppress(Killed):
        purge(store, {(HALL, MAIN): 15})
    done = step - disk.left
    store.close()
    return done


holds = st.tuples(st.integers(0, SECONDS - 1), st.integers(0, 30), st.booleans())
acts = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), holds),
        st.tuples(st.just("release"), st.integers(0, 5)),
        st.tuples(st.just("purge"), st.sampled_from([0, 20, 40])),
        st.tuples(st.just("rebuild"), st.just(0)),
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gop=st.integers(1, 25), script=acts)
def test_nothing_held_dies_and_nothing_else_outlives_its_term(
    tmp_path_factory: pytest.TempPathFactory, gop: int, script: list[tuple[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("holds") / "archive"
    clock = archive(folder, gop=gop)
    sha = {at: each.sha256 for at, each in kept(folder).items()}
    there = set(sha)
    held: dict[str, tuple[int, int, bool]] = {}
    for act, value in script:
        with opened(folder, clock) as store:
            match act, value:
                case "hold", (int(first), int(lasts), bool(judicial)):
                    name = f"h{len(held)}"
                    span = seconds(first, first + lasts)
                    store.hold_set(hold=name, camera=HALL, span=span, reference="req", judicial=judicial)
                    held[name] = (first, min(SECONDS - 1, first + lasts), judicial)
                case "release", int(number) if f"h{number}" in held:
                    store.hold_release(hold=f"h{number}", reason="answered")
                    held[f"h{number}"] = (0, -1, False)
                case "purge", int(days):
                    clock.at = max(clock.at, NOW + timedelta(days=days))
                    purge(store, {(HALL, MAIN): 15})
                    there &= wanted(held, gop, clock, there)
            store.commit()
        if act == "rebuild":
            was = rows(folder)
            rebuild_catalogue(folder, clock, key=KEY)
            assert rows(folder) == was
        found = kept(folder)
        assert set(found) == there
        assert all(sha[at] == each.sha256 for at, each in found.items())
    assert check_volume(folder, key=KEY) == []


def wanted(
    held: dict[str, tuple[int, int, bool]], gop: int, clock: ManualClock, there: set[int]
) -> set[int]:  # fmt: skip
    """What must be there after a purge: all while its term has not come, else what holds need and was still there."""
    age = clock.at - NOW
    if age < timedelta(days=15):
        return there
    past_legal = age > timedelta(days=32)
    stays: set[int] = set()
    for first, last, judicial in held.values():
        for at in range(first, last + 1) if judicial or not past_legal else ():
            lead = at
            while lead in there and lead % gop and lead - 1 in there:
                lead -= 1
            stays |= set(range(lead, at + 1)) & there
    return stays


class Killed(Exception):
    """The process is gone."""


class DyingDisk(Disk):
    """A disk that answers ``left`` more calls, and then never again: its process was killed."""

    left = 1_000_000

    def _step(self) -> None:
        if self.left <= 0:
            raise Killed
        self.left -= 1

    def create(self, path: Path) -> int:
        self._step()
        return super().create(path)

    def write(self, handle: int, data: bytes) -> None:
        self._step()
        super().write(handle, data)

    def sync(self, handle: int) -> None:
        self._step()
        super().sync(handle)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)
