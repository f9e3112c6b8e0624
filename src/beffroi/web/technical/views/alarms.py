"""Alarms of the cameras, one a cause, and what the cameras hang on. Never a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import CameraId
from beffroi.media.core.answers import RecorderStatus
from beffroi.media.core.device_events import Heard
from beffroi.media.core.masking import Burnt
from beffroi.media.core.sight import Trouble
from beffroi.media.core.words import GapCause
from beffroi.sites import queries as sites
from beffroi.sites.actions import topology as acts
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.topology import Alarm, Equipment, EquipmentKind, alarms, makes_a_ring
from beffroi.web.shared.camera_states import CameraState, StateKind, own_clock_off, states_of
from beffroi.web.shared.camera_words import CLOCK, MASK, OWN_CLOCK, PICTURE_ALARMS
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.technical.forms import EQUIPMENT_KINDS, EquipmentForm, blame
from beffroi.web.technical.words import found_of

_OFF = frozenset({StateKind.SILENT, StateKind.WAITING})
_AT_RECORDER = frozenset({GapCause.STORAGE, GapCause.RECORDER})
"""The camera sends, and what it sends is not kept: no fault of what it hangs on."""
_NOT_MEANT = frozenset({StateKind.SUSPENDED, StateKind.UNLAWFUL, StateKind.RESTING, StateKind.UNCOMMISSIONED})


def page(request: OfficeRequest) -> HttpResponse:
    """The page; asked by htmx it is the list alone."""
    fragment = request.headers.get("HX-Request") == "true"
    template = "technical/alarm_list.html" if fragment else "technical/alarms.html"
    return render(request, template, standing(request))


@require_POST
def acknowledge(request: OfficeRequest) -> HttpResponse:
    """Take an alarm up. One that is over, or of a foreign camera, is not there."""
    key = request.POST.get("key", "")
    if key not in {line["alarm"].key for line in standing(request)["lines"]}:
        raise NotFound("There is no such alarm.", code="no_such_alarm")
    acts.acknowledge(actor=request.actor, key=key, note=request.POST.get("note", ""), now=request.now)
    messages.success(request, _("The alarm is yours: others see your name."))
    return redirect("technical:alarms")


def equipment(request: OfficeRequest) -> HttpResponse:
    """What cameras hang on, with the form that enters more."""
    known = sites.equipment()
    form = EquipmentForm(request.POST or None, parents=[(one.id, one.name) for one in known])
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            acts.enter_equipment(
                actor=request.actor,
                name=chosen["name"],
                kind=EquipmentKind(chosen["kind"]),
                parent=chosen["parent"],
                now=request.now,
            )
        except Invalid as error:
            blame(form, error)
        except Conflict as error:
            form.add_error("name", sentence(error))
        else:
            messages.success(request, _("Entered. Say on a camera’s page that it hangs on it."))
            return redirect("technical:equipment")
    return _equipment_page(request, form)


@require_POST
def hang(request: OfficeRequest) -> HttpResponse:
    """Hang a piece of equipment on another one, or on nothing."""
    moved, parent = request.POST.get("equipment", ""), request.POST.get("parent", "")
    try:
        acts.hang_equipment(actor=request.actor, equipment=moved, parent=parent, now=request.now)
    except Conflict as error:
        messages.error(request, str(sentence(error)))
    else:
        messages.success(request, _("Entered: one cause will be one alarm."))
    return redirect("technical:equipment")


@require_POST
def remove(request: OfficeRequest) -> HttpResponse:
    """Take out a piece of equipment on which nothing hangs."""
    try:
        acts.remove_equipment(actor=request.actor, equipment=request.POST.get("equipment", ""), now=request.now)
    except Conflict as error:
        messages.error(request, str(sentence(error)))
    else:
        messages.success(request, _("Removed."))
    return redirect("technical:equipment")


def _equipment_page(request: OfficeRequest, form: EquipmentForm) -> HttpResponse:
    known = sites.equipment()
    cameras, hung = sites.cameras_kept_by(request.person), sites.hangs_on()
    names = {one.id: one.name for one in known}
    in_use = {hung[camera.id] for camera in sites.cameras()} | {one.parent for one in known}
    lines = [
        {
            "equipment": one,
            "kind": dict(EQUIPMENT_KINDS)[one.kind.value],
            "parent": names.get(one.parent, ""),
            "others": [other for other in known if not makes_a_ring(one.id, other.id, known)],
            "free": one.id not in in_use,
            "cameras": [camera for camera in cameras if hung[camera.id] == one.id],
        }
        for one in known
    ]
    status = 422 if request.method == "POST" else 200
    return render(request, "technical/equipment.html", {"form": form, "lines": lines}, status=status)


def standing(request: OfficeRequest) -> dict[str, Any]:
    """The alarms now; where the recorder does not answer, that is the one thing known (I9)."""
    status = status_or_none()
    states = states_of(sites.cameras_kept_by(request.person), status, request.now)
    hung = sites.hangs_on()
    meant = {camera.id: hung[camera.id] for camera, state in states if state.kind not in _NOT_MEANT}
    silent = {camera.id: state.since for camera, state in states if state.kind in _OFF}
    own = {camera.id: state.cause.value for camera, state in states if state.cause in _AT_RECORDER}
    known = sites.equipment()
    found = [("", alarm) for alarm in alarms(silent, meant, known, own)] if status is not None else []
    found += [(trouble, alarm) for trouble, alarm in _pictures(states, meant, known)]
    found += _clocks(states, status)
    return {"known": status is not None, "watched": len(meant), "lines": _lines(found, states)}


def _pictures(
    states: Sequence[tuple[CameraFacts, CameraState]], meant: Mapping[CameraId, str], known: Sequence[Equipment]
) -> list[tuple[str, Alarm]]:
    """Pictures that come and do not show their scene, one alarm a cause and kind; its key begins with the kind."""
    kinds: dict[str, dict[CameraId, datetime | None]] = {}
    for camera, state in states:
        if state.kind is StateKind.RECORDING and state.trouble is not None:
            kinds.setdefault(state.trouble.value, {})[camera.id] = state.trouble_since
        if state.kind is StateKind.RECORDING and state.tampered_since is not None:
            kinds.setdefault(Heard.TAMPER.value, {})[camera.id] = state.tampered_since
        if camera.mask is not None and camera.mask.burnt is Burnt.DIFFERS:
            kinds.setdefault(MASK, {})[camera.id] = camera.mask.burnt_since
    return [
        (kind, replace(alarm, key=f"{kind}:{alarm.key}"))
        for kind, troubled in kinds.items()
        for alarm in alarms(troubled, meant, known)
    ]


def _clocks(
    states: Sequence[tuple[CameraFacts, CameraState]], status: RecorderStatus | None
) -> list[tuple[str, Alarm]]:
    """Clocks off by more than a second (R-31); where the cameras agree, it is the recorder's, and one alarm."""
    off = {camera.id: state.clock_off_since for camera, state in states if state.clock_off_since is not None}
    if off and own_clock_off(status):
        return [(OWN_CLOCK, Alarm(f"recorder:{OWN_CLOCK}", tuple(off), None, min(off.values(), default=None)))]
    return [(CLOCK, Alarm(f"{CLOCK}:camera:{camera}", (camera,), None, since)) for camera, since in off.items()]


