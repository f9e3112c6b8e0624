"""The recorder as it ships, on real cameras: settings, live tap, holds, killed processes, cameras that come and go."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.archive import masks_file
from beffroi.media.archive.catalogue import CatalogueReader
from beffroi.media.archive.check import check_volume
from beffroi.media.core.gaps import NOT_YET
from beffroi.media.core.hours import DAY_MINUTES, Hours, Period
from beffroi.media.core.masking import Burnt, MaskState, Wanted
from beffroi.media.core.settings import RecorderSettings, sign_settings
from beffroi.media.core.words import GapCause, Run, StreamName
from beffroi.media.ingest.tap import LiveState, LiveTap, LiveUnit
from tests.media.recorder import Recorder, camera, running
from tests.media.rtsp import RtspCameras, footage
from tests.waiting import until

pytestmark = pytest.mark.media
MAIN = StreamName.MAIN


@pytest.fixture
def cameras(tmp_path: Path) -> Iterator[RtspCameras]:
    folder = tmp_path / "cameras"
    folder.mkdir()
    with RtspCameras(folder, user="agent", password="s3cr3t-word") as served:
        served.add("hall", footage("04"))
        served.start()
        yield served


@pytest.fixture
def recorder(tmp_path: Path, cameras: RtspCameras) -> Iterator[Recorder]:
    with running(tmp_path) as started:
        started.put(camera("hall", cameras.url("hall"), user="agent", password="s3cr3t-word"))
        started.wait_recording("hall")
        yield started


def pieces(recorder: Recorder, name: str = "hall") -> list[tuple[int, int]]:
    reader = CatalogueReader(recorder.archive)
    try:
        now = SystemClock().now_us()
        found = reader.timeline(CameraId(name), MAIN, Span.of_us(now - 600_000_000, now))
        return [(each.start_us, each.end_us) for each in found.pieces]
    finally:
        reader.close()


def gaps(recorder: Recorder) -> list[tuple[GapCause, str, int]]:
    reader = CatalogueReader(recorder.archive)
    try:
        now = SystemClock().now_us()
        found = reader.timeline(CameraId("hall"), MAIN, Span.of_us(now - 600_000_000, now))
        return [(each.cause, each.detail, (each.end_us or now) - each.start_us) for each in found.gaps[1:]]
    finally:
        reader.close()


async def test_live_units_come_from_the_cached_key_frame_on(recorder: Recorder) -> None:
    tap = await LiveTap.open(recorder.run, CameraId("hall"))
    run, units, state = None, [], None
    async for event in tap:
        if isinstance(event, Run):
            run = event
        elif isinstance(event, LiveState):
            state = event
        elif isinstance(event, LiveUnit):
            units.append(event)
        if len([unit for unit in units if not unit.cached]) >= 5:
            break
    await tap.close()
    assert run is not None
    assert run.codec.startswith("avc1.")
    assert run.init[4:8] == b"ftyp"
    assert state == LiveState(None)
    assert units[0].key
    assert all(before.decode_time_90k < after.decode_time_90k for before, after in pairwise(units))
    assert abs(SystemClock().now_us() - units[-1].start_us) < 3_000_000


async def test_a_camera_nobody_records_is_refused_by_the_tap(recorder: Recorder) -> None:
    tap = await LiveTap.open(recorder.run, CameraId("nosuch"))
    with pytest.raises(NotFound):
        async for _ in tap:
            pass
    await tap.close()


def test_killed_writer_and_worker_lose_at_most_a_second_and_all_is_proved(recorder: Recorder) -> None:
    assert recorder.of("hall")["codec"].startswith("avc1."), "the status names what is recorded"
    until(lambda: (recorder.status() or {"volumes": [{"disks": None}]})["volumes"][0]["disks"] is not None, 20, "disks")
    before = recorder.of("hall")["durable_until_us"]
    recorder.kill_part("archive.writer")
    until(lambda: (recorder.of("hall").get("durable_until_us") or 0) > before + 3_000_000, 20, "goes on")
    assert len(pieces(recorder)) == 1, "the death of the writer breaks no recording"

    acknowledged = recorder.of("hall")["durable_until_us"]
    recorder.kill_part("ingest.worker")
    until(lambda: (recorder.of("hall").get("durable_until_us") or 0) > acknowledged + 3_000_000, 30, "is back")
    until(lambda: len(pieces(recorder)) == 2, 30, "it is in the catalogue")
    assert pieces(recorder)[0][1] >= acknowledged, "what was acknowledged is there"
    assert [(cause, detail) for cause, detail, _ in gaps(recorder)][:1] == [(GapCause.RECORDER, "restarted")]

    recorder.stop()
    assert check_volume(recorder.archive, key=SigningKey(bytes(range(64, 96)))) == []
    log = recorder.log.read_text()
    assert "s3cr3t-word" not in log
    assert "Traceback" not in log, log[-3000:]


def test_a_camera_that_goes_silent_or_away_is_a_gap_with_a_cause_and_comes_back(
    recorder: Recorder, cameras: RtspCameras
) -> None:
    cameras.stall("hall")
    until(lambda: recorder.of("hall").get("gap"), 15, "silence is told within 15 s")
    assert recorder.of("hall")["gap"]["cause"] == GapCause.NETWORK
    until(lambda: not recorder.of("hall")["recording"], 30, "the badge is red")
    cameras.kill()
    until(lambda: recorder.of("hall")["gap"]["detail"] == "refused", 20, "the cause is followed")
    cameras.start()
    recorder.wait_recording("hall", 20)
    until(lambda: len(pieces(recorder)) >= 2, 30)
    told = [gap for gap in gaps(recorder) if gap[1] != NOT_YET]
    assert {cause for cause, _, lasted in told if lasted > 1_000_000} <= {GapCause.NETWORK, GapCause.CAMERA}, told


def test_a_recorder_that_was_stopped_says_so_and_records_again(recorder: Recorder) -> None:
    recorder.stop()
    recorder.start()
    recorder.wait_recording("hall", 40)
    until(lambda: len(pieces(recorder)) == 2, 30)
    assert [cause for cause, _, _ in gaps(recorder)][:1] == [GapCause.RECORDER]


def test_holds_are_durable_when_answered_and_survive_a_killed_writer(recorder: Recorder) -> None:
    now = SystemClock().now_us()
    span = Span.of_us(now - 3_000_000, now + 60_000_000)
    asked = {"camera": CameraId("hall"), "span": span, "reference": "req-2026-7", "judicial": True}
    first = recorder.control.hold_set(hold=HoldId("h1"), **asked)
    assert first.covered
    assert first.covered[0].start_us < now
    recorder.kill_part("archive.writer")
    until(recorder.status, 20)
    assert recorder.control.hold_set(hold=HoldId("h1"), **asked).set_us == first.set_us
    with pytest.raises(Conflict):
        recorder.control.hold_set(hold=HoldId("h1"), **{**asked, "span": Span.of_us(now, now + 1)})
    recorder.control.hold_release(hold=HoldId("h1"), reason="answered")
    with pytest.raises(NotFound):
        recorder.control.hold_release(hold=HoldId("none"), reason="answered")


def test_settings_are_followed_and_only_the_office_may_send_them(recorder: Recorder, cameras: RtspCameras) -> None:
    forged = sign_settings(RecorderSettings(9, 9, (), ()), SigningKey(bytes(32)))
    with pytest.raises(Invalid):
        recorder.control.put_cameras(forged)
    good = camera("hall", cameras.url("hall"), user="agent", password="s3cr3t-word")
    recorder.put(good, camera("second", cameras.url("hall"), number=2, user="agent", password="s3cr3t-word"))
    recorder.wait_recording("second")
    recorder.put(good)
    until(lambda: (recorder.of("second").get("gap") or {}).get("detail") == "stopped", 30, "stops within seconds")
    with pytest.raises(Conflict):
        recorder.control.put_cameras(sign_settings(RecorderSettings(1, 1, (), ()), SigningKey(bytes(range(32)))))
    assert recorder.of("hall")["recording"]


def test_what_is_not_to_be_recorded_is_a_gap_that_says_why_and_no_failure(
    recorder: Recorder, cameras: RtspCameras
) -> None:
    """Privacy, an order that ended, works: also of a camera that never recorded, and after the recorder came back."""
    good = camera("hall", cameras.url("hall"), user="agent", password="s3cr3t-word")
    masked = replace(good, dwellings=Wanted(3, (((0, 0), (300, 0), (300, 450)),)))
    never = replace(good, id=CameraId("never"), enabled=False, off=GapCause.ORDER, off_detail="no_authorisation")

    def why(name: str) -> tuple[str, str] | None:
        gap = recorder.of(name).get("gap")
        return (gap["cause"], gap["detail"]) if gap else None

    def say(burnt: Burnt) -> None:
        state = MaskState(3, burnt, "", 1, 1)
        masks_file.keep(recorder.data / "recorder" / masks_file.FILE, {"hall": masks_file.Masked(state)}, [])

    recorder.put(masked, never)
    until(lambda: why("never") == ("order", "no_authorisation"), 20, "a camera that never recorded says why")
    say(Burnt.DIFFERS)
    until(lambda: why("hall") == ("privacy", "mask_lost"), 20, "a lost mask ends recording")
    say(Burnt.SAME)
    recorder.wait_recording("hall")
    recorder.put(replace(masked, enabled=False, off=GapCause.PRIVACY, off_detail="mask_not_reviewed"), never)
    until(lambda: why("hall") == ("privacy", "mask_not_reviewed"), 20)
    recorder.stop()
    recorder.start()
    recorder.put(replace(masked, enabled=False, off=GapCause.MAINTENANCE, off_detail="suspended"), never)
    until(lambda: why("hall") == ("maintenance", "suspended"), 20)
    told = [(cause, detail) for cause, detail, _ in gaps(recorder) if cause is not GapCause.UNKNOWN]
    wanted = [("privacy", "mask_lost"), ("privacy", "mask_not_reviewed"), ("maintenance", "suspended")]
    assert told == [(GapCause(cause), detail) for cause, detail in wanted], "one after the other, none a failure"


@pytest.fixture
def sure_clock(tmp_path: Path) -> None:
    """The clock was synchronised a moment ago: the machine of a test may have no time service."""
    folder = tmp_path / "data" / "recorder"
    folder.mkdir(parents=True)
    boot, clock = Path("/proc/sys/kernel/random/boot_id").read_text().strip(), SystemClock()
    (folder / "clock").write_text(f"{boot} {clock.now_us()} {clock.monotonic_ns()}")


@pytest.mark.usefixtures("sure_clock")
def test_outside_its_hours_a_camera_leaves_no_byte_and_only_an_alert_lifts_them(
    recorder: Recorder, cameras: RtspCameras
) -> None:
    """An alert lifts the hours until an end that it carries: no other word of the office is needed to fall back."""
    week = tuple(Period(day, 0, DAY_MINUTES) for day in range(7))
    hall = camera("hall", cameras.url("hall"), user="agent", password="s3cr3t-word")
    hall = replace(hall, hours=Hours("Europe/Paris", week))
    lesson = camera("lesson", cameras.url("hall"), number=2, user="agent", password="s3cr3t-word")
    lesson = replace(lesson, hours=Hours("Europe/Paris"))

    def resting() -> bool:
        gap = recorder.of("lesson").get("gap")
        return gap is not None and (gap["cause"], gap["detail"]) == ("schedule", "hours")

    recorder.put(hall, lesson)
    until(resting, 20, "it is not recorded at this hour")
    began = recorder.of("hall")["durable_until_us"]
    until(lambda: recorder.of("hall")["durable_until_us"] > began + 1_500_000, 20, "the other goes on")
    assert pieces(recorder, "lesson") == []
    assert resting()

    said = SystemClock().now_us()
    end = said + 8_000_000
    recorder.put(hall, replace(lesson, hours=Hours("Europe/Paris", lifted_until_us=end)))
    recorder.wait_recording("lesson")
    until(resting, 30, "it falls back by itself")
    assert SystemClock().now_us() >= end
    began = recorder.of("hall")["durable_until_us"]
    until(lambda: recorder.of("hall")["durable_until_us"] > began + 1_500_000, 20, "the other goes on")
    (alert,) = pieces(recorder, "lesson")
    assert said <= alert[0] < alert[1] < end + 10_000_000, "nothing before, nothing after"
    assert resting()
    assert len(pieces(recorder)) == 1, "the one within its hours was never broken"


def test_a_wrong_password_and_a_foreign_address_are_told_as_such(recorder: Recorder, cameras: RtspCameras) -> None:
    recorder.put(
        camera("hall", cameras.url("hall"), user="agent", password="s3cr3t-word"),
        camera("wrong", cameras.url("hall"), number=2, user="agent", password="s3cr3t-bad"),
        camera("outside", "rtsp://10.9.8.7/stream", number=3),
    )
    until(lambda: (recorder.of("wrong").get("gap") or {}).get("detail") == "password_refused", 20)
    until(lambda: (recorder.of("outside").get("gap") or {}).get("detail") == "address_outside", 20)
    assert "s3cr3t" not in recorder.log.read_text()
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "s3cr3t-bad" not in commands
