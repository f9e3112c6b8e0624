"""The register of viewings: who looked at what, when and why. Reading it is itself a fact (R-28)."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from io import StringIO

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from beffroi.audit import actions, anomalies, queries
from beffroi.audit.core.looks import Look
from beffroi.governance.queries import access
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso
from beffroi.sites import queries as sites
from beffroi.web.office.printing import PRINT_LIMIT, register_paper
from beffroi.web.shared.dates import DayField, midnight
from beffroi.web.shared.gate_words import FORCES, PURPOSES
from beffroi.web.shared.requests import OfficeRequest

PAGE = 50
CSV_LIMIT = 20_000
ANOMALY_DAYS = timedelta(days=30)

MODES = {
    "live": gettext_lazy("live"),
    "relay": gettext_lazy("relay"),
    "replay": gettext_lazy("replay"),
    "still": gettext_lazy("still picture"),
    "extract": gettext_lazy("extraction"),
    "package": gettext_lazy("package"),
    "ptz": gettext_lazy("camera control"),
}
KINDS = {
    "duty": gettext_lazy("duty"),
    "incident": gettext_lazy("incident"),
    "case": gettext_lazy("case"),
    "requisition": gettext_lazy("requisition"),
    "alert": gettext_lazy("alert of a building"),
}
COMPLETE = {True: gettext_lazy("fetched whole"), False: gettext_lazy("not fetched to the end")}
REFUSALS = {
    "ticket_expired": gettext_lazy("expired ticket"),
    "ticket_forged": gettext_lazy("forged ticket"),
    "ticket_malformed": gettext_lazy("no ticket"),
    "ticket_early": gettext_lazy("ticket not valid yet"),
    "ticket_elsewhere": gettext_lazy("ticket of another browser"),
    "ticket_other": gettext_lazy("outside what the ticket names"),
    "access_stopped": gettext_lazy("access stopped by the room"),
    "not_found": gettext_lazy("no such camera, or not for this ticket"),
}


class LookFilterForm(forms.Form):
    """What the register is narrowed to."""

    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=100)
    camera = forms.ChoiceField(label=gettext_lazy("Camera"), required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("Way of looking"), required=False, choices=[("", gettext_lazy("all")), *MODES.items()]
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Framework"), required=False, choices=[("", gettext_lazy("all")), *KINDS.items()]
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"), required=False, choices=[("", gettext_lazy("all")), *PURPOSES.items()]
    )
    basis = forms.CharField(
        label=gettext_lazy("Article, reference or reason"),
        required=False,
        max_length=100,
    )
    since = DayField(
        label=gettext_lazy("First day"),
        required=False,
    )
    until = DayField(
        label=gettext_lazy("Last day"),
        required=False,
    )
    refused = forms.BooleanField(label=gettext_lazy("Refused only"), required=False)

    def __init__(self, data: object, cameras: dict[str, str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict
        chosen = self.fields["camera"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("all")), *cameras.items()]

    def chosen(self) -> queries.LookFilter:
        """The filter; what was not valid narrows nothing and is shown at its field."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else getattr(self, "cleaned_data", {})
        return queries.LookFilter(
            person=given.get("person", ""),
            camera=given.get("camera", ""),
            mode=given.get("mode", ""),
            kind=given.get("kind", ""),
            purpose=(purpose := given.get("purpose", "")),
            basis=" ".join(given.get("basis", "").split()),
            grants=access.with_purpose(purpose) if purpose else None,
            refused=bool(given.get("refused")),
            since=midnight(given.get("since")),
            until=midnight(given.get("until"), 1),
        )


def _cameras() -> dict[str, str]:
    return {str(one.id): f"{one.number} — {one.name}" for one in sites.cameras(retired=True)}


def _as_json(chosen: queries.LookFilter) -> dict[str, Json]:
    return {
        "person": chosen.person,
        "camera": chosen.camera,
        "mode": chosen.mode,
        "kind": chosen.kind,
        "purpose": chosen.purpose,
        "basis": chosen.basis,
        "refused": chosen.refused,
        "since": iso(chosen.since) if chosen.since else None,
        "until": iso(chosen.until) if chosen.until else None,
    }


