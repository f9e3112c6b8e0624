"""Exports sent in parts, by the protocol tus 1.0 in simple form: begun, asked how far they are, gone on with, given up.

A part goes through while the page is locked, and is no sign of life: what is taken in is entered from an open page.
"""

import base64
import binascii

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.governance.actions import uploads as acts
from beffroi.governance.core import uploads as core
from beffroi.governance.queries import requisitions
from beffroi.governance.queries import uploads as queries
from beffroi.kernel.errors import Invalid
from beffroi.web.shared.requests import OfficeRequest

VERSION = "1.0.0"
LONGEST_NUMBER = 15


@require_POST
def begin(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Announce a file: ``Upload-Length``, and its name in ``Upload-Metadata``."""
    row = requisitions.for_desk(request.person, requisition)
    if not _speaks(request):
        return _told(HttpResponse(status=412))
    name = _metadata(request).get("filename", "")
    made = acts.begin(
        actor=request.actor, requisition=row.pk, name=name, length=_number(request, "Upload-Length"), now=request.now
    )
    response = _stands(HttpResponse(status=201), made)
    response["Location"] = reverse("desk:export-upload", args=[row.pk, made.id])
    return response


@require_http_methods(["HEAD", "PATCH", "DELETE", "POST"])
def upload(request: OfficeRequest, requisition: str, upload: str) -> HttpResponse:
    """How far it is (HEAD), its next part (PATCH), given up (DELETE, and POST of the form)."""
    row = requisitions.for_desk(request.person, requisition)
    found = queries.one(request.person.id, row.pk, upload)
    if not _speaks(request):
        return _told(HttpResponse(status=412))
    if request.method == "HEAD":
        return _stands(HttpResponse(), found)
    if request.method == "PATCH":
        if request.content_type != "application/offset+octet-stream":
            return _told(HttpResponse(status=415))
        if (_number(request, "Content-Length") or 0) > core.PART_BYTES:
            raise Invalid("This part has not the length of a part.", code="upload_part")
        found = acts.add(
            actor=request.actor, requisition=row.pk, upload=found.id, offset=_number(request, "Upload-Offset"),
            part=request.body, digest=_digest(request), now=request.now,
        )  # fmt: skip
        return _stands(HttpResponse(status=204), found)
    acts.discard(actor=request.actor, upload=found.id, why="discarded by who sent it", now=request.now)
    return _told(HttpResponse(status=204)) if request.method == "DELETE" else redirect("desk:exports", row.pk)


def _speaks(request: HttpRequest) -> bool:
    return request.headers.get("Tus-Resumable", VERSION) == VERSION


def _told(response: HttpResponse) -> HttpResponse:
    response["Tus-Resumable"] = response["Tus-Version"] = VERSION
    return response


def _stands(response: HttpResponse, one: queries.UploadFacts) -> HttpResponse:
    response["Upload-Offset"], response["Upload-Length"] = str(one.received), str(one.bytes)
    response["Upload-Expires"] = http_date(one.expires_at.timestamp())
    response["Beffroi-Chain"] = one.chain
    return _told(response)


def _number(request: HttpRequest, name: str) -> int | None:
    said = request.headers.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST_NUMBER else None


def _metadata(request: HttpRequest) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a key and a value in base64; what cannot be read is left out."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
    return found


def _digest(request: HttpRequest) -> bytes:
    """``Upload-Checksum: sha256 <base64>``; empty where it cannot be read, which no part's digest is."""
    kind, _, value = request.headers.get("Upload-Checksum", "").partition(" ")
    try:
        return base64.b64decode(value, validate=True) if kind == "sha256" else b""
    except (binascii.Error, ValueError):
        return b""
