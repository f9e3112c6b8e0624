"""The centre's rule of sign-in, for whoever manages accounts."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from beffroi.people import actions, queries
from beffroi.people.core.roles import Force, Role
from beffroi.web.account.forms import RuleForm
from beffroi.web.shared.requests import OfficeRequest


@require_http_methods(["GET", "POST"])
def rule(request: OfficeRequest) -> HttpResponse:
    """Who needs a second factor, how long a proof counts, when a page locks itself; a new version each time."""
    present = queries.sign_in_rule()
    now_in_force = {
        "forces": [one.value for one in present.forces],
        "roles": [one.value for one in present.roles],
        "step_up_minutes": present.step_up_minutes,
        "lock_minutes": present.lock_minutes,
    }
    form = RuleForm(request.POST if request.method == "POST" else None, initial=now_in_force)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.set_sign_in_rule(
            forces=[Force(one) for one in data["forces"]],
            roles=[Role(one) for one in data["roles"]],
            step_up_minutes=data["step_up_minutes"],
            lock_minutes=data["lock_minutes"],
            actor=request.actor,
            now=request.now,
        )
        messages.success(request, _("The rule of sign-in is set; whoever lacks a factor is asked for it from now on."))
        return redirect("account:rule")
    status = 422 if request.method == "POST" else 200
    return render(request, "account/rule.html", {"form": form, "rule": present}, status=status)
