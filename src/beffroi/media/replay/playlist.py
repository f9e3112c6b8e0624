"""An HLS playlist (RFC 8216bis) over the archive. Segments are byte ranges of whole fragments; nothing is made anew.

A segment begins at a key frame and is about four seconds; a new run or a hole in time is a discontinuity with its
own ``EXT-X-MAP``, and each stretch carries ``EXT-X-PROGRAM-DATE-TIME``, so that the player knows true times.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from beffroi.kernel.clock import from_us, iso
from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import RunId, SegmentId
from beffroi.media.core.words import Fragment, Run, StreamName

TARGET_US = 4_000_000
MAX_SPAN_US = 6 * 3_600 * 1_000_000
HOLE_US = 500_000
"""Longer than this between two fragments is a hole in time, not jitter."""
SCREEN = "h264"
SCREEN_QUERY = f"&screen={SCREEN}"
_TIMESCALE = 90_000
_MAX_STEP_90K = 30 * _TIMESCALE


@dataclass(frozen=True, slots=True)
class Chunk:
    """One HLS segment: consecutive fragments of one file."""

    segment: SegmentId
    run: RunId
    first: int  # sequence numbers of the fragments
    last: int
    start_us: int
    end_us: int
    duration_90k: int
    continues: bool  # follows the chunk before without a break


def chunks(fragments: Sequence[Fragment]) -> list[Chunk]:
    """Cut consecutive fragments into chunks that begin at key frames (after a hole: wherever pictures go on)."""
    groups: list[list[Fragment]] = []
    for fragment in fragments:
        if groups and not _begins(groups[-1], fragment):
            groups[-1].append(fragment)
        else:
            groups.append([fragment])
    made: list[Chunk] = []
    for at, group in enumerate(groups):
        before = groups[at - 1][-1] if at else None
        after = groups[at + 1][0] if at + 1 < len(groups) else None
        first, last = group[0], group[-1]
        if after is not None and _follows(last, after):
            duration = after.decode_time_90k - first.decode_time_90k
        else:
            duration = last.decode_time_90k - first.decode_time_90k + _in_90k(last.end_us - last.start_us)
        made.append(
            Chunk(
                first.segment,
                first.run,
                first.sequence,
                last.sequence,
                first.start_us,
                last.end_us,
                max(duration, 1),
                before is not None and _follows(before, first),
            )
        )
    return made


def _begins(group: Sequence[Fragment], fragment: Fragment) -> bool:
    """Whether ``fragment`` begins a chunk after ``group``."""
    if fragment.segment != group[0].segment or not _follows(group[-1], fragment):
        return True
    return fragment.random_access and fragment.start_us - group[0].start_us >= TARGET_US


def _follows(one: Fragment, other: Fragment) -> bool:
    return (
        one.run == other.run
        and other.sequence == one.sequence + 1
        and 0 < other.decode_time_90k - one.decode_time_90k < _MAX_STEP_90K
        and other.start_us - one.end_us <= HOLE_US
    )


def _in_90k(duration_us: int) -> int:
    return duration_us * 9 // 100


def playlist(
    stream: StreamName, fragments: Sequence[Fragment], run_of: Callable[[RunId], Run], *, screen: bool = False
) -> str:
    """The text of ``index.m3u8`` for ``fragments``; ``Invalid`` where there are none.

    ``screen``: for one that shows H.264 alone; what is in another codec will be asked for converted.
    """
    cut = chunks(fragments)
    if not cut:
        raise Invalid("Nothing is recorded in this span.", code="nothing_recorded", hint="See the timeline for why.")
    longest = max(chunk.duration_90k for chunk in cut)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{-(-longest // _TIMESCALE)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    run: RunId | None = None
    extra = ""
    for chunk in cut:
        if run is not None and not chunk.continues:
            lines.append("#EXT-X-DISCONTINUITY")
        if chunk.run != run or not chunk.continues:
            codec = run_of(chunk.run).codec
            extra = SCREEN_QUERY if screen and not codec.startswith("avc") else ""
            lines.append(f'#EXT-X-MAP:URI="{chunk.run}/init.mp4?stream={stream.value}{extra}"')
            lines.append(f"#X-CODEC:{codec}")
            run = chunk.run
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{iso(from_us(chunk.start_us))}")
        lines.append(f"#EXTINF:{chunk.duration_90k / _TIMESCALE:.5f},")
        lines.append(chunk_uri(stream, chunk) + extra)
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def chunk_uri(stream: StreamName, chunk: Chunk) -> str:
    """Where a chunk is, relative to the playlist. Its times let the archive find it by index."""
    query = urlencode({"stream": stream.value, "from_us": chunk.start_us, "to_us": chunk.end_us})
    return f"{chunk.segment}/{chunk.first}-{chunk.last}.m4s?{query}"


def within(fragments: Iterable[Fragment], segment: str, first: int, last: int) -> list[Fragment]:
    """Of ``fragments`` those of one file numbered ``first`` … ``last``, in order."""
    return [one for one in fragments if one.segment == segment and first <= one.sequence <= last]
