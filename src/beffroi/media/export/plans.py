"""Extraction: a plan first (what exists, what not), then piece by piece the stored bytes, checked as they leave."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import BeffroiError, Corrupt, NotFound
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import ExtractionPlan, FragmentDigest, PiecePlan
from beffroi.media.core.words import ArchiveReader, Fragment, Run, StreamName

HOLE_US = 500_000


@dataclass(slots=True)
class Extraction:
    """A plan and where its bytes lie. ``failure`` is what broke it, named for whoever asks afterwards."""

    plan: ExtractionPlan
    pieces: tuple[tuple[Run, tuple[Fragment, ...]], ...]
    failure: BeffroiError | None = field(default=None)


def plan_extraction(
    reader: ArchiveReader, *, id_: str, camera: CameraId, stream: StreamName, asked: Span
) -> Extraction:
    """Plan: whole fragments from the key frame at or before the start of ``asked`` to the one that meets its end."""
    pieces = tuple(
        (reader.run(group[0].run), tuple(group)) for group in _groups(reader.fragments(camera, stream, asked))
    )
    plan = ExtractionPlan(
        id=id_,
        camera=camera,
        stream=stream,
        asked=asked,
        pieces=tuple(_piece(number, run, group) for number, (run, group) in enumerate(pieces)),
        gaps=reader.timeline(camera, stream, asked).gaps,
    )
    return Extraction(plan, pieces)


def _groups(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    groups: list[list[Fragment]] = []
    for fragment in fragments:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and last.run == fragment.run
            and fragment.sequence == last.sequence + 1
            and fragment.start_us - last.end_us <= HOLE_US
        ):
            groups[-1].append(fragment)
        elif fragment.random_access or last is None or last.run == fragment.run:
            groups.append([fragment])
    return groups


def _piece(number: int, run: Run, group: Sequence[Fragment]) -> PiecePlan:
    return PiecePlan(
        number=number,
        run=run.id,
        codec=run.codec,
        width=run.width,
        height=run.height,
        start_us=group[0].start_us,
        end_us=group[-1].end_us,
        length=len(run.init) + sum(one.length for one in group),
        init_length=len(run.init),
        init_sha256=sha256(run.init).hex(),
        fragments=tuple(FragmentDigest(one.length, one.sha256.hex()) for one in group),
        frames=sum(one.frames for one in group),
        synthetic=run.synthetic,
        mask_version=run.mask_version,
        clock_offset_us=max((one.clock_offset_us for one in group), key=abs),
        uncertainty_us=max(one.uncertainty_us for one in group),
    )


def checked_bytes(reader: ArchiveReader, fragment: Fragment) -> bytes:
    """The fragment's bytes; ``NotFound`` when its file is gone, ``Corrupt`` when they are not what was recorded."""
    where = f"fragment {fragment.sequence} of segment {fragment.segment}"
    changed = Corrupt(
        f"The archive's {where} is not what was recorded.",
        code="segment_changed",
        hint="Nothing was delivered from it. Run: beffroi archive check.",
    )
    try:
        data = reader.read(fragment)
    except Corrupt:
        raise changed from None
    except NotFound:
        raise NotFound(
            f"The archive no longer has {where}.", code="segment_missing", hint="Run: beffroi archive check."
        ) from None
    if len(data) != fragment.length or sha256(data) != fragment.sha256:
        raise changed
    return data
