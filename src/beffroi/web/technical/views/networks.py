"""The networks in which cameras may be. Nothing outside them is ever called."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.technical.forms import NetworkForm, blame


def listing(request: OfficeRequest) -> HttpResponse:
    """The declared networks, and the form that declares one."""
    form = NetworkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_network(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        except Conflict as error:
            form.add_error("network", sentence(error))
        else:
            messages.success(request, _("The network is declared. The recorder follows within seconds."))
            return redirect("technical:networks")
    status = 422 if request.method == "POST" else 200
    return render(request, "technical/networks.html", {"form": form, "networks": sites.networks()}, status=status)


@require_POST
def withdraw(request: OfficeRequest) -> HttpResponse:
    """No camera may be there any more."""
    actions.withdraw_network(actor=request.actor, network=request.POST.get("network", ""), now=request.now)
    messages.success(request, _("The network is withdrawn: cameras in it stop recording."))
    return redirect("technical:networks")
