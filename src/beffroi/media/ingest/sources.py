"""Where units come from: the ``Source`` port. RTSP cameras are in ``rtsp``, files played as cameras in ``files``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from beffroi.media.core.cutter import Unit
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.words import GapCause


class SourceFailed(Exception):
    """A camera gives no pictures: why, in a code that pages translate, and a line without secrets."""

    def __init__(self, cause: GapCause, code: str, detail: str, *, refused: bool = False) -> None:
        super().__init__(detail)
        self.cause, self.code, self.detail, self.refused = cause, code, detail, refused


@dataclass(frozen=True, slots=True)
class Arrival:
    """A unit, and the stream's format where it changed with it."""

    unit: Unit
    form: StreamFormat | None = None


Take = Callable[[Arrival | None], bool]
"""Takes an arrival, or ``None`` where time passes without any; False: no more is wanted."""


class Source(Protocol):
    """Something that gives units until it fails."""

    def deliver(self, take: Take) -> None:
        """Give units to ``take`` as they come, from one thread at a time, until it wants no more. The first has a
        format. Raises ``SourceFailed`` when there are no more."""


def no_video(what: str) -> SourceFailed:
    """The camera sends nothing that can be recorded."""
    return SourceFailed(GapCause.CAMERA, "no_video", f"the camera sends {what}: H.264, H.265 and MJPEG can be recorded")


def file_of(url: str) -> Path | None:
    """The path in a ``file:`` address."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
