"""The disks beneath the volumes: found as the kernel tells, asked by a real ``smartctl`` process that may hang, rave or
never end, and said in the writer's status. The trees of ``/sys`` are made here."""

import json
import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beffroi.kernel.clock import ManualClock
from beffroi.media.archive import smart as asking
from beffroi.media.archive.beneath import Ground, Kernel
from beffroi.media.archive.disk_watch import DEGRADED, READ_ONLY, Beneath, DiskWatch
from beffroi.media.archive.smart import Smart
from beffroi.media.core.disk_health import DiskHealth, Sign, Unreadable
from tests.media.feeding import NOW
from tests.media.test_archive_volumes import Office

pytestmark = pytest.mark.media
WELL = {"smartctl": {"exit_status": 0}, "smart_status": {"passed": True}, "temperature": {"current": 30}}
_BAD = WELL | {"smart_status": {"passed": False}}


class Machine:
    """``/sys`` and ``/proc`` of a machine that there is not."""

    def __init__(self, root: Path) -> None:
        self.sys, self.proc = root / "sys", root / "proc"
        (self.proc / "self").mkdir(parents=True)
        self._mounts: list[str] = []
        self.kernel = Kernel(self.sys, self.proc)

    def device(self, name: str, number: str, *, at: str = "pci0/ata1/block", slaves: tuple[str, ...] = ()) -> Path:
        node = self.sys / "devices" / at / name
        (node / "slaves").mkdir(parents=True)
        for folder, link in (("dev/block", number), ("class/block", name), ("block", name)):
            (self.sys / folder).mkdir(parents=True, exist_ok=True)
            (self.sys / folder / link).symlink_to(node)
        for slave in slaves:
            (node / "slaves" / slave).symlink_to((self.sys / "class/block" / slave).resolve())
        return node

    def partition(self, disk: str, number: str) -> None:
        node = self.device(f"{disk}1", number, at=f"pci0/ata1/block/{disk}")
        (node / "partition").write_text("1\n")

    def mount(self, point: str, number: str, source: str = "none", options: str = "rw") -> None:
        self._mounts.append(f"30 1 {number} / {point} rw,relatime shared:1 - ext4 {source} {options}")
        (self.proc / "self" / "mountinfo").write_text("\n".join(self._mounts) + "\n")


@pytest.fixture
def machine(tmp_path):
    one = Machine(tmp_path)
    one.device("sda", "8:0")
    one.partition("sda", "8:1")
    one.device("sdb", "8:16")
    one.mount("/", "8:1")
    return one


def test_a_folder_stands_on_the_disks_of_its_partition_mirror_or_logical_volume(machine):
    machine.device("md0", "9:0", at="virtual/block", slaves=("sda", "sdb"))
    machine.device("dm-0", "253:0", at="virtual/block", slaves=("md0",))
    machine.mount("/srv/two\\040words", "253:0")
    machine.mount("/srv/cow", "0:40", source="/dev/sdb")
    machine.mount("/srv/far", "0:41", source="nas:/video")
    assert machine.kernel.ground(Path("/var/x")) == Ground(("sda",))
    assert machine.kernel.ground(Path("/srv/two words/archive")) == Ground(("sda", "sdb"))
    assert machine.kernel.ground(Path("/srv/cow")) == Ground(("sdb",))
    assert machine.kernel.ground(Path("/srv/far/archive")) == Ground()
    assert [machine.kernel.is_virtual(each) for each in ("sda", "md0", "vda")] == [False, True, True]


def test_a_mirror_that_lacks_a_disk_and_a_file_system_that_gave_up_are_told(machine):
    node = machine.device("md0", "9:0", at="virtual/block", slaves=("sda", "sdb"))
    (node / "md").mkdir()
    (node / "md" / "degraded").write_text("1\n")
    machine.mount("/srv", "9:0", options="ro,errors=remount-ro")
    assert machine.kernel.ground(Path("/srv/video")) == Ground(("sda", "sdb"), read_only=True, degraded=True)


