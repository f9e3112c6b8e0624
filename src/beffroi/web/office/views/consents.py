"""Agreements of communes to be seen by agents of the others of a shared centre (CSI L132-14; R-14, R-43)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from beffroi.governance.actions import orders as acts
from beffroi.governance.queries import law
from beffroi.governance.queries.reach import communes_in_reach
from beffroi.people import queries as people
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import WHOLE_CENTRE
from beffroi.sites import queries as sites
from beffroi.web.shared.requests import OfficeRequest


class ConsentForm(forms.Form):
    """The decision by which the commune agrees."""

    reference = forms.CharField(label=gettext_lazy("Decision of the council, with its date"), max_length=120)


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """Which communes have agreed; a mayor gives or takes back her own commune's agreement."""
    return _page(request, ConsentForm())


@require_POST
def give(request: OfficeRequest) -> HttpResponse:
    """The mayor's own commune agrees."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    home = _home(request)
    acts.give_consent(insee=home, reference=form.cleaned_data["reference"], actor=request.actor, now=request.now)
    messages.success(request, _("Entered. Agents of the centre’s other communes may look within their own rules."))
    return redirect("office:consents")


@require_POST
def withdraw(request: OfficeRequest) -> HttpResponse:
    """The mayor's own commune takes it back; what is open under it closes within two seconds."""
    acts.withdraw_consent(insee=_home(request), actor=request.actor, now=request.now)
    messages.success(request, _("Taken back. What agents of elsewhere had open closes within two seconds."))
    return redirect("office:consents")


def _page(request: OfficeRequest, form: ConsentForm, *, status: int = 200) -> HttpResponse:
    whole = bool(request.person.roles & WHOLE_CENTRE)
    reach = communes_in_reach(request.person)
    shown = [one for one in sites.communes() if whole or one.insee in reach]
    agreed = law.consents(request.now)
    history = law.consent_history(one.insee for one in shown)
    writes = Permission.OFFICE_CONSENT_WRITE in permissions_of(request.person.roles)
    home = people.home_of(request.person.id) if writes else ""
    lines = [
        {
            "commune": one, "agreed": one.insee in agreed, "mine": one.insee == home,
            "history": [past for past in history if past.insee == one.insee],
        }
        for one in shown
    ]  # fmt: skip
    return render(request, "office/consents.html", {"lines": lines, "form": form}, status=status)


def _home(request: OfficeRequest) -> str:
    """The commune for which this person answers; ``NotFound`` where it is none of this centre."""
    return sites.commune(people.home_of(request.person.id)).insee
