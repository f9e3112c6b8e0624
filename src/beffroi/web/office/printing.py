"""A register on paper (PDF/A): one template and one heading for all of them."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.governance.documents.papers import set_paper
from beffroi.kernel.canonical import Json
from beffroi.web.shared.requests import OfficeRequest

PRINT_LIMIT = 2_000


def register_paper(
    request: OfficeRequest,
    *,
    name: str,
    title: str,
    head: Sequence[object],
    rows: Sequence[Sequence[str]],
    note: str = "",
) -> HttpResponse:
    """The lines as a PDF to keep or print; ``note`` says what they were narrowed to."""
    local = timezone.localtime(request.now)
    printed = {"when": local.strftime("%d/%m/%Y %H:%M"), "who": request.person.called}
    data: dict[str, Json] = {
        "language": (get_language() or "fr")[:2],
        "made": [local.year, local.month, local.day, local.hour, local.minute, local.second],
        "title": title,
        "centre": settings.BEFFROI_CENTRE,
        "subtitle": " ".join(part for part in (_("Printed on %(when)s by %(who)s.") % printed, note) if part),
        "head": [str(one) for one in head],
        "rows": [list(line) for line in rows],
        "empty": _("There is no line."),
        "footer": f"{settings.BEFFROI_CENTRE} · {title}",
    }
    response = HttpResponse(set_paper("register", data), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
