"""The chest alone as people meet it: one key, no recorder process, every other part well."""

import urllib.request
from pathlib import Path

from tests.process.test_up import PARTS, Centre
from tests.waiting import until

FOUND = Path(__file__).parents[2] / "docs" / "guide" / "founding-example.yaml"


def without_addresses(text: str) -> str:
    """The example of a commune whose cameras belong to another video system: they have names and places only."""
    gone = ("    url: ", "    username: ", "    password_env: ")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(gone))


def test_one_key_leaves_the_recorder_out(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BEFFROI_RECORDING="false")
    sheet = tmp_path / "commune.yaml"
    sheet.write_text(without_addresses(FOUND.read_text("utf-8")), "utf-8")
    entered = centre.call("commune", "found", str(sheet), "--data", str(centre.data))
    assert entered.returncode == 0, entered.stderr
    centre.start()
    try:
        centre.ready()
        assert set(centre.parts()) == PARTS - {"recorder"}
        with urllib.request.urlopen(f"http://127.0.0.1:{centre.port}/healthz", timeout=10) as page:
            assert page.status == 200
        until(lambda: (centre.run / "worker.json").exists(), 20, "the worker's standing")
        told = centre.call("doctor", "--data", str(centre.data)).stdout
        assert "the chest alone" in told
        assert "failed" not in told
    finally:
        centre.kill_all()
