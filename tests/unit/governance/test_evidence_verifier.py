"""The verifier: one flipped bit anywhere is found and placed."""

import io
import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beffroi.governance.files.verifier.command import main, report_text, verify
from beffroi.governance.files.verifier.stamp import pem_certificates
from tests.unit.governance import evidence_packages as made
from tests.unit.governance.evidence_packages import codes, flip


def test_each_file_with_one_flipped_bit_is_found_and_named(folder: Path) -> None:
    chance = random.Random(3161)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        for bit in {0, chance.randrange(8 * path.stat().st_size)}:
            flip(path, bit)
            report = verify(str(folder))
            assert report["verdict"] == "bad", (name, bit)
            assert any(where.startswith(name) for _, where in codes(report)), (name, bit, codes(report))
            flip(path, bit)
    assert verify(str(folder))["verdict"] == "valid"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_bit_of_any_file(original: Path, data: st.DataObject) -> None:
    files = sorted(path for path in original.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    bit = data.draw(st.integers(0, 8 * path.stat().st_size - 1))
    flip(path, bit)
    try:
        assert verify(str(original))["verdict"] == "bad"
    finally:
        flip(path, bit)


def test_every_bit_of_the_stamp_and_its_sum(folder: Path) -> None:
    from beffroi.governance.files.verifier.bag import STAMP, STAMP_SUM, Bag
    from beffroi.governance.files.verifier.command import _check_stamp
    from beffroi.governance.files.verifier.reading import FolderSource

    for name in (STAMP, STAMP_SUM):
        path = folder / name
        for bit in range(0, 8 * path.stat().st_size, 61):
            flip(path, bit)
            bag = Bag(FolderSource(str(folder)))
            _check_stamp(bag, None)
            assert [one for one in bag.findings if one.level == "bad"], (name, bit)
            flip(path, bit)


def test_a_flip_in_a_video_is_placed_by_bytes_camera_and_time(folder: Path) -> None:
    video = next(folder.glob("data/video/c012_*.mp4"))
    lines = (folder / "data/metadata/fragments" / f"{video.stem}.jsonl").read_text().splitlines()
    fifth = json.loads(lines[5])
    flip(video, 8 * (fifth["offset"] + 300) + 2)
    report = verify(str(folder))
    place = next(one for one in report["findings"] if one["code"] == "place")
    assert place["where"] == f"data/video/{video.name}"
    assert place["data"] == {
        "first": fifth["offset"],
        "last": fifth["offset"] + fifth["length"] - 1,
        "camera": "12 Rue du Lavoir",
        "from": "2026-11-22T21:00:04.000000Z",
        "to": "2026-11-22T21:00:05.000000Z",
        "kind": "fragment",
    }
    told = report_text(report, "fr")
    assert "Altéré entre les octets" in told
    assert "NON VALIDE" in told
    assert main([str(folder), "--json"]) == 1


def test_a_flip_in_a_video_inside_the_zip_is_placed_too(package: Path, tmp_path: Path) -> None:
    whole = bytearray(package.read_bytes())
    at = whole.index(b"mdat", whole.index(b"/data/video/c012")) + 2_000
    whole[at] ^= 8
    path = tmp_path / "flipped.zip"
    path.write_bytes(bytes(whole))
    found = [one for one in verify(str(path))["findings"] if one["level"] == "bad"]
    assert [one["code"] for one in found] == ["altered", "place"]
    assert found[1]["data"]["camera"] == "12 Rue du Lavoir"


def test_cut_lengthened_and_absent_videos_are_placed(folder: Path) -> None:
    video = next(folder.glob("data/video/c007_*.mp4"))
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) // 2])
    found = {code for code, _ in codes(verify(str(folder)))}
    assert {"altered", "place_cut", "place_absent", "oxum"} <= found
    video.write_bytes(whole + b"x")
    assert {"altered", "bytes_added"} <= {code for code, _ in codes(verify(str(folder)))}
    video.unlink()
    assert ("missing", f"data/video/{video.name}") in codes(verify(str(folder)))


def test_altered_fragment_list_does_not_hide_the_video(folder: Path) -> None:
    video = next(folder.glob("data/video/c007_*.mp4"))
    flip(video, 4_000)
    digests = folder / "data/metadata/fragments" / f"{video.stem}.jsonl"
    digests.write_text("[" * 100_000 + "\n" + '{"offset":' + "9" * 5_000 + "}\n")
    found = codes(verify(str(folder)))
    assert ("place_unknown", f"data/video/{video.name}") in found
    assert ("altered", digests.relative_to(folder).as_posix()) in found


def test_renamed_extra_and_missing_files(folder: Path) -> None:
    video = next(folder.glob("data/video/c007_*.mp4"))
    video.rename(video.with_name("other.mp4"))
    (folder / "data" / "more.txt").write_text("x")
    (folder / "note.txt").write_text("x")
    (folder / "data/custody/checkpoint").write_text("x")
    report = verify(str(folder))
    found = codes(report)
    assert ("missing", f"data/video/{video.name}") in found
    assert ("extra", "data/video/other.mp4") in found
    assert ("extra", "data/more.txt") in found
    assert ("extra", "note.txt") in found
    assert ("renamed", "data/video/other.mp4") in codes(report, "note")


