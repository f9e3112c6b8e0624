"""The public face: what is filmed here, why, for how long, who answers for it, and the rights of whoever was filmed.

It stands in for the notice signs (CSI R252-3) and names places, never what a single camera sees.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from beffroi.sites import queries as sites
from beffroi.sites.core.purposes import Purpose
from beffroi.web.shared import navigation
from beffroi.web.shared.requests import OfficeRequest, signed_in

PURPOSES: dict[Purpose, Promise] = {
    Purpose.PUBLIC_BUILDINGS: _("protecting public buildings and their surroundings"),
    Purpose.DEFENCE: _("safeguarding national defence installations"),
    Purpose.TRAFFIC_FLOW: _("regulating traffic flows"),
    Purpose.TRAFFIC_OFFENCES: _("establishing traffic offences"),
    Purpose.SAFETY_OF_PERSONS: _("preventing harm to persons and property in places exposed to assault or theft"),
    Purpose.TERRORISM: _("preventing acts of terrorism"),
    Purpose.RISKS: _("preventing natural or technological risks"),
    Purpose.RESCUE: _("rescuing persons and fighting fires"),
    Purpose.AMUSEMENT_PARKS: _("safety of amusement facilities"),
    Purpose.MOTOR_INSURANCE: _("compulsory motor insurance"),
    Purpose.FLY_TIPPING: _("preventing and establishing fly-tipping"),
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page. Whoever is signed in is shown the way to her own first page."""
    now = request.now  # type: ignore[attr-defined]  # set by middleware
    cameras = [one for one in sites.cameras() if one.public_road and one.in_service(now)]
    person = signed_in(request)
    context = {
        "places": sorted({one.name for one in cameras}),
        "count": len(cameras),
        "days": max((one.retention_days for one in cameras), default=0),
        "purposes": [PURPOSES[one] for one in sorted({purpose for camera in cameras for purpose in camera.purposes})],
        "orders": sorted({one.reference for one in sites.authorisations() if one.in_force(now)}),
        "contact": getattr(settings, "BEFFROI_CONTACT", ""),
        "begin": navigation.landing(person, request) if person is not None else "",
    }
    return render(request, "public/home.html", context)


def begin(request: OfficeRequest) -> HttpResponse:
    """The first page of whoever is signed in."""
    return redirect(navigation.landing(request.person, request))
