"""Registers of requisitions, holds, extractions and destructions: page, CSV and print. Reading one is a fact (R-28)."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from beffroi.audit.actions import note_reading
from beffroi.governance.core.requisitions import Channel, Result, State
from beffroi.governance.queries.registers import COLUMNS, Filters, Register, csv_safe, register
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import NotFound
from beffroi.web.office.printing import PRINT_LIMIT, register_paper
from beffroi.web.office.views.looks import MODES
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.dates import DayField, midnight
from beffroi.web.shared.find_words import FINDS
from beffroi.web.shared.requests import OfficeRequest

PAGE = 100
DIGESTS = {"document", "digest"}
"""Columns of 64 letters, of which a page shows the first."""

TITLES: dict[Register, Promise] = {
    Register.REQUISITIONS: gettext_lazy("Register of requisitions"),
    Register.HOLDS: gettext_lazy("Register of holds"),
    Register.EXTRACTIONS: gettext_lazy("Register of extractions"),
    Register.DESTRUCTIONS: gettext_lazy("Register of destructions"),
    Register.RELAYS: gettext_lazy("Register of relays"),
    Register.FINDS: gettext_lazy("Finds of the commune’s own agents"),
}

NOTES: dict[Register, Promise] = {
    Register.REQUISITIONS: gettext_lazy(
        "Each one received: who asked, on what basis, for which facts, and the answer."
    ),
    Register.HOLDS: gettext_lazy("Footage kept beyond its day: which, for whom, why, and when it was let go."),
    Register.EXTRACTIONS: gettext_lazy("Each copy made of recorded pictures: cameras, period, recipient, digest."),
    Register.DESTRUCTIONS: gettext_lazy("What was destroyed, when and why; copies kept by the centre included."),
    Register.RELAYS: gettext_lazy("Pictures shown outside the room: to whom, on what ground, from when to when."),
    Register.FINDS: gettext_lazy("What the commune’s agents saw themselves, and to whom it was passed on."),
}
"""What each register holds, for who chooses one."""

HEADS: dict[str, Promise] = {
    "number": gettext_lazy("Number"),
    "received": gettext_lazy("Received"),
    "channel": gettext_lazy("Channel"),
    "unit": gettext_lazy("Unit"),
    "requester": gettext_lazy("Requester"),
    "quality": gettext_lazy("Quality"),
    "basis": gettext_lazy("Legal basis"),
    "procedure": gettext_lazy("Procedure"),
    "offence": gettext_lazy("Offence"),
    "place": gettext_lazy("Place"),
    "period": gettext_lazy("Period"),
    "state": gettext_lazy("State"),
    "result": gettext_lazy("Result"),
    "answered": gettext_lazy("Answered"),
    "document": gettext_lazy("SHA-256 of the paper"),
    "placed": gettext_lazy("Placed"),
    "camera": gettext_lazy("Camera"),
    "reference": gettext_lazy("Reference"),
    "judicial": gettext_lazy("Judicial reference"),
    "reason": gettext_lazy("Reason"),
    "by": gettext_lazy("By"),
    "confirmed": gettext_lazy("On the recorder since"),
    "released": gettext_lazy("Released"),
    "package": gettext_lazy("Package"),
    "requisition": gettext_lazy("Requisition"),
    "cameras": gettext_lazy("Cameras"),
    "asked": gettext_lazy("Asked for"),
    "built": gettext_lazy("Made"),
    "digest": gettext_lazy("SHA-256"),
    "recipient": gettext_lazy("Recipient"),
    "when": gettext_lazy("When"),
    "what": gettext_lazy("What"),
    "subject": gettext_lazy("Subject"),
    "why": gettext_lazy("Why"),
    "requested": gettext_lazy("Asked at"),
    "opened": gettext_lazy("Opened"),
    "ends": gettext_lazy("Until"),
    "ended": gettext_lazy("Ended"),
    "person": gettext_lazy("Person"),
    "mode": gettext_lazy("Way of looking"),
    "ground": gettext_lazy("Ground"),
    "article": gettext_lazy("Article"),
    "emergency": gettext_lazy("Emergency"),
    "decided": gettext_lazy("Decided by"),
    "found": gettext_lazy("Found at"),
    "kind": gettext_lazy("Kind"),
    "incident": gettext_lazy("Incident"),
    "told": gettext_lazy("Passed on to"),
}

_SAID: dict[str, dict[str, Any]] = {
    "channel": {one.value: said for one, said in words.CHANNELS.items() if isinstance(one, Channel)},
    "result": {one.value: said for one, said in words.RESULTS.items() if isinstance(one, Result)},
    "quality": {one.value: said for one, said in words.QUALITIES.items()},
    "mode": dict(MODES),
    "kind": {one.value: said for one, said in FINDS.items()},
}
GRANT_STATES: dict[str, Any] = {
    "requested": gettext_lazy("waits for a decision"),
    "active": gettext_lazy("open"),
    "refused": gettext_lazy("refused"),
    "withdrawn": gettext_lazy("withdrawn"),
    "stopped": gettext_lazy("stopped"),
    "ended": gettext_lazy("over"),
}
_STATES: dict[Register, dict[str, Any]] = {
    Register.REQUISITIONS: {one.value: said for one, said in words.STATES.items() if isinstance(one, State)},
    Register.HOLDS: {one.value: said for one, said in words.HOLD_STATES.items()},
    Register.RELAYS: GRANT_STATES,
}


class RegisterFilterForm(forms.Form):
    """What a register is narrowed to."""

    words = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=100)
    since = DayField(
        label=gettext_lazy("First day"),
        required=False,
    )
    until = DayField(
        label=gettext_lazy("Last day"),
        required=False,
    )

    def filters(self) -> Filters:
        """The filters of a valid form; days are the centre's own, the last one included."""
        data = self.cleaned_data
        return Filters(midnight(data["since"]), midnight(data["until"], 1), data["words"].strip())


