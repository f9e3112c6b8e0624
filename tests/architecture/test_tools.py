"""The tools: they do their work once, say what is missing, and need nothing they do not bring."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(tool: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(tool), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def _copy(folder: Path, *parts: str) -> Path:
    for part in parts:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder


def test_messages_are_compiled_once_and_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    _copy(tmp_path, "tools/compile_messages.py")
    catalogue = tmp_path / "src/app/locale/fr/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Yes"\nmsgstr "Oui"\n')
    tool = tmp_path / "tools/compile_messages.py"
    assert _run(tool).stdout == "Messages: 1 catalogues compiled.\n"
    assert catalogue.with_suffix(".mo").read_bytes().count(b"Oui") == 1
    assert (_run(tool).stdout, _run(tool).returncode) == ("", 0)
    catalogue.write_text('msgid "Yes"\nnonsense\nmsgstr "Oui"\n')
    os.utime(catalogue, (2**31, 2**31))
    broken = _run(tool)
    assert broken.returncode == 1
    assert "src/app/locale/fr/LC_MESSAGES/django.po" in broken.stderr


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become nobody")
def test_missing_packages_are_named_to_whoever_cannot_install_them(tmp_path: Path) -> None:
    shared = Path("/tmp") / f"beffroi-tool-{os.getpid()}.py"
    shutil.copy(ROOT / "tools/system_packages.py", shared)
    shared.chmod(0o644)
    try:
        command = ["/usr/bin/python3", str(shared)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, user=65534, cwd="/", env={"PATH": str(tmp_path)}
        )
    finally:
        shared.unlink()
    assert done.returncode == 1
    assert "Missing: chromium (" in done.stdout
    assert "sudo apt-get update && sudo apt-get install" in done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_islands_have_right_types() -> None:
    done = _run(ROOT / "tools/build_frontend.py", "--types")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_front_end_is_built_once_and_again_when_something_changed() -> None:
    tool = ROOT / "tools/build_frontend.py"
    assert _run(tool).returncode == 0
    bundle = ROOT / "src/beffroi/web/shared/static/beffroi/dist/main.js"
    before = bundle.stat().st_mtime_ns
    assert (_run(tool).stdout, bundle.stat().st_mtime_ns) == ("", before)


def test_the_bundle_holds_no_eval_of_ours_and_no_address_of_others() -> None:
    sources = (ROOT / "src/beffroi/web/islands/src").rglob("*.ts")
    text = "\n".join(path.read_text() for path in sources)
    assert "eval(" not in text
    assert "https://" not in text.replace("https://www.w3.org", "")
