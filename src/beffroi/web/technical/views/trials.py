"""Test a camera before it is entered: address and password, the recorder's answer, then number, name and place."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import tickets
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from beffroi.media.core.trials import FoundStreams, TrialAnswer, TrialState
from beffroi.operations import queries as room
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.web.shared import recorder
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.place_map import HEIGHT, WIDTH, MapFrame, draw_svg, frame_of
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.templatetags.ui import lasting
from beffroi.web.shared.tickets import binding_of_body, ticket_answer
from beffroi.web.technical.forms import NEW, PlaceForm, ReasonForm, SourceForm, blame
from beffroi.web.technical.words import TRIAL_HINTS, failure_words

FIRST_VIEW = {"bearing": 0, "angle": 90, "range_m": 50, "retention_days": 30, "public_road": True}


def new(request: OfficeRequest) -> HttpResponse:
    """Address, user and password of a new camera; sent, it is tested at once."""
    return _asked(request, "")


def source(request: OfficeRequest, camera: str) -> HttpResponse:
    """Another address or another device for a camera that is there."""
    facts = sites.camera_kept_by(request.person, camera)
    if facts.retired_at is not None:
        raise Conflict("This camera is out of service.", code="camera_retired")
    return _asked(request, facts.id)


def _asked(request: OfficeRequest, camera: str) -> HttpResponse:
    form = SourceForm(request.POST or None, initial={"main_url": request.GET.get("device", "")[:500]})
    if request.method == "POST" and form.is_valid():
        try:
            trial = actions.begin_trial(actor=request.actor, camera=camera, now=request.now, **form.cleaned_data)
            recorder.client().begin_trial(sites.trial_of(request.actor.id, trial).request)
        except Invalid as error:
            blame(form, error)
        except (Conflict, Unavailable) as error:
            form.add_error(None, sentence(error))
        else:
            return redirect("technical:trial", trial)
    context = {
        "form": form,
        "camera": sites.camera(camera) if camera else None,
        "networks": sites.networks(),
    }
    return render(request, "technical/source.html", context, status=422 if request.method == "POST" else 200)


def page(request: OfficeRequest, trial: str) -> HttpResponse:
    """What the recorder found, and the form that enters the camera (or puts the new device in its place)."""
    found = sites.trial_of(request.actor.id, trial)
    form = ReasonForm(request.POST or None) if found.camera else _place_form(request)
    if request.method == "POST" and "pin.x" not in request.POST and form.is_valid():
        try:
            camera = _replace(request, trial, form) if found.camera else _add(request, trial, form)
        except Invalid as error:
            blame(form, error)
        except Conflict as error:
            form.add_error("number" if error.code == "number_taken" else None, sentence(error))
        else:
            return redirect("technical:camera", camera)
    clicked = isinstance(form, PlaceForm) and "pin.x" in request.POST
    if clicked:
        form = _clicked(request)
    context = {
        "trial": trial,
        "host": found.host,
        "camera": sites.camera(found.camera) if found.camera else None,
        "form": form,
        "map_query": _map_query(form),
        **_told(trial),
        "on_duty": room.shift_of(request.person.id, request.now) is not None,
        "data": {
            "ticket_url": reverse("technical:trial-ticket", args=[trial]),
            "picture_url": f"/door/trials/{trial}",
            "texts": {
                "refused": _("This picture is not for you: it takes a clearance and a shift."),
                "no_answer": _("The door does not answer: try again."),
            },
        },
    }
    wrong = request.method == "POST" and not clicked
    return render(request, "technical/trial.html", context, status=422 if wrong else 200)


def status(request: OfficeRequest, trial: str) -> HttpResponse:
    """How far the test is: a fragment that asks again until it is done, then the page comes anew."""
    sites.trial_of(request.actor.id, trial)
    told = _told(trial)
    answer = render(request, "technical/trial_status.html", {"trial": trial, **told})
    if not told["running"] and request.headers.get("HX-Request") == "true":
        answer["HX-Refresh"] = "true"
    return answer


def place_map(request: OfficeRequest, trial: str) -> HttpResponse:
    """The map to click on: cameras that stand, and a pin where the new one will."""
    sites.trial_of(request.actor.id, trial)
    pin = None
    parts = request.GET.get("pin", "").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
        pin = (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
    except ValueError:
        pin = None
    communes = sites.communes_kept_by(request.person)
    plan = communes[0].plan if communes else {}
    svg = draw_svg(_frame(request), plan, sites.cameras_kept_by(request.person), pin=pin)
    return HttpResponse(svg, content_type="image/svg+xml")


@require_POST
def ticket(request: OfficeRequest, trial: str) -> HttpResponse:
    """A ticket for the first picture, for whoever is on duty; the page says why not to others."""
    sites.trial_of(request.actor.id, trial)
    try:
        sealed = tickets.issue_trial_ticket(
            trial=trial, binding=binding_of_body(request), actor=request.actor, now=request.now
        )
    except (Conflict, Forbidden) as error:
        return JsonResponse({"code": error.code, "detail": sentence(error)}, status=403)
    return ticket_answer(sealed)


def _add(request: OfficeRequest, trial: str, form: Any) -> str:
    chosen = form.cleaned_data
    with transaction.atomic():
        site = chosen["site"]
        if site.startswith(NEW):
            site = actions.enter_site(
                actor=request.actor,
                insee=site.partition(":")[2],
                name=chosen["site_name"].strip(),
                kind=chosen["site_kind"] or "public_road",
                now=request.now,
            )
        camera = actions.add_tried_camera(
            actor=request.actor,
            trial=trial,
            site=site,
            number=chosen["number"],
            view=form.view,
            public_road=chosen["public_road"],
            found=_found(trial),
            now=request.now,
            **form.changes,
        )
    messages.success(
        request, _("The camera is entered. It records once the law’s rules hold and it is put in service.")
    )
    return camera


def _replace(request: OfficeRequest, trial: str, form: Any) -> str:
    camera = actions.replace_device(
        actor=request.actor, trial=trial, reason=form.cleaned_data["reason"], found=_found(trial), now=request.now
    )
    messages.success(request, _("The camera has its new device. Number, place and footage stay."))
    return camera


@require_POST
def find(request: OfficeRequest) -> HttpResponse:
    """Ask on the declared networks which cameras are there: a fragment with those that answer."""
    networks = sites.networks_in_force()
    try:
        found = recorder.client().discover(networks)
    except (Unavailable, Invalid):
        return render(request, "technical/found.html", {"known": False, "networks": networks})
    return render(request, "technical/found.html", {"known": True, "devices": found, "networks": networks})


def _found(trial: str) -> FoundStreams | None:
    """What the device said of its streams; nothing where the recorder has forgotten it."""
    try:
        return recorder.client().trial(trial).found
    except (NotFound, Unavailable):
        return None


def _told(trial: str) -> dict[str, Any]:
    """What the recorder says of the trial, in words."""
    try:
        answer = recorder.client().trial(trial)
    except NotFound:
        answer = TrialAnswer(TrialState.FAILED, "trial_forgotten")
    except Unavailable:
        answer = TrialAnswer(TrialState.FAILED, "recorder_silent")
    return {
        "answer": answer,
        "running": answer.state is TrialState.RUNNING,
        "good": answer.state is TrialState.GOOD,
        "lost": answer.code in {"trial_forgotten", "recorder_silent"},
        "failure": failure_words(answer.code),
        "hint": TRIAL_HINTS.get(answer.code, ""),
        "clock_off": lasting(timedelta(milliseconds=abs(answer.found.clock_offset_ms))) if answer.found else "",
    }


def _place_form(request: OfficeRequest) -> PlaceForm:
    numbers = {camera.number for camera in sites.cameras(retired=True)}
    initial = {**FIRST_VIEW, "number": max(numbers, default=0) + 1}
    sent = request.POST if request.method == "POST" else None
    communes = sites.communes_kept_by(request.person)
    return PlaceForm(sent, initial=initial, communes=communes, sites=sites.sites())


def _clicked(request: OfficeRequest) -> PlaceForm:
    """The same form with the place that was clicked; nothing else is checked yet."""
    data: dict[str, Any] = {name: request.POST.get(name, "") for name in PlaceForm.base_fields if name in request.POST}
    x, y = request.POST.get("pin.x", ""), request.POST.get("pin.y", "")
    if x.isdecimal() and y.isdecimal():
        place = _frame(request).place_of(min(int(x[:5]), WIDTH), min(int(y[:5]), HEIGHT))
        data |= {"latitude": str(place[0]), "longitude": str(place[1])}
    data["public_road"] = "public_road" in request.POST
    data["purposes"] = request.POST.getlist("purposes")
    communes = sites.communes_kept_by(request.person)
    return PlaceForm(initial=data, communes=communes, sites=sites.sites())


def _frame(request: OfficeRequest) -> MapFrame:
    communes = sites.communes_kept_by(request.person)
    middle = (communes[0].latitude, communes[0].longitude) if communes else (46.5, 2.5)
    return frame_of(sites.cameras_kept_by(request.person), middle)


def _map_query(form: Any) -> str:
    """The query that shows the form's place on the map."""
    if not isinstance(form, PlaceForm):
        return ""
    latitude, longitude = form["latitude"].value(), form["longitude"].value()
    return f"pin={latitude},{longitude}" if latitude and longitude else ""
