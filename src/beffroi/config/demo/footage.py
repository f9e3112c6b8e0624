"""The user's own files as cameras: H.264 and H.265 in any container, replayed for ever, with true time and B-frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from beffroi.config.demo.rtp import AccessUnit, Codec
from beffroi.config.demo.slices import split_annex_b
from beffroi.kernel.errors import Invalid

CODECS: dict[str, tuple[Codec, str]] = {"h264": ("H264", "h264_mp4toannexb"), "hevc": ("H265", "hevc_mp4toannexb")}
SUFFIXES = {".mp4", ".mkv", ".mov", ".avi", ".ts", ".m4v", ".h264", ".h265", ".264", ".265"}
MAX_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture: when it is sent and when it is shown, in microseconds from the start of the file."""

    nals: tuple[bytes, ...]
    send_us: int
    show_us: int
    key: bool


@dataclass(frozen=True, slots=True)
class Footage:
    """One file, held in memory."""

    name: str
    codec: Codec
    parameter_sets: tuple[bytes, ...]
    samples: tuple[Sample, ...]
    length_us: int

    def from_start(self, began_us: int) -> Iterator[tuple[int, AccessUnit]]:
        """When to send what, for ever, when the first round began at ``began_us``."""
        while True:
            for sample in self.samples:
                yield began_us + sample.send_us, AccessUnit(sample.nals, began_us + sample.show_us, sample.key)
            began_us += self.length_us


def read_folder(folder: Path) -> tuple[list[Footage], list[str]]:
    """All usable files of a folder in the order of their names, and one sentence for each that is not.

    Raises ``Invalid`` when the folder is missing or nothing in it can be used.
    """
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}.", hint="Check the path after --footage.")
    good: list[Footage] = []
    refused: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        try:
            good.append(read_file(path))
        except Invalid as error:
            refused.append(str(error))
    if not good:
        raise Invalid(
            f"No usable video in {folder}." + (f" {refused[0]}" if refused else ""),
            hint="Put files with H.264 or H.265 pictures there.",
        )
    return good, refused


def read_file(path: Path) -> Footage:
    """Read one file; ``Invalid`` says why it cannot be a camera."""
    if path.stat().st_size > MAX_BYTES:
        raise Invalid(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB.", hint="Cut a shorter piece.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise Invalid(f"{path.name} has no pictures.")
            stream = container.streams.video[0]
            known = CODECS.get(stream.codec_context.name)
            if known is None:
                raise Invalid(
                    f"{path.name} is {stream.codec_context.name}; a camera here speaks H.264 or H.265.",
                    hint=f"Convert it: ffmpeg -i {path.name} -an -c:v libx264 out.mp4",
                )
            packets = _annex_b(container, stream, known[1])
            return _footage(path, known[0], packets, stream)
    except av.FFmpegError as error:
        raise Invalid(f"{path.name} cannot be read as video.") from error


def _annex_b(
    container: "av.container.InputContainer", stream: "av.VideoStream", name: str
) -> list["av.Packet[av.VideoStream]"]:
    filtered = av.BitStreamFilterContext(name, stream)
    out = []
    for packet in container.demux(stream):
        if packet.size:
            out += filtered.filter(packet)
    return [packet for packet in [*out, *filtered.filter(None)] if packet.size]


def _footage(path: Path, codec: Codec, packets: list["av.Packet[av.VideoStream]"], stream: "av.VideoStream") -> Footage:
    first_key = next((n for n, packet in enumerate(packets) if packet.is_keyframe), None)
    if first_key is None or len(packets) - first_key < 2 or stream.time_base is None:
        raise Invalid(f"{path.name} has no key frame to begin with.")
    packets = packets[first_key:]
    times = _times(packets, stream)
    samples = []
    for packet, (send, show) in zip(packets, times, strict=True):
        nals = tuple(nal for nal in split_annex_b(bytes(packet)) if nal)
        samples.append(Sample(nals, send, show, packet.is_keyframe))
    sets = _parameter_sets(codec, samples[0].nals)
    wanted = 2 if codec == "H264" else 3
    if len(sets) != wanted:
        raise Invalid(f"{path.name} does not carry its parameter sets at the first key frame.")
    step = (samples[-1].send_us - samples[0].send_us) // max(1, len(samples) - 1)
    return Footage(path.stem, codec, sets, tuple(samples), samples[-1].send_us + max(step, 1000))


def _times(packets: list["av.Packet[av.VideoStream]"], stream: "av.VideoStream") -> list[tuple[int, int]]:
    """When each picture is sent and shown, in microseconds from the first sent. Containers may lack decode times: they
    are rebuilt from the order of showing, moved back by the longest time a picture waits for another."""
    tick_us = float(stream.time_base * 1_000_000) if stream.time_base else 1.0
    step_us = 1_000_000 / float(stream.average_rate or stream.guessed_rate or 25)
    shown: list[float] = []
    for n, packet in enumerate(packets):
        stamp = packet.pts if packet.pts is not None else packet.dts
        shown.append(n * step_us if stamp is None else stamp * tick_us)
    ordered = sorted(shown)
    waits = max(in_order - show for in_order, show in zip(ordered, shown, strict=True))
    origin = ordered[0] - waits
    return [
        (round(in_order - waits - origin), round(show - origin)) for in_order, show in zip(ordered, shown, strict=True)
    ]


def _parameter_sets(codec: Codec, nals: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """VPS, SPS, PPS (or SPS, PPS) of the first picture, one of each."""
    order = (7, 8) if codec == "H264" else (32, 33, 34)
    found: dict[int, bytes] = {}
    for nal in nals:
        kind = nal[0] & 31 if codec == "H264" else nal[0] >> 1 & 63
        if kind in order:
            found.setdefault(kind, nal)
    return tuple(found[kind] for kind in order if kind in found)
