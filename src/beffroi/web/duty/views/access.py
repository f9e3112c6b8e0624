"""One access as whoever answers for it sees it: what was asked, who was told, the review that is due. No picture."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import access
from beffroi.governance.actions import notices as outbox
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import notices
from beffroi.governance.queries.notices import NoticeFacts
from beffroi.kernel.errors import Conflict
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.web.duty.views.phone import named_cameras, waiting_of
from beffroi.web.duty.words import CHANNELS, STATES, trouble
from beffroi.web.shared import gate_words as words
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest

OTHERWISE = {"call": gettext_lazy("in the order of call"), "guest": gettext_lazy("the invitation")}
"""Capacities that no convention names."""


class ReviewForm(forms.Form):
    """What a second person found."""

    note = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=500,
        min_length=8,
        help_text=gettext_lazy("Was it justified, was it ended in time, is anything to follow?"),
    )


@require_GET
def one(request: OfficeRequest, grant: str) -> HttpResponse:
    """The page of one access, for the room, the mayor and the DPO."""
    return _page(request, grant, ReviewForm())


@require_POST
def review(request: OfficeRequest, grant: str) -> HttpResponse:
    """A second person confirms having reviewed it; who looked never does (R-41)."""
    found = grants.grant_in_room(request.person, grant)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, grant, form, status=422)
    try:
        access.regularise(grant=found.id, note=form.cleaned_data["note"], actor=request.actor, now=request.now)
    except Conflict as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The review is on record."))
    return redirect("duty:access", found.id)


@require_POST
def seen(request: OfficeRequest, notice: str) -> HttpResponse:
    """A message of one's own page was seen."""
    outbox.seen(actor=request.actor, notice=notice, now=request.now)
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if allowed and target.startswith("/") else reverse("account:profile"))


def _page(request: OfficeRequest, grant: str, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    found = grants.grant_in_room(request.person, grant)
    outbox.shown(person=request.person.id, now=request.now)
    label, level = words.STATES[found.state]
    decides = Permission.DUTY_DECIDE in permissions_of(request.person.roles)
    context: dict[str, Any] = {
        "grant": found,
        "label": label,
        "level": level,
        "cameras": named_cameras(found),
        "purpose": words.PURPOSES.get(found.purpose, ""),
        "basis": words.BASES.get(found.legal_basis, found.legal_basis),
        "open_now": found.active_at(request.now),
        "request_card": waiting_of(found) if _waits_for(request, grant) else None,
        "told": [_told(line) for line in notices.of_access(found.id)],
        "mine": [line for line in notices.on_page(request.person) if line.access == found.id],
        "review_due": found.regularise_by if not found.regularised_by else None,
        "overdue": found.regularise_by is not None and request.now > found.regularise_by,
        "may_review": decides and found.person != request.person.id,
        "may_stop": Permission.ACCESS_STOP in permissions_of(request.person.roles),
        "form": form,
    }
    return render(request, "duty/access.html", context, status=status)


def _waits_for(request: OfficeRequest, grant: str) -> bool:
    return any(one.id == grant for one in grants.pending(request.person, request.now))


def _told(line: NoticeFacts) -> dict[str, Any]:
    state, level = STATES[line.state]
    return {
        "line": line,
        "capacity": OTHERWISE.get(line.capacity) or words.NOTIFIED.get(line.capacity, ""),
        "channel": CHANNELS[line.channel],
        "state": state,
        "trouble": trouble(line),
        "level": level,
    }
