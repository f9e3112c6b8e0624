"""What the islands compute without a page, run by Node against what our own writer makes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tools.build_frontend import CannotBuild, find_node

from beffroi.media.core.fmp4 import Sample, fragment

ROOT = Path(__file__).parents[3]
ISLANDS = ROOT / "src/beffroi/web/islands/src"
FRAME_90K = 7_500


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modules without a page, as Node reads them."""
    out = tmp_path_factory.mktemp("islands")
    esbuild = ROOT / "node_modules/esbuild/bin/esbuild"
    if not esbuild.exists():
        pytest.skip("needs the front end's packages: make setup")
    command = [str(_node()), str(esbuild), *(str(ISLANDS / f"{name}.ts") for name in ("frames", "merge", "moments"))]
    subprocess.run([*command, "--format=cjs", "--log-level=warning", f"--outdir={out}"], check=True, timeout=60)
    return out


def _node() -> Path:
    try:
        return find_node()
    except CannotBuild as error:
        pytest.skip(str(error))


def computed(islands: Path, module: str, expression: str, given: object) -> Any:
    """What ``expression`` gives, with the module as ``it`` and ``given``."""
    script = (
        f"const it = require('{islands}/{module}.js'); const given = JSON.parse(require('fs').readFileSync(0));"
        f"console.log(JSON.stringify({expression}))"
    )
    done = subprocess.run(
        [str(_node()), "-e", script], input=json.dumps(given).encode(), capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def piece(first_90k: int = 9_000_000) -> bytes:
    """Two fragments as the recorder writes them; the pictures of the second are shown in another order."""
    plain = [Sample(b"x" * 9, FRAME_90K, 0, key=n == 0) for n in range(3)]
    turned = [Sample(b"y", FRAME_90K, offset, key=n == 0) for n, offset in enumerate((0, FRAME_90K, -FRAME_90K))]
    return fragment(sequence=1, decode_time_90k=first_90k, samples=plain) + fragment(
        sequence=2, decode_time_90k=first_90k + 3 * FRAME_90K, samples=turned
    )


def test_the_times_of_frames_are_read_from_fragments(islands: Path) -> None:
    found = computed(islands, "frames", "it.framesOf(new Uint8Array(given).buffer)", list(piece()))
    assert [round(one["into_s"] * 12) for one in found] == [0, 1, 2, 3, 4, 5]
    assert [n for n, one in enumerate(found) if one["key"]] == [0, 3]


def test_bytes_that_are_cut_short_or_foreign_give_no_error(islands: Path) -> None:
    whole = list(piece())
    given = [whole[:length] for length in range(0, len(whole), 7)] + [[0] * 64, [255] * 64]
    found = computed(islands, "frames", "given.map((one) => it.framesOf(new Uint8Array(one).buffer).length)", given)
    assert all(0 <= count <= 6 for count in found)


def test_a_step_leads_to_the_next_picture_of_any_camera_and_back(islands: Path) -> None:
    reel = (
        "const reel = (all) => ({ frameAt: (at, by, keys) => {"
        " const some = all.filter((one) => !keys || one % 400000 === 0);"
        " return by > 0 ? some.find((one) => one > at) : some.findLast((one) => one < at) } });"
    )
    expression = (
        f"(() => {{ {reel} const reels = given.map(reel); const been = [400000];"
        " for (const by of [1, 1, 1, -1, -1, -1]) been.push(it.frameBeside(reels, been.at(-1), by));"
        " return [been, it.groupBeside(reels, 500000, -1), it.groupBeside(reels, 401000, -1),"
        " it.groupBeside(reels, 401000, 1)] })()"
    )
    twelve, ten = ([n * step for n in range(12)] for step in (80_000, 100_000))
    been, into_group, group_before, group_after = computed(islands, "moments", expression, [twelve, ten])
    assert been == [400_000, 481_000, 501_000, 561_000, 501_000, 481_000, 401_000]
    assert [into_group, group_before, group_after] == [401_000, 1_000, 801_000]


def test_one_timeline_of_several_cameras_has_a_gap_where_none_has_a_picture(islands: Path) -> None:
    gap = {"cause": "network", "detail": ""}
    given = [
        {"pieces": [{"start_us": 0, "end_us": 10}], "gaps": [{"start_us": 10, "end_us": None, **gap}], "holds": []},
        {"pieces": [{"start_us": 20, "end_us": 30}], "gaps": [{"start_us": 0, "end_us": 20, **gap}], "holds": []},
    ]
    merged = computed(islands, "merge", "it.merge(given, 0, 40)", given)
    assert merged["pieces"] == [{"start_us": 0, "end_us": 10}, {"start_us": 20, "end_us": 30}]
    assert {(one["start_us"], one["end_us"]) for one in merged["gaps"]} == {(10, 20), (30, 40)}
