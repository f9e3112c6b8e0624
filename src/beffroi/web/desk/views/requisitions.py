"""The desk's pages of requisitions: inbox, entry of a paper, one requisition with its decision. One act a POST."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from beffroi.governance.actions import outcomes, requisitions
from beffroi.governance.actions.requisition_progress import advance
from beffroi.governance.core.codec import outcome_from_json
from beffroi.governance.core.requisition_decisions import GROUNDS, Ground, may_be_overridden, propose
from beffroi.governance.core.requisitions import DECISIONS, Act, Helped
from beffroi.governance.queries import mail
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.errors import Invalid
from beffroi.people import queries as people
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import Role
from beffroi.sites.core.coverage import PlaceClass
from beffroi.web.desk.requisition_forms import AssignForm, CompletionForm, DecisionForm, FactForm, OutcomeForm
from beffroi.web.shared import requisition_pages as pages
from beffroi.web.shared import requisition_words as words
from beffroi.web.shared.mail_words import MAIL_TROUBLES
from beffroi.web.shared.requests import OfficeRequest

UNPROCESSABLE = 422
PAGE = 50


def inbox(request: OfficeRequest) -> HttpResponse:
    """What waits, urgent and soon-to-die first; ``?closed=1`` shows what was answered, page by page."""
    closed = request.GET.get("closed") == "1"
    wanted = request.GET.get("page", "1")
    number = max(int(wanted), 1) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    shown = {"limit": PAGE + 1, "offset": (number - 1) * PAGE} if closed else {}
    lines = [
        (line, words.STATES[line.state], words.STATE_LEVELS[line.state],
         words.VERDICTS[line.verdict] if line.verdict else "")
        for line in queries.inbox(request.person, request.now, closed=closed, **shown)
    ]  # fmt: skip
    more = closed and len(lines) > PAGE
    decides = Permission.DESK_REQUISITION_DECIDE in permissions_of(request.person.roles)
    context = {
        "lines": lines[:PAGE] if closed else lines,
        "closed": closed,
        "number": number,
        "more": more,
        "reads_mail": decides and mail.in_use_at_all(),
        "mails": mail.to_settle(request.person) if decides else 0,
    }
    return render(request, "desk/requisitions/inbox.html", context)


def enter(request: OfficeRequest) -> HttpResponse:
    """Type a paper into the register: who types is not who asks."""
    form = pages.form_of(request, counter=False)
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        else:
            made = _entered(request, form)
            if made is not None:
                messages.success(request, _("Requisition %(number)s is in the register.") % {"number": made.number})
                return redirect("desk:requisition", made.id)
    return _form_page(request, form, title=_("Enter a requisition"))


def edit(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Complete or correct a requisition that was not decided."""
    row = queries.for_desk(request.person, requisition)
    form = pages.form_of(request, counter=False, initial=queries.typed(row))
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        elif _resubmitted(request, form, row):
            messages.success(request, _("The requisition was completed. Check it again."))
            return redirect("desk:requisition", row.id)
    return _form_page(request, form, title=_("Complete requisition %(number)s") % {"number": row.number}, row=row)


def map_image(request: OfficeRequest) -> HttpResponse:
    """The map of the form."""
    return pages.map_response(request)


def page(request: OfficeRequest, requisition: str) -> HttpResponse:
    """One requisition: first answer, holds, rules, decision, papers, history."""
    return _page(request, queries.for_desk(request.person, requisition))


def paper(request: OfficeRequest, requisition: str, document: str) -> HttpResponse:
    """Download a paper."""
    return pages.paper_response(request, queries.document_for_desk(request.person, requisition, document))


