"""The chest alone: exports of another video system become a package that a stranger can verify, on real clips."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.audit import jobs as audit_jobs
from beffroi.audit.models import Fact
from beffroi.governance import jobs, models
from beffroi.governance.actions import extractions, intake
from beffroi.governance.actions import requisitions as acts
from beffroi.governance.core import intake as core
from beffroi.governance.core.evidence import State
from beffroi.governance.core.intake import Probe
from beffroi.governance.files import probing
from beffroi.governance.files.verifier.command import verify
from beffroi.governance.jobs import reconcile_extractions
from beffroi.governance.queries import evidence, requisitions
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.spans import Span
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from tests.conftest import NOW
from tests.media.rtsp import footage
from tests.unit.governance.evidence_packages import MemorySource, flip

pytestmark = pytest.mark.django_db


@pytest.fixture
def chest(settings: Any) -> None:
    settings.BEFFROI_RECORDING = False


@pytest.fixture
def wanted(chest: None, accepted: models.Requisition) -> models.Requisition:
    """Accepted in a centre without recorder: nothing was asked of one."""
    assert not models.Extraction.objects.exists()
    return accepted


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(65_536):
            yield chunk


def take(officer: PersonFacts, row: models.Requisition, path: Path, camera: str = "", **more: Any) -> models.Intake:
    span = requisitions.span_of(row)
    assert span is not None
    statement = intake.Statement(
        camera or str(row.cameras.order_by("camera")[0].camera),
        more.pop("start", span.start),
        "NVR de la mairie, export AVI",
        "J. Petit, prestataire",
        "12 s de retard",
    )
    return intake.take_in(
        actor=people.actor_of(officer), requisition=row.pk, name=path.name, statement=statement, chunks=pieces(path),
        now=NOW, **more,
    )  # fmt: skip


def packed(officer: PersonFacts, row: models.Requisition) -> evidence.ExtractionFacts:
    made = acts.extract(actor=people.actor_of(officer), requisition=row.id, now=NOW)
    audit_jobs.sequence(NOW)
    assert reconcile_extractions(MemorySource(broken=AssertionError("asked")), NOW, clock=ManualClock(NOW)) == 1
    return evidence.extraction(made)


@pytest.mark.media
def test_real_exports_become_a_package_that_verifies(
    wanted: models.Requisition, officer: PersonFacts, tmp_path: Path
) -> None:
    one, other = footage("02-carpark"), footage("street-768x576-mjpeg")
    first = take(officer, wanted, one)
    take(officer, wanted, other, start=first.footage_until)
    made = packed(officer, wanted)
    assert made.state is State.BUILT, made.failure_detail
    path = tmp_path / "vault" / made.package / "package.zip"
    report = verify(str(path), sha256=made.zip_sha256)
    assert report["verdict"] == "valid", report["findings"]
    with zipfile.ZipFile(path) as archive:
        read = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    videos = {name: data for name, data in read.items() if name.startswith("data/video/")}
    assert {hashlib.sha256(data).hexdigest() for data in videos.values()} == {
        hashlib.sha256(source.read_bytes()).hexdigest() for source in (one, other)
    }
    assert {name.rpartition(".")[2] for name in videos} == {"mp4", "avi"}
    recording = json.loads(read["data/metadata/recording.json"])
    assert all(video["provenance"]["kind"] == "external" for video in recording["videos"])
    assert "not recorded by this centre" in recording["original"]
    assert "every NAL unit" not in recording["original"]
    (clock, _) = json.loads(read["data/metadata/timesync.json"])["videos"]
    assert (clock["offset_us"], clock["stated"]) == (None, "12 s de retard"), "unknown is not zero"
    events = [json.loads(line) for line in read["data/custody/events.jsonl"].splitlines()]
    assert {"take-in", "extract", "package"} <= {event["act"] for event in events}
    assert "record" not in {event["act"] for event in events}
    slip = subprocess.run(
        ["pdftotext", "-layout", "-", "-"],
        input=read["data/legal/bordereau_remise.pdf"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert "PROVENANCE EXTERNE" in slip
    assert "NVR de la mairie" in slip
    assert made.videos[0].external is not None
    assert made.gaps, "the span was longer than the exports"


@pytest.mark.media
def test_one_flipped_bit_is_found_and_placed(wanted: models.Requisition, officer: PersonFacts, tmp_path: Path) -> None:
    take(officer, wanted, footage("carpark-h264-g711a"))
    made = packed(officer, wanted)
    with zipfile.ZipFile(tmp_path / "vault" / made.package / "package.zip") as archive:
        archive.extractall(tmp_path / "out")
    bag = tmp_path / "out" / made.package
    (video,) = (bag / "data" / "video").iterdir()
    flip(video, 8 * (video.stat().st_size - 100))
    found = [one for one in verify(str(bag))["findings"] if one["level"] == "bad"]
    assert {one["code"] for one in found} >= {"altered", "place"}


@pytest.mark.media
def test_an_export_that_changed_on_disk_is_not_packed(
    wanted: models.Requisition, officer: PersonFacts, tmp_path: Path
) -> None:
    taken = take(officer, wanted, footage("02-carpark"))
    flip(tmp_path / "intake" / taken.id, 80_000)
    made = packed(officer, wanted)
    assert (made.state, made.failure) == (State.FAILED, "intake_changed")
    assert not (tmp_path / "vault" / made.package).exists()


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", b"ffconcat version 1.0\nfile x\n"]
)
def test_what_is_no_video_leaves_nothing_behind(
    wanted: models.Requisition, officer: PersonFacts, tmp_path: Path, data: bytes
) -> None:
    hostile = tmp_path / "x.mp4"
    hostile.write_bytes(data)
    with pytest.raises(Invalid):
        take(officer, wanted, hostile)
    assert not models.Intake.objects.exists()
    assert list((tmp_path / "intake").iterdir()) == []


@pytest.mark.media
def test_only_what_was_granted_is_taken_in(
    wanted: models.Requisition, officer: PersonFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = requisitions.span_of(wanted)
    assert span is not None
    clip = footage("02-carpark")
    for start, camera, code in (
        (span.start - timedelta(hours=3), "", "intake_outside"),
        (span.start - timedelta(seconds=610), "", "intake_outside"),
        (span.end - timedelta(seconds=1), "", ""),
        (span.start, "elsewhere", "intake_camera"),
    ):
        if not code:
            continue
        with pytest.raises(Invalid) as refused:
            take(officer, wanted, clip, camera, start=start)
        assert refused.value.code == code
    monkeypatch.setattr(core, "MAX_BYTES", 1_000)
    with pytest.raises(Invalid, match="8 GB"):
        take(officer, wanted, clip)
    assert list((tmp_path / "intake").iterdir()) == []


def test_an_export_reaches_ten_minutes_beyond_the_span_and_no_further() -> None:
    granted = Span(NOW, NOW + timedelta(hours=1))
    probe = Probe("mov", "h264", 640, 480, 100, 3_600_000_000, 0)
    assert core.check(probe, NOW - timedelta(minutes=10), granted).start == NOW - timedelta(minutes=10)
    for start in (NOW - timedelta(minutes=10, seconds=1), NOW + timedelta(minutes=10, seconds=1)):
        with pytest.raises(Invalid) as refused:
            core.check(probe, start, granted)
        assert refused.value.code == "intake_too_wide"


def test_without_exports_there_is_no_package(wanted: models.Requisition, officer: PersonFacts) -> None:
    with pytest.raises(Conflict) as refused:
        extractions.request_extraction(actor=people.actor_of(officer), requisition=wanted.id, now=NOW)
    assert refused.value.code == "intake_missing"


@pytest.mark.media
def test_what_no_package_needs_is_destroyed_and_said(
    wanted: models.Requisition, officer: PersonFacts, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    taken = take(officer, wanted, footage("02-carpark"))
    assert jobs.drop_outlived_intake(NOW + timedelta(days=30)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.drop_outlived_intake(NOW + timedelta(days=31)) == 1
    assert not (tmp_path / "intake" / taken.id).exists()
    fact = Fact.objects.get(name="intake:drop")
    assert taken.sha256 in str(fact.body)


def test_the_probe_opens_no_socket_and_starts_nothing() -> None:
    tried = """
import os, socket
from beffroi.governance.files.probe import limit, lock_down
limit(2 << 30, 20)
lock_down()
for act in (socket.socket, socket.socketpair, os.fork, lambda: os.execv("/bin/true", ["true"])):
    try:
        act()
    except OSError:
        continue
    raise SystemExit(f"not refused: {act}")
"""
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"container": "mov"}',
        json.dumps(asdict(Probe("gif", "gif", 1, 1, 1, 1, 0))).encode(),
        b'{"error": "unreadable", "why": "x"}',
    ],
)
def test_the_probe_itself_is_not_believed(answer: bytes) -> None:
    with pytest.raises(Invalid):
        probing.read_answer(answer)
