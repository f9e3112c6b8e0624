"""The verifier: one flipped bit anywhere is found and placed; hostile packages never crash it."""

import ast
import io
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beffroi.governance.files import bags
from beffroi.governance.files.verifier.command import main, report_text, verify
from beffroi.governance.files.verifier.der import ed25519_holds
from beffroi.governance.files.verifier.stamp import pem_certificates
from beffroi.governance.files.verifier.standalone import standalone
from beffroi.governance.files.verifier.texts import TEXTS, sentence
from beffroi.kernel.signing import SigningKey
from tests.unit.governance import evidence_packages as made

MATERIAL = Path(os.environ.get("BEFFROI_MATERIAL", Path(__file__).parents[4] / "shared"))
CONFORMANCE = MATERIAL / "fixtures" / "bagit-conformance"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vault = tmp_path_factory.mktemp("vault")
    made.make(vault)
    return vault / made.NAME / "package.zip"


@pytest.fixture(scope="module")
def original(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bags.unpack(package, tmp_path_factory.mktemp("original"))


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / made.NAME))


def codes(report: dict, level: str = "bad") -> list[tuple[str, str]]:
    return [(one["code"], one["where"]) for one in report["findings"] if one["level"] == level]


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))


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


ABSURD = [
    b"",
    b"\xff\xfe",
    b"{" * 200_000,
    b"[" * 200_000,
    b'{"videos":' + b"9" * 100_000 + b"}",
    b"null",
    b'{"videos":[{"file":[],"start_us":1e400}]}',
    b'{"videos":[{"file":"data/video/x","start_us":' + b"9" * 19 + b"}]}",
]
PARSED = [
    "data/metadata/recording.json",
    "data/custody/proofs.json",
    "data/custody/events.jsonl",
    "bag-info.txt",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt.tsr",
]


