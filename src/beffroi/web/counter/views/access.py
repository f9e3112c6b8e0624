"""Access under the convention, for who is not of the centre: ask, wait, watch, stop (J3).

Nothing here shows a picture before a person or the convention said yes; lists of cameras are words.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.actions import access
from beffroi.governance.actions.cases import close_case, open_case
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import cases
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import BeffroiError, Conflict, Invalid
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as operations
from beffroi.operations.core.words import IncidentState
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.web.counter.access_forms import CaseForm, RelayForm, ReplayForm
from beffroi.web.counter.views.event import event_context
from beffroi.web.counter.views.steering import back_to_pictures, controls_context, own_ways
from beffroi.web.shared import gate_words as words
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.players import player_texts
from beffroi.web.shared.requests import OfficeRequest

OPEN = frozenset({"requested", "active"})
SEARCHED = frozenset({"incident", "case", "requisition"})
"""Grounds inside which movement is searched; the door asks the same."""


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """My accesses: open, waiting, over; my unit's cases; the ways to ask."""
    found = [shown(one) for one in grants.grants_of(request.person, request.now) if one.mode is not Mode.PACKAGE]
    context = {
        "current": [one for one in found if one["grant"].state in OPEN],
        "past": [one for one in found if one["grant"].state not in OPEN],
        "cases": cases.cases_visible_to(request.person, limit=20) if _investigates(request.person) else (),
        "investigates": _investigates(request.person),
        "incidents": _incidents(request.person),
        "room_phone": next((one.phone for one in operations.order_of_call(request.now) if one.phone), ""),
    }
    return render(request, "counter/access/list.html", context)


