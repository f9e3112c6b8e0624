"""Exports of another video system: taken in for a requisition, listed with their digests, packed as they came."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.governance.actions import intake as acts
from beffroi.governance.actions.extractions import EXTRACTABLE
from beffroi.governance.core import uploads as core
from beffroi.governance.core.intake import MAX_BYTES
from beffroi.governance.queries import intake as queries
from beffroi.governance.queries import requisitions, uploads
from beffroi.kernel.errors import Conflict, Invalid, Unavailable
from beffroi.sites import queries as sites
from beffroi.web.desk.forms_exports import DropForm, ExportForm, upload_texts
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_http_methods(["GET", "POST"])
def exports(request: OfficeRequest, requisition: str) -> HttpResponse:
    """What was taken in, and the form that takes one more."""
    row = requisitions.for_desk(request.person, requisition)
    granted = [sites.camera(one.camera) for one in row.cameras.all() if one.granted]
    sent = uploads.own(request.person.id, row.pk)
    form = ExportForm(request.POST or None, request.FILES or None, cameras=granted, here=sent)
    if request.method == "POST" and form.is_valid():
        try:
            digest = _take(request, row.pk, form.cleaned_data)
        except (Invalid, Conflict, Unavailable) as error:
            field = next((one for one in getattr(error, "fields", {}) if one in form.fields), None)
            form.add_error(field, sentence(error))
            sent = uploads.own(request.person.id, row.pk)  # what is no video is gone
        else:
            messages.success(request, _("Taken in, unchanged. SHA-256: %(digest)s") % {"digest": digest})
            return redirect("desk:exports", row.pk)
    context = {
        "requisition": row,
        "taken": queries.taken_for(request.person, row.pk),
        "open": row.state in EXTRACTABLE,
        "form": form,
        "drop_form": DropForm(),
        "sent": sent,
        "upload_data": _upload_data(row.pk, sent),
    }
    return render(request, "desk/exports.html", context, status=422 if request.method == "POST" else 200)


def _take(request: OfficeRequest, requisition: str, data: dict[str, Any]) -> str:
    """Take in what came with the form, or what was sent before in parts; returns its digest."""
    statement = acts.Statement(data["camera"], data["start"], data["system"], data["handed_by"], data["clock"])
    if data["upload"]:
        made = acts.take_in_upload(
            actor=request.actor, requisition=requisition, upload=data["upload"], chain=data["chain"],
            statement=statement, now=request.now,
        )  # fmt: skip
    else:
        made = acts.take_in(
            actor=request.actor, requisition=requisition, name=data["file"].name, statement=statement,
            chunks=data["file"].chunks(), now=request.now,
        )  # fmt: skip
    return made.sha256


def _upload_data(requisition: str, sent: list[uploads.UploadFacts]) -> dict[str, Any]:
    """What the script of the form needs: where to send, how large a part, what is here, and its words."""
    here = [
        {
            "url": reverse("desk:export-upload", args=[requisition, one.id]),
            "id": one.id,
            "name": one.name,
            "bytes": one.bytes,
        }
        for one in sent
    ]
    begin = reverse("desk:export-begin", args=[requisition])
    bounds = {"part_bytes": core.PART_BYTES, "most_bytes": MAX_BYTES}
    return {"begin_url": begin, "sent": here, "texts": upload_texts(), **bounds}


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
