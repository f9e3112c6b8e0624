"""What the recorder answers the office, as values and as JSON (docs/design/shape.md, "Between office and recorder")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.kernel.ids import CameraId, HoldId, RunId
from beffroi.kernel.spans import Span
from beffroi.media.core.device_events import Hearing, hearing_from_json, hearing_to_json
from beffroi.media.core.disk_health import DiskHealth, disk_to_json, disks_from_json
from beffroi.media.core.masking import MaskState, state_from_json, state_to_json
from beffroi.media.core.words import Gap, GapCause, Hold, Piece, StreamName, Timeline


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found when a stream's picture was last looked at."""

    looked_us: int
    trouble: str  # of core.sight.Trouble; empty: it shows its scene
    since_us: int  # 0 without a trouble


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """Whether a stream is being recorded, derived from durable bytes and never from configuration."""

    camera: CameraId
    stream: StreamName
    recording: bool
    durable_until_us: int | None
    oldest_us: int | None  # start of the oldest footage still kept
    gap: Gap | None  # the open one
    stored_bytes: int
    clock_offset_us: int
    codec: str
    sight: Sight | None = None  # None: it was not looked at (I9)
    heard: Hearing | None = None  # None: it has no events to listen to
    masked: MaskState | None = None  # None: it has no masks to burn in
    clock_off_since_us: int | None = None  # its clock is off by more than a second, since then


@dataclass(frozen=True, slots=True)
class VolumeStatus:
    """One archive volume and when it would be full."""

    id: str
    total_bytes: int | None  # None: the disk is not there to be asked
    free_bytes: int | None
    full_at_us: int | None  # forecast from what was written of late and what will come to its term
    state: str  # good | full | a code of trouble
    enough: bool | None = None  # it holds all that will be kept; None: not known (I9)
    emergency: bool = False
    notes: tuple[str, ...] = ()  # what needs a person: codes of media.archive.outlook
    disks: tuple[DiskHealth, ...] | None = None  # beneath it, as far as they can be told; None: not looked yet (I9)


CLOCK_NOT_TRUSTED = "clock-not-trusted"
"""Note of a volume: nothing goes there by age, and no hold runs out, until somebody has looked at the clock."""


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """The recorder at one instant."""

    at_us: int
    cameras: tuple[CameraStatus, ...]
    volumes: tuple[VolumeStatus, ...]


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A hold that is on the recorder's disk, and which footage it found there."""

    id: HoldId
    set_us: int
    covered: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class FragmentDigest:
    """One fragment of a piece as it was stored."""

    length: int
    sha256: str  # hex


@dataclass(frozen=True, slots=True)
class PiecePlan:
    """One uninterrupted piece of an extraction: ``init`` followed by whole fragments, unchanged."""

    number: int  # counts from 0
    run: RunId
    codec: str
    width: int
    height: int
    start_us: int  # delivered: from a key frame …
    end_us: int  # … to the end of the last fragment
    length: int  # bytes, init included
    init_length: int
    init_sha256: str  # hex
    fragments: tuple[FragmentDigest, ...]
    frames: int
    synthetic: bool
    mask_version: str
    clock_offset_us: int  # largest by size
    uncertainty_us: int  # largest

    @property
    def span(self) -> Span:
        return Span.of_us(self.start_us, self.end_us)


