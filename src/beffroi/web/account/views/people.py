"""Persons and accounts, for whoever manages them: who signs in how, invitations, lost factors, the end of duty."""

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.kernel.errors import Conflict, Forbidden, NotFound
from beffroi.operations import actions as operations
from beffroi.people import actions, queries
from beffroi.people.core.roles import Quality, Role
from beffroi.web.account.devices import device_name
from beffroi.web.account.people_forms import DaysForm, NewPersonForm, ReasonForm
from beffroi.web.account.words import ENDED, FACTORS, ROLES
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """Everybody of the communes one answers for, and how they sign in."""
    rule = queries.sign_in_rule()
    people = [
        {"is": one, "asked": rule.asks_factor(one.person)} for one in queries.kept_by(request.person, request.now)
    ]
    return render(request, "account/people.html", {"people": people, "roles": ROLES, "kinds": FACTORS})


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: OfficeRequest) -> HttpResponse:
    """Enter a person and make her one-time link."""
    form = NewPersonForm(request.POST if request.method == "POST" else None, units=queries.units_of(request.person))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            invited = actions.invite_new(
                name=data["name"],
                unit=data["unit"],
                roles=[Role(one) for one in data["roles"]],
                username=data["username"],
                days=data["days"],
                rank=data["rank"],
                matricule=data["matricule"],
                quality=Quality(data["quality"]),
                email=data["email"],
                actor=request.actor,
                now=request.now,
            )
        except Conflict as error:
            form.add_error("username", sentence(error))
        else:
            return _one(request, invited.person, invited=invited)
    status = 422 if request.method == "POST" else 200
    return render(request, "account/person_new.html", {"form": form}, status=status)


@never_cache
@require_GET
def one(request: OfficeRequest, person: str) -> HttpResponse:
    """One person: her factors, sessions and invitations."""
    return _one(request, person)


def _one(
    request: OfficeRequest,
    person: str,
    *,
    invited: actions.Invited | None = None,
    wrong: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    kept = queries.kept_one(request.person, person, request.now)
    invitations = [
        {"is": row, "open": row.open(request.now)} for row in queries.invitations_of(person)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "kept": kept,
        "factors": queries.factors(person),
        "sessions": [{"is": row, "device": device_name(row.device)} for row in queries.sessions(person)],
        "invitations": invitations,
        "herself": person == request.person.id,
        "asked": queries.sign_in_rule().asks_factor(kept.person),
        "roles": ROLES,
        "kinds": FACTORS,
        "ended": ENDED,
        "days_form": DaysForm(account=bool(kept.username)),
        "factors_form": ReasonForm(auto_id="factors_%s"),
        "leave_form": ReasonForm(auto_id="leave_%s"),
        **(wrong or {}),
    }
    if invited is not None:
        link = request.build_absolute_uri(reverse("account:invitation", args=[invited.token]))
        context["link"] = link
        context["until"] = invited.until
        context["picture"] = segno.make(link, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    return render(request, "account/person.html", context, status=422 if wrong else 200)


@never_cache
@require_POST
def invite(request: OfficeRequest, person: str) -> HttpResponse:
    """A one-time link for somebody who is there already; shown on the page that comes, and never again."""
    kept = queries.kept_one(request.person, person, request.now)
    form = DaysForm(request.POST, account=bool(kept.username))
    if form.is_valid():
        given = {"username": form.cleaned_data.get("username", ""), "days": form.cleaned_data["days"]}
        try:
            invited = actions.invite(person=person, **given, actor=request.actor, now=request.now)
        except (Conflict, Forbidden) as error:
            form.add_error(None, sentence(error))
        else:
            return _one(request, person, invited=invited)
    return _one(request, person, wrong={"days_form": form})


@require_POST
def withdraw(request: OfficeRequest, invitation: str) -> HttpResponse:
    """The link opens nothing any more."""
    person = queries.invited_person(request.person, invitation)
    actions.withdraw_invitation(invitation=invitation, actor=request.actor, now=request.now)
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("account:person", person)


@require_POST
def reset_factors(request: OfficeRequest, person: str) -> HttpResponse:
    """Take somebody's second factors away, because they are lost."""
    queries.kept_one(request.person, person, request.now)
    form = ReasonForm(request.POST, auto_id="factors_%s")
    if not form.is_valid():
        return _one(request, person, wrong={"factors_form": form})
    actions.reset_factors(person=person, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now)
    messages.success(request, _("The second factors are taken away; her sessions have ended."))
    return redirect("account:person", person)


@require_POST
def end_sessions(request: OfficeRequest, person: str) -> HttpResponse:
    """End all sessions of a person, on all her devices."""
    queries.kept_one(request.person, person, request.now)
    keep = request.sign_in if person == request.person.id else ""
    actions.end_sessions(person=person, keep=keep, by="manager", actor=request.actor, now=request.now)
    messages.success(request, _("The sessions have ended."))
    return redirect("account:person", person)


@require_POST
def lift_pause(request: OfficeRequest, person: str) -> HttpResponse:
    """After too many wrong passwords or codes: she may try again at once."""
    if not queries.kept_one(request.person, person, request.now).username:
        raise NotFound("This person has no account.", code="account_unknown")
    actions.lift_pause(person=person, actor=request.actor, now=request.now)
    messages.success(request, _("She may try again at once."))
    return redirect("account:person", person)


@require_POST
def end_duty(request: OfficeRequest, person: str) -> HttpResponse:
    """A person leaves: everything she holds ends now, on every device, and her shift with it."""
    queries.kept_one(request.person, person, request.now)
    form = ReasonForm(request.POST, auto_id="leave_%s")
    if form.is_valid() and person == request.person.id:
        form.add_error(None, _("Nobody ends her own duty: ask somebody else who manages accounts."))
    if not form.is_valid():
        return _one(request, person, wrong={"leave_form": form})
    operations.leave(person=person, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now)
    say_what_is_open(request.now)
    messages.success(request, _("Her duty has ended; nothing of hers opens any more."))
    return redirect("account:people")
