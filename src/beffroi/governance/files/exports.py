"""Putting files of another video system into a package: copied byte by byte, compared with their intake."""

import hashlib
from pathlib import Path

from beffroi.governance.core import evidence, intake
from beffroi.governance.core.evidence import CameraSheet, FragmentSheet, GapSheet, VideoSheet
from beffroi.governance.core.intake import TakenFile
from beffroi.governance.files.bags import BagWriter
from beffroi.governance.files.fetching import Counter
from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.kernel.spans import Span


class Exports:
    """The files of one package, in the order of cameras and times; the same shape as ``fetching.Fetch``."""

    def __init__(self, cameras: tuple[CameraSheet, ...], asked: Span, files: tuple[TakenFile, ...]) -> None:
        self._cameras, self._asked = cameras, asked
        self._files = sorted(files, key=lambda one: (one.camera.number, one.start_us, one.id))

    @property
    def length(self) -> int:
        """Bytes that will come."""
        return sum(one.bytes for one in self._files)

    def into(self, bag: BagWriter, done: Counter) -> tuple[list[VideoSheet], list[GapSheet]]:
        """Copy everything; returns videos and the gaps between them."""
        videos = [_copy(bag, one, done) for one in self._files]
        return videos, intake.gaps(self._asked, self._cameras, videos)


def _copy(bag: BagWriter, file: TakenFile, done: Counter) -> VideoSheet:
    sheet = intake.video_sheet(file)
    lines: list[str] = []
    offset = 0
    try:
        with Path(file.path).open("rb") as source, bag.stream(sheet.file) as sink:
            while chunk := source.read(intake.PART_BYTES):
                sink.write(chunk)
                digest = hashlib.sha256(chunk).hexdigest()
                part = FragmentSheet("part", offset, len(chunk), digest, sheet.start_us, sheet.end_us)
                lines.append(evidence.fragment_line(part))
                offset += len(chunk)
                done.add(len(chunk))
    except FileNotFoundError as error:
        raise Unavailable(
            f"The export {file.sheet.name} is not in the data folder any more.",
            code="intake_gone",
            hint="Take it in again.",
        ) from error
    if bag.files[sheet.file].sha256 != file.sha256:
        raise Corrupt(
            f"The export {file.sheet.name} was changed on disk since it was taken in.",
            code="intake_changed",
            hint="Nothing was packed. Take it in again, and look at the disk.",
        )
    bag.write(evidence.fragments_path(sheet.file), "".join(lines).encode())
    return sheet
