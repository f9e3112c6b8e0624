"""A trial of a camera's address before it is entered: what is asked, what was found. Pure.

The password travels sealed under the trial's id (``core.secrets``) and is opened only in the process that calls the
camera. The answer says what a technician needs and shows no picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import is_safe_name

MAX_NETWORKS = 64


class TrialState(StrEnum):
    """How far a trial is."""

    RUNNING = "running"
    GOOD = "good"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """One address to try. ``networks`` are those declared for cameras; nothing else is called."""

    id: str
    url: str
    username: str
    password: str  # sealed under ``id``; empty: none
    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A device that answered a search. Name and hardware are what it says of itself."""

    url: str
    host: str
    name: str
    hardware: str


@dataclass(frozen=True, slots=True)
class FoundStreams:
    """What a device said of itself when it was asked by ONVIF."""

    main_url: str
    sub_url: str
    profile: str
    ptz: bool
    model: str
    clock_offset_ms: int


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """What came of it. ``code`` names the failure; pages translate it."""

    state: TrialState
    code: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    first_picture_ms: int = 0
    picture: bool = False  # a first picture is kept for whoever may look
    found: FoundStreams | None = None  # the address was a device's, not a stream's


def request_to_json(request: TrialRequest) -> dict[str, Json]:
    """The body of the call."""
    return {
        "url": request.url,
        "username": request.username,
        "password": request.password,
        "networks": list(request.networks),
    }


def request_from_json(id_: str, data: Mapping[str, Any]) -> TrialRequest:
    """The request in a call's body; ``Invalid`` for anything else."""
    networks = data.get("networks")
    texts = [data.get(name) for name in ("url", "username", "password")]
    good = (
        is_safe_name(id_)
        and all(isinstance(text, str) and len(text) <= 4_096 for text in texts)
        and isinstance(networks, list)
        and len(networks) <= MAX_NETWORKS
        and all(isinstance(one, str) for one in networks)
    )
    if not good or not isinstance(networks, list):
        raise Invalid("This trial cannot be read.", code="trial_wrong")
    url, username, password = (str(text) for text in texts)
    return TrialRequest(id_, url, username, password, tuple(networks))


def answer_to_json(answer: TrialAnswer) -> dict[str, Json]:
    """The answer as it travels."""
    return {
        "state": answer.state.value,
        "code": answer.code,
        "codec": answer.codec,
        "width": answer.width,
        "height": answer.height,
        "first_picture_ms": answer.first_picture_ms,
        "picture": answer.picture,
        "found": _found_json(answer.found) if answer.found else None,
    }


def answer_from_json(data: Mapping[str, Any]) -> TrialAnswer:
    """The answer that travelled; ``Invalid`` for anything else."""
    try:
        return TrialAnswer(
            TrialState(data["state"]),
            str(data["code"]),
            str(data["codec"]),
            int(data["width"]),
            int(data["height"]),
            int(data["first_picture_ms"]),
            bool(data["picture"]),
            _found(data["found"]) if data.get("found") else None,
        )
    except (KeyError, ValueError, TypeError):
        raise Invalid("This answer of the recorder cannot be read.", code="trial_wrong") from None


def _found_json(found: FoundStreams) -> dict[str, Json]:
    return {
        "main_url": found.main_url,
        "sub_url": found.sub_url,
        "profile": found.profile,
        "ptz": found.ptz,
        "model": found.model,
        "clock_offset_ms": found.clock_offset_ms,
    }


def _found(data: Mapping[str, Any]) -> FoundStreams:
    return FoundStreams(
        str(data["main_url"])[:500],
        str(data["sub_url"])[:500],
        str(data["profile"])[:64],
        bool(data["ptz"]),
        str(data["model"])[:120],
        int(data["clock_offset_ms"]),
    )
