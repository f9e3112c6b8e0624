"""A converter: follows one tap, decodes it and encodes H.264 for screens that cannot show the camera's codec.

Runs as a process of its own, ``python -m beffroi.media.live.convert RUN CAMERA STREAM``; writes the tap's own frames
to standard output and ends when standard input does. The stored original is never touched (I3).
"""

import asyncio
import resource
import sys
from pathlib import Path

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId
from beffroi.media.core.fmp4 import TIMESCALE, init_section
from beffroi.media.core.formats import format_of
from beffroi.media.core.nal import Family, split_annex_b, to_sample
from beffroi.media.core.words import Run, StreamName
from beffroi.media.ingest.tap import LiveDropped, LiveState, LiveTap, LiveUnit, encode_run, encode_state, encode_unit
from beffroi.media.screens import TIME_BASE, screen_encoder

KEY_EVERY_90K = TIMESCALE
_MEMORY_BYTES = 4 * 1024**3
_DECODERS = {"avc1": ("h264", b"avcC"), "avc3": ("h264", b"avcC"), "hvc1": ("hevc", b"hvcC"), "hev1": ("hevc", b"hvcC")}


def decoder_of(run: Run) -> VideoCodecContext:
    """A decoder for the samples of ``run``, one thread, set up from its init section."""
    name, box = _DECODERS.get(run.codec[:4], ("mjpeg", b""))
    decoder = CodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)  # each of the three is a video codec
    decoder.thread_count = 1
    at = run.init.find(box) if box else -1
    if at >= 4:
        size = int.from_bytes(run.init[at - 4 : at], "big")
        decoder.extradata = run.init[at + 4 : at - 4 + size]
    return decoder


class Converter:
    """Turns the units of one run into units of an H.264 run of at most 1280×720, one key frame a second."""

    def __init__(self, run: Run) -> None:
        self.source = run
        self._decoder = decoder_of(run)
        self._encoder: VideoCodecContext | None = None
        self._announced = False
        self._times: dict[int, tuple[int, int, int]] = {}  # presentation time: UTC, receive time, duration
        self._next_key: int | None = None

    def feed(self, unit: LiveUnit) -> list[bytes]:
        """The frames of the tap's protocol that ``unit`` yields. Damaged units yield nothing."""
        shown_at = unit.decode_time_90k + unit.composition_offset_90k
        self._times[shown_at] = (unit.start_us, unit.received_ns, unit.duration_90k)
        if len(self._times) > 256:
            del self._times[min(self._times)]
        packet = Packet(unit.data)
        packet.pts, packet.dts, packet.time_base = shown_at, unit.decode_time_90k, TIME_BASE
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            return []
        return [out for frame in frames for out in self._encode(frame, unit)]

    def _encode(self, frame: VideoFrame, unit: LiveUnit) -> list[bytes]:
        encoder = self._encoder or self._open(frame)
        shown_at = frame.pts if frame.pts is not None else unit.decode_time_90k
        width, height = encoder.width, encoder.height
        small = frame.reformat(width=width, height=height, format="yuv420p")
        small.pts, small.time_base = shown_at, TIME_BASE
        if self._next_key is None or shown_at >= self._next_key:
            small.pict_type = av.video.frame.PictureType.I
            self._next_key = shown_at + KEY_EVERY_90K
        out: list[bytes] = []
        for packet in encoder.encode(small):
            out.extend(self._units(packet, unit))
        return out

    def _units(self, packet: "Packet[VideoStream]", unit: LiveUnit) -> list[bytes]:
        data = bytes(packet)
        out: list[bytes] = []
        if packet.is_keyframe and not self._announced:
            form = format_of(Family.H264, data)
            if form is None:
                return []
            out.append(encode_run(self._run_of(form.codec, form.width, form.height, init_section(form))))
            self._announced = True
        at = packet.pts if packet.pts is not None else unit.decode_time_90k
        start_us, received_ns, duration = self._times.get(at, (unit.start_us, unit.received_ns, unit.duration_90k))
        nals = split_annex_b(data)
        if self._announced:
            out.append(
                encode_unit(
                    LiveUnit(at, 0, duration, packet.is_keyframe, unit.cached, start_us, received_ns, to_sample(nals))
                )
            )
        return out

    def _run_of(self, codec: str, width: int, height: int, init: bytes) -> Run:
        source = self.source
        return Run(
            source.id, source.camera, source.stream, codec, width, height, init, source.synthetic, source.mask_version
        )

    def _open(self, frame: VideoFrame) -> VideoCodecContext:
        encoder = screen_encoder(frame.width, frame.height)
        self._encoder = encoder
        return encoder


async def follow(run_folder: Path, camera: CameraId, stream: StreamName) -> None:
    """Convert until the tap ends or standard input closes."""
    out = sys.stdout.buffer
    converter: Converter | None = None
    tap = await LiveTap.open(run_folder, camera, stream)
    async for event in tap:
        if isinstance(event, Run):
            converter = Converter(event)
        elif isinstance(event, LiveUnit) and converter is not None:
            for frame in converter.feed(event):
                out.write(frame)
        elif isinstance(event, LiveState):
            out.write(encode_state(event))
        elif isinstance(event, LiveDropped) and converter is not None:
            converter = Converter(converter.source)
        out.flush()


async def _main(run_folder: Path, camera: CameraId, stream: StreamName) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    orphaned = asyncio.create_task(reader.read())
    following = asyncio.create_task(follow(run_folder, camera, stream))
    done, _ = await asyncio.wait({orphaned, following}, return_when=asyncio.FIRST_COMPLETED)
    following.cancel()
    if following in done and isinstance(error := following.exception(), BeffroiError):
        sys.exit(f"converter: {error}")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asyncio.run(_main(Path(sys.argv[1]), CameraId(sys.argv[2]), StreamName(sys.argv[3])))
