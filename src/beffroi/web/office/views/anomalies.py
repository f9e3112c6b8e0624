"""The DPO's list of acts out of the ordinary: found in the log, looked at one by one. Reading it is a fact (R-28)."""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.audit import anomalies
from beffroi.audit.actions import note_reading
from beffroi.audit.core.anomalies import Occurrence
from beffroi.audit.core.anomaly_rules import RULES
from beffroi.governance.queries.registers import at, csv_safe
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Invalid
from beffroi.web.office.anomaly_words import TITLES
from beffroi.web.shared.dates import DayField, midnight
from beffroi.web.shared.requests import OfficeRequest

PAGE = 50
SHOWN_DAYS = 30
HEADS = (_("When"), _("Rule"), _("What"), _("Source"), _("Numbers in the log"), _("Looked at"), _("Note"))


class RangeForm(forms.Form):
    """Which days of the log are read: a year at most."""

    since = DayField(label=_("First day"), required=False)
    until = DayField(label=_("Last day"), required=False)

    def clean(self) -> None:
        """Refuse a range longer than a year, or one that ends before it begins."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and not timedelta(0) <= until - since < anomalies.LONGEST:
            self.add_error("until", _("Choose a year at most, the first day first."))

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when: thirty days where nothing valid was said."""
        given = self.cleaned_data if self.is_valid() else {}
        since, until = midnight(given.get("since")), midnight(given.get("until"), 1)
        until = until or (since + anomalies.LONGEST if since else now)
        until = min(until, now + timedelta(days=1))
        return since or until - timedelta(days=SHOWN_DAYS), until


class NoteForm(forms.Form):
    """What came of looking at one."""

    note = forms.CharField(
        label=_("What you found"), max_length=anomalies.NOTE_LETTERS, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """Occurrences of a range, newest first, and what is watched."""
    form, lines = _read(request, "anomalies")
    wanted = request.GET.get("page", "1")
    pages = max(1, -(-len(lines) // PAGE))
    page = min(max(int(wanted), 1), pages) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    part = lines[(page - 1) * PAGE : page * PAGE]
    context = {
        "form": form, "lines": _shown(part), "total": len(lines), "page": page, "pages": pages,
        "open": len(lines) - len(anomalies.noted([one.key for one in lines])),
        "rules": [(rule.id, *TITLES[rule.id], rule.source) for rule in RULES],
    }  # fmt: skip
    return render(request, "office/anomalies/list.html", context)


@require_GET
def as_csv(request: OfficeRequest) -> HttpResponse:
    """The same lines for a spreadsheet: UTF-8 with its mark, semicolons, no cell that is a formula."""
    _form, lines = _read(request, "anomalies.csv")
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([str(one) for one in HEADS])
    writer.writerows(csv_safe(row) for row in table(lines))
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="anomalies.csv"'
    return response


@require_GET
def one(request: OfficeRequest, anomaly: str) -> HttpResponse:
    """One occurrence with the facts that prove it."""
    return _one(request, anomaly, NoteForm())


@require_POST
def note(request: OfficeRequest, anomaly: str) -> HttpResponse:
    """Write down that it was looked at, and what came of it."""
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            anomalies.look_at(key=anomaly, note=form.cleaned_data["note"], actor=request.actor, now=request.now)
        except Invalid:
            form.add_error("note", _("Say in a few words what you found."))
        else:
            return redirect(reverse("office:anomaly", args=[anomaly]))
    return _one(request, anomaly, form, status=422)


def _one(request: OfficeRequest, key: str, form: NoteForm, *, status: int = 200) -> HttpResponse:
    found = anomalies.one(key, now=request.now)
    places = anomalies.places(found.facts)
    note_reading(actor=request.actor, what="anomaly", filters={"anomaly": key}, shown=1, now=request.now)
    facts = [
        {"fact": fact, "number": places.get(fact.id), "body": json.dumps(fact.body, ensure_ascii=False, indent=1)}
        for fact in found.facts
    ]
    context = {**_shown([found])[0], "facts": facts, "form": form}
    return render(request, "office/anomalies/one.html", context, status=status)


def table(lines: Sequence[Occurrence]) -> Iterator[list[str]]:
    """The occurrences as cells, for tables that leave the house; ``HEADS`` stands above."""
    for line in _shown(lines):
        found, noted = line["one"], line["noted"]
        assert isinstance(found, Occurrence)
        said = [at(noted.at), noted.note] if isinstance(noted, anomalies.Noted) else ["", ""]
        yield [at(found.at), found.rule, str(line["title"]), str(line["source"]), str(line["numbers"]), *said]


def _read(request: OfficeRequest, what: str) -> tuple[RangeForm, list[Occurrence]]:
    form = RangeForm(request.GET or None)
    since, until = form.span(request.now)
    lines = anomalies.found(since=since, until=until, now=request.now)
    filters = {"since": iso(since), "until": iso(until)}
    note_reading(actor=request.actor, what=what, filters=dict(filters), shown=len(lines), now=request.now)
    return form, lines


def _shown(lines: Sequence[Occurrence]) -> list[dict[str, object]]:
    """What a line says; it names no person: her name stands in the facts, for whoever opens them."""
    sources = {rule.id: rule.source for rule in RULES}
    noted = anomalies.noted([one.key for one in lines])
    places = anomalies.places([fact for one in lines for fact in one.facts])
    return [
        {
            "one": one, "title": TITLES[one.rule][0], "meaning": TITLES[one.rule][1], "source": sources[one.rule],
            "numbers": ", ".join(str(places[fact.id]) for fact in one.facts if fact.id in places),
            "noted": noted.get(one.key),
        }
        for one in lines
    ]  # fmt: skip
