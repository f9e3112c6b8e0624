"""What a camera may tell by its events and what is kept of it: somebody tampers with it, a contact closes. Pure.

Cameras also tell of movement, lines that were crossed, faces and plates. None of that is analysed, kept or passed on
(I15): only the topics below are read, the rest is dropped where it is parsed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json

MAX_SOURCES = 32
_TRUE, _FALSE = frozenset({"true", "1", "active", "on"}), frozenset({"false", "0", "inactive", "off"})


class Heard(StrEnum):
    """What an event is about."""

    TAMPER = "tamper"  # the camera says that its view was covered, turned or put out of focus
    INPUT = "input"  # a contact at the camera: a cabinet's door, a mains monitor


_TOPICS = {
    "VideoSource/GlobalSceneChange": Heard.TAMPER,
    "VideoSource/ImageTooBlurry": Heard.TAMPER,
    "VideoSource/ImageTooDark": Heard.TAMPER,
    "VideoSource/ImageTooBright": Heard.TAMPER,
    "RuleEngine/TamperDetector": Heard.TAMPER,
    "Device/Trigger/DigitalInput": Heard.INPUT,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event: what, which source at the camera, whether it holds now."""

    kind: Heard
    source: str
    on: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now, and since when this recorder knows it (its own clock: the camera's is not believed)."""

    kind: Heard
    source: str
    since_us: int


def kind_of(topic: str) -> Heard | None:
    """What a topic is about; ``None`` for all that is not listened to. Prefixes of makers are left aside."""
    path = "/".join(part.rpartition(":")[2] for part in topic.strip().split("/"))
    return next((kind for known, kind in _TOPICS.items() if path == known or path.startswith(f"{known}/")), None)


def truth_of(value: str) -> bool | None:
    """Whether a simple item says yes or no; ``None`` where it says neither."""
    word = value.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def after(standing: Iterable[Standing], told: Iterable[Told], at_us: int) -> tuple[Standing, ...]:
    """What holds once these events were heard, in their order."""
    known = {(one.kind, one.source): one for one in standing}
    for one in told:
        key = (one.kind, one.source)
        if not one.on:
            known.pop(key, None)
        elif key not in known and len(known) < MAX_SOURCES:
            known[key] = Standing(one.kind, one.source, at_us)
    return tuple(known.values())


def renewed(standing: Iterable[Standing], told: Iterable[Told], at_us: int) -> tuple[Standing, ...]:
    """What holds after a new subscription, which begins by telling all that holds: what it does not tell is over."""
    before = {(one.kind, one.source): one.since_us for one in standing}
    return tuple(replace(one, since_us=before.get((one.kind, one.source), at_us)) for one in after((), told, at_us))


@dataclass(frozen=True, slots=True)
class Hearing:
    """How one camera is listened to, and what holds there."""

    failure: str  # empty: it is listened to; else why not, by its code
    since_us: int
    standing: tuple[Standing, ...]


def hearing_to_json(hearing: Hearing) -> Json:
    """As it stands on the disk and travels."""
    standing: list[Json] = [[one.kind.value, one.source, one.since_us] for one in hearing.standing]
    return {"failure": hearing.failure, "since_us": hearing.since_us, "standing": standing}


def hearing_from_json(data: Mapping[str, Any]) -> Hearing:
    """What ``hearing_to_json`` wrote. ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    standing = tuple(Standing(Heard(kind), str(source), int(since)) for kind, source, since in data["standing"])
    return Hearing(str(data["failure"]), int(data["since_us"]), standing)
