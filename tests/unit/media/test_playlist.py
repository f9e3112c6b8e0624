"""Cutting fragments into HLS segments: whole, in order, at key frames, with every hole a discontinuity."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import CameraId, RunId, SegmentId
from beffroi.media.core.words import Fragment, Run, StreamName
from beffroi.media.replay.playlist import TARGET_US, chunks, playlist, within

START_US = 1_800_000_000_000_000
RUN = Run(RunId("run-0"), CameraId("cam-1"), StreamName.MAIN, "avc1.640028", 1280, 720, b"init")


def fragments(plan: list[tuple[int, bool, int, bool]]) -> list[Fragment]:
    """``(length_ms, key, hole_ms before, new file)`` for each; a hole begins a new run, as the recorder does."""
    made: list[Fragment] = []
    at_us, decode, run, sequence, file = START_US, 0, 0, 0, 0
    for length_ms, key, hole_ms, fresh in plan:
        if hole_ms or not made:
            run, sequence, decode, at_us, file, key = run + 1, 0, 0, at_us + hole_ms * 1_000, file + 1, True
        elif fresh and key:
            file += 1
        sequence += 1
        made.append(
            Fragment(
                SegmentId(f"file-{file}"),
                RunId(f"run-{run}"),
                sequence,
                0,
                100,
                at_us,
                at_us + length_ms * 1_000,
                decode,
                key,
                25,
                b"",
                0,
                0,
            )
        )
        at_us, decode = at_us + length_ms * 1_000, decode + length_ms * 90
    return made


plans = st.lists(
    st.tuples(st.integers(40, 1_000), st.booleans(), st.sampled_from([0, 0, 0, 0, 700, 30_000]), st.booleans()),
    min_size=1,
    max_size=80,
)


@given(plans)
def test_chunks_hold_every_fragment_once_in_order(plan: list[tuple[int, bool, int, bool]]) -> None:
    source = fragments(plan)
    again = [one for chunk in chunks(source) for one in within(source, chunk.segment, chunk.first, chunk.last)
             if one.run == chunk.run]  # fmt: skip
    assert again == source


@given(plans)
def test_a_chunk_is_one_run_one_file_and_follows_or_breaks(plan: list[tuple[int, bool, int, bool]]) -> None:
    source = fragments(plan)
    cut = chunks(source)
    for before, chunk in zip([None, *cut], cut, strict=False):
        if before is not None:
            assert chunk.continues == (before.run == chunk.run)
        if chunk.first == 1:
            assert not chunk.continues
    for chunk in cut:
        inside = within(source, chunk.segment, chunk.first, chunk.last)
        assert len({one.segment for one in inside}) == 1
        keys = [one.start_us for one in inside[1:] if one.random_access]
        assert all(at - chunk.start_us < TARGET_US for at in keys)


@given(plans)
def test_durations_are_those_of_the_media(plan: list[tuple[int, bool, int, bool]]) -> None:
    source = fragments(plan)
    total = sum(length_ms for length_ms, *_ in plan)
    assert abs(sum(chunk.duration_90k for chunk in chunks(source)) - total * 90) <= len(plan)


@given(plans)
def test_the_playlist_has_a_map_for_each_run_and_a_time_for_each_chunk(
    plan: list[tuple[int, bool, int, bool]],
) -> None:
    source = fragments(plan)
    text = playlist(StreamName.MAIN, source, lambda _run: RUN)
    runs = len({one.run for one in source})
    assert text.count("#EXT-X-MAP:") == runs
    assert text.count("#EXT-X-DISCONTINUITY\n") == runs - 1
    assert text.count("#EXT-X-PROGRAM-DATE-TIME:") == text.count("#EXTINF:") == len(chunks(source))
    longest = max(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", text))
    assert int(re.findall(r"TARGETDURATION:(\d+)", text)[0]) >= longest - 1e-4
    assert text.endswith("#EXT-X-ENDLIST\n")


def test_nothing_recorded_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        playlist(StreamName.MAIN, [], lambda _run: RUN)
    assert caught.value.code == "nothing_recorded"


def test_for_a_screen_only_what_it_cannot_show_is_asked_for_converted() -> None:
    source = fragments([(1_000, True, 0, False)] * 2)
    for codec, asked in (("avc1.640028", 0), ("hvc1.1.6.L93.B0", 2), ("mjpeg", 2)):
        text = playlist(StreamName.MAIN, source, lambda _run, codec=codec: replace(RUN, codec=codec), screen=True)
        assert text.count("screen=h264") == asked
        assert "screen=h264" not in playlist(StreamName.MAIN, source, lambda _run: RUN)