def index(request: OfficeRequest) -> HttpResponse:
    """Which registers there are."""
    return render(
        request, "office/registers.html", {"registers": [(one.value, TITLES[one], NOTES[one]) for one in Register]}
    )


@require_GET
def page(request: OfficeRequest, which: str) -> HttpResponse:
    """One register, a page at a time."""
    kind = _kind(which)
    form = RegisterFilterForm(request.GET or None)
    filters = form.filters() if form.is_valid() else Filters()
    number = max(1, int(given) if (given := request.GET.get("page", "1")).isdecimal() and len(given) < 6 else 1)
    lines = shown(kind, register(request.person, kind, filters, limit=PAGE + 1, offset=(number - 1) * PAGE))
    _note(request, kind, filters, min(len(lines), PAGE))
    context = {
        "kind": kind.value, "title": TITLES[kind], "head": [HEADS[one] for one in COLUMNS[kind]],
        "lines": [[_cell(*one) for one in zip(COLUMNS[kind], line, strict=True)] for line in lines[:PAGE]],
        "form": form, "number": number, "more": len(lines) > PAGE,
        "registers": [(one.value, TITLES[one]) for one in Register],
    }  # fmt: skip
    return render(request, "office/register.html", context)


@require_GET
def as_csv(request: OfficeRequest, which: str) -> HttpResponse:
    """The same lines for a spreadsheet: UTF-8 with its mark, semicolons, no cell that is a formula."""
    kind, filters, lines = _whole(request, which, limit=20_000)
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([str(HEADS[one]) for one in COLUMNS[kind]])
    writer.writerows(csv_safe(line) for line in lines)
    _note(request, kind, filters, len(lines))
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind.value}.csv"'
    return response


@require_GET
def as_pdf(request: OfficeRequest, which: str) -> HttpResponse:
    """The same lines on paper (PDF/A), the newest two thousand."""
    kind, filters, lines = _whole(request, which, limit=PRINT_LIMIT)
    _note(request, kind, filters, len(lines))
    head = [HEADS[one] for one in COLUMNS[kind]]
    return register_paper(request, name=kind.value, title=str(TITLES[kind]), head=head, rows=lines)


def _cell(column: str, text: str) -> str:
    """A digest by its first letters, the whole of it for whoever asks."""
    return format_html('<code title="{}">{}…</code>', text, text[:12]) if column in DIGESTS and text else text


def _whole(request: OfficeRequest, which: str, *, limit: int) -> tuple[Register, Filters, list[list[str]]]:
    kind = _kind(which)
    form = RegisterFilterForm(request.GET or None)
    filters = form.filters() if form.is_valid() else Filters()
    return kind, filters, shown(kind, register(request.person, kind, filters, limit=limit))


def _kind(which: str) -> Register:
    try:
        return Register(which)
    except ValueError as error:
        raise NotFound("There is no such register.", code="no-such-register") from error


def shown(kind: Register, lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """Stable codes become words of the reader's language."""
    said = {**_SAID, "state": _STATES.get(kind, {})}
    return [
        [str(said.get(column, {}).get(cell, cell)) for column, cell in zip(COLUMNS[kind], line, strict=True)]
        for line in lines
    ]


def _note(request: OfficeRequest, kind: Register, filters: Filters, shown: int) -> None:
    what: dict[str, Json] = {
        "register": kind.value,
        "words": filters.words,
        "since": iso(filters.since) if filters.since else "",
        "until": iso(filters.until) if filters.until else "",
    }
    note_reading(actor=request.actor, what=f"register-{kind.value}", filters=what, shown=shown, now=request.now)