@require_POST
def check(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Ask recorder and rules, now."""
    row = queries.for_desk(request.person, requisition)
    requisitions.recheck(
        actor=request.actor, person=request.person, requisition=row.id, recorder=pages.recorder_or_none(),
        now=request.now,
    )  # fmt: skip
    return redirect("desk:requisition", row.id)


@require_POST
def ask(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Ask the requester for what is missing."""
    row = queries.for_desk(request.person, requisition)
    form = CompletionForm(request.POST)
    if form.is_valid():
        requisitions.ask_completion(
            actor=request.actor, requisition=row.id, what=form.cleaned_data["asked"], now=request.now
        )
        messages.success(request, _("The requester sees what is missing."))
        return redirect("desk:requisition", row.id)
    return _page(request, row, completion_form=form)


@require_POST
def decide(request: OfficeRequest, requisition: str) -> HttpResponse:
    """A person decides."""
    row = queries.for_desk(request.person, requisition)
    form = DecisionForm(request.POST, cameras=_camera_choices(row))
    if form.is_valid():
        try:
            requisitions.answer(
                actor=request.actor,
                person=request.person,
                requisition=row.id,
                act=Act(form.cleaned_data["act"]),
                ground=form.chosen_ground(),
                words=form.cleaned_data["words"],
                override_reason=form.cleaned_data["override_reason"],
                granted=form.cleaned_data["granted"],
                now=request.now,
            )
        except Invalid as error:
            form.take(error.fields)
        else:
            messages.success(request, _("The decision stands, and its paper is made."))
            return redirect("desk:requisition", row.id)
    return _page(request, row, decision_form=form)


@require_POST
def extract(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Ask once more for the package of an accepted requisition."""
    row = queries.for_desk(request.person, requisition)
    requisitions.extract(actor=request.actor, requisition=row.id, now=request.now)
    messages.success(request, _("The package has been asked for."))
    return redirect("desk:requisition", row.id)


@require_POST
def assign(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Let another officer see it."""
    row = queries.for_desk(request.person, requisition)
    form = AssignForm(request.POST, officers=_officer_choices(request))
    if form.is_valid():
        officer = people.person_facts(form.cleaned_data["officer"], request.now)
        requisitions.assign(actor=request.actor, requisition=row.id, officer=officer, now=request.now)
        return redirect("desk:requisition", row.id)
    return _page(request, row, assign_form=form)


@require_POST
def outcome(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Whether the images helped, as the unit told the officer."""
    row = queries.for_desk(request.person, requisition)
    form = OutcomeForm(request.POST, facts=row.facts.all())
    if form.is_valid():
        outcomes.record_outcome(
            actor=request.actor, requisition=row.id, helped=form.helped(), note=form.cleaned_data["note"],
            fact=form.cleaned_data["fact"], now=request.now,
        )  # fmt: skip
        messages.success(request, _("The outcome is recorded."))
        return redirect("desk:requisition", row.id)
    return _page(request, row, outcome_form=form)


@require_POST
def fact(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Correct a fact, or add one: the year's figures count them."""
    row = queries.for_desk(request.person, requisition)
    form = FactForm(request.POST, facts=row.facts.all())
    if form.is_valid():
        data = form.cleaned_data
        given: dict[str, Any] = {
            "nature": data["nature"], "committed_on": data["committed_on"], "place": data["place"],
            "place_class": form.place_class(),
        }  # fmt: skip
        if data["fact"]:
            outcomes.amend_fact(actor=request.actor, fact=data["fact"], now=request.now, **given)
        else:
            outcomes.add_fact(actor=request.actor, requisition=row.id, now=request.now, **given)
        messages.success(request, _("The fact is recorded."))
        return redirect("desk:requisition", row.id)
    return _page(request, row, fact_form=form)


@require_POST
def close(request: OfficeRequest, requisition: str) -> HttpResponse:
    """Close it; its holds go."""
    row = queries.for_desk(request.person, requisition)
    advance(actor=request.actor, requisition=row.id, act=Act.CLOSE, now=request.now)
    return redirect("desk:requisition", row.id)


def _entered(request: OfficeRequest, form: Any) -> queries.RequisitionRow | None:
    form.keep_upload()
    if not form.is_valid():
        return None
    entry = form.entry()
    if form.errors:
        return None
    try:
        return requisitions.enter(
            actor=request.actor, person=request.person, entry=entry, document=form.paper,
            recorder=pages.recorder_or_none(), now=request.now,
        )  # fmt: skip
    except Invalid as error:
        form.take(error.fields)
        return None


def _resubmitted(request: OfficeRequest, form: Any, row: queries.RequisitionRow) -> bool:
    form.keep_upload()
    if not form.is_valid():
        return False
    entry = form.entry()
    if form.errors:
        return False
    try:
        requisitions.resubmit(
            actor=request.actor, person=request.person, requisition=row.id, entry=entry, document=form.paper,
            recorder=pages.recorder_or_none(), now=request.now,
        )  # fmt: skip
    except Invalid as error:
        form.take(error.fields)
        return False
    return True


def _form_page(
    request: OfficeRequest, form: Any, *, title: str, row: queries.RequisitionRow | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "row": row,
        "map_query": pages.map_query(form),
        "units": queries.known_units(request.person),
        "map_route": "desk:requisition-map",
    }
    form.mark_needed()
    refused = request.method == "POST" and form.is_bound and bool(form.errors) and not pages.looks_for_cameras(request)
    return render(request, "desk/requisitions/enter.html", context, status=UNPROCESSABLE if refused else 200)


def _page(request: OfficeRequest, row: queries.RequisitionRow, **forms: Any) -> HttpResponse:
    decision = queries.gate_decision(row.number)
    outcome_now = outcome_from_json(decision.outcome) if decision else None
    answer = queries.latest_answer(row)
    proposal = propose(outcome_now, answer.verdict if answer else None)
    acts = queries.acts_of(row)
    may_decide = Permission.DESK_REQUISITION_DECIDE in permissions_of(request.person.roles)
    context = {
        **pages.common_context(row, desk=True),
        "trace": pages.shown_trace(decision, (get_language() or "fr")[:2]),
        "trace_at": decision.at if decision else None,
        "gate_ok": outcome_now.ok if outcome_now else None,
        "proposal": proposal,
        "proposal_act": words.ACTS.get(proposal.act.value) if proposal.act else "",
        "proposal_ground": words.GROUNDS.get(proposal.ground, ""),
        "may_decide": may_decide and bool(acts & DECISIONS),
        "may_override": outcome_now is not None
        and not outcome_now.ok
        and may_be_overridden(outcome_now)
        and Role.VIDEO_OFFICER in request.person.roles,
        "acts": {act.value.replace("-", "_") for act in acts},
        "history": pages.history(row, to_requester=False),
        "mails": [(one, MAIL_TROUBLES.get(one.trouble, one.trouble)) for one in mail.of_requisition(row)],
        "unit_mailbox": mail.mailbox_of(row),
        "extractions": list(row.extractions.all()),
        "decisions": [
            (one, words.ACTS.get(one.act, one.act), words.GROUNDS.get(Ground(one.ground), ""))
            for one in row.decisions.all()
        ],
        "completion_form": CompletionForm(),
        "decision_form": DecisionForm(
            cameras=_camera_choices(row),
            initial={
                "act": proposal.act.value if proposal.act is not None and proposal.act in GROUNDS else "",
                "ground": proposal.ground.value,
                "granted": [one.camera for one in row.cameras.all()],
            },
        ),
        "assign_form": AssignForm(officers=_officer_choices(request)),
        "outcome_form": OutcomeForm(facts=row.facts.all()),
        "fact_form": FactForm(facts=row.facts.all()),
        "facts": [
            (one, words.PLACE_CLASSES[PlaceClass(one.place_class)], words.HELPED[Helped(one.helped)])
            for one in row.facts.all()
        ],
        **forms,
    }
    status = UNPROCESSABLE if any(form.errors for form in forms.values()) else 200
    return render(request, "desk/requisitions/page.html", context, status=status)


def _camera_choices(row: queries.RequisitionRow) -> list[tuple[str, str]]:
    return [(one.camera, f"{one.number} · {one.name}") for one in row.cameras.all()]


def _officer_choices(request: OfficeRequest) -> list[tuple[str, str]]:
    officers = (one for one in people.persons(now=request.now) if one.roles & queries.OFFICERS)
    return sorted(((one.id, one.called) for one in officers), key=lambda pair: pair[1])