def test_a_renamed_package_is_valid_and_says_so(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "scelle-12.zip"
    shutil.copy(package, other)
    report = verify(str(other))
    assert report["verdict"] == "valid"
    moved = tmp_path / "scelle"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(moved)
    renamed = moved / "x"
    (moved / made.NAME).rename(renamed)
    report = verify(str(renamed))
    assert report["verdict"] == "valid"
    assert ("other_name", "") in codes(report, "note")


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_packed_anew_is_valid_by_content_and_says_so(original: Path, tmp_path: Path, compression: int) -> None:
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w", compression) as archive:
        for path in sorted(original.rglob("*")):
            archive.write(path, f"{made.NAME}/{path.relative_to(original).as_posix()}")
    report = verify(str(again))
    assert report["verdict"] == "valid"
    assert [code for code, _ in codes(report, "note")].count("repacked") == 1
    assert main([str(again), "--sha256", "00" * 32]) == 1


def test_the_delivered_zip_is_recognised_byte_for_byte(package: Path, tmp_path: Path) -> None:
    import hashlib

    assert "repacked" not in {code for code, _ in codes(verify(str(package)), "note")}
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    assert main([str(package), "--sha256", digest.upper()]) == 0
    copy = tmp_path / "copy.zip"
    data = bytearray(package.read_bytes())
    data[10] ^= 1  # the date in the first local header
    copy.write_bytes(bytes(data))
    report = verify(str(copy))
    note = next(one for one in report["findings"] if one["code"] == "repacked")
    assert note["data"]["first"] == 10


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_flipped_bit_of_the_zip_goes_unsaid(package: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(package.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    path = tmp_path / "flipped.zip"
    path.write_bytes(bytes(whole))
    report = verify(str(path))
    assert report["verdict"] != "valid" or "repacked" in {code for code, _ in codes(report, "note")}


def test_a_truncated_zip_is_bad_and_placed(package: Path, tmp_path: Path) -> None:
    whole = package.read_bytes()
    cut = tmp_path / "cut.zip"
    for length in (len(whole) // 2, len(whole) - 30, 4_000):
        cut.write_bytes(whole[:length])
        report = verify(str(cut))
        assert report["verdict"] == "bad", length
        assert report["findings"][0]["code"] == "zip_cut"
    cut.write_bytes(whole[: len(whole) // 2])
    found = verify(str(cut))["findings"][0]
    assert found["data"]["present"] < found["data"]["wanted"]
    assert found["where"].startswith(made.NAME)


def test_custody_break_and_forged_signature(folder: Path) -> None:
    from beffroi.governance.files.verifier.bag import Bag
    from beffroi.governance.files.verifier.custody import check_custody
    from beffroi.governance.files.verifier.reading import FolderSource

    events = folder / "data/custody/events.jsonl"
    whole = events.read_bytes()
    lines = whole.splitlines(keepends=True)

    def found() -> list[tuple[str, int | None]]:
        bag = Bag(FolderSource(str(folder)))
        check_custody(bag)
        return [(one.code, one.data.get("line")) for one in bag.findings if one.level == "bad"]

    assert found() == []
    events.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert found()[0] == ("custody_break", 3)
    events.write_bytes(whole.replace(b"Camille", b"Caroline", 1))
    assert ("custody_signature", 3) in found()
    events.write_bytes(whole[:-5])
    assert found()[0][0] == "custody_cut"
    events.write_bytes(whole)
    (folder / "data/custody/office-key.txt").write_text("ff" * 32 + "\n")
    assert {code for code, _ in found()} == {"custody_signature"}


def test_the_stamp_is_believed_only_under_the_right_authority(folder: Path, tmp_path: Path) -> None:
    from beffroi.governance.files.stamps import OwnAuthority, create_authority

    authority = folder / "data/metadata/stamp-authority.pem"
    assert main([str(folder), "--authority", str(authority)]) == 0
    assert verify(str(folder), roots=pem_certificates(authority.read_bytes()))["stamp"]["trusted"] is True
    create_authority(tmp_path / "keys", organisation="Someone else", now=made.NOW)
    other = OwnAuthority(tmp_path / "keys").authority_pem
    report = verify(str(folder), roots=pem_certificates(other))
    assert ("stamp_untrusted", "tagmanifest-sha256.txt.tsr") in codes(report)
    assert main([str(folder), "--authority", str(tmp_path / "absent.pem")]) == 2


def test_what_cannot_be_checked(tmp_path: Path) -> None:
    assert main([str(tmp_path / "absent")]) == 2
    assert main([str(tmp_path)]) == 2
    (tmp_path / "x.mp4").write_bytes(b"not a package")
    assert main([str(tmp_path / "x.mp4")]) == 2


def test_report_on_standard_output(package: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([str(package), "--lang", "fr"]) == 0
    told = capsysbinary.readouterr().out.decode()
    assert "VALIDE" in told
    assert "prouve peu contre le centre" in told
    assert io.StringIO(told).readline().startswith("Paquet")
