"""Dwelling masks in cameras, over real HTTP: put there, read back, lost and put back, and what no camera can take."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.masks_file import FILE, masked, said
from beffroi.media.core.looks import LineName
from beffroi.media.core.masking import Burnt, Shape, Wanted
from beffroi.media.core.settings import (
    LOOPBACK,
    CameraSettings,
    DeviceSettings,
    RecorderSettings,
    StreamSettings,
    sign_settings,
)
from beffroi.media.core.words import StreamName
from beffroi.media.door.journal import DoorJournal
from beffroi.media.door.sayings import Sayings
from beffroi.media.onvif import masking
from beffroi.media.onvif.masking import Masking
from tests.media.onvif.cameras import serving
from tests.media.onvif.masking_camera import MaskingCamera
from tests.waiting import until

OFFICE = SigningKey(bytes(range(32)))
WINDOW: Shape = ((100, 100), (300, 100), (300, 400), (100, 400))
GABLE: Shape = ((600, 100), (900, 200), (900, 500), (750, 600), (600, 500))


@dataclass
class Stage:
    data: Path
    camera: MaskingCamera
    port: int
    masking: Masking
    version: int = 0

    def want(self, *shapes: Shape) -> None:
        self.version += 1
        device = DeviceSettings(f"http://127.0.0.1:{self.port}", "main", moves=False)
        stream = StreamSettings(StreamName.MAIN, "rtsp://127.0.0.1/1", 15)
        dwellings = Wanted(self.version, shapes)
        camera = CameraSettings(CameraId("gate"), 1, "gate", "99123", (stream,), device=device, dwellings=dwellings)
        settings = RecorderSettings(self.version, 1, LOOPBACK, (camera,))
        Disk().replace(self.data / "recorder" / "cameras.json", sign_settings(settings, OFFICE))

    def stands(self, burnt: Burnt, why: str = "") -> None:
        def as_told() -> bool:
            self.masking.look()
            known = masked(self.data / "recorder" / FILE).get("gate")
            state = known.state if known is not None else None
            return state is not None and (state.version, state.burnt, state.why) == (self.version, burnt, why)

        until(as_told, 20, f"{burnt} {why}")

    def said(self) -> list[tuple[object, object]]:
        return [(one["version"], one["burnt"]) for one in said(self.data / "recorder" / FILE)]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(masking, "EVERY_S", 0.05)
    (tmp_path / "keys").mkdir()
    (tmp_path / "recorder").mkdir()
    for name in ("office", "secrets"):
        (tmp_path / "keys" / f"{name}.key").write_bytes(bytes(range(32)))
    camera = MaskingCamera()
    with serving(camera.answer) as port:
        stage = Stage(tmp_path, camera, port, Masking(tmp_path, SystemClock()))
        try:
            yield stage
        finally:
            stage.masking.stop()


def test_a_reviewed_mask_is_put_into_the_camera_changed_and_taken_away_by_what_was_reviewed_next(stage: Stage) -> None:
    stage.camera.masks["by-hand"] = ((0.8, -0.8), (0.9, -0.8), (0.9, -0.9))
    stage.want(WINDOW, GABLE)
    stage.stands(Burnt.SAME)
    assert stage.camera.masks["mask1"] == ((-0.8, 0.8), (-0.4, 0.8), (-0.4, 0.2), (-0.8, 0.2))
    assert len(stage.camera.masks["mask2"]) == 5
    stage.want(GABLE)
    stage.stands(Burnt.SAME)
    until(lambda: set(stage.camera.masks) == {"by-hand", "mask1"}, 20, "one of ours is left")
    stage.want()
    stage.stands(Burnt.SAME)
    until(lambda: set(stage.camera.masks) == {"by-hand"}, 20, "ours are gone, the other is not touched")


def test_a_lost_mask_is_told_before_it_is_put_back(stage: Stage) -> None:
    stage.want(WINDOW)
    stage.stands(Burnt.SAME)
    stage.camera.forget()
    until(lambda: stage.masking.look() or len(stage.said()) == 3, 20, "lost and back are both said")
    assert stage.said() == [(1, "same"), (1, "differs"), (1, "same")]
    assert list(stage.camera.masks) == ["mask2"]


async def test_what_was_lost_while_it_did_not_answer_is_told_and_journalled_once(stage: Stage) -> None:
    stage.want(WINDOW)
    stage.stands(Burnt.SAME)
    stage.camera.broken = True
    stage.stands(Burnt.UNKNOWN, "onvif_html")
    stage.masking.stop()
    stage.masking = Masking(stage.data, SystemClock())  # the recorder was started anew meanwhile
    stage.camera.forget()
    stage.camera.broken, stage.camera.deaf = False, True
    stage.stands(Burnt.DIFFERS)
    stage.camera.broken = True
    stage.stands(Burnt.DIFFERS, "onvif_html")
    path = stage.data / "recorder" / FILE
    journal = DoorJournal(path.with_name("door-journal.jsonl"), SigningKey(bytes(32)), SystemClock())
    for _ in range(2):
        await Sayings(journal, (path, LineName.MASK, said)).look()
    lines = [(one.body["camera"], one.body["burnt"]) for one in journal.lines(0, 99) if one.name == "device:mask"]
    journal.close()
    assert lines == [("gate", "same"), ("gate", "differs")]


def test_the_masks_of_another_device_under_the_same_number_are_not_taken_for_ours(stage: Stage) -> None:
    stage.want(WINDOW)
    stage.stands(Burnt.SAME)
    elsewhere = ((0.8, -0.8), (0.9, -0.8), (0.9, -0.9))
    other = MaskingCamera(masks={"mask1": elsewhere}, numbers=count(2))
    with serving(other.answer) as stage.port:
        stage.want(WINDOW)
        stage.stands(Burnt.SAME)
        until(lambda: len(other.masks) == 2, 20, "one more")
        assert other.masks["mask1"] == elsewhere
        stage.masking.stop()


def test_a_camera_that_keeps_nothing_is_not_filled_with_masks(stage: Stage) -> None:
    stage.camera.deaf = True
    stage.want(WINDOW)
    stage.stands(Burnt.DIFFERS)
    read = stage.camera.asked.count("GetMasks")
    until(lambda: stage.camera.asked.count("GetMasks") > read + 6, 20)
    assert stage.camera.asked.count("CreateMask") == 1, "again in an hour"


@pytest.mark.parametrize("kind", ["rectangles", "rounds", "few points"])
def test_a_camera_that_takes_other_shapes_still_hides_the_dwelling(stage: Stage, kind: str) -> None:
    stage.camera.rectangles_only = kind == "rectangles"
    stage.camera.rounds = kind == "rounds"
    stage.camera.most_points = 4 if kind == "few points" else 8
    stage.want(GABLE)
    stage.stands(Burnt.SAME)


def test_a_camera_without_masks_or_with_too_few_says_so(stage: Stage) -> None:
    stage.camera.most = 1
    stage.want(WINDOW, GABLE)
    stage.stands(Burnt.CANNOT, "mask_too_many")
    stage.camera.without = True
    stage.want(WINDOW)
    stage.stands(Burnt.CANNOT, "onvif_unsupported")
    assert stage.camera.masks == {}
