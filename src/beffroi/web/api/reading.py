"""What partners and tools may read, by the same permissions and the same readers as the pages. Nothing here writes.

No operation gives a picture, a ticket or an address of a camera: those stay with pages, gates and the door (I1).
"""

from collections.abc import Iterable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import NinjaAPI, Path, Query
from ninja.errors import ValidationError

from beffroi.governance.queries import requisitions
from beffroi.governance.queries.requisitions import InboxLine, RequisitionRow
from beffroi.insight import queries as insight
from beffroi.insight.core.report import as_json
from beffroi.kernel.clock import from_us
from beffroi.media.core.words import StreamName
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.api import schemas
from beffroi.web.shared.errors import page
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest

LONGEST = 200
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="how many at most")]

api = NinjaAPI(
    title="Beffroi",
    version="1",
    description="Read-only. Sign in with the session's cookie, or with a token made on the page of your account. "
    "Absent and forbidden look the same: 404.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(ValidationError)
def _wrong(request: HttpRequest, error: ValidationError) -> Any:
    """422 as everywhere else: problem+json, with the parameter named."""
    named = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors)
    return page(request, 422, what=named, code="parameter_wrong")


@api.get("/me", response=schemas.Me, url_name="me", tags=["people"])
def me(request: OfficeRequest) -> dict[str, Any]:
    """Who is asking."""
    person = request.person
    return {
        "id": person.id,
        "name": person.name,
        "unit": person.unit,
        "force": person.force.value,
        "roles": sorted(role.value for role in person.roles),
        "permissions": sorted(one.value for one in permissions_of(person.roles)),
    }


@api.get("/cameras", response=list[schemas.Camera], url_name="cameras", tags=["cameras"])
def cameras(request: OfficeRequest) -> list[dict[str, Any]]:
    """The cameras of the asker's communes."""
    return [
        {
            "id": one.id,
            "number": one.number,
            "name": one.name,
            "insee": one.insee,
            "site": one.site,
            "latitude": one.latitude,
            "longitude": one.longitude,
            "public_road": one.public_road,
            "in_service": one.in_service(request.now),
            "retention_days": one.retention_days,
        }
        for one in sites.cameras_visible_to(request.person)
    ]


@api.get("/health/cameras", response=schemas.Health, url_name="health", tags=["cameras"])
def health(request: OfficeRequest) -> dict[str, Any]:
    """Which cameras record. Holds no picture: technicians may read it."""
    status = status_or_none()
    whole = Role.TECHNICIAN in request.person.roles  # as the page of the recorder
    seen: Iterable[CameraFacts] = sites.cameras() if whole else sites.cameras_visible_to(request.person)
    known = {one.camera: one for one in status.cameras if one.stream is StreamName.MAIN} if status else {}
    lines = []
    for one in seen:
        state = known.get(one.id)
        lines.append(
            {
                "id": one.id,
                "number": one.number,
                "name": one.name,
                "in_service": one.in_service(request.now),
                "recording": state.recording if state else None,
                "durable_until": from_us(state.durable_until_us) if state and state.durable_until_us else None,
                "oldest": from_us(state.oldest_us) if state and state.oldest_us else None,
                "gap": state.gap.cause.value if state and state.gap else None,
                "codec": state.codec if state else "",
                "clock_offset_us": state.clock_offset_us if state else None,
            }
        )
    return {"recorder_answers": status is not None, "cameras": lines}


@api.get("/desk/requisitions", response=list[schemas.RequisitionLine], url_name="desk-requisitions", tags=["desk"])
def desk_requisitions(request: OfficeRequest, closed: bool = False, limit: Limit = 100) -> list[dict[str, Any]]:
    """The desk's inbox: urgent first, then what dies first; ``closed``: those that are over."""
    return [_line(one) for one in requisitions.inbox(request.person, request.now, closed=closed, limit=limit)]


@api.get(
    "/desk/requisitions/{requisition}",
    response=schemas.RequisitionDetail,
    url_name="desk-requisition",
    tags=["desk"],
)
def desk_requisition(request: OfficeRequest, requisition: str) -> dict[str, Any]:
    """One requisition of the desk."""
    return _detail(requisitions.for_desk(request.person, requisition), request)


@api.get(
    "/counter/requisitions",
    response=list[schemas.RequisitionLine],
    url_name="counter-requisitions",
    tags=["counter"],
)
def counter_requisitions(request: OfficeRequest, limit: Limit = 100) -> list[dict[str, Any]]:
    """The asker's own requisitions and those of her unit that are not confidential, newest first."""
    return [_line(one) for one in requisitions.of_requester(request.person, request.now, limit)]


@api.get(
    "/counter/requisitions/{requisition}",
    response=schemas.RequisitionDetail,
    url_name="counter-requisition",
    tags=["counter"],
)
def counter_requisition(request: OfficeRequest, requisition: str) -> dict[str, Any]:
    """One requisition of the counter."""
    return _detail(requisitions.for_counter(request.person, requisition), request)


@api.get("/figures", response=schemas.Years, url_name="figures", tags=["figures"])
def figures(request: OfficeRequest) -> dict[str, Any]:
    """Which years have figures."""
    return {"years": insight.years()}


@api.get("/figures/{year}", response=schemas.YearOfFigures, url_name="figures-year", tags=["figures"])
def figures_of_year(
    request: OfficeRequest, year: Annotated[int, Path(ge=insight.FIRST_YEAR, le=insight.LAST_YEAR)]
) -> dict[str, Any]:
    """The figures of a year, computed from the cases."""
    return as_json(insight.year(year))


PERMISSIONS: dict[str, Permission] = {
    "me": Permission.SIGNED_IN,
    "cameras": Permission.DESK_CAMERA,
    "health": Permission.DESK_HEALTH,
    "desk-requisitions": Permission.DESK_REQUISITIONS,
    "desk-requisition": Permission.DESK_REQUISITIONS,
    "counter-requisitions": Permission.COUNTER_REQUISITIONS,
    "counter-requisition": Permission.COUNTER_REQUISITIONS,
    "figures": Permission.OFFICE_FIGURES,
    "figures-year": Permission.OFFICE_FIGURES,
}
"""What each operation asks for; one without a line does not start."""


def _line(one: InboxLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "state": one.state.value,
        "result": one.result,
        "received_at": one.received_at,
        "unit": one.unit_name,
        "officer": one.officer_name,
        "offence": one.offence,
        "place": one.place,
        "footage_from": one.span.start if one.span else None,
        "footage_until": one.span.end if one.span else None,
        "urgent": one.urgent,
        "deadline": one.deadline,
        "kept_until": one.kept_until,
        "covered": one.verdict.value if one.verdict else None,
        "unsafe_holds": one.unsafe_holds,
    }


def _detail(row: RequisitionRow, request: OfficeRequest) -> dict[str, Any]:
    named = [
        {"id": one.camera, "number": one.number, "name": one.name, "granted": one.granted} for one in row.cameras.all()
    ]
    return {
        **_line(requisitions.line_of(row, request.now)),
        "legal_basis": row.legal_basis,
        "procedure_number": row.procedure_number,
        "channel": row.channel,
        "decided_at": row.decided_at,
        "answered_at": row.answered_at,
        "cameras": named,
    }
