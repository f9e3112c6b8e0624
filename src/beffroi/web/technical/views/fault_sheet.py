"""The fault sheet of an alarm as PDF/A, for whoever maintains the cameras. No secret, no picture; logged."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.documents.papers import set_paper
from beffroi.kernel.canonical import Json
from beffroi.kernel.errors import NotFound
from beffroi.media.core.answers import RecorderStatus
from beffroi.media.core.words import GapCause
from beffroi.sites import queries as sites
from beffroi.sites.actions.devices import note_fault_sheet
from beffroi.sites.core.cameras import CameraFacts
from beffroi.web.shared.camera_states import CameraState, states_of
from beffroi.web.shared.disk_words import disk_lines
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.technical.views.alarms import standing
from beffroi.web.technical.words import found_of


@require_POST
def sheet(request: OfficeRequest) -> HttpResponse:
    """Make the sheet of one alarm that stands now. One that is over, or of a foreign camera, is not there."""
    key = request.POST.get("key", "")
    line = next((one for one in standing(request)["lines"] if one["alarm"].key == key), None)
    if line is None:
        raise NotFound("There is no such alarm.", code="no_such_alarm")
    status = status_or_none()
    states = states_of(line["cameras"], status, request.now)
    paper = set_paper("fault", _data(request, [*told(line, states), *of_disks(status, states)]))
    cameras = [camera.id for camera in line["cameras"]]
    note_fault_sheet(actor=request.actor, key=key, cameras=cameras, paper=paper, now=request.now)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="fault.pdf"'
    return answer


def told(line: dict[str, Any], states: Sequence[tuple[CameraFacts, CameraState]]) -> list[Json]:
    """What the sheet says of an alarm, section by section."""
    return [_cause(line), *(_camera(camera, state) for camera, state in states), _tried(line["alarm"].key)]


def of_disks(status: RecorderStatus | None, states: Sequence[tuple[CameraFacts, CameraState]]) -> list[Json]:
    """The recorder's disks, where one of them is not well or did not take what came."""
    lines = disk_lines(status)
    refused = any(state.cause is GapCause.STORAGE for _camera, state in states)
    if not lines or not (refused or any(line.signs for line in lines)):
        return []
    rows: list[Json] = [
        [line.called, " · ".join(each for each in (line.words, line.figures) if each)] for line in lines
    ]
    return [{"title": _("Disks of the recorder"), "rows": rows}]


def _data(request: OfficeRequest, sections: list[Json]) -> dict[str, Json]:
    local = timezone.localtime(request.now)
    title = _("Fault sheet")
    printed = {"when": formats.date_format(local, "d/m/Y H:i"), "who": request.person.called}
    return {
        "language": (get_language() or "fr")[:2],
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "title": title,
        "centre": settings.BEFFROI_CENTRE,
        "subtitle": _("Printed on %(when)s by %(who)s.") % printed,
        "head": [_("What"), _("Found")],
        "sections": sections,
        "note": _("What a camera says of itself is its maker’s word. Here is no picture, address or password."),
        "footer": f"{settings.BEFFROI_CENTRE} · {title}",
    }


def _cause(line: dict[str, Any]) -> Json:
    alarm = line["alarm"]
    what = str(line["trouble"]) or _("No picture comes")
    rows: list[Json] = [[_("Fault"), what], [_("Since"), _moment(alarm.since)]]
    if alarm.equipment:
        rows.append([_("Taken for its cause"), f"{line['kind']} · {alarm.equipment.name}"])
    if line["own"]:
        rows.append([_("Taken for its cause"), ": ".join(each for each in (_("The recorder"), line["found"]) if each)])
    rows.append([_("Cameras"), ", ".join(str(camera.number) for camera in line["cameras"])])
    return {"title": _("Alarm"), "rows": rows}


def _camera(camera: CameraFacts, state: CameraState) -> Json:
    said, unknown = camera.device, _("not known: the camera never said it")
    rows: list[Json] = [
        [_("Place"), f"{camera.site} · {camera.latitude:.5f}, {camera.longitude:.5f} · {camera.bearing_degrees:.0f}°"],
        [_("Last picture kept"), _moment(state.since)],
        [_("What the recorder found"), found_of(state) or _("nothing more")],
        [_("Maker and model"), f"{said.maker} {said.model}" if said else unknown],
        [_("Serial number"), said.serial if said else unknown],
        [_("Firmware"), said.firmware if said else unknown],
    ]
    if state.clock_off:
        rows.append([_("Its clock, in its pictures"), state.clock_off])
    if said:
        seconds = {"s": f"{said.clock_offset_ms / 1_000:+.1f} s", "when": _moment(said.at)}
        rows.append([_("Its clock"), _("%(s)s beside the recorder’s, when it last answered, %(when)s") % seconds])
    return {"title": f"{camera.number} · {camera.name}", "rows": rows}


def _tried(key: str) -> Json:
    found = sites.taken_up(key)
    rows: list[Json] = [[_moment(one.at), f"{one.person_name}: {one.note or _('taken up')}"] for one in found]
    return {"title": _("What was tried"), "rows": rows or [[_("Nothing yet"), _("nobody took it up")]]}


def _moment(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "d/m/Y H:i:s") if at else _("never")
