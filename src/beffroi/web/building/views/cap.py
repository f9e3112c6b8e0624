"""CAP 1.2: an alert taken out for another centre."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from beffroi.safety.actions.cap import take_out
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def taken_out(request: OfficeRequest, alert: str) -> HttpResponse:
    """What the alert says now, as a file."""
    written = take_out(actor=request.actor, person=request.person, alert=alert, now=request.now)
    answer = HttpResponse(written, content_type="application/cap+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="alert-{alert}.cap.xml"'
    return answer
