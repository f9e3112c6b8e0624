"""What the room is told of each camera: recording from durable bytes, or no picture since when and why. Never a guess.

Pure: takes the recorder's status (``None``: it does not answer) and the camera's facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from beffroi.kernel.clock import from_us
from beffroi.kernel.outcome import Refused
from beffroi.media.core.answers import CameraStatus, RecorderStatus, Sight
from beffroi.media.core.device_events import Heard, Hearing
from beffroi.media.core.sight import Trouble
from beffroi.media.core.words import GapCause, StreamName
from beffroi.sites.core.cameras import CameraFacts, may_record
from beffroi.sites.core.clocks import recorder_off_us

SILENCE = timedelta(seconds=15)
"""From its last durable byte on, a camera that should record is said to be silent (DESIGN §5, alarms)."""


class StateKind(StrEnum):
    """The states a camera is shown in."""

    RECORDING = "recording"
    SILENT = "silent"  # should record and does not
    WAITING = "waiting"  # should record, the recorder has never had a byte of it
    SUSPENDED = "suspended"
    UNLAWFUL = "unlawful"  # a rule of law keeps it off
    RESTING = "resting"  # inside a building: not recorded at this hour, or its clock cannot say the hour
    UNCOMMISSIONED = "uncommissioned"
    UNKNOWN = "unknown"  # the recorder does not answer (I9)


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera's state; ``since`` is when its last picture was kept."""

    kind: StateKind
    since: datetime | None = None
    cause: GapCause | None = None
    rule: str = ""  # reason code of the rule that keeps it off
    note: str = ""  # reason of a suspension, in words of whoever suspended
    detail: str = ""  # the recorder's own code of what went wrong, finer than the cause
    oldest: datetime | None = None
    stored_bytes: int = 0
    clock_offset_us: int = 0
    clock_off_since: datetime | None = None  # off by more than a second
    codec: str = ""
    trouble: Trouble | None = None  # what is wrong with the picture that comes
    trouble_since: datetime | None = None
    tampered_since: datetime | None = None  # the camera says by its events that somebody tampers with it
    contacts: tuple[str, ...] = ()  # at the camera, that are closed now
    unheard: str = ""  # why its events are not listened to
    looked_at: datetime | None = None  # when its picture was last looked at

    @property
    def clock_off(self) -> str:
        """By how much its clock is wrong, where that is an alarm."""
        return f"{self.clock_offset_us / 1_000_000:+.1f} s" if self.clock_off_since is not None else ""

    @property
    def level(self) -> str:
        """Which badge: ``good``, ``warn``, ``bad`` or none."""
        if self.kind is StateKind.RECORDING and self.trouble not in (None, Trouble.TURNED):
            return "warn"
        levels = {
            StateKind.RECORDING: "good",
            StateKind.SILENT: "bad",
            StateKind.WAITING: "warn",
            StateKind.SUSPENDED: "warn",
            StateKind.UNLAWFUL: "warn",
        }
        return levels.get(self.kind, "")


def state_of(camera: CameraFacts, status: RecorderStatus | None, now: datetime) -> CameraState:
    """The state of one camera's main stream at ``now``."""
    line = _line(status, camera.id)
    told = _told(line)
    if camera.suspended_reason:
        return replace(told, kind=StateKind.SUSPENDED, note=camera.suspended_reason)
    if not camera.in_service(now):
        return replace(told, kind=StateKind.UNCOMMISSIONED)
    outcome = may_record(camera, now)
    if isinstance(outcome, Refused):
        return replace(told, kind=StateKind.UNLAWFUL, rule=outcome.reason)
    if status is None:
        return told
    if line is None or (line.durable_until_us is None and not line.recording and line.gap is None):
        return replace(told, kind=StateKind.WAITING)
    fresh = line.durable_until_us is not None and now - from_us(line.durable_until_us) < SILENCE
    if line.recording and fresh:
        return replace(told, kind=StateKind.RECORDING)
    if line.gap is None:
        return replace(told, kind=StateKind.SILENT, cause=GapCause.UNKNOWN)
    resting = camera.interior and line.gap.cause is GapCause.SCHEDULE
    kind = StateKind.RESTING if resting else StateKind.SILENT
    return replace(told, kind=kind, cause=line.gap.cause, detail=line.gap.detail)


def states_of(
    cameras: Iterable[CameraFacts], status: RecorderStatus | None, now: datetime
) -> list[tuple[CameraFacts, CameraState]]:
    """Each camera with its state, in the order given."""
    return [(camera, state_of(camera, status, now)) for camera in cameras]


def own_clock_off(status: RecorderStatus | None) -> str:
    """How far the recorder's own clock is off, where its cameras, seen or not, agree on another time; empty: no."""
    known = [one for one in (status.cameras if status else ()) if one.stream is StreamName.MAIN and one.recording]
    off_us = recorder_off_us([one.clock_offset_us for one in known if one.clock_offset_us])
    return f"{off_us / 1_000_000:+.1f} s" if off_us is not None else ""


def _line(status: RecorderStatus | None, camera: str) -> CameraStatus | None:
    if status is None:
        return None
    return next((one for one in status.cameras if one.camera == camera and one.stream is StreamName.MAIN), None)


def _told(line: CameraStatus | None) -> CameraState:
    """What the recorder says of a stream, its kind still open."""
    if line is None:
        return CameraState(StateKind.UNKNOWN)
    return CameraState(
        StateKind.UNKNOWN,
        since=from_us(line.durable_until_us) if line.durable_until_us is not None else None,
        oldest=from_us(line.oldest_us) if line.oldest_us is not None else None,
        stored_bytes=line.stored_bytes,
        clock_offset_us=line.clock_offset_us,
        clock_off_since=from_us(line.clock_off_since_us) if line.clock_off_since_us is not None else None,
        codec=line.codec,
        **_sight(line.sight),
        **_heard(line.heard),
    )


def _heard(heard: Hearing | None) -> dict[str, Any]:
    if heard is None:
        return {}
    tampered = [one.since_us for one in heard.standing if one.kind is Heard.TAMPER]
    return {
        "tampered_since": from_us(min(tampered)) if tampered else None,
        "contacts": tuple(one.source for one in heard.standing if one.kind is Heard.INPUT),
        "unheard": heard.failure,
    }


def _sight(sight: Sight | None) -> dict[str, Any]:
    """A trouble that this office does not know of is none; that nobody looked of late is shown, never guessed (I9)."""
    if sight is None:
        return {}
    known = sight.trouble in set(Trouble)
    return {
        "looked_at": from_us(sight.looked_us),
        "trouble": Trouble(sight.trouble) if known else None,
        "trouble_since": from_us(sight.since_us) if known else None,
    }
