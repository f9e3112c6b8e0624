"""Whether the rules on cameras, retention and clocks hold on this installation now (research/law.md §9). Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from beffroi.governance.core.answers import expiry
from beffroi.governance.core.installation import Installation
from beffroi.governance.core.law import Rule
from beffroi.kernel.outcome import RuleResult
from beffroi.sites.core.authorisations import (
    AuthorisationFacts,
    covered_by_order,
    dwellings_reviewed,
    purposes_authorised,
    renewal_in_time,
    retention_allowed,
)
from beffroi.sites.core.cameras import CameraFacts

PURGE_SLACK = timedelta(hours=1)
"""Design default: a purge that runs every few minutes leaves this much to spare."""
CLOCK_US = 1_000_000
"""Design default: one second."""
VIDEO_CODECS = ("avc1", "avc3", "hvc1", "hev1", "mjpeg", "jpeg")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing found: a stable code with its values; ``held`` is ``None`` for what could not be read.

    A ``note`` says something that decides nothing. Values are texts, ``at_…`` ones ISO 8601 times.
    """

    code: str
    held: bool | None
    values: Mapping[str, str] = field(default_factory=dict)
    note: bool = False


def authorised(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-01: each camera in service under an order in force."""
    yield from _each_camera(here, now, lambda one: covered_by_order(one.authorisation_at(now), now))
    yield from _orders(here, now)


def renewals(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-02: no renewal is due within twelve months."""
    for order in here.authorisations:
        if order.in_force(now):
            held = renewal_in_time(order, now).held
            renewed = not held and _renewed(here, order, now)
            code = "order_renewed" if renewed else "order_until" if held else "renewal_due"
            yield Evidence(code, held or renewed, {"order": order.reference, "at_end": order.valid_to.isoformat()})
    if not any(order.in_force(now) for order in here.authorisations):
        yield Evidence("no_order_in_force", held=False)


def purposes(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-03: the purposes of each camera are among its order's."""
    yield from _each_camera(here, now, lambda one: purposes_authorised(one.purposes, one.authorisation_at(now)))


def masks(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-05: a second person reviewed each mask since the camera last moved, less than a year ago."""
    yield from _each_camera(
        here, now, lambda one: dwellings_reviewed(one.public_road, one.mask, placed_at=one.placed_at, at=now)
    )
    for one in here.in_service(now):
        if one.mask is not None and one.mask.reviewed_at is not None:
            values = {"camera": _name(one), "at_reviewed": one.mask.reviewed_at.isoformat()}
            yield Evidence("mask_reviewed", None, values, note=True)


def no_sound(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-07: every stream that the recorder keeps is video and nothing else."""
    if here.streams is None:
        yield Evidence("recorder_silent", held=None)
        return
    names = _names(here)
    for one in here.streams:
        if not one.codec:
            continue  # nothing was ever kept of it
        if not all(part.strip().startswith(VIDEO_CODECS) for part in one.codec.split(",")):
            yield Evidence(
                "stream_not_video", held=False, values={"camera": names.get(one.camera, ""), "codec": one.codec}
            )
    kept = sum(1 for one in here.streams if one.codec)
    yield Evidence("streams_video", held=True, values={"count": str(kept)})


def nobody_beyond_term(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-08: days set within the order, and nothing kept past min(days, one month) without a judicial hold."""
    yield from _each_camera(here, now, lambda one: retention_allowed(one.retention_days, one.authorisation_at(now)))
    if here.streams is None:
        yield Evidence("recorder_silent", held=None)
        return
    for one in here.cameras:
        oldest = oldest_of(here, one.id)
        if oldest is None:
            continue
        dies = expiry(oldest, one.retention_days)
        values = {"camera": _name(one), "at_oldest": oldest.isoformat(), "at_dies": dies.isoformat()}
        if now < dies + PURGE_SLACK:
            yield Evidence("oldest_within", held=True, values=values)
        elif _held_judicially(here, one.id, oldest):
            yield Evidence("oldest_held", held=True, values=values)
        else:
            yield Evidence("oldest_beyond", held=False, values=values)


def holds_beyond_term(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-09: whatever is held past its term is held with a judicial reference."""
    days = {str(one.id): one.retention_days for one in here.cameras}
    for hold in here.holds:
        beyond = expiry(hold.span.start, days.get(hold.camera, 1)) <= now
        if beyond and not hold.judicial:
            values = {"camera": hold.camera_name, "at_from": hold.span.start.isoformat()}
            yield Evidence("hold_spent", None, values, note=True)  # it lost its force at the term: R-08 shows the bytes
    judicial = sum(1 for hold in here.holds if hold.judicial)
    yield Evidence("holds_counted", held=True, values={"count": str(len(here.holds)), "judicial": str(judicial)})


def minimum_kept(here: Installation, _rule: Rule, now: datetime) -> Iterator[Evidence]:
    """R-10: what the order wants kept at least is still there."""
    if here.streams is None:
        yield Evidence("recorder_silent", held=None)
        return
    asked = False
    for one in here.in_service(now):
        order = one.authorisation_at(now)
        if order is None or order.retention_min_days == 0 or one.commissioned_at is None:
            continue
        asked = True
        wanted = max(now - timedelta(days=order.retention_min_days), one.commissioned_at)
        oldest = oldest_of(here, one.id)
        held = oldest is not None and oldest <= wanted + PURGE_SLACK
        values = {"camera": _name(one), "days": str(order.retention_min_days)}
        if oldest is not None:
            values["at_oldest"] = oldest.isoformat()
        yield Evidence("minimum_there" if held else "minimum_missing", held, values)
    if not asked:
        yield Evidence("no_minimum", held=True)


def clocks(here: Installation, _rule: Rule, _now: datetime) -> Iterator[Evidence]:
    """R-31: no camera's clock is off by more than a second."""
    if here.streams is None:
        yield Evidence("recorder_silent", held=None)
        return
    names = _names(here)
    for one in here.streams:
        if abs(one.clock_offset_us) > CLOCK_US:
            values = {"camera": names.get(one.camera, ""), "seconds": f"{one.clock_offset_us / 1_000_000:+.1f}"}
            yield Evidence("clock_off", held=False, values=values)
    worst = max((abs(one.clock_offset_us) for one in here.streams), default=0)
    yield Evidence("clocks_within", held=True, values={"milliseconds": str(worst // 1_000)})


def oldest_of(here: Installation, camera: str) -> datetime | None:
    """The oldest footage of a camera that the recorder still has."""
    return min((one.oldest for one in here.streams_of(camera) if one.oldest is not None), default=None)


def _held_judicially(here: Installation, camera: str, oldest: datetime) -> bool:
    slack = timedelta(minutes=2)  # whole files are kept around a held span
    return any(
        hold.judicial and hold.camera == camera and hold.span.start - slack <= oldest < hold.span.end + slack
        for hold in here.holds
    )


def _each_camera(here: Installation, now: datetime, ask: Callable[[CameraFacts], RuleResult]) -> Iterator[Evidence]:
    """One line for each camera that fails, one that counts those that do not."""
    good = 0
    for one in here.in_service(now):
        result = ask(one)
        if result.held:
            good += 1
        else:
            yield Evidence(result.reason, held=False, values={"camera": _name(one)})
    yield Evidence("cameras_good", held=True, values={"count": str(good)})


def _orders(here: Installation, now: datetime) -> Iterator[Evidence]:
    for order in here.authorisations:
        if order.in_force(now):
            values = {"order": order.reference, "at_end": order.valid_to.isoformat()}
            yield Evidence("order_until", None, values, note=True)


def _renewed(here: Installation, order: AuthorisationFacts, now: datetime) -> bool:
    """Whether each of its cameras in service is under another order when this one ends."""
    named = [one for one in here.in_service(now) if order.id in {held.id for held in one.authorisations}]
    return bool(named) and all(
        any(held.id != order.id and held.in_force(order.valid_to) for held in one.authorisations) for one in named
    )


def _names(here: Installation) -> dict[str, str]:
    return {str(one.id): _name(one) for one in here.cameras}


def _name(camera: CameraFacts) -> str:
    return f"{camera.number} · {camera.name}"
