"""The rule table and the inspection bundle (J6): what a control sees, made without anyone's help."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.audit.files import log_key
from beffroi.governance.actions import control as acts
from beffroi.governance.core.rule_table import RuleLine, Standing
from beffroi.governance.core.sampling import SAMPLE
from beffroi.governance.queries import control as queries
from beffroi.governance.queries import law
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.kernel.errors import Invalid
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.sites import queries as sites
from beffroi.web.office import rule_words
from beffroi.web.shared.dates import DayField, midnight
from beffroi.web.shared.gate_words import titled
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.rights_words import PROBLEMS

SHOWN = 3
"""Lines of evidence in sight; what fails is in sight always."""
KINDS = [
    ("dpia", gettext_lazy("impact assessment, with the DPO’s opinion")),
    ("panel", gettext_lazy("information panel on a place")),
]


class PaperForm(forms.Form):
    """A paper of compliance."""

    kind = forms.ChoiceField(label=gettext_lazy("Paper"), choices=KINDS)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=160)
    dated = DayField(label=gettext_lazy("Dated"))
    site = forms.ChoiceField(
        label=gettext_lazy("Place"), required=False, help_text=gettext_lazy("For a panel: where it stands.")
    )

    def __init__(self, *args: Any, places: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("no place")), *((one, one) for one in sorted(places))]


class BundleForm(forms.Form):
    """For whom, and by which draw."""

    for_whom = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=160,
        help_text=gettext_lazy("The authority and its reference: it stands in the bundle and in the log."),
    )
    seed = forms.CharField(
        label=gettext_lazy("Seed of the draw"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Any words of the inspector: they choose the entries of the log. Empty: drawn here."),
    )


@require_GET
def rules(request: OfficeRequest) -> HttpResponse:
    """Every rule of the pack, how it is kept, and where it stands here now. Reading it is a fact."""
    status = status_or_none()
    lines = queries.rule_table(request.person, status, request.now)
    failing, unknown = (
        tuple(one.rule.id for one in lines if one.standing is wanted) for wanted in (Standing.FAILS, Standing.UNKNOWN)
    )
    acts.note_rules_read(actor=request.actor, failing=failing, unknown=unknown, now=request.now)
    wanted = request.GET.get("standing", "")
    context = {
        "lines": [_shown(one) for one in lines if wanted in ("", one.standing.value)],
        "counts": [
            {"value": standing.value, "words": said, "level": level, "count": count}
            for standing, (said, level) in rule_words.STANDINGS.items()
            if (count := sum(1 for one in lines if one.standing is standing))
        ],
        "wanted": wanted,
        "total": len(lines),
        "pack": law.law_pack(request.now),
        "papers": [one for one in queries.papers() if not one.site or one.site in _places(request)],
        "kinds": dict(KINDS),
        "form": PaperForm(places=_places(request)) if _may(request, Permission.OFFICE_COMPLIANCE) else None,
    }
    return render(request, "office/rules.html", context)


@require_http_methods(["GET", "POST"])
def paper(request: OfficeRequest) -> HttpResponse:
    """Enter a paper of compliance."""
    form = PaperForm(request.POST or None, places=_places(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        dated = midnight(data["dated"])
        try:
            acts.enter_paper(
                actor=request.actor, kind=data["kind"], reference=data["reference"], dated=dated, site=data["site"],
                now=request.now,
            )  # fmt: skip
        except Invalid as error:
            _tell(form, error)
        else:
            return redirect("office:rules")
    status = 422 if form.errors else 200
    return render(request, "office/paper.html", {"form": form}, status=status)


@require_GET
def inspection(request: OfficeRequest) -> HttpResponse:
    """Ask for a bundle, and take those that are there."""
    return _inspection(request, BundleForm())


@require_POST
def make(request: OfficeRequest) -> HttpResponse:
    """One click: a bundle is asked for, the worker builds it."""
    form = BundleForm(request.POST)
    if form.is_valid():
        try:
            acts.request_bundle(
                actor=request.actor, for_whom=form.cleaned_data["for_whom"], seed=form.cleaned_data["seed"],
                language=(get_language() or "fr")[:2], now=request.now,
            )  # fmt: skip
        except Invalid as error:
            _tell(form, error)
        else:
            return redirect("office:inspection")
    return _inspection(request, form, status=422)


@require_GET
def progress(request: OfficeRequest) -> HttpResponse:
    """How far the bundles are: the fragment that the page asks for again."""
    return render(request, "office/inspection/bundles.html", {"bundles": queries.bundles(request.person), **_running()})


@require_GET
def download(request: OfficeRequest, bundle: str) -> HttpResponse:
    """The bundle itself. Taking it is a fact."""
    row = queries.bundle(request.person, bundle)
    data = acts.read_bundle(actor=request.actor, bundle=row, now=request.now)
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{row.name}.zip"'
    response["Cache-Control"] = "no-store"
    return response


def _inspection(request: OfficeRequest, form: BundleForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "bundles": queries.bundles(request.person), "key": log_key().to_text(), "sample": SAMPLE,
        "kept_days": acts.KEPT.days, **_running(),
    }  # fmt: skip
    return render(request, "office/inspection/page.html", context, status=status)


def _running() -> dict[str, bool]:
    return {"running": bool(queries.bundles_to_build())}


def _shown(line: RuleLine) -> dict[str, Any]:
    said, level = rule_words.STANDINGS[line.standing]
    told = [{"words": rule_words.sentence(one), "held": one.held, "note": one.note} for one in _ordered(line)]
    shown = max([SHOWN, *(place for place, one in enumerate(told, 1) if one["held"] is False)])
    return {
        "id": line.rule.id,
        "title": titled(line.rule.title, line.rule.id),
        "source": line.rule.source,
        "severity": rule_words.SEVERITIES[line.rule.severity],
        "design": line.rule.design_default,
        "way": rule_words.WAYS[line.way],
        "place": line.place,
        "tests": line.rule.tests,
        "standing": said,
        "level": level,
        "evidence": told[:shown],
        "folded": told[shown:],
    }


def _ordered(line: RuleLine) -> list[Any]:
    """What fails first, then what is unknown, then the rest."""
    return sorted(line.evidence, key=lambda one: (one.note, one.held is not False, one.held is not None))


def _tell(form: forms.Form, error: Invalid) -> None:
    for name, problem in error.fields.items():
        form.add_error(name if name in form.fields else None, str(PROBLEMS.get(problem, problem)))


def _places(request: OfficeRequest) -> set[str]:
    known = cameras_in_reach(request.person)
    return {one.site for one in sites.cameras() if known is None or one.id in known}


def _may(request: OfficeRequest, permission: Permission) -> bool:
    return permission in permissions_of(request.person.roles)