class TestHostile:
    """What a package may try."""

    def zipped(self, tmp_path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
        path = tmp_path / "hostile.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in entries:
                archive.writestr(name, data)
        return path

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "a//b", "x\x01y"]
    )
    def test_names_that_lead_out(self, tmp_path: Path, name: str) -> None:
        path = self.zipped(
            tmp_path, ("p/bagit.txt", b"BagIt-Version: 1.0\n"), (f"p/{name}" if name[0] == "a" else name, b"x")
        )
        assert "unsafe_name" in {code for code, _ in codes(verify(str(path)))}
        assert not (tmp_path.parent / "x").exists()

    def test_links(self, folder: Path, tmp_path: Path) -> None:
        (folder / "data" / "passwords").symlink_to("/etc/passwd")
        (folder / "data" / "loop").symlink_to(folder)
        assert {("link", "data/passwords"), ("link", "data/loop")} <= set(codes(verify(str(folder))))
        info = zipfile.ZipInfo("p/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        path = self.zipped(tmp_path, ("p/bagit.txt", b"x"), (info, b"/etc/passwd"))
        assert ("link", "p/link") in codes(verify(str(path)))

    def test_a_pipe_does_not_hang(self, folder: Path) -> None:
        os.mkfifo(folder / "data" / "pipe")
        assert ("special_file", "data/pipe") in codes(verify(str(folder)))

    def test_a_bomb_is_not_unfolded(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(3):
                archive.writestr(f"p/data/{number}", bytes(48 << 20))
        assert main([str(path)]) == 2
        assert verify(str(path))["findings"][0]["code"] == "zip_bomb"

    def test_the_same_name_twice(self, tmp_path: Path) -> None:
        with pytest.warns(UserWarning, match="Duplicate"):
            path = self.zipped(tmp_path, ("p/bagit.txt", b"x"), ("p/bagit.txt", b"y"))
        assert "twice_in_zip" in {code for code, _ in codes(verify(str(path)))}

    @pytest.mark.parametrize("content", ABSURD)
    @pytest.mark.parametrize("name", PARSED)
    def test_absurd_contents(self, folder: Path, name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)
        report = verify(str(folder))
        assert report["verdict"] == "bad"
        json.dumps(report)
        report_text(report, "en")

    def test_names_cannot_drive_the_terminal(self, folder: Path) -> None:
        (folder / "data" / "\x1b[2J\x1b]0;owned\x07").write_bytes(b"x")
        (folder / "data" / os.fsdecode(b"\xff\xfe")).write_bytes(b"x")
        text = report_text(verify(str(folder)), "en")
        assert "\x1b" not in text
        text.encode("utf-8")

    @given(st.binary(max_size=400))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_bytes_that_are_no_zip(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "any.zip"
        path.write_bytes(b"PK\x03\x04" + data)
        assert verify(str(path))["verdict"] in {"bad", "unchecked"}


def test_what_cannot_be_checked(tmp_path: Path) -> None:
    assert main([str(tmp_path / "absent")]) == 2
    assert main([str(tmp_path)]) == 2
    (tmp_path / "x.mp4").write_bytes(b"not a package")
    assert main([str(tmp_path / "x.mp4")]) == 2


@pytest.mark.skipif(not CONFORMANCE.exists(), reason="BEFFROI_MATERIAL is not here")
class TestConformance:
    """The Library of Congress suite: what importing bags has to accept and refuse."""

    @pytest.mark.parametrize("kind", ["v0.97/invalid", "v0.97/linux-only", "v0.97/windows-only", "v1.0/invalid"])
    def test_invalid_bags_are_refused(self, kind: str) -> None:
        bags = [bag for bag in sorted((CONFORMANCE / kind).iterdir()) if bag.is_dir()]
        assert bags
        for bag in bags:
            assert verify(str(bag))["verdict"] == "bad", bag.name

    @pytest.mark.parametrize("kind", ["v0.97/valid", "v1.0/valid"])
    def test_valid_bags_are_accepted(self, kind: str) -> None:
        for bag in [bag for bag in (CONFORMANCE / kind).iterdir() if bag.is_dir()]:
            report = verify(str(bag))
            assert report["verdict"] == "valid", (bag.name, report["findings"])

    @pytest.mark.parametrize(
        ("name", "note"), [("made-with-md5sum-tools", "loose_manifest_line"), ("relative-path", "loose_manifest_line"),
                           ("same-filename-listed-twice-with-the-same-hash", "plain_bag")])  # fmt: skip
    def test_bags_with_a_warning(self, name: str, note: str) -> None:
        report = verify(str(CONFORMANCE / "v0.97" / "warning" / name))
        assert report["verdict"] == "valid", report["findings"]
        assert note in {code for code, _ in codes(report, "note")}


class TestStandalone:
    """The one file that travels."""

    def test_it_is_python_3_8_and_imports_only_the_standard_library(self) -> None:
        tree = ast.parse(standalone(), feature_version=(3, 8))
        roots = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                roots |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                roots.add((node.module or "").split(".")[0])
        assert roots <= sys.stdlib_module_names
        assert "beffroi" not in standalone().decode().replace("beffroi-evidence-1", "").replace("Beffroi", "")

    def test_no_name_is_defined_twice(self) -> None:
        tree = ast.parse(standalone())
        defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        for node in tree.body:
            if isinstance(node, ast.Assign):
                defined += [name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)]
        assert len(defined) == len(set(defined)), sorted(name for name in defined if defined.count(name) > 1)

    def test_no_newer_call_is_used(self) -> None:
        newer = ("removeprefix", "removesuffix", "datetime.UTC", "math.lcm", "zip(strict", "file_digest")
        text = standalone().decode()
        assert not [word for word in newer if word in text]

    def test_it_says_the_same_as_the_command(self, folder: Path) -> None:
        script = folder / "data/player/verify.py"
        run = [sys.executable, "-I", str(script), "--json"]
        done = subprocess.run(run, capture_output=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["findings"] == json.loads(json.dumps(verify(str(folder))["findings"]))
        flip(folder / "data/legal/bordereau_remise.pdf", 999)
        done = subprocess.run([*run[:3], str(folder), "--lang", "en"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "data/legal/bordereau_remise.pdf" in done.stdout
        assert "NOT VALID" in done.stdout
        assert done.stderr == ""


def test_each_finding_has_a_sentence_in_both_languages() -> None:
    used = set()
    for node in ast.walk(ast.parse(standalone())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = {"bad": 0, "CannotCheck": 0, "Finding": 1}.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                used.add(node.args[place].value)
    used |= {"place", "place_cut", "place_absent"}
    assert used <= set(TEXTS), used - set(TEXTS)
    for code, (english, french) in TEXTS.items():
        assert english != french, code
        assert sentence(code, "fr", "x", {})
        assert sentence(code, "en", "x", {})


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=15, deadline=None)
def test_ed25519_agrees_with_cryptography(seed: bytes, data: bytes, bit: int) -> None:
    key = SigningKey(seed)
    signature = bytearray(key.sign(data))
    assert ed25519_holds(key.public_bytes, bytes(signature), data)
    signature[bit // 8] ^= 1 << bit % 8
    assert not ed25519_holds(key.public_bytes, bytes(signature), data)
    assert not ed25519_holds(key.public_bytes, b"", data)


def test_report_on_standard_output(package: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([str(package), "--lang", "fr"]) == 0
    told = capsysbinary.readouterr().out.decode()
    assert "VALIDE" in told
    assert "prouve peu contre le centre" in told
    assert io.StringIO(told).readline().startswith("Paquet")