@require_http_methods(["GET", "POST"])
def ask_relay(request: OfficeRequest) -> HttpResponse:
    """Ask for live pictures of an open incident."""
    incidents = _incidents(request.person)
    form = RelayForm(
        request.POST or None,
        cameras=grants.cameras_to_ask(request.person),
        incidents=incidents,
        initial={"incident": request.GET.get("incident", "")},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        grant = access.request_access(
            mode=Mode.RELAY,
            cameras=data["cameras"],
            ground_kind="incident",
            ground=data["incident"],
            purpose=data["purpose"],
            legal_basis="ADMIN_POLICE",
            reason=data["reason"],
            duration=timedelta(minutes=data["minutes"]),
            emergency=data["emergency"],
            actor=request.actor,
            now=request.now,
        )
        return redirect("counter:access", grant.id)
    context = {"form": form, "possible": bool(incidents), "kind": "relay"}
    return render(request, "counter/access/ask.html", context, status=_status(request, form.is_bound))


@require_http_methods(["GET", "POST"])
def ask_replay(request: OfficeRequest) -> HttpResponse:
    """Ask to look back on a case of one's own unit."""
    mine = cases.cases_visible_to(request.person, open_only=True)
    chosen = next((one for one in mine if one.id == request.GET.get("case")), mine[0] if mine else None)
    form = ReplayForm(
        request.POST or None,
        cameras=grants.cameras_to_ask(request.person),
        cases=mine,
        initial={
            "case": chosen.id,
            "cameras": list(chosen.cameras),
            "since": chosen.span.start,
            "until": chosen.span.end,
        }
        if chosen
        else {},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        case = cases.case_visible_to(request.person, data["case"])
        grant = access.request_access(
            mode=Mode.REPLAY,
            cameras=data["cameras"],
            span=form.span,
            ground_kind="case",
            ground=case.id,
            purpose="",
            legal_basis=case.legal_basis,
            reason=data["reason"],
            duration=timedelta(minutes=data["minutes"]),
            actor=request.actor,
            now=request.now,
        )
        return redirect("counter:access", grant.id)
    context = {"form": form, "possible": bool(mine), "kind": "replay"}
    return render(request, "counter/access/ask.html", context, status=_status(request, form.is_bound))


@require_http_methods(["GET", "POST"])
def new_case(request: OfficeRequest) -> HttpResponse:
    """Open a case for one's own unit."""
    form = CaseForm(request.POST or None, cameras=grants.cameras_to_ask(request.person))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            case = open_case(
                number=data["number"],
                legal_basis=data["legal_basis"],
                unit=request.person.unit,
                force=request.person.force.value,
                cameras=data["cameras"],
                span=form.span,
                title=data["title"],
                actor=request.actor,
                now=request.now,
            )
        except (Invalid, Conflict) as error:
            _tell(form, error)
        else:
            return redirect(f"{reverse('counter:access-replay')}?{urlencode({'case': case.id})}")
    context = {"form": form, "possible": True, "kind": "case"}
    return render(request, "counter/access/ask.html", context, status=_status(request, form.is_bound))


@require_POST
def end_case(request: OfficeRequest, case: str) -> HttpResponse:
    """Close a case of one's own unit; what hangs on it ends."""
    found = cases.case_visible_to(request.person, case)
    close_case(case=found.id, actor=request.actor, now=request.now)
    return redirect("counter:access-list")


@require_GET
def one(request: OfficeRequest, grant: str) -> HttpResponse:
    """One access: what was asked and answered, and its pictures while it is open."""
    found = grants.grant_for(request.person, grant)
    elsewhere = back_to_pictures(request, found)
    if elsewhere:
        return redirect(elsewhere)
    open_now = found.active_at(request.now)
    controls = controls_context(found, request.person, own_ways(found), request.now) if open_now else []
    pictures = open_now and (not found.page_first or request.GET.get("pictures") == "1")
    context = {
        **shown(found),
        "open_now": open_now,
        "pictures": pictures,
        "islands": islands_of(found, reverse("ticket", args=[found.id])) if pictures else (),
        "replay": found.mode in {Mode.REPLAY, Mode.STILL},
        "controls": controls if pictures else (),
        "renewable": found.basis_kind == "alert" and "renewable" in found.obligations and found.state != "stopped",
        **(event_context(request, found) if open_now else {}),
        "stamp": _stamp(found, controls, open_now=open_now),
        "room": settings.BEFFROI_CENTRE,
    }
    return render(request, "counter/access/one.html", context)


@require_GET
def state(request: OfficeRequest, grant: str) -> HttpResponse:
    """Asked every two seconds by the page: 204 while nothing changed, else the page is read anew."""
    found = grants.grant_for(request.person, grant)
    open_now = found.active_at(request.now)
    controls = controls_context(found, request.person, own_ways(found), request.now) if open_now else []
    if request.GET.get("seen") == _stamp(found, controls, open_now=open_now):
        return HttpResponse(status=204)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@require_POST
def stop(request: OfficeRequest, grant: str) -> HttpResponse:
    """End one's own access, or withdraw the request."""
    found = grants.grant_for(request.person, grant)
    access.stop_access(grant=found.id, reason=_("Ended by who was looking"), actor=request.actor, now=request.now)
    return redirect(back_to_pictures(request, found) or reverse("counter:access", args=[found.id]))


def shown(grant: GrantFacts) -> dict[str, Any]:
    """What the pages of one access say of it."""
    names = {camera.id: f"{camera.number} · {camera.name}" for camera in sites.cameras(retired=True)}
    label, level = words.STATES[grant.state]
    return {
        "grant": grant,
        "label": label,
        "level": level,
        "cameras": [names.get(one, "?") for one in grant.cameras],
        "purpose": words.PURPOSES.get(grant.purpose, ""),
        "basis": words.BASES.get(grant.legal_basis, grant.legal_basis),
        "refusal": words.reason(grant.refusal) if grant.refusal else "",
        "waits_for": words.either([str(words.APPROVERS.get(one, one)) for one in grant.approvers()]),
        "live": grant.mode in {Mode.RELAY, Mode.LIVE},
        "steers": grant.mode is Mode.PTZ,
        "stopped_by_room": grant.state == "stopped" and grant.stopped_by_name != grant.person_name,
    }


def islands_of(grant: GrantFacts, ticket_url: str) -> list[dict[str, Any]]:
    """A player for each camera, asking for its tickets at ``ticket_url``."""
    names = {camera.id: f"{camera.number} · {camera.name}" for camera in sites.cameras(retired=True)}
    texts = player_texts()
    found = []
    for index, camera in enumerate(grant.cameras):
        data: dict[str, Any] = {
            "camera": camera,
            "title": names.get(camera, "?"),
            "ticket_url": ticket_url,
            "stream": "main" if len(grant.cameras) == 1 or grant.span else "sub",
            "texts": texts,
        }
        if grant.span is None:
            data |= {"look_back_url": "", "lease_url": ""}
        else:
            data |= {"from_us": to_us(grant.span.start), "to_us": to_us(grant.span.end), "incidents": []}
            data["movement"] = grant.mode is Mode.REPLAY and grant.basis_kind in SEARCHED
        found.append({"id": f"island-{index}", "name": names.get(camera, "?"), "data": data})
    return found


def _stamp(grant: GrantFacts, controls: list[dict[str, Any]], *, open_now: bool) -> str:
    until = str(to_us(grant.until)) if grant.until else ""
    steered = [one["stamp"] for one in controls if one["state"]]
    return "-".join((grant.state, "open" if open_now else "shut", until, str(len(grant.cameras)), *steered))


def _incidents(person: PersonFacts) -> list[Any]:
    return operations.incidents_visible_to(person, state=IncidentState.OPEN)


def _investigates(person: PersonFacts) -> bool:
    return Role.INVESTIGATOR in person.roles


def _status(request: OfficeRequest, bound: bool) -> int:
    return 422 if request.method == "POST" and bound else 200


def _tell(form: CaseForm, error: BeffroiError) -> None:
    for name, code in getattr(error, "fields", {}).items():
        form.add_error({"span": "since", "unit": None}.get(name, name), words.reason(code))
    if not getattr(error, "fields", {}):
        form.add_error("number", sentence(error))
