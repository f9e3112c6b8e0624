"""How pictures are encoded for screens that cannot show a camera's own codec: H.264, at most 1280×720."""

from fractions import Fraction

from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext

from beffroi.media.core.fmp4 import TIMESCALE

MAX_WIDTH, MAX_HEIGHT = 1280, 720
TIME_BASE = Fraction(1, TIMESCALE)


def screen_encoder(width: int, height: int) -> VideoCodecContext:
    """An encoder for pictures of this size, made smaller where they are larger than a screen's tile."""
    scale = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    encoder = CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)  # libx264 is a video codec
    encoder.width = max(2, int(width * scale) // 2 * 2)
    encoder.height = max(2, int(height * scale) // 2 * 2)
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = TIME_BASE
    encoder.framerate = Fraction(25, 1)
    encoder.thread_count = 1
    encoder.gop_size = 250  # key frames are asked for by time
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26", "forced-idr": "1"}
    return encoder
