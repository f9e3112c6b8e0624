"""The convention workshop: read, check, compare, ask, sign off, bring into effect, suspend, end."""

from datetime import datetime
from typing import Any

from django.forms import MultipleChoiceField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.actions import conventions as acts
from beffroi.governance.core.article_text import with_article, with_version
from beffroi.governance.core.convention_diff import compare as differences
from beffroi.governance.core.convention_text import parse_convention
from beffroi.governance.core.conventions import Convention
from beffroi.governance.core.gate_b import approvers_of, until_of
from beffroi.governance.core.yaml_nodes import TextFaults
from beffroi.governance.files import texts
from beffroi.governance.queries import law, questions
from beffroi.governance.queries.law import ConventionFacts
from beffroi.kernel.errors import NotFound
from beffroi.kernel.outcome import Allowed, Outcome, RuleResult
from beffroi.media.core.tickets import Mode
from beffroi.people import queries as people
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import Force
from beffroi.sites import queries as sites
from beffroi.web.office.article_form import RECEIVERS, ArticleForm
from beffroi.web.office.convention_forms import EffectForm, QuestionForm, SignForm, TextForm, WhyForm
from beffroi.web.shared import gate_words as words
from beffroi.web.shared.convention_words import change_words, explain, fault_words, party_words, remedy_words
from beffroi.web.shared.requests import OfficeRequest

ASKED_ABOUT = frozenset({Force.GN, Force.PN, Force.PREF, Force.SDIS, Force.PM})


@require_GET
def listing(request: OfficeRequest) -> HttpResponse:
    """Every version with its state; the prefect's orders beside them."""
    found = law.conventions()
    context = {
        "conventions": [_row(one, request.now) for one in found],
        "orders": [{"facts": one, "in_force": one.in_force(request.now)} for one in law.orders()],
        "forces": words.FORCES,
        "models": sorted(texts.model_conventions()),
        "may_write": _may(request, Permission.OFFICE_CONVENTION_WRITE),
        "may_ask": _may(request, Permission.OFFICE_CONVENTION_ASK),
    }
    return render(request, "office/conventions/list.html", context)


@require_GET
def one(request: OfficeRequest, convention: str) -> HttpResponse:
    """One version: its articles in plain words, who signed, what may be done with it."""
    return _page(request, law.convention(convention))


@require_http_methods(["GET", "POST"])
def draft(request: OfficeRequest) -> HttpResponse:
    """Write or paste a text, or add an article by choices; check it, see what it changes, keep it as a draft."""
    form = TextForm(request.POST or None, initial={"text": _starting_text(request.GET.get("from", ""), request.now)})
    adding = "add" in request.POST
    choices = _article_form(request, request.POST if adding else None, kept=request.POST)
    context: dict[str, Any] = {
        "form": form, "article_form": choices, "adding": adding, "models": sorted(texts.model_conventions()),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "office/conventions/draft.html", context)
    if not form.is_valid() or (adding and not choices.is_valid()):
        return render(request, "office/conventions/draft.html", context, status=422)
    text = form.cleaned_data["text"]
    try:
        if adding:
            text = with_article(text, choices.article())
        read = parse_convention(text)
    except TextFaults as error:
        told = [{"fault": one, "words": fault_words(one), "remedy": remedy_words(one)} for one in error.faults]
        return render(request, "office/conventions/draft.html", {**context, "faults": told}, status=422)
    if request.POST.get("keep"):
        kept = acts.draft_convention(text=text, actor=request.actor, now=request.now)
        return redirect("office:convention", kept.id)
    context |= {"good": read, "grants": explain(read), "changes": _changes(_standing(read, request.now), read)}
    if adding:
        context |= {"form": TextForm(initial={"text": text}), "article_form": _article_form(request, None)}
    return render(request, "office/conventions/draft.html", context)


@require_GET
def compare(request: OfficeRequest) -> HttpResponse:
    """Two versions side by side: who gains and who loses what."""
    known = law.conventions()
    old = next((one for one in known if one.id == request.GET.get("old")), known[-1] if known else None)
    new = next((one for one in known if one.id == request.GET.get("new")), known[0] if known else None)
    context: dict[str, Any] = {"known": known, "old": old, "new": new}
    if old is not None and new is not None:
        context["changes"] = _changes(old.convention, new.convention)
    return render(request, "office/conventions/compare.html", context)


@require_GET
def ask(request: OfficeRequest) -> HttpResponse:
    """May this person see this camera now, and why? The answer with every rule that was asked."""
    known = [each.person for each in people.kept_by(request.person, request.now)]  # of her communes, not of all
    persons = [one for one in known if one.force in ASKED_ABOUT]
    form = QuestionForm(
        request.GET if "person" in request.GET else None,
        persons=persons,
        cameras=sites.cameras_visible_to(request.person) or sites.cameras(),
        versions=law.conventions(),
    )
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        question = questions.Question(
            person=data["person"],
            camera=data["camera"],
            mode=Mode(data["mode"]),
            ground=data["ground"],
            legal_basis=data["legal_basis"],
            purpose=data["purpose"] if data["legal_basis"] == "ADMIN_POLICE" or data["ground"] == "duty" else "",
            minutes=data["minutes"],
            version=data["version"],
        )
        context |= _answer(questions.answer(question, request.now), request.now)
    return render(request, "office/conventions/ask.html", context)


@require_POST
def sign(request: OfficeRequest, convention: str) -> HttpResponse:
    """Enter a party's signature."""
    facts = law.convention(convention)
    form = SignForm(request.POST, parties=_parties(facts))
    if not form.is_valid():
        return _page(request, facts, sign_form=form, status=422)
    acts.sign_convention(convention=facts.id, **form.cleaned_data, actor=request.actor, now=request.now)
    return redirect("office:convention", facts.id)


