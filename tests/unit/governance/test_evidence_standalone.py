"""The verifier as the file that travels, and against the conformance suite of the format."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.files.verifier.command import verify
from beffroi.governance.files.verifier.der import ed25519_holds
from beffroi.governance.files.verifier.standalone import standalone
from beffroi.governance.files.verifier.texts import TEXTS, sentence
from beffroi.kernel.signing import SigningKey
from tests.unit.governance.evidence_packages import codes, flip

MATERIAL = Path(os.environ.get("BEFFROI_MATERIAL", Path(__file__).parents[4] / "shared"))
CONFORMANCE = MATERIAL / "fixtures" / "bagit-conformance"


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
