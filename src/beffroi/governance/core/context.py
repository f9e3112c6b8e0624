"""Everything gate B looks at, as values: who asks, for what, on what ground, under which texts. Pure.

The rooms above fill these from rows; the same values are stored as JSON with each decision, so that any decision can
be taken again from its inputs (property *replayable*). They are smaller than the facts of other planes on purpose: a
stored decision must stay readable when those grow.
"""

from dataclasses import dataclass, field
from datetime import datetime

from beffroi.governance.core.conventions import CRISIS, INCIDENT, Convention
from beffroi.governance.core.orders import Order
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.roles import Force, Quality, Role

ENGINE = "gates/2"
"""Version of the gates' meaning; a change that can alter an answer raises it."""

OWN_FORCES = frozenset({Force.PM})
"""Agents of the centre's own commune: duty is their ground, not the convention (CSI R253-3 II 2°)."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A clearance (habilitation) or approval (agrément): who issued it, for which territory, from when to when."""

    kind: str  # habilitation | agrement | training
    reference: str
    issuer: str
    valid_from: datetime
    valid_to: datetime | None
    territory: frozenset[str] = frozenset()  # INSEE or department codes; empty: wherever the person is competent
    reviewed_at: datetime | None = None
    suspended: bool = False

    def valid(self, at: datetime) -> bool:
        """In its dates and not suspended."""
        return not self.suspended and self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person whose eyes are meant."""

    id: str
    name: str
    matricule: str
    rank: str
    force: Force
    unit: str
    quality: Quality
    roles: frozenset[Role]
    territory: frozenset[str]  # INSEE codes
    clearances: tuple[Licence, ...]
    approval: Licence | None = None  # prefect's agrément of an operator who is no police officer (L132-14-1)
    training: Licence | None = None
    on_duty: bool = False


@dataclass(frozen=True, slots=True)
class CameraInput:
    """What the gate needs of a camera."""

    id: str
    number: int
    insee: str
    tags: frozenset[str]
    purposes: frozenset[str]
    authorised: Span | None  # of the prefect's authorisation of the system; None: nothing covers it
    authorisation: str = ""
    retention_days: int = 30


@dataclass(frozen=True, slots=True)
class Ground:
    """Why now: the shift, incident, case, requisition or real alert of a building the access hangs on."""

    kind: str  # duty | incident | case | requisition | alert
    reference: str
    opened_at: datetime
    closed_at: datetime | None = None
    cameras: frozenset[str] = frozenset()  # empty: not limited to some
    span: Span | None = None  # footage it is about
    legal_basis: str = ""  # of a case: CPP_60_1 …
    event: str = ""  # of an incident: incident, or crisis once declared; of an alert: ppms_alert
    opened_by: str = ""  # person id; R-18 asks who raised the doubt
    units: frozenset[str] = frozenset()  # units it is shared with; empty: no limit
    reason: str = ""  # already given for it: of the shift, of the incident
    reason_due_at: datetime | None = None  # an incident's reason may follow until then
    until: datetime | None = None  # ends by itself: a shift
    approved_by_law: bool = False  # gate A accepted this requisition

    @property
    def events(self) -> frozenset[str]:
        """The kinds of event it is: an incident that was declared a crisis is both."""
        return frozenset({self.event, INCIDENT} if self.event == CRISIS else {self.event} - {""})

    def open_at(self, at: datetime) -> bool:
        """Opened and not yet closed."""
        return self.opened_at <= at and (self.closed_at is None or at < self.closed_at)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked: these cameras, this mode, this span of footage (``None`` for live), until then, and why."""

    mode: Mode
    cameras: tuple[str, ...]
    span: Span | None
    until: datetime
    purpose: str  # L251-2:5
    legal_basis: str  # DUTY, ADMIN_POLICE, CPP_60_1 …
    reason: str
    emergency: bool = False  # break-glass: lifts the approval only
    copy: bool = False


@dataclass(frozen=True, slots=True)
class AccessContext:
    """One question to gate B. ``cameras`` are those the request names, in its order; unknown ones are missing."""

    request: AccessRequest
    viewer: Viewer
    cameras: tuple[CameraInput, ...]
    ground: Ground | None
    orders: tuple[Order, ...] = ()
    conventions: tuple[Convention, ...] = ()
    home: frozenset[str] = field(default_factory=frozenset)  # INSEE codes of the centre's own communes
    consents: frozenset[str] = field(
        default_factory=frozenset
    )  # INSEE codes of others that agreed to be seen from here

    @property
    def own(self) -> bool:
        """Whether an agent of the centre itself asks."""
        return self.viewer.force in OWN_FORCES

    @property
    def under_convention(self) -> bool:
        """Whether order and convention must say yes: others than own agents, except for a package already theirs."""
        return not self.own and self.request.mode is not Mode.PACKAGE
