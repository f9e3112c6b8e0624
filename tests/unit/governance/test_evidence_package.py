"""The package as it is written: BagIt as others read it, digests, papers, gaps, resumption."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core import evidence
from beffroi.governance.files import bags
from beffroi.governance.files.verifier.command import verify
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Corrupt, Unavailable
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import ExtractionPlan
from tests.unit.governance import evidence_packages as made


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vault")
    made.make(folder)
    return folder


@pytest.fixture(scope="module")
def package(vault: Path) -> Path:
    return vault / made.NAME / "package.zip"


@pytest.fixture(scope="module")
def folder(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bags.unpack(package, tmp_path_factory.mktemp("medium"))


def test_zip_and_folder_are_valid(package: Path, folder: Path) -> None:
    for path in (package, folder):
        report = verify(str(path), roots=None)
        assert report["verdict"] == "valid", report["findings"]
        assert report["package"] == made.NAME
        assert len(report["videos"]) == 2
        assert report["stamp"]["time"] == "2026-11-23T10:00:00Z"
        assert [finding["code"] for finding in report["findings"]][-1] in {"stamp_own", "other_name", "no_checkpoint"}


def test_bagit_library_accepts_it(folder: Path) -> None:
    bag = bagit.Bag(str(folder))
    assert bag.validate(processes=1)
    assert bag.info["Beffroi-Profile"] == "beffroi-evidence-1"
    assert bag.info["External-Identifier"] == made.NAME


def test_plain_tools_check_it(folder: Path) -> None:
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.tsr.sha256"):
        done = subprocess.run(["sha256sum", "--strict", "-c", manifest], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout
    stamp = [
        "openssl", "ts", "-verify", "-data", "tagmanifest-sha256.txt", "-in", "tagmanifest-sha256.txt.tsr",
        "-CAfile", "data/metadata/stamp-authority.pem",
    ]  # fmt: skip
    done = subprocess.run(stamp, cwd=folder, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout, done.stderr


def test_video_is_the_bytes_that_came(folder: Path) -> None:
    source = made.MemorySource()
    plan = source.plan_extraction("", made.CAMERAS[0].id, made.ASKED)
    wanted = b"".join(source.piece(plan, 0))
    video = next(folder.glob("data/video/c007_*.mp4"))
    assert video.read_bytes() == wanted
    lines = [json.loads(line) for line in (folder / evidence.fragments_path(video.name)).read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["init", *["fragment"] * 8]
    assert lines[1]["start_us"] == to_us(made.START)
    assert lines[-1]["end_us"] == to_us(made.START) + 8_000_000
    for line in lines:
        part = wanted[line["offset"] : line["offset"] + line["length"]]
        assert hashlib.sha256(part).hexdigest() == line["sha256"]


def test_span_delivered_stands_beside_span_asked_and_gaps_are_typed(folder: Path) -> None:
    recording = json.loads((folder / "data/metadata/recording.json").read_text())
    assert recording["asked"]["start_us"], recording["asked"]["end_us"] == made.SPAN_US
    assert {video["end_us"] for video in recording["videos"]} == {made.SPAN_US[0] + 8_000_000}
    gaps = json.loads((folder / "data/metadata/gaps.json").read_text())["gaps"]
    assert [(gap["cause"], gap["end_us"]) for gap in gaps] == [("network", made.SPAN_US[1])] * 2
    sync = json.loads((folder / "data/metadata/timesync.json").read_text())
    assert {one["offset_us"] for one in sync["videos"]} == {12_000}
    authenticity = json.loads((folder / "data/metadata/authenticity.json").read_text())
    assert {one["onvif_media_signing"] for one in authenticity["videos"]} == {"not verified"}


def test_time_in_no_video_and_no_gap_is_a_gap_of_unknown_cause() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    asked = Span(start, start + timedelta(seconds=30))
    gap = evidence.GapSheet(made.CAMERAS[0], asked.start_us, asked.start_us + 10_000_000, "camera")
    left = evidence.uncovered(asked, [], [gap])
    assert left == [Span(start + timedelta(seconds=10), asked.end)]


def test_the_same_bag_gives_the_same_zip(folder: Path, tmp_path: Path) -> None:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            import zlib

            name = path.relative_to(folder).as_posix()
            files[name] = bags.Written(hashlib.sha256(data).hexdigest(), len(data), zlib.crc32(data))
    one = bags.write_zip(folder, files, tmp_path / "one.zip", made.NAME)
    two = bags.write_zip(folder, dict(reversed(files.items())), tmp_path / "two.zip", made.NAME)
    assert one == two
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_file_that_changes_while_packed_is_noticed(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Corrupt):
        bags.write_zip(folder, {"bagit.txt": bags.Written("", 55, 1)}, tmp_path / "x.zip", "x")


def test_custody_is_ordered_and_signed(folder: Path) -> None:
    lines = (folder / "data/custody/events.jsonl").read_bytes().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["act"] for event in events] == [
        "record", "record", "receive", "hold", "extract", "extract", "package",
    ]  # fmt: skip
    assert events[4]["sha256_after"]
    assert events[4]["actor"]["habilitation_id"] == "c-1"
    assert all(
        event["prev_hash"] == hashlib.sha256(line).hexdigest() for line, event in zip(lines, events[1:], strict=False)
    )


@pytest.mark.parametrize(("language", "words"), [("fr", "Bordereau de remise"), ("en", "Hand-over slip")])
def test_papers_are_pdf_a_with_their_own_fonts(language: str, words: str, tmp_path: Path) -> None:
    made.make(tmp_path, wanted=made.order(language))
    with zipfile.ZipFile(tmp_path / made.NAME / "package.zip") as archive:
        for paper in ("bordereau_remise", "attestation_habilitation"):
            (tmp_path / f"{paper}.pdf").write_bytes(archive.read(f"{made.NAME}/data/legal/{paper}.pdf"))
    text = subprocess.run(["pdftotext", tmp_path / "bordereau_remise.pdf", "-"], capture_output=True, text=True).stdout
    assert words in text
    assert "7 Place de l’Église" in text or "7 Place de l'Église" in text
    text = subprocess.run(
        ["pdftotext", tmp_path / "attestation_habilitation.pdf", "-"], capture_output=True, text=True
    ).stdout
    assert "HAB-2026-3" in text
    assert "M0007" in text
    raw = (tmp_path / "bordereau_remise.pdf").read_bytes()
    assert b"pdfaid" in raw
    assert b"pdfuaid" in raw
    fonts = subprocess.run(["pdffonts", tmp_path / "bordereau_remise.pdf"], capture_output=True, text=True).stdout
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:]), fonts


def test_paper_sets_hostile_text_as_text(tmp_path: Path) -> None:
    from dataclasses import replace

    wanted = made.order()
    hostile = '#panic("x") $ \\ ] ) <script>alert(1)</script> \u202e' + "é" * 50
    wanted = replace(wanted, heading=replace(wanted.heading, recipient=hostile, procedure=hostile))
    made.make(tmp_path, wanted=wanted)
    assert verify(str(tmp_path / made.NAME / "package.zip"))["verdict"] == "valid"


def test_a_crash_leaves_nothing_that_looks_whole_and_the_next_try_succeeds(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        made.make(tmp_path, made.MemorySource(broken=KeyboardInterrupt()))
    assert not (tmp_path / made.NAME).exists()
    left = tmp_path / f"{bags.WORK_PREFIX}{made.NAME}.0badcafe"
    (left / "half").mkdir(parents=True)  # as after kill -9, when nothing could be cleared
    made.make(tmp_path)
    assert not left.exists()
    assert verify(str(tmp_path / made.NAME / "package.zip"))["verdict"] == "valid"


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.unit.governance import evidence_packages as made

class Killed(made.MemorySource):
    def piece(self, plan, number):
        for place, part in enumerate(super().piece(plan, number)):
            if place == 4 and plan.camera == "cam-b":
                os.kill(os.getpid(), signal.SIGKILL)
            yield part

made.make(Path(sys.argv[1]), Killed())
"""


