"""``beffroi convention``: exit codes, lines, both languages, JSON."""

import json
from pathlib import Path

import pytest

from beffroi.config.cli import run
from beffroi.governance.files.texts import model_convention


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "convention.yaml"
    path.write_text(model_convention("petite-commune").replace("mode: live_view", "mode: live_vue", 1), "utf-8")
    return path


def test_a_good_text_and_every_model_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("petite-commune", "ville-tenue", "centre-partage"):
        assert run(["convention", "check", name, "--language", "en"]) == 0
    assert "without fault" in capsys.readouterr().out


def test_a_fault_is_one_line_with_file_line_and_remedy(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convention", "check", str(wrong), "--language", "en"]) == 1
    english = capsys.readouterr().out
    assert english.startswith(f"{wrong}:25:")
    assert "Did you mean live_view?" in english
    assert run(["convention", "check", str(wrong), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["good"], said["faults"][0]["code"]) == (False, "not_one_of")


def test_what_cannot_be_read_is_two(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert run(["convention", "check", str(tmp_path / "nothing.yaml")]) == 2
    assert run(["convention", "check", str(tmp_path / "binary.yaml")]) == 2
    assert run(["convention", "check", "no-such-model"]) == 2
    assert run(["convention", "check", str(tmp_path)]) == 2


def test_explain_and_diff_speak(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convention", "explain", "petite-commune", "--language", "en"]) == 0
    words = capsys.readouterr().out
    assert "article 12 — Live pictures for the gendarmerie (G1-direct)" in words
    assert "never who asks" in words
    assert run(["convention", "diff", "petite-commune", "ville-tenue", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["changes"]
    assert {"G1-direct", "G5-crise"} <= {one["grant"] for one in found}
    assert run(["convention", "diff", "petite-commune", "petite-commune", "--language", "en"]) == 0
    assert "the same" in capsys.readouterr().out
