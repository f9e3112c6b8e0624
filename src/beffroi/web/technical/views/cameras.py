"""Cameras as devices: the list, one camera, and what a technician or the chief does with it. Never a picture."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from beffroi.governance.queries import access as grants
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid, NotFound
from beffroi.people.core.roles import Role
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.sites.actions import topology
from beffroi.sites.core.cameras import CameraFacts, rules
from beffroi.web.shared.camera_words import BROKEN, PURPOSES, RULE_NAMES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.hours_words import hours_told
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.technical.forms import ChangeForm, CoverForm, HangForm, ReasonForm, ViewForm, blame
from beffroi.web.technical.hours_form import HoursForm

CHIEFS_ACTS = frozenset({"commission", "retire", "cover", "hours"})
"""What puts a camera into or out of the law's care is for the chief, not for maintenance."""
TITLES = {
    "commission": gettext_lazy("Put in service"),
    "amend": gettext_lazy("Change name, purposes, days kept"),
    "move": gettext_lazy("Moved or turned"),
    "review": gettext_lazy("Review the dwelling mask"),
    "cover": gettext_lazy("Put under a prefect’s order"),
    "hang": gettext_lazy("Say what it hangs on"),
    "hours": gettext_lazy("Set the hours at which it records"),
    "accept-view": gettext_lazy("It looks where it should: take this view as the usual one"),
    "watch": gettext_lazy("Look after its picture"),
    "unwatch": gettext_lazy("Look after its picture no more"),
    "suspend": gettext_lazy("Suspend recording"),
    "resume": gettext_lazy("Record again"),
    "retire": gettext_lazy("Take out of service for good"),
}
DONE = {
    "commission": gettext_lazy("The camera is in service: it records from now on."),
    "amend": gettext_lazy("Changed."),
    "move": gettext_lazy("The new place is entered; its dwelling mask must be looked at again."),
    "review": gettext_lazy("The mask is reviewed."),
    "cover": gettext_lazy("The camera stands under the order."),
    "hang": gettext_lazy("Entered: one cause will be one alarm."),
    "hours": gettext_lazy("The hours are set: the recorder keeps to them within seconds."),
    "accept-view": gettext_lazy("Entered: its view from now on is the usual one."),
    "watch": gettext_lazy("The recorder looks every half minute whether its picture is frozen, black or covered."),
    "unwatch": gettext_lazy("Its picture is looked after no more, and what was usual in it is forgotten."),
    "suspend": gettext_lazy("Recording is suspended."),
    "resume": gettext_lazy("The camera records again."),
    "retire": gettext_lazy("The camera is out of service. Its footage lives out its term."),
}


def listing(request: OfficeRequest) -> HttpResponse:
    """Every camera, retired ones below."""
    lines: list[dict[str, Any]] = [
        {"camera": camera, "broken": _broken(camera, request), "address": camera.has_source}
        for camera in sites.cameras_kept_by(request.person, retired=True)
    ]
    context = {
        "lines": [line for line in lines if line["camera"].retired_at is None],
        "retired": [line for line in lines if line["camera"].retired_at is not None],
        "networks": sites.networks(),
    }
    return render(request, "technical/cameras.html", context)


def page(request: OfficeRequest, camera: str) -> HttpResponse:
    """One camera."""
    return _page(request, sites.camera_kept_by(request.person, camera), {}, 200)


@require_POST
def act(request: OfficeRequest, camera: str, act: str) -> HttpResponse:
    """Do one of the acts that the page offers; what is wrong comes back beside its field."""
    facts = sites.camera_kept_by(request.person, camera)
    if act not in _offered(request, facts):
        raise NotFound("There is no such act.", code="no_such_act")
    form = _form(act, facts, request)
    if form is not None and not form.is_valid():
        return _page(request, facts, {act: form}, 422)
    try:
        ACTS[act](request, facts, form)
    except Invalid as error:
        if form is None:
            raise
        blame(form, error)
        return _page(request, facts, {act: form}, 422)
    except (Conflict, Forbidden) as error:
        messages.error(request, _why(error))
        return redirect("technical:camera", facts.id)
    messages.success(request, str(DONE[act]))
    return redirect("technical:camera", facts.id)


def _page(request: OfficeRequest, facts: CameraFacts, forms_sent: dict[str, Any], status: int) -> HttpResponse:
    offered = [
        {
            "act": act,
            "title": TITLES[act],
            "form": forms_sent.get(act) or _form(act, facts, None),
            "open": act in forms_sent,
        }
        for act in _offered(request, facts)
    ]
    order = facts.authorisation_at(request.now)
    context = {
        "camera": facts,
        "source": facts.has_source,
        "order": order,
        "rules": [(rule, RULE_NAMES[rule.rule], BROKEN.get(rule.reason, "")) for rule in rules(facts, request.now)],
        "purposes": [PURPOSES[purpose] for purpose in sorted(facts.purposes)],
        "hours": hours_told(facts, request.now, grants.lifted_by_alerts(request.now)),
        "placements": sites.placements(facts.id),
        "in_service": facts.in_service(request.now),
        "offered": offered,
    }
    return render(request, "technical/camera.html", context, status=status)