def test_kill_9_in_the_middle_leaves_no_package_and_the_next_try_makes_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    path = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"}
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], env=path, cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(bags.WORK_PREFIX)] == []
    made.make(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [made.NAME]


def test_an_old_plan_is_asked_for_anew(tmp_path: Path) -> None:
    from beffroi.governance.files.fetching import PLAN_LIFE
    from beffroi.kernel.clock import ManualClock

    clock = ManualClock(made.NOW)

    class Slow(made.MemorySource):
        def end_extraction(self, plan: ExtractionPlan) -> None:
            super().end_extraction(plan)
            clock.advance(PLAN_LIFE)

    source = Slow()
    made.make(tmp_path, source, clock=clock)
    assert source.tickets == ["ticket-cam-a", "ticket-cam-b", "ticket-cam-b"]


def test_a_package_published_but_never_noted_is_made_again(tmp_path: Path) -> None:
    first = made.make(tmp_path)
    second = made.make(tmp_path)
    assert (tmp_path / made.NAME / "package.zip").stat().st_size == second.zip_bytes
    assert hashlib.sha256((tmp_path / made.NAME / "package.zip").read_bytes()).hexdigest() == second.zip_sha256
    assert first.seal_sha256


def test_missing_pictures_are_no_package(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="no picture"):
        made.make(tmp_path, made.MemorySource(seconds=0))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("beffroi.governance.files.packages.shutil.disk_usage", lambda _: usage._replace(free=1_000))
    with pytest.raises(Unavailable, match="MB free") as seen:
        made.make(tmp_path)
    assert seen.value.code == "disk_full"
    monkeypatch.undo()
    with pytest.raises(Unavailable) as seen:
        made.make(tmp_path, made.MemorySource(broken=OSError(errno.ENOSPC, "No space left on device")))
    assert seen.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_every_camera_is_asked_with_its_own_ticket_and_told_when_done(tmp_path: Path) -> None:
    source = made.MemorySource()
    made.make(tmp_path, source)
    assert source.tickets == ["ticket-cam-a", "ticket-cam-b"]
    assert source.ended == ["x-cam-a", "x-cam-b"]


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)


@given(st.dictionaries(names.map(lambda text: "data/" + text), st.just("ab" * 32), max_size=8))
def test_manifest_lines_never_break(digests: dict[str, str]) -> None:
    text = evidence.manifest_text(digests)
    assert text.count("\n") == len(digests)
    assert "\r" not in text
