"""Hostile packages never crash the verifier, lead it out of its folder or drive the terminal."""

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beffroi.governance.files.verifier.command import main, report_text, verify
from tests.unit.governance.evidence_packages import codes

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