def _lines(
    found: Sequence[tuple[str, Alarm]], states: Sequence[tuple[CameraFacts, CameraState]]
) -> list[dict[str, Any]]:
    taken = sites.acknowledged(alarm.key for _trouble, alarm in found)
    lines = []
    for trouble, alarm in found:
        by = taken.get(alarm.key)
        why = {found_of(state) for camera, state in states if camera.id in alarm.cameras and not trouble}
        fresh = by is not None and (alarm.since is None or by.at > alarm.since)
        lines.append(
            {
                "alarm": alarm,
                "asked": trouble == Trouble.TURNED,
                "trouble": PICTURE_ALARMS.get(trouble, ""),
                "kind": dict(EQUIPMENT_KINDS)[alarm.equipment.kind.value] if alarm.equipment else "",
                "own": alarm.key.startswith("recorder:"),
                "found": why.pop() if len(why) == 1 else "",
                "cameras": [camera for camera, _state in states if camera.id in alarm.cameras],
                "off": [
                    (camera.number, state.clock_off)
                    for camera, state in (states if trouble in {CLOCK, OWN_CLOCK} else ())
                    if camera.id in alarm.cameras
                ],
                "by": by if fresh else None,
            }
        )
    return sorted(lines, key=lambda line: (line["asked"], line["by"] is not None, -len(line["cameras"])))