def _offered(request: OfficeRequest, facts: CameraFacts) -> list[str]:
    """What may be done now by this person."""
    if facts.retired_at is not None:
        return []
    wanted = {
        "commission": facts.commissioned_at is None,
        "cover": True,
        "review": facts.mask is not None and not facts.mask.reviewer and facts.mask.author != request.actor.id,
        "move": True,
        "amend": True,
        "hang": bool(sites.equipment()),
        "hours": facts.interior,
        "accept-view": facts.watch_picture,
        "watch": not facts.watch_picture,
        "unwatch": facts.watch_picture,
        "suspend": not facts.suspended_reason,
        "resume": bool(facts.suspended_reason),
        "retire": True,
    }
    chief = Role.CHIEF in request.person.roles
    return [act for act, now in wanted.items() if now and (chief or act not in CHIEFS_ACTS)]


def _form(act: str, facts: CameraFacts, request: OfficeRequest | None) -> forms.Form | None:
    sent = request.POST if request else None
    match act:
        case "amend":
            return ChangeForm(
                sent,
                auto_id=f"{act}_%s",
                initial={
                    "name": facts.name,
                    "purposes": [purpose.value for purpose in facts.purposes],
                    "retention_days": facts.retention_days,
                    "sub_retention_days": facts.sub_retention_days,
                    "quota_gb": facts.quota_gb,
                    "tags": ", ".join(sorted(facts.tags)),
                },
            )
        case "move":
            return ViewForm(
                sent,
                auto_id=f"{act}_%s",
                initial={
                    "latitude": facts.latitude,
                    "longitude": facts.longitude,
                    "bearing": facts.bearing_degrees,
                    "angle": facts.view_angle_degrees,
                    "range_m": facts.view_range_m,
                },
            )
        case "suspend" | "retire":
            return ReasonForm(sent, auto_id=f"{act}_%s")
        case "cover":
            return CoverForm(
                sent, auto_id=f"{act}_%s", orders=[(one.id, one.reference) for one in sites.authorisations()]
            )
        case "hours":
            return HoursForm(sent, auto_id=f"{act}_%s", periods=facts.periods)
        case "hang":
            known = [(one.id, one.name) for one in sites.equipment()]
            initial = {"equipment": sites.hangs_on()[facts.id]}
            return HangForm(sent, auto_id=f"{act}_%s", initial=initial, equipment=known)
    return None


def _mask_of(facts: CameraFacts) -> int:
    return facts.mask.version if facts.mask else 0


ACTS: dict[str, Callable[[OfficeRequest, CameraFacts, Any], object]] = {
    "commission": lambda r, c, f: actions.commission_camera(actor=r.actor, camera=c.id, now=r.now),
    "amend": lambda r, c, f: actions.amend_camera(actor=r.actor, camera=c.id, now=r.now, **f.changes),
    "move": lambda r, c, f: actions.move_camera(actor=r.actor, camera=c.id, view=f.view, now=r.now),
    "hours": lambda r, c, f: actions.set_hours(actor=r.actor, camera=c.id, periods=f.periods, now=r.now),
    "accept-view": lambda r, c, f: actions.accept_view(actor=r.actor, camera=c.id, now=r.now),
    "watch": lambda r, c, f: actions.watch_picture(actor=r.actor, camera=c.id, on=True, now=r.now),
    "unwatch": lambda r, c, f: actions.watch_picture(actor=r.actor, camera=c.id, on=False, now=r.now),
    "suspend": lambda r, c, f: actions.suspend_camera(
        actor=r.actor, camera=c.id, reason=f.cleaned_data["reason"], now=r.now
    ),
    "resume": lambda r, c, f: actions.resume_camera(actor=r.actor, camera=c.id, now=r.now),
    "retire": lambda r, c, f: actions.retire_camera(
        actor=r.actor, camera=c.id, reason=f.cleaned_data["reason"], now=r.now
    ),
    "cover": lambda r, c, f: actions.cover_cameras(
        actor=r.actor, authorisation=f.cleaned_data["authorisation"], cameras=[c.id], now=r.now
    ),
    "hang": lambda r, c, f: topology.hang_camera(
        actor=r.actor, camera=c.id, equipment=f.cleaned_data["equipment"], now=r.now
    ),
    "review": lambda r, c, f: actions.review_mask(actor=r.actor, camera=c.id, version=_mask_of(c), now=r.now),
}


def _broken(camera: CameraFacts, request: OfficeRequest) -> str:
    """The first rule that keeps it off, in words; empty when none does."""
    broken = next((rule for rule in rules(camera, request.now) if not rule.held), None)
    return str(BROKEN.get(broken.reason, broken.reason)) if broken else ""


def _why(error: BeffroiError) -> str:
    """The rule's own words where the law refused."""
    return str(BROKEN.get(error.code) or sentence(error))
