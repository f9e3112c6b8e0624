"""The networks in which cameras may be. Nothing outside them is ever called."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.kernel.errors import Conflict, Invalid
from beffroi.sites import actions
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.networks import network_problem
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.technical.forms import NetworkForm, blame


def listing(request: OfficeRequest) -> HttpResponse:
    """The declared networks, and the form that declares one."""
    form = NetworkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        declared = form.cleaned_data["network"].strip()
        cut = sites.cut_off_by([*_declared(), declared]) if not network_problem(declared) else []
        if cut and "knowing" not in request.POST:
            return _page(request, form, cut, "")
        try:
            actions.declare_network(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        except Conflict as error:
            form.add_error("network", sentence(error))
        else:
            messages.success(request, _("The network is declared. The recorder follows within seconds."))
            return redirect("technical:networks")
    return _page(request, form, [], "")


@require_POST
def withdraw(request: OfficeRequest) -> HttpResponse:
    """No camera may be there any more."""
    network = request.POST.get("network", "")
    if network in _declared() and "knowing" not in request.POST:
        cut = sites.cut_off_by([one for one in _declared() if one != network])
        if cut:
            return _page(request, NetworkForm(), cut, network)
    actions.withdraw_network(actor=request.actor, network=network, now=request.now)
    messages.success(request, _("The network is withdrawn: cameras in it stop recording."))
    return redirect("technical:networks")


def _declared() -> list[str]:
    return [one.network for one in sites.networks()]


def _page(request: OfficeRequest, form: NetworkForm, cut: Sequence[CameraFacts], withdrawn: str) -> HttpResponse:
    """The page; where cameras would be cut off, it names them and asks first."""
    context = {"form": form, "networks": sites.networks(), "cut": cut, "withdrawn": withdrawn}
    status = 422 if request.method == "POST" else 200
    return render(request, "technical/networks.html", context, status=status)
