"""A real file system on a loop device, copied while it is written: what a power cut leaves there is recovered."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.kernel.clock import SystemClock
from beffroi.media.archive.check import check_volume
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Store
from beffroi.media.ingest.recorder import Recorder
from tests.media.feeding import HALL, KEY, cut, run_start, writing
from tests.media.test_faults import MAIN, kept

pytestmark = [pytest.mark.media, pytest.mark.root]


def sh(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(each) for each in words], capture_output=True, check=False)


@pytest.fixture
def image(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """An ext4 of 48 MB in a file, and where it is mounted."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and e2fsprogs")
    disk, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    with disk.open("wb") as file:
        file.truncate(48 << 20)
    if sh("mkfs.ext4", "-q", disk).returncode or sh("mount", "-o", "loop", disk, place).returncode:
        pytest.skip("this machine has no loop devices")
    yield disk, place
    sh("umount", "-l", place)


def test_a_disk_copied_while_it_is_written_has_all_that_was_acknowledged(
    image: tuple[Path, Path], tmp_path: Path
) -> None:
    disk, place = image
    folder, base = place / "archive", SystemClock().now_us()
    acknowledged: list[list[int]] = []
    with writing(folder) as writer:
        recorder = Recorder(writer, SystemClock())
        track = recorder.track(HALL, MAIN.value)
        track.put(run_start())
        for number in range(6):
            track.put(cut(number, base_us=base, size=60_000))
            recorder.round()
            if number % 2:
                acknowledged.append([each.start_us for each in kept(folder)])
                shutil.copyfile(disk, tmp_path / f"crash-{number}.img")  # nothing is unmounted, nothing flushed for it
    for number, known in zip((1, 3, 5), acknowledged, strict=True):
        copy, back = tmp_path / f"crash-{number}.img", tmp_path / "back"
        back.mkdir(exist_ok=True)
        assert sh("e2fsck", "-fy", copy).returncode in (0, 1), "mended, as at a start"
        assert sh("mount", "-o", "loop", copy, back).returncode == 0
        try:
            store = Store(back / "archive", SystemClock(), key=KEY)
            recover_open(store)
            store.close()
            assert [each.start_us for each in kept(back / "archive")] == known
            assert check_volume(back / "archive") == []
        finally:
            sh("umount", back)