@dataclass(frozen=True, slots=True)
class ExtractionPlan:
    """What an extraction will deliver: the span asked for, the pieces that exist, and the gaps declared."""

    id: str
    camera: CameraId
    stream: StreamName
    asked: Span
    pieces: tuple[PiecePlan, ...]
    gaps: tuple[Gap, ...]

    @property
    def length(self) -> int:
        return sum(piece.length for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class DeviceAnswer:
    """What a camera says of itself by ONVIF. Typed by its maker: shown, never trusted."""

    maker: str
    model: str
    firmware: str
    serial: str
    clock_offset_ms: int  # positive: its clock is ahead of the recorder's


@dataclass(frozen=True, slots=True)
class LookSession:
    """Somebody who is looking now."""

    look: str
    grant: str
    person: str
    person_name: str
    force: str
    mode: str
    camera: CameraId
    since_us: int
    article: str
    sent_bytes: int


def gap_to_json(gap: Gap) -> Json:
    """A gap, ``end_us`` null while it goes on."""
    return {
        "camera": gap.camera,
        "stream": gap.stream.value,
        "start_us": gap.start_us,
        "end_us": gap.end_us,
        "cause": gap.cause.value,
        "detail": gap.detail,
    }


def gap_from_json(data: Mapping[str, Any]) -> Gap:
    """What ``gap_to_json`` wrote."""
    return Gap(
        CameraId(data["camera"]), StreamName(data["stream"]), data["start_us"], data["end_us"],
        GapCause(data["cause"]), data["detail"],
    )  # fmt: skip


def hold_to_json(hold: Hold) -> Json:
    """A hold with its span."""
    return {
        "id": hold.id,
        "camera": hold.camera,
        "span": [hold.span.start_us, hold.span.end_us],
        "reference": hold.reference,
        "judicial": hold.judicial,
        "set_us": hold.set_us,
    }


def hold_from_json(data: Mapping[str, Any]) -> Hold:
    """What ``hold_to_json`` wrote."""
    return Hold(
        HoldId(data["id"]), CameraId(data["camera"]), Span.of_us(*data["span"]), data["reference"], data["judicial"],
        data["set_us"],
    )  # fmt: skip


def timeline_to_json(timeline: Timeline) -> Json:
    """A timeline; also what ``GET /door/timeline`` answers."""
    return {
        "camera": timeline.camera,
        "stream": timeline.stream.value,
        "span": [timeline.span.start_us, timeline.span.end_us],
        "pieces": [{"run": piece.run, "start_us": piece.start_us, "end_us": piece.end_us} for piece in timeline.pieces],
        "gaps": [gap_to_json(gap) for gap in timeline.gaps],
        "holds": [hold_to_json(hold) for hold in timeline.holds],
    }


def timeline_from_json(data: Mapping[str, Any]) -> Timeline:
    """What ``timeline_to_json`` wrote."""
    return Timeline(
        camera=CameraId(data["camera"]),
        stream=StreamName(data["stream"]),
        span=Span.of_us(*data["span"]),
        pieces=tuple(Piece(RunId(piece["run"]), piece["start_us"], piece["end_us"]) for piece in data["pieces"]),
        gaps=tuple(gap_from_json(gap) for gap in data["gaps"]),
        holds=tuple(hold_from_json(hold) for hold in data["holds"]),
    )


def status_to_json(status: RecorderStatus) -> Json:
    """The recorder's state."""
    return {
        "at_us": status.at_us,
        "cameras": [
            {
                "camera": one.camera,
                "stream": one.stream.value,
                "recording": one.recording,
                "durable_until_us": one.durable_until_us,
                "oldest_us": one.oldest_us,
                "gap": gap_to_json(one.gap) if one.gap else None,
                "stored_bytes": one.stored_bytes,
                "clock_offset_us": one.clock_offset_us,
                "codec": one.codec,
                "sight": [one.sight.looked_us, one.sight.trouble, one.sight.since_us] if one.sight else None,
                "heard": hearing_to_json(one.heard) if one.heard else None,
                "masked": state_to_json(one.masked) if one.masked else None,
                "clock_off_since_us": one.clock_off_since_us,
            }
            for one in status.cameras
        ],
        "volumes": [
            {
                "id": one.id,
                "total_bytes": one.total_bytes,
                "free_bytes": one.free_bytes,
                "full_at_us": one.full_at_us,
                "state": one.state,
                "enough": one.enough,
                "emergency": one.emergency,
                "notes": list(one.notes),
                "disks": None if one.disks is None else [disk_to_json(disk) for disk in one.disks],
            }
            for one in status.volumes
        ],
    }


def status_from_json(data: Mapping[str, Any]) -> RecorderStatus:
    """What ``status_to_json`` wrote."""
    return RecorderStatus(
        at_us=data["at_us"],
        cameras=tuple(
            CameraStatus(
                camera=CameraId(one["camera"]),
                stream=StreamName(one["stream"]),
                recording=one["recording"],
                durable_until_us=one["durable_until_us"],
                oldest_us=one["oldest_us"],
                gap=gap_from_json(one["gap"]) if one["gap"] else None,
                stored_bytes=one["stored_bytes"],
                clock_offset_us=one["clock_offset_us"],
                codec=one["codec"],
                sight=Sight(*one["sight"]) if one.get("sight") else None,
                heard=hearing_from_json(one["heard"]) if one.get("heard") else None,
                masked=state_from_json(one["masked"]) if one.get("masked") else None,
                clock_off_since_us=one.get("clock_off_since_us"),
            )
            for one in data["cameras"]
        ),
        volumes=tuple(
            VolumeStatus(**{**one, "notes": tuple(one["notes"]), "disks": disks_from_json(one.get("disks"))})
            for one in data["volumes"]
        ),
    )


def hold_result_to_json(result: HoldResult) -> Json:
    """``{"id", "set_us", "covered": [[from_us, to_us] …]}``."""
    return {
        "id": result.id,
        "set_us": result.set_us,
        "covered": [[span.start_us, span.end_us] for span in result.covered],
    }


def hold_result_from_json(data: Mapping[str, Any]) -> HoldResult:
    """What ``hold_result_to_json`` wrote."""
    return HoldResult(HoldId(data["id"]), data["set_us"], tuple(Span.of_us(*span) for span in data["covered"]))


def plan_to_json(plan: ExtractionPlan) -> Json:
    """An extraction plan."""
    return {
        "id": plan.id,
        "camera": plan.camera,
        "stream": plan.stream.value,
        "asked": [plan.asked.start_us, plan.asked.end_us],
        "pieces": [_piece_to_json(piece) for piece in plan.pieces],
        "gaps": [gap_to_json(gap) for gap in plan.gaps],
    }


def _piece_to_json(piece: PiecePlan) -> Json:
    return {
        "number": piece.number,
        "run": piece.run,
        "codec": piece.codec,
        "width": piece.width,
        "height": piece.height,
        "start_us": piece.start_us,
        "end_us": piece.end_us,
        "length": piece.length,
        "init_length": piece.init_length,
        "init_sha256": piece.init_sha256,
        "fragments": [[one.length, one.sha256] for one in piece.fragments],
        "frames": piece.frames,
        "synthetic": piece.synthetic,
        "mask_version": piece.mask_version,
        "clock_offset_us": piece.clock_offset_us,
        "uncertainty_us": piece.uncertainty_us,
    }


def plan_from_json(data: Mapping[str, Any]) -> ExtractionPlan:
    """What ``plan_to_json`` wrote."""
    return ExtractionPlan(
        id=data["id"],
        camera=CameraId(data["camera"]),
        stream=StreamName(data["stream"]),
        asked=Span.of_us(*data["asked"]),
        pieces=tuple(
            PiecePlan(**{**piece, "fragments": tuple(FragmentDigest(*one) for one in piece["fragments"])})
            for piece in data["pieces"]
        ),
        gaps=tuple(gap_from_json(gap) for gap in data["gaps"]),
    )


def session_to_json(session: LookSession) -> Json:
    """One look in progress."""
    return {
        "look": session.look,
        "grant": session.grant,
        "person": session.person,
        "person_name": session.person_name,
        "force": session.force,
        "mode": session.mode,
        "camera": session.camera,
        "since_us": session.since_us,
        "article": session.article,
        "sent_bytes": session.sent_bytes,
    }


def session_from_json(data: Mapping[str, Any]) -> LookSession:
    """What ``session_to_json`` wrote."""
    return LookSession(**{**data, "camera": CameraId(data["camera"])})