@require_POST
def effect(request: OfficeRequest, convention: str) -> HttpResponse:
    """Let a signed version take effect."""
    facts = law.convention(convention)
    form = EffectForm(request.POST)
    if not form.is_valid():
        return _page(request, facts, effect_form=form, status=422)
    at = form.cleaned_data["at"] or request.now
    acts.bring_into_effect(convention=facts.id, at=at, actor=request.actor, now=request.now)
    return redirect("office:convention", facts.id)


@require_POST
def move(request: OfficeRequest, convention: str, act: str) -> HttpResponse:
    """Suspend, resume or end."""
    facts = law.convention(convention)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _page(request, facts, why_form=form, status=422)
    doing = {"suspend": acts.suspend_convention, "resume": acts.resume_convention, "end": acts.end_convention}
    if act not in doing:
        raise NotFound("There is no such act.", code="no_such_act")
    doing[act](convention=facts.id, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now)
    return redirect("office:convention", facts.id)


def _page(request: OfficeRequest, facts: ConventionFacts, *, status: int = 200, **forms: Any) -> HttpResponse:
    standing = _standing(facts.convention, request.now)
    context = {
        **_row(facts, request.now),
        "grants": explain(facts.convention),
        "parties": [party_words(name) for name in facts.convention.parties.names],
        "missing": [party_words(name) for name in facts.missing],
        "changes": _changes(standing, facts.convention) if facts.state == "draft" else (),
        "may_write": _may(request, Permission.OFFICE_CONVENTION_WRITE),
        "sign_form": SignForm(parties=_parties(facts)) if facts.missing else None,
        "effect_form": EffectForm() if not facts.missing and facts.state == "draft" else None,
        "why_form": WhyForm() if facts.state in {"signed", "suspended"} else None,
        **forms,
    }
    return render(request, "office/conventions/one.html", context, status=status)


def _row(facts: ConventionFacts, now: datetime) -> dict[str, Any]:
    label, level = _state(facts, now)
    return {
        "facts": facts,
        "title": words.titled(facts.convention.title, facts.reference),
        "label": label,
        "level": level,
        "span": facts.force_span(now) or facts.convention.valid,
        "waits": [party_words(name) for name in facts.missing] if facts.state == "draft" else [],
    }


def _state(facts: ConventionFacts, now: datetime) -> tuple[str, str]:
    if facts.state == "draft":
        return (_("being signed"), "warn") if facts.signatures else (_("draft"), "")
    if facts.state == "suspended":
        return _("suspended"), "bad"
    if facts.in_force(now):
        return _("in force"), "good"
    span = facts.force_span(now)
    coming = facts.state == "signed" and span is not None and now < span.start
    return (_("signed, not in effect yet"), "info") if coming else (_("convention over"), "")


def _standing(text: Convention, now: datetime) -> Convention | None:
    """What holds now under the same reference; else any text in force."""
    found = [one for one in law.conventions() if one.in_force(now)]
    same = [one for one in found if one.reference == text.id]
    return (same or found)[0].convention if found else None


def _changes(old: Convention | None, new: Convention) -> list[dict[str, Any]]:
    if old is None:
        return []
    return [{"change": one, "words": change_words(one, old, new)} for one in differences(old, new)]


def _starting_text(name: str, now: datetime) -> str:
    """A model as it is; the next version of a text that is here: of the one in force where none is named."""
    if name in texts.model_conventions():
        return texts.model_convention(name)
    known = law.conventions()
    from_ = next((one for one in known if (one.id == name if name else one.in_force(now))), None)
    if from_ is None:
        return ""
    newest = max(one.version for one in known if one.reference == from_.reference)
    return with_version(from_.text, newest + 1)


def _article_form(request: OfficeRequest, data: Any, *, kept: QueryDict | None = None) -> ArticleForm:
    """``kept``: what was chosen already when the text alone is checked; it stays there, and is not asked about yet."""
    known = (each.person for each in people.kept_by(request.person, request.now))  # of her communes, not of all
    units = sorted({one.unit for one in known if one.force in RECEIVERS})
    form = ArticleForm(data, units=units, cameras=sites.cameras_visible_to(request.person) or sites.cameras())
    for name, field in form.fields.items():
        if kept is not None and name in kept:
            form.initial[name] = kept.getlist(name) if isinstance(field, MultipleChoiceField) else kept[name]
    return form


def _parties(facts: ConventionFacts) -> list[tuple[str, str]]:
    return [(name, party_words(name)) for name in facts.missing]


def _may(request: OfficeRequest, permission: Permission) -> bool:
    return permission in permissions_of(request.person.roles)


def _answer(outcome: Outcome, now: datetime) -> dict[str, Any]:
    pack = law.law_pack(now)
    titles = {rule.id: words.titled(rule.title, rule.id) for rule in pack.rules}
    lines = [_line(one, titles) for one in outcome.trace]
    found: dict[str, Any] = {"outcome": outcome, "lines": lines}
    if isinstance(outcome, Allowed):
        waits = [str(words.APPROVERS.get(one, one)) for one in approvers_of(outcome)]
        duties = [str(words.OBLIGATIONS[one]) for one in outcome.obligations if one in words.OBLIGATIONS]
        return {**found, "until": until_of(outcome), "waits_for": words.either(waits), "duties": words.listed(duties)}
    return {**found, "refusal": words.reason(outcome.reason)}


def _line(one: RuleResult, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "title": titles.get(one.rule, one.source),
        "source": one.source,
        "held": one.held,
        "blocks": one.severity.value == "block",
        "reason": words.reason(one.reason) if one.reason else "",
    }
