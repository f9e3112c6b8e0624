"""Extraction over a real archive: whole fragments, unchanged, checked; what is missing is said by name."""

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import BeffroiError, Corrupt, NotFound
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import ExtractionPlan
from beffroi.media.core.tickets import Mode
from tests.media.door.clips import HALL_B_FRAMES, Past, archive
from tests.media.door.front import Front, data_folder, running_front
from tests.waiting import until

START_US = 1_795_400_000_000_000
CAMERA = CameraId("cam-1")


@dataclass
class Recorded:
    front: Front
    past: Past

    @property
    def client(self) -> RecorderClient:
        return self.front.client()

    def plan(self, start_us: int, end_us: int) -> ExtractionPlan:
        span = Span.of_us(start_us, end_us)
        ticket = self.front.ticket(Mode.EXTRACT, "office", span=span, grant=f"requisition-{secrets.token_hex(4)}")
        return self.client.plan_extraction(ticket, CAMERA, span)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    data, _, _ = data_folder(tmp_path)
    past = archive(data / "archive", HALL_B_FRAMES, "cam-1", START_US)
    with running_front(tmp_path) as front:
        yield Recorded(front, past)


def samples_in(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as container:
        return [bytes(one) for one in container.demux(video=0) if one.dts is not None]


def test_the_pieces_hold_the_camera_s_own_units(recorded: Recorded) -> None:
    past = recorded.past
    plan = recorded.plan(past.start_us, past.end_us)
    assert [(one.start_us, one.end_us) for one in plan.gaps] == [past.gap_us]
    assert len(plan.pieces) == 2
    for number, piece in enumerate(plan.pieces):
        data = b"".join(recorded.client.piece(plan, number))
        assert len(data) == piece.length
        assert samples_in(data) == [one.data for one in past.clip.samples]
        assert piece.frames == len(past.clip.samples)


def test_the_span_delivered_stands_beside_the_span_asked_for(recorded: Recorded) -> None:
    asked = (recorded.past.start_us + 31_400_000, recorded.past.start_us + 40_900_000)
    plan = recorded.plan(*asked)
    (piece,) = plan.pieces
    assert (plan.asked.start_us, plan.asked.end_us) == asked
    assert piece.start_us <= asked[0] < asked[1] <= piece.end_us
    data = b"".join(recorded.client.piece(plan, 0))
    with av.open(io.BytesIO(data)) as container:
        packets = [one for one in container.demux(video=0) if one.dts is not None]
    assert packets[0].is_keyframe
    assert sha256(data[: piece.init_length]).hex() == piece.init_sha256


def test_totals_are_written_when_the_office_is_done(recorded: Recorded) -> None:
    plan = recorded.plan(recorded.past.start_us, recorded.past.start_us + 10_000_000)
    data = b"".join(recorded.client.piece(plan, 0))
    recorded.client.end_extraction(plan)

    def ended() -> bool:
        return any(one.name == "look:end" for one in recorded.client.journal(0))

    until(ended, timeout=20)
    begin, end = (one for one in recorded.client.journal(0) if one.name in {"look:begin", "look:end"})
    assert begin.body["mode"] == "extract"
    assert end.body["sent_bytes"] == len(data)
    assert end.body["footage"] == [[plan.pieces[0].start_us, plan.pieces[0].end_us]]


@pytest.mark.parametrize(("damage", "kind", "code"), [
    ("flip", Corrupt, "segment_changed"), ("cut", Corrupt, "segment_changed"), ("remove", NotFound, "segment_missing"),
])  # fmt: skip
def test_a_damaged_archive_is_named_never_delivered(
    recorded: Recorded, damage: str, kind: type[BeffroiError], code: str
) -> None:
    plan = recorded.plan(recorded.past.start_us, recorded.past.gap_us[0])
    files = sorted(
        (one for one in (recorded.front.data / "archive").rglob("*") if one.is_file() and one.suffix == ".mp4"),
        key=lambda one: one.name,
    )
    victim = files[1]
    raw = bytearray(victim.read_bytes())
    if damage == "flip":
        raw[len(raw) // 2] ^= 1
        victim.write_bytes(raw)
    elif damage == "cut":
        victim.write_bytes(raw[: len(raw) // 2])  # it ends with its own index; pictures stand before that
    else:
        victim.unlink()
    with pytest.raises(kind) as caught:
        b"".join(recorded.client.piece(plan, 0))
    assert caught.value.code == code
    assert victim.stem.split(".")[0] in caught.value.message


def test_nothing_recorded_is_a_plan_without_pieces(recorded: Recorded) -> None:
    gap = recorded.past.gap_us
    plan = recorded.plan(gap[0] + 1_000_000, gap[1] - 1_000_000)
    assert plan.pieces == ()
    assert plan.gaps[0].cause.value == "network"
