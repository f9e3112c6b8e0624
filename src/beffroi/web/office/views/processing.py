"""The register of processing: a page and a print, both read from the settings. Reading it is a fact."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from beffroi.audit.actions import note_reading
from beffroi.web.office import processing
from beffroi.web.office.printing import register_paper
from beffroi.web.shared.requests import OfficeRequest


@require_GET
def page(request: OfficeRequest) -> HttpResponse:
    """The entry as it stands at this moment."""
    lines = processing.entry(request.person, request.now)
    head, rows = processing.cameras(request.person, request.now)
    _note(request, "processing", len(lines) + len(rows))
    return render(request, "office/processing.html", {"lines": lines, "head": head, "rows": rows})


@require_GET
def as_pdf(request: OfficeRequest) -> HttpResponse:
    """The same on paper: the entry, then camera by camera."""
    lines = processing.entry(request.person, request.now)
    _head, rows = processing.cameras(request.person, request.now)
    table = [*lines, *((line[0], " · ".join([*line[1:3], f"{line[3]} d", line[4]])) for line in rows)]
    _note(request, "processing.pdf", len(table))
    return register_paper(
        request, name="processing", title=_("Register of processing"), head=(_("What"), _("Value")), rows=table,
        note=_("Made from the settings in force; nothing is typed twice."),
    )  # fmt: skip


def _note(request: OfficeRequest, what: str, shown: int) -> None:
    note_reading(actor=request.actor, what=f"register-{what}", filters={}, shown=shown, now=request.now)
