"""What the API says, in OpenAPI's words. Times are ISO 8601 in UTC; an unknown is ``null``, never zero (I9)."""

from datetime import datetime

from ninja import Schema
from pydantic import Field


class Me(Schema):
    """Who is asking, with what she may open."""

    id: str
    name: str
    unit: str
    force: str
    roles: list[str]
    permissions: list[str]


class Camera(Schema):
    """A camera that the asker may know of; never its address."""

    id: str
    number: int
    name: str
    insee: str
    site: str
    latitude: float
    longitude: float
    public_road: bool
    in_service: bool
    retention_days: int


class CameraHealth(Schema):
    """Whether a camera's pictures reach the disk, from durable bytes and never from settings."""

    id: str
    number: int
    name: str
    in_service: bool
    recording: bool | None = Field(description="null: the recorder does not answer, or has never heard of it")
    durable_until: datetime | None
    oldest: datetime | None
    gap: str | None = Field(description="cause of the gap that is open now")
    codec: str
    clock_offset_us: int | None


class Health(Schema):
    """The recorder's cameras. ``recorder_answers`` false: every state is unknown."""

    recorder_answers: bool
    cameras: list[CameraHealth]


class RequisitionLine(Schema):
    """A requisition as lists show it."""

    id: str
    number: str
    state: str
    result: str
    received_at: datetime
    unit: str
    officer: str
    offence: str
    place: str
    footage_from: datetime | None
    footage_until: datetime | None
    urgent: bool
    deadline: datetime | None
    kept_until: datetime | None = Field(description="until when the pictures are kept, as the first answer says")
    covered: str | None = Field(description="verdict of the first answer")
    unsafe_holds: int = Field(description="holds that the recorder does not have on its disk yet")


class RequestedCamera(Schema):
    """One camera of a requisition, and what was decided of it."""

    id: str
    number: int | None
    name: str
    granted: bool | None


class RequisitionDetail(RequisitionLine):
    """A requisition with its cameras and its basis."""

    legal_basis: str
    procedure_number: str
    channel: str
    decided_at: datetime | None
    answered_at: datetime | None
    cameras: list[RequestedCamera]


class Rate(Schema):
    """A rate with all it was made of; ``percent`` is of the known ones."""

    yes: int
    no: int
    unknown: int
    known: int
    percent: int | None


class FactsOfPlace(Schema):
    """Facts in one class of place, and how often pictures helped."""

    count: int
    helped: Rate


class YearOfFigures(Schema):
    """A year's figures, with their denominators."""

    year: int
    requests: int
    withdrawn: int
    by_month: list[int]
    results: dict[str, int]
    by_basis: dict[str, int]
    by_unit: dict[str, int]
    facts: dict[str, FactsOfPlace]
    helped: Rate


class Years(Schema):
    """The years that have figures, the latest first."""

    years: list[int]


class Problem(Schema):
    """RFC 9457, with the stable code of what went wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    article: str | None = None