@pytest.fixture
def smartctl(tmp_path, monkeypatch):
    """Puts a program of this name on the path; ``asked`` is how often it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    asked = folder / "asked"

    def put(script: str) -> Path:
        (folder / "smartctl").write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{script}\n')
        (folder / "smartctl").chmod(0o755)
        return asked

    return put


@pytest.mark.parametrize(
    "script",
    [
        "sleep 600",
        "exec >&-; sleep 600",
        "echo '{\"smart_status\": {'",
        "head -c 10000000 /dev/zero",
        "exit 2",
        "yes '['",
    ],
    ids=["hangs", "hangs and says nothing", "garbage", "ten megabytes", "nothing", "without end"],
)
def test_whatever_smartctl_does_the_disk_is_unknown_and_nothing_waits(script, smartctl, tmp_path):
    smartctl(script)
    one = Smart(ManualClock(NOW), tmp_path / "kept", wait_s=0.3)
    assert one.reading("sda") == DiskHealth("sda", Unreadable.NO_ANSWER)
    assert one.reading("sda") == DiskHealth("sda", Unreadable.NO_ANSWER)


def test_a_disk_is_asked_once_an_hour_asleep_or_not_and_a_new_start_does_not_ask_again(smartctl, tmp_path):
    asked = smartctl(f"echo '{json.dumps(WELL)}'")
    clock = ManualClock(NOW)
    for at in (timedelta(0), timedelta(minutes=59)):
        clock.at = NOW + at
        for one in (Smart(clock, tmp_path / "kept"), Smart(clock, tmp_path / "kept")):
            assert one.reading("sda").state == "good"
    assert asked.read_text().splitlines() == ["--json=c -n standby -a /dev/sda"]
    clock.at = NOW + timedelta(minutes=60)
    assert one.reading("sda").asked_us == clock.now_us()
    assert len(asked.read_text().splitlines()) == 2


def test_what_a_timer_of_root_wrote_is_taken_and_nobody_asks(smartctl, tmp_path):
    asked = smartctl("exit 2")
    clock = ManualClock(NOW)
    by_root = tmp_path / "by-root"
    by_root.mkdir()
    (by_root / "sda.json").write_text(json.dumps(_BAD))
    os.utime(by_root / "sda.json", ns=(clock.now_us() * 1000,) * 2)
    one = Smart(clock, tmp_path / "kept", by_root=by_root)
    assert one.reading("sda").signs == (Sign.FAILING,)
    assert not asked.exists()
    clock.advance(timedelta(hours=2))  # the timer stands still: what it said is no news
    assert one.reading("sda").unreadable == Unreadable.NO_ANSWER


def test_without_smartctl_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(asking, "_PLACES", str(tmp_path))
    assert Smart(ManualClock(NOW), tmp_path).reading("sda") == DiskHealth("sda", Unreadable.NO_TOOL)


def test_calls_that_fail_again_and_again_are_a_sign_and_those_of_an_hourly_question_are_none(
    machine, smartctl, tmp_path
):
    smartctl(f"echo '{json.dumps(WELL)}'")
    counter = machine.sys / "block" / "sda" / "device"
    counter.mkdir()
    seen: list[Beneath] = []
    watch = DiskWatch(
        lambda: [Path("/srv/video")],
        lambda found: seen.append(found[Path("/srv/video")]),
        kernel=machine.kernel,
        smart=Smart(ManualClock(NOW), tmp_path / "kept"),
    )
    for count in (0x10, 0x12, 0x12, 0x14):
        (counter / "ioerr_cnt").write_text(f"{count:#x}\n")
        watch.look()
    assert seen[-1].disks[0].state == "good"
    assert dict(seen[-1].disks[0].figures)["kernel_errors"] == 0x14
    (counter / "ioerr_cnt").write_text("0x15\n")
    watch.look()
    assert seen[-1].disks[0].signs == (Sign.ERRORS,)


def test_the_writers_status_says_how_the_disks_are(machine, smartctl, tmp_path):
    smartctl(f"echo '{json.dumps(_BAD)}'")
    machine.mount("/srv", "8:16", options="ro")
    office = Office(tmp_path)
    assert [each["disks"] for each in volumes(office)] == [None, None], "nobody has looked yet"
    looked = threading.Event()

    def see(found: Mapping[Path, Beneath]) -> None:
        office.board.see_disks({office.main.path: found[Path("/srv")]})
        looked.set()

    one = Smart(ManualClock(NOW), tmp_path / "kept")
    watch = DiskWatch(lambda: [Path("/srv")], see, kernel=machine.kernel, smart=one)
    thread = threading.Thread(target=watch.serve)
    thread.start()
    assert looked.wait(20)
    watch.stopping.set()
    thread.join(20)
    main, emergency = volumes(office)
    assert [each["name"] for each in main["disks"]] == ["sdb"]
    assert main["disks"][0]["signs"] == ["failing"]
    assert READ_ONLY in main["notes"]
    assert DEGRADED not in main["notes"]
    assert emergency["disks"] is None
    office.shelf.close()


def volumes(office: Office) -> list[dict[str, Any]]:
    """Of the writer's answer."""
    office.board.see_volumes(office.shelf, "")
    found: list[dict[str, Any]] = office.board.status()["volumes"]
    return found
