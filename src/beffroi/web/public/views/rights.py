"""Ask for images of oneself (RGPD 15): a form without an account, and a number that says where the request stands.

Nothing typed here is ever shown to anybody but the DPO and the chief; the number tells a state and a day, no more.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from beffroi.governance.actions import rights as acts
from beffroi.governance.core import rights as core
from beffroi.governance.core.rights import Wish
from beffroi.governance.queries import rights as queries
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.spans import Span
from beffroi.sites import queries as sites
from beffroi.web.shared.dates import DayField, instants
from beffroi.web.shared.rights_words import PROBLEMS, STATES, WISHES

ELSEWHERE = "elsewhere"


class AskForm(forms.Form):
    """What is needed to find a person in pictures, and to answer her."""

    wish = forms.ChoiceField(label=_("What you ask for"), choices=list(WISHES.items()), initial=Wish.SEE.value)
    place = forms.ChoiceField(label=_("Place"))
    where = forms.CharField(
        label=_("Where exactly"), max_length=180, required=False, help_text=_("A street, a shop, a crossing.")
    )
    day = DayField(label=_("Day"))
    since = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    until = forms.TimeField(
        label=_("To"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Three hours at most: say the moment as exactly as you can."),
    )
    description = forms.CharField(
        label=_("How you can be recognised"),
        max_length=core.MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Clothes, what you carried, where you came from and went."),
    )
    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    contact = forms.CharField(
        label=_("How to answer you"),
        max_length=254,
        help_text=_("Postal address or e-mail. Your identity is checked later, before anything is shown."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        names = sorted({one.name for one in sites.cameras() if one.public_road and one.commissioned_at is not None})
        field.choices = [*((one, one) for one in names), (ELSEWHERE, _("elsewhere, or not sure"))]

    def clean(self) -> dict[str, Any]:
        """The span as the law's clock takes it; a place not listed must be written."""
        data = super().clean() or {}
        if data.get("place") == ELSEWHERE and not data.get("where"):
            self.add_error("where", str(PROBLEMS["missing"]))
        if data.get("day") is not None and not 2000 <= data["day"].year < 2200:
            self.add_error("day", str(PROBLEMS["unknown"]))  # at the ends of the calendar no span can be made
        if all(data.get(one) is not None for one in ("day", "since", "until")):
            data["span"] = _span(data)
            if data["span"] is None:
                self.add_error("until", str(PROBLEMS["ends-before-start"]))
        return data


class NumberForm(forms.Form):
    """A tracking number."""

    number = forms.CharField(label=_("Tracking number"), max_length=40, help_text=_("It begins with DP-"))


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; and after it, the number to keep."""
    form = AskForm(request.POST) if request.method == "POST" else AskForm()
    status, refusal = 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = acts.receive(
                    entry=_entry(form.cleaned_data), address=request.META.get("REMOTE_ADDR") or "",
                    now=request.now,  # type: ignore[attr-defined]  # set by middleware
                )  # fmt: skip
            except Invalid as error:
                for name, problem in error.fields.items():
                    form.add_error(name if name in form.fields else None, str(PROBLEMS.get(problem, problem)))
            except Conflict:
                status, refusal = 429, True
            else:
                return render(request, "public/rights_received.html", {"row": row}, status=201)
    context = {"form": form, "too_many": refusal, "contact": getattr(settings, "BEFFROI_CONTACT", "")}
    return render(request, "public/rights.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Where a request stands, by its number. It is posted, so that it stands in no address and no log."""
    form = NumberForm(request.POST) if request.method == "POST" else NumberForm()
    found, unknown = None, False
    if request.method == "POST" and form.is_valid():
        try:
            found = queries.by_number(form.cleaned_data["number"])
        except NotFound:
            unknown = True
    said = STATES[found.state] if found else None
    context = {"form": form, "found": found, "said": said, "unknown": unknown}
    return render(request, "public/rights_follow.html", context, status=404 if unknown else 200)


def _entry(data: dict[str, Any]) -> acts.RightsEntry:
    place = data["place"] if data["place"] != ELSEWHERE else data["where"]
    description = data["description"]
    if data["place"] != ELSEWHERE and data["where"]:
        description = f"{data['where']}\n{description}"
    return acts.RightsEntry(
        wish=Wish(data["wish"]),
        place=place,
        span=data["span"],
        description=description,
        name=data["name"],
        contact=data["contact"],
        language=(get_language() or "fr")[:2],
    )


def _span(data: dict[str, Any]) -> Span | None:
    """The span in the centre's zone; an end before its beginning is the next morning's. In the nights in which clocks
    are set it is the longest that the times typed may mean: nothing of what was asked for is lost."""
    last = data["day"] if data["since"] < data["until"] else data["day"] + timedelta(days=1)
    start, _late = instants(datetime.combine(data["day"], data["since"]))
    _early, end = instants(datetime.combine(last, data["until"]))
    return Span(start, end) if start < end else None
