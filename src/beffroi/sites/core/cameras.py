"""What the planes above may know of a camera. Never its address or its password. Pure."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from beffroi.kernel.ids import CameraId
from beffroi.kernel.outcome import Allowed, Outcome, Refused, RuleResult, Severity
from beffroi.media.core.hours import Hours, Period
from beffroi.media.core.words import GapCause
from beffroi.sites.core.authorisations import (
    AuthorisationFacts,
    MaskFacts,
    covered_by_order,
    dwellings_reviewed,
    purposes_authorised,
    retention_allowed,
)
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose

INTERIOR_TAGS = frozenset({"erp_interieur", "ppms"})
"""A camera with one of these tags is inside a building: R-45 closes it, and it records at its own hours alone."""


@dataclass(frozen=True, slots=True)
class Device:
    """A camera's own address beside its stream's: ONVIF, which profile it is steered by, and whether it moves."""

    url: str
    profile: str
    moves: bool


@dataclass(frozen=True, slots=True)
class DeviceSaid:
    """What a camera said of itself when it last answered. Typed by its maker: shown, never trusted."""

    maker: str
    model: str
    firmware: str
    serial: str
    clock_offset_ms: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """One camera as it stands now. ``number`` is what is called on the radio; it never changes hands."""

    id: CameraId
    number: int
    name: str
    insee: str  # commune of implantation
    site: str  # name of the place it belongs to
    tags: frozenset[str]
    latitude: float
    longitude: float
    bearing_degrees: float
    view_angle_degrees: float
    view_range_m: float
    public_road: bool
    purposes: frozenset[Purpose]
    retention_days: int
    placed_at: datetime  # since when it stands and looks there
    commissioned_at: datetime | None
    retired_at: datetime | None
    authorisations: tuple[AuthorisationFacts, ...]  # every order that names it, past and coming ones included
    mask: MaskFacts | None
    suspended_reason: str = ""  # non-empty: recording was suspended by hand, and why
    has_source: bool = False  # an address was entered
    moves: bool = False  # it can be steered
    device: DeviceSaid | None = None  # None: a stream alone, or it never answered
    watch_picture: bool = True  # the recorder looks whether its picture is frozen, black or covered
    view_since: datetime | None = None  # when somebody last placed it, or said that it looks where it should
    has_sub: bool = False  # a small stream is recorded beside the main one
    sub_retention_days: int | None = None  # of the small stream; none: as long as the main one
    quota_gb: int | None = None  # most footage on each disk; none: as the installation says
    periods: tuple[Period, ...] = ()  # of one inside a building: when it may record; none: never but in an alert

    @property
    def view(self) -> View:
        return View(self.latitude, self.longitude, self.bearing_degrees, self.view_angle_degrees, self.view_range_m)

    @property
    def interior(self) -> bool:
        """Whether it is inside a building. The tags are the one place that says so."""
        return bool(self.tags & INTERIOR_TAGS)

    def hours(self, zone: str, lifted_until_us: int = 0) -> Hours | None:
        """When it is recorded, by local time; ``None``: at any hour."""
        return Hours(zone, self.periods, lifted_until_us) if self.interior else None

    def authorisation_at(self, at: datetime) -> AuthorisationFacts | None:
        """The order in force at ``at``; else the one that ended last, so that a page can say why; else ``None``."""
        ranked = sorted(self.authorisations, key=lambda order: (order.in_force(at), order.valid_to))
        return ranked[-1] if ranked else None

    def in_service(self, at: datetime) -> bool:
        """Whether it was commissioned and not retired at ``at``."""
        started = self.commissioned_at is not None and self.commissioned_at <= at
        return started and (self.retired_at is None or at < self.retired_at)


def rules(camera: CameraFacts, at: datetime) -> tuple[RuleResult, ...]:
    """What the law asks before a camera records: R-01, R-03, R-05, R-08, each held or not at ``at``."""
    order = camera.authorisation_at(at)
    return (
        covered_by_order(order, at),
        purposes_authorised(camera.purposes, order),
        dwellings_reviewed(camera.public_road, camera.mask, placed_at=camera.placed_at, at=at),
        retention_allowed(camera.retention_days, order),
    )


def may_record(camera: CameraFacts, at: datetime) -> Outcome:
    """Whether the camera may record at ``at``, with the trace of every rule asked."""
    trace = rules(camera, at)
    broken = next((rule for rule in trace if not rule.held and rule.severity is Severity.BLOCK), None)
    if broken is not None:
        return Refused(broken.reason, f"{broken.rule} ({broken.source})", trace)
    order = camera.authorisation_at(at)
    return Allowed(order.reference if order else "", trace=trace)


def why_off(camera: CameraFacts, at: datetime) -> tuple[GapCause, str] | None:
    """Why a camera that was put in service is not recorded at ``at`` though nothing failed (I5), and its code.

    ``None``: it may record, or was never put in service.
    """
    if not camera.in_service(at):
        return None
    if camera.suspended_reason:
        return GapCause.MAINTENANCE, "suspended"
    broken = next((rule for rule in rules(camera, at) if not rule.held and rule.severity is Severity.BLOCK), None)
    if broken is None:
        return None
    return (GapCause.PRIVACY if broken.rule == "R-05" else GapCause.ORDER), broken.reason


def source_problem(url: str) -> str:
    """Why ``url`` cannot be a camera's address (a stable code), or an empty text.

    Users and passwords have fields of their own: in an address they would end in logs. Whether the host lies in a
    declared network is for the recorder, which resolves it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "address_unreadable"
    if parts.scheme == "file":
        return "" if parts.path else "address_unreadable"
    if parts.scheme not in {"rtsp", "rtsps"}:
        return "address_scheme"
    if parts.username is not None or parts.password is not None:
        return "address_with_password"
    if not parts.hostname or port == 0 or any(ord(letter) < 33 for letter in url):
        return "address_unreadable"
    return ""


def is_device(url: str) -> bool:
    """Whether ``url`` is the address of a device (ONVIF) and not of a stream."""
    return url.startswith("http:")


def device_problem(url: str) -> str:
    """Why ``url`` cannot be the address of a device; empty for a good one."""
    return source_problem("rtsp:" + url.removeprefix("http:"))