@require_GET
def looks(request: OfficeRequest) -> HttpResponse:
    """A page of the register."""
    cameras = _cameras()
    form, chosen = _asked(request, cameras)
    total = queries.count_looks(chosen)
    pages = max(1, -(-total // PAGE))
    wanted = request.GET.get("page", "1")
    page = min(max(int(wanted), 1), pages) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    lines = queries.look_register(chosen, limit=PAGE, offset=(page - 1) * PAGE)
    _note(request, "looks", chosen, len(lines))
    purposes = access.purposes_of(line.grant for line in lines)
    context = {
        "form": form,
        "forces": FORCES,
        "lines": [_shown(line, cameras, purposes) for line in lines],
        "total": total,
        "page": page,
        "pages": pages,
        "filtered": chosen != queries.LookFilter(),
        "unusual": anomalies.not_looked_at(since=request.now - ANOMALY_DAYS, now=request.now) if page == 1 else 0,
    }
    return render(request, "office/looks.html", context)


def _shown(line: Look, cameras: dict[str, str], purposes: dict[str, str]) -> dict[str, object]:
    return {
        "look": line,
        "camera": cameras.get(line.camera, line.camera),
        "mode": MODES.get(line.mode, line.mode),
        "kind": KINDS.get(line.kind, line.kind),
        "purpose": _purpose(line, purposes),
        "refused": REFUSALS.get(line.refused, line.refused),
        "file": COMPLETE[line.totals.complete] if line.totals and line.totals.complete is not None else "",
    }


def _purpose(line: Look, purposes: Mapping[str, str]) -> str:
    """What the look was for: as its own fact says, else as its access does."""
    return str(PURPOSES.get(line.purpose or purposes.get(line.grant, ""), ""))


@require_GET
def looks_csv(request: OfficeRequest) -> HttpResponse:
    """The same lines as a table for a spreadsheet (semicolons, UTF-8)."""
    cameras = _cameras()
    _form, chosen = _asked(request, cameras)
    lines = queries.look_register(chosen, limit=CSV_LIMIT)
    _note(request, "looks.csv", chosen, len(lines))
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(heads())
    writer.writerows([_safe(cell) for cell in cells] for cells in table(lines, cameras))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visionnages.csv"'
    return response


@require_GET
def looks_pdf(request: OfficeRequest) -> HttpResponse:
    """The same lines on paper (PDF/A), the newest two thousand, with what they were narrowed to."""
    cameras = _cameras()
    form, chosen = _asked(request, cameras)
    lines = queries.look_register(chosen, limit=PRINT_LIMIT)
    _note(request, "looks.pdf", chosen, len(lines))
    return register_paper(
        request, name="visionnages", title=_("Register of viewings"),
        head=[
            _("Time"), _("Person"), _("Camera"), _("Way of looking"), _("Footage of"), _("Purpose"), _("Framework"),
            _("Reason"), _("Ended (UTC)"), _("Refusal"),
        ],
        rows=[list(_printed(cells)) for cells in table(lines, cameras)],
        note=_narrowed(form, cameras),
    )  # fmt: skip


def _printed(cells: Sequence[str]) -> Iterator[str]:
    """The columns that fit on a page; none of the table's words is lost but bytes and the fact's id."""
    (
        at,
        person,
        force,
        camera,
        mode,
        since,
        until,
        article,
        kind,
        reference,
        reason,
        ended,
        _sent,
        refused,
        _fact,
        what,
        whole,
    ) = cells
    yield _short(at)
    yield from (f"{person}\n{force}".strip(), camera, mode)
    yield f"{_short(since)}\n{_short(until)}".strip()
    yield what
    yield "\n".join(part for part in (kind, reference, article) if part)
    yield from (reason, f"{_short(ended)}\n{whole}".strip(), refused)


def _short(text: str) -> str:
    return text[:19].replace("T", " ") + " UTC" if text else ""


def _narrowed(form: LookFilterForm, cameras: dict[str, str]) -> str:
    """The filters that were set, in the reader's words."""
    words: dict[str, Mapping[str, object]] = {"camera": cameras, "mode": MODES, "kind": KINDS, "purpose": PURPOSES}
    said = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value:
            text = _("yes") if value is True else words.get(name, {}).get(value, value)
            shown = f"{text:%d/%m/%Y}" if isinstance(text, date) else str(text)
            said.append(f"{field.label}: {shown}")
    return _("Narrowed to: %(filters)s.") % {"filters": "; ".join(said)} if said else ""


def _asked(request: OfficeRequest, cameras: dict[str, str]) -> tuple[LookFilterForm, queries.LookFilter]:
    form = LookFilterForm(request.GET, cameras)
    form.is_valid()
    return form, form.chosen()


def _note(request: OfficeRequest, what: str, chosen: queries.LookFilter, shown: int) -> None:
    actions.note_reading(actor=request.actor, what=what, filters=_as_json(chosen), shown=shown, now=request.now)


def table(lines: Sequence[Look], cameras: dict[str, str]) -> Iterator[list[str]]:
    """The looks as cells, for tables that leave the house; the columns are those of ``heads``."""
    purposes = access.purposes_of(line.grant for line in lines)
    for line in lines:
        whole = line.totals.complete if line.totals else None
        said = "" if whole is None else str(COMPLETE[whole])
        yield [*row(line, cameras), _purpose(line, purposes), said]


def heads() -> list[str]:
    """What stands above the columns of ``table``."""
    return [
        _("Time (UTC)"), _("Person"), _("Force"), _("Camera"), _("Way of looking"), _("Footage from (UTC)"),
        _("Footage to (UTC)"), _("Article"), _("Framework"), _("Reference"), _("Reason"), _("Ended (UTC)"),
        _("Bytes delivered"), _("Refusal"), _("Fact"), _("Purpose"), _("File"),
    ]  # fmt: skip


def row(line: Look, cameras: dict[str, str]) -> Iterator[str]:
    """One look as cells, for tables that leave the house."""
    yield iso(line.at)
    yield from (line.person_name, line.force, cameras.get(line.camera, line.camera))
    yield str(MODES.get(line.mode, line.mode))
    yield from (iso(at) for at in line.footage) if line.footage else ("", "")
    yield from (line.article, str(KINDS.get(line.kind, line.kind)), line.reference, line.reason)
    yield iso(line.totals.ended_at) if line.totals else ""
    yield str(line.totals.sent_bytes) if line.totals else ""
    yield str(REFUSALS.get(line.refused, line.refused))
    yield line.fact


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
