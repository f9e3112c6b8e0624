"""The logbook (main courante): what happened, line by line. A mistake is corrected by another line."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from beffroi.kernel.clock import parse_utc
from beffroi.kernel.errors import Invalid
from beffroi.operations import actions, queries
from beffroi.web.desk.forms import NoteForm
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest

PAGE = 50


def logbook(request: OfficeRequest) -> HttpResponse:
    """The newest lines, a form for the next one, and older pages by ``?before=``."""
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note(actor=request.actor, insee=_commune(request), text=form.cleaned_data["text"], now=request.now)
        except Invalid as error:
            form.add_error("text", sentence(error))
        else:
            messages.success(request, _("Written into the logbook."))
            return redirect("desk:logbook")
    before = _before(request)
    lines = queries.logbook_visible_to(request.person, before=before, limit=PAGE + 1)
    incidents = {one.id: one for one in queries.incidents_visible_to(request.person)}
    context = {
        "form": form,
        "lines": [(line, incidents.get(line.incident)) for line in lines[:PAGE]],
        "older": lines[PAGE - 1].at if len(lines) > PAGE else None,
        "paged": before is not None,
    }
    return render(request, "desk/logbook.html", context)


def _commune(request: OfficeRequest) -> str:
    """The commune a line belongs to: the first of the person's own."""
    return min(request.person.territory, default="")


def _before(request: HttpRequest) -> datetime | None:
    try:
        return parse_utc(request.GET.get("before", ""))
    except ValueError:
        return None
