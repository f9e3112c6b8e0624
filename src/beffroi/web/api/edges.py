"""Where the boxes of buildings speak to the centre: one signed exchange, over and over (safety/core/wire.py)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from beffroi.audit.files import office_key
from beffroi.kernel.canonical import b64
from beffroi.kernel.errors import Invalid
from beffroi.safety import actions
from beffroi.safety.core.wire import MAX_MESSAGE_BYTES


@csrf_exempt  # no cookie opens anything here: the box's own signature does
@require_POST
def exchange(request: HttpRequest) -> HttpResponse:
    """Take what the box has, give what it lacks. 403 for a box that is not ours."""
    if int(request.headers.get("Content-Length") or 0) > MAX_MESSAGE_BYTES:
        raise Invalid("This message is too large.", code="too_large")
    edge, _, signature = request.headers.get("Beffroi-Edge", "").rpartition(".")
    key = office_key()
    now = request.now  # type: ignore[attr-defined]  # set by the clock middleware on every request
    answer = actions.exchange(edge=edge, signature=signature, body=request.body, key=key, now=now)
    return HttpResponse(answer, content_type="application/json", headers={"Beffroi-Centre": b64(key.sign(answer))})
