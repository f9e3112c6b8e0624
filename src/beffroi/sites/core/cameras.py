"""What the planes above may know of a camera. Never its address or its password. Pure."""

from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.ids import CameraId
from beffroi.sites.core.authorisations import AuthorisationFacts
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """The latest dwelling mask of a camera (R-05): who drew it, who reviewed it, and when."""

    version: int
    author: str  # person id
    reviewer: str  # person id; empty while nobody reviewed it
    reviewed_at: datetime | None


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
    commissioned_at: datetime | None
    retired_at: datetime | None
    authorisations: tuple[AuthorisationFacts, ...]  # every order that names it, past and coming ones included
    mask: MaskFacts | None

    @property
    def view(self) -> View:
        return View(self.latitude, self.longitude, self.bearing_degrees, self.view_angle_degrees, self.view_range_m)

    def authorisation_at(self, at: datetime) -> AuthorisationFacts | None:
        """The order in force at ``at``; else the one that ended last, so that a page can say why; else ``None``."""
        ranked = sorted(self.authorisations, key=lambda order: (order.in_force(at), order.valid_to))
        return ranked[-1] if ranked else None

    def in_service(self, at: datetime) -> bool:
        """Whether it was commissioned and not retired at ``at``."""
        started = self.commissioned_at is not None and self.commissioned_at <= at
        return started and (self.retired_at is None or at < self.retired_at)
