"""What a camera says of its streams (SDP, RFC 4566): the first video that can be recorded. Pure; input is hostile."""

import base64
import binascii
import re
from dataclasses import dataclass

from beffroi.media.core.formats import StreamFormat, format_of_nals
from beffroi.media.core.nal import Family

_ENCODINGS = {"H264": Family.H264, "H265": Family.H265, "HEVC": Family.H265, "JPEG": Family.MJPEG}
_STATIC_JPEG = 26  # RFC 3551 §6
_SPROPS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
_MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Track:
    """A video stream on offer."""

    family: Family
    payload_type: int
    clock_hz: int
    control: str
    parameter_sets: tuple[bytes, ...] = ()

    @property
    def form(self) -> StreamFormat | None:
        """Its format, where the description tells it."""
        return format_of_nals(self.family, self.parameter_sets)


@dataclass(frozen=True, slots=True)
class Description:
    """All that matters of a session description."""

    control: str
    tracks: tuple[Track, ...]
    videos: tuple[str, ...]  # names of the encodings of all video on offer, those that cannot be recorded too


@dataclass(slots=True)
class _Media:
    kind: str
    types: list[int]
    maps: dict[int, tuple[str, int]]
    sprops: dict[int, list[bytes]]
    control: str = ""


def read_sdp(body: bytes) -> Description:
    """Read a description; what cannot be understood is passed over."""
    control, medias = "", list[_Media]()
    for line in body.decode("utf-8", "replace").splitlines()[:_MOST_LINES]:
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            medias.append(_media(value))
        elif kind == "a" and value.startswith("control:"):
            if medias:
                medias[-1].control = value[8:].strip()
            else:
                control = value[8:].strip()
        elif kind == "a" and medias:
            _attribute(medias[-1], value)
    videos = [media for media in medias if media.kind == "video"]
    tracks = tuple(track for media in videos for track in _tracks(media))
    names = tuple(name for media in videos for name, _ in media.maps.values())
    return Description(control, tracks, names)


def _media(value: str) -> _Media:
    words = value.split()
    types = [int(word) for word in words[3:] if word.isdecimal() and len(word) <= 3]
    return _Media(
        words[0] if words else "", types, {_STATIC_JPEG: ("JPEG", 90_000)} if _STATIC_JPEG in types else {}, {}
    )


def _attribute(media: _Media, value: str) -> None:
    found = re.match(r"(rtpmap|fmtp):\s*(\d{1,3})\s+(.*)", value)
    if found is None:
        return
    number = int(found[2])
    if found[1] == "rtpmap":
        name, _, rate = found[3].strip().partition("/")
        rate = rate.partition("/")[0].strip()
        hertz = int(rate) if rate.isdecimal() and 0 < int(rate[:9]) < 10**8 else 90_000
        media.maps[number] = (name.strip().upper(), hertz)
        return
    for parameter in found[3].split(";"):
        name, _, text = parameter.strip().partition("=")
        if name.strip().lower() in _SPROPS:
            media.sprops.setdefault(number, []).extend(_decoded(text))


def _decoded(text: str) -> list[bytes]:
    found: list[bytes] = []
    for word in text.split(","):
        try:
            nal = base64.b64decode(word.strip(), validate=False)
        except (binascii.Error, ValueError):
            continue
        # Some cameras put a start code before, or zero bytes behind; neither belongs to the NAL unit (H.264 §7.4.1).
        nal = re.sub(rb"\A\x00+\x01", b"", nal).rstrip(b"\x00")
        if nal:
            found.append(nal)
    return found


def _tracks(media: _Media) -> list[Track]:
    return [
        Track(_ENCODINGS[name], number, hertz, media.control, tuple(media.sprops.get(number, ())))
        for number, (name, hertz) in media.maps.items()
        if name in _ENCODINGS and number in media.types
    ]
