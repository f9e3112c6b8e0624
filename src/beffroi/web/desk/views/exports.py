"""Exports of another video system: taken in for a requisition, listed with their digests, packed as they came."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.governance.actions import intake as acts
from beffroi.governance.actions.extractions import EXTRACTABLE
from beffroi.governance.queries import intake as queries
from beffroi.governance.queries import requisitions
from beffroi.kernel.errors import Conflict, Invalid, Unavailable
from beffroi.sites import queries as sites
from beffroi.web.desk.forms_exports import DropForm, ExportForm
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_http_methods(["GET", "POST"])
def exports(request: OfficeRequest, requisition: str) -> HttpResponse:
    """What was taken in, and the form that takes one more."""
    row = requisitions.for_desk(request.person, requisition)
    granted = [sites.camera(one.camera) for one in row.cameras.all() if one.granted]
    form = ExportForm(request.POST or None, request.FILES or None, cameras=granted)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        statement = acts.Statement(data["camera"], data["start"], data["system"], data["handed_by"], data["clock"])
        try:
            made = acts.take_in(
                actor=request.actor, requisition=row.pk, name=data["file"].name, statement=statement,
                chunks=data["file"].chunks(), now=request.now,
            )  # fmt: skip
        except (Invalid, Conflict, Unavailable) as error:
            field = next((one for one in getattr(error, "fields", {}) if one in form.fields), None)
            form.add_error(field, sentence(error))
        else:
            messages.success(request, _("Taken in, unchanged. SHA-256: %(digest)s") % {"digest": made.sha256})
            return redirect("desk:exports", row.pk)
    context = {
        "requisition": row,
        "taken": queries.taken_for(request.person, row.pk),
        "open": row.state in EXTRACTABLE,
        "form": form,
        "drop_form": DropForm(),
    }
    return render(request, "desk/exports.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def drop(request: OfficeRequest, requisition: str, intake: str) -> HttpResponse:
    """Destroy one file that was taken in by mistake; its digest stays."""
    found = queries.one_for(request.person, requisition, intake)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            acts.drop(actor=request.actor, intake=found.id, why=form.cleaned_data["why"], now=request.now)
        except Conflict as error:
            messages.error(request, sentence(error))
    else:
        messages.error(request, _("Say why it is destroyed."))
    return redirect("desk:exports", requisition)
