"""The state of the log: its newest signed checkpoint, what waits, and verification on demand."""

import segno
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.audit import actions, queries
from beffroi.audit.core.checkpoints import MAX_NOTE_BYTES
from beffroi.audit.core.growth import Growth, pasted
from beffroi.audit.core.verify import BreakKind
from beffroi.audit.files import log_key
from beffroi.web.shared.requests import OfficeRequest

BREAKS = {
    BreakKind.MISSING: _("an entry or its fact is missing"),
    BreakKind.REORDERED: _("entries were moved or replaced"),
    BreakKind.EDITED: _("a fact was edited"),
    BreakKind.RECOMMITTED: _("a fact was edited and its digest with it"),
    BreakKind.ERASED_WITHOUT_RULE: _("a fact was erased without a rule"),
    BreakKind.TRUNCATED: _("the end of the log was cut off"),
    BreakKind.REWRITTEN: _("the log was rewritten"),
    BreakKind.CHECKPOINT_FORGED: _("a checkpoint bears no signature of the centre"),
    BreakKind.UNREADABLE: _("a checkpoint cannot be read"),
    BreakKind.UNCHAINED: _("a fact was kept out of the chain"),
}


@require_GET
def audit(request: OfficeRequest) -> HttpResponse:
    """Checkpoint, key, journals, and what the last verification found."""
    return _page(request)


@require_POST
def compare(request: OfficeRequest) -> HttpResponse:
    """Does today's log contain an earlier checkpoint, pasted as kept or as a slip's QR code says it? That is a fact."""
    text = request.POST.get("checkpoint", "")[: 2 * MAX_NOTE_BYTES]
    found = actions.compare_log(actor=request.actor, note=pasted(text), now=request.now)
    said = {
        "words": found.words(get_language() or "fr"),
        "level": "good" if found.growth is Growth.CONTAINED else "bad",
        "earlier": found.earlier.size if found.earlier is not None else None,
        "size": found.size,
    }
    status = 422 if found.growth is Growth.UNREADABLE else 200
    return _page(request, {"compared": said, "pasted": text}, status=status)


def _page(request: OfficeRequest, more: dict[str, object] | None = None, *, status: int = 200) -> HttpResponse:
    checkpoint = queries.latest_checkpoint()
    last = queries.facts(name="log:verify", limit=1)
    found = last[0].fact.body.get("first_break") if last else None
    context = {
        "checkpoint": checkpoint,
        "qr": _qr(checkpoint.note) if checkpoint else "",
        "key": log_key().to_text(),
        "pending": queries.pending(),
        "journals": queries.journal_positions(),
        "verified": last[0].fact if last else None,
        "broken": _break(found),
    }
    return render(request, "office/audit.html", context | (more or {}), status=status)


@require_POST
def verify(request: OfficeRequest) -> HttpResponse:
    """Walk the whole log now; the result is a fact and stands on the page."""
    actions.verify_log(actor=request.actor, now=request.now)
    return redirect("office:audit")


@require_GET
def checkpoint(request: OfficeRequest) -> HttpResponse:
    """The newest checkpoint as plain text: what a witness keeps."""
    newest = queries.latest_checkpoint()
    return HttpResponse(newest.note if newest else "", content_type="text/plain; charset=utf-8")


def _break(found: object) -> dict[str, object] | None:
    match found:
        case [str() as kind, int() as index, str() as fact]:
            return {"what": BREAKS.get(BreakKind(kind), kind), "index": index, "fact": fact}
    return None


def _qr(text: str) -> str:
    return segno.make(text, error="m").svg_data_uri(scale=3, border=2)
