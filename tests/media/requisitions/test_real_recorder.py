"""Requisitions against the shipped recorder on real footage: the first answer comes from its timeline, the hold is on
its disk before it is called safe, and a dead recorder is *unknown*."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.governance import models
from beffroi.governance.actions import requisitions
from beffroi.governance.core.answers import LineState, Verdict, expiry
from beffroi.governance.core.holds import HoldState
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisition_fields import TypedTime
from beffroi.governance.core.requisitions import Act
from beffroi.governance.documents.incoming import read_incoming
from beffroi.governance.jobs import reconcile_holds
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.clock import from_us, to_us
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.control import WriterControl
from beffroi.media.core.words import GapCause
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.conftest import NOW, MakePerson
from tests.media.door.clips import CARPARK, Past, archive
from tests.media.door.front import Front, data_folder, running_front, short_folder
from tests.requisition_world import PDF, entry, make_village
from tests.waiting import until

pytestmark = pytest.mark.media
DAEMON = (
    "import sys; from pathlib import Path; from beffroi.media.daemon import run_recorder; "
    "run_recorder(Path(sys.argv[1]), Path(sys.argv[2]), workers=1)"
)


@dataclass
class World:
    """A running recorder with a past of one camera, and the officer who types."""

    front: Front
    daemon: subprocess.Popen[bytes]
    past: Past
    camera: str
    officer: PersonFacts

    @property
    def span(self) -> Span:
        return Span.of_us(self.past.start_us, self.past.end_us)

    def enter(self) -> models.Requisition:
        """A requisition for exactly the past, to the second."""
        start, end = (from_us(one).replace(microsecond=0) for one in (self.past.start_us, self.past.end_us))
        row = requisitions.enter(
            actor=people.actor_of(self.officer),
            person=self.officer,
            entry=entry(
                cameras=(self.camera,), zone="UTC",
                since=TypedTime(start.date(), start.time()), until=TypedTime(end.date(), end.time()),
            ),
            document=read_incoming("requisition.pdf", PDF),
            recorder=self.front.client(),
            now=NOW,
        )  # fmt: skip
        return queries.by_id(row.id)


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any, make_person: MakePerson) -> Iterator[World]:
    data, _, _ = data_folder(tmp_path)
    settings.BEFFROI_DATA_DIR = data
    camera = make_village()[0]
    officer = make_person(Role.VIDEO_OFFICER, rank="Chef de service")
    start = (NOW - timedelta(hours=2)).replace(second=0, microsecond=0)
    past = archive(data / "archive", CARPARK, camera, to_us(start))
    with short_folder() as run:
        with (tmp_path / "recorder.log").open("wb") as log:
            daemon = subprocess.Popen([sys.executable, "-c", DAEMON, str(data), str(run)], stdout=log, stderr=log)
        try:
            until(lambda: _answers(run), 30, "the writer answers")
            with running_front(tmp_path, run) as front:
                yield World(front, daemon, past, camera, officer)
        finally:
            if daemon.poll() is None:
                daemon.terminate()
                daemon.wait(30)


def _answers(run: Path) -> bool:
    control = WriterControl(run / "writer.sock", timeout_s=2.0)
    try:
        control.status()
    except BeffroiError:
        return False
    finally:
        control.close()
    return True


def test_the_first_answer_is_what_the_archive_holds(world: World) -> None:
    row = world.enter()
    answer = queries.latest_answer(row)
    assert answer is not None
    line = answer.lines[0]
    assert (answer.verdict, line.state) == (Verdict.PARTLY, LineState.PARTLY)
    assert {one.cause for one in line.missing} == {GapCause.NETWORK}
    hole = line.missing[0].span
    assert abs(to_us(hole.start) - world.past.gap_us[0]) < 1_100_000
    assert abs(to_us(hole.end) - world.past.gap_us[1]) < 1_100_000
    assert line.kept_until == expiry(line.recorded[0].start, 30)


def test_a_hold_is_on_the_recorders_disk_before_it_is_called_safe(world: World) -> None:
    row = world.enter()
    hold = models.Hold.objects.get()
    assert hold.state == HoldState.PENDING
    turn = reconcile_holds(world.front.client(), NOW)
    assert turn.confirmed == 1
    hold.refresh_from_db()
    assert hold.state == HoldState.CONFIRMED
    assert hold.covered
    with closing(CatalogueReader(world.front.data / "archive")) as catalogue:
        kept = catalogue.holds(CameraId(world.camera), world.span)
    assert [(one.id, one.reference, one.judicial) for one in kept] == [(hold.id, row.number, True)]
    requisitions.answer(
        actor=people.actor_of(world.officer), person=world.officer, requisition=row.id, act=Act.REFUSE,
        ground=Ground.INCOMPLETE, now=NOW,
    )  # fmt: skip
    assert reconcile_holds(world.front.client(), NOW).released == 1
    with closing(CatalogueReader(world.front.data / "archive")) as catalogue:
        assert not catalogue.holds(CameraId(world.camera), world.span)


def test_with_the_recorder_dead_the_answer_is_unknown_and_the_hold_waits(world: World) -> None:
    world.daemon.kill()
    world.daemon.wait()
    world.front.stop()
    row = world.enter()
    answer = queries.latest_answer(row)
    assert answer is not None
    assert answer.verdict is Verdict.UNKNOWN
    assert reconcile_holds(world.front.client(), NOW).waiting == 1
    assert models.Hold.objects.get().state == HoldState.PENDING
