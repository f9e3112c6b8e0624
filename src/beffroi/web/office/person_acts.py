"""The table of what may be done with a person: for each act its words, its form, and the act of the plane behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.kernel.errors import NotFound
from beffroi.operations import actions as operations
from beffroi.people import actions as people
from beffroi.people.core.roles import WHOLE_CENTRE, Quality, Role
from beffroi.people.queries.directory import PersonFile
from beffroi.sites.queries import CommuneFacts
from beffroi.web.office import person_forms as given
from beffroi.web.shared.dates import midnight
from beffroi.web.shared.recorder import say_what_is_open
from beffroi.web.shared.requests import OfficeRequest


class PersonAct(StrEnum):
    """What stands in the address of the act."""

    AMEND = "amend"
    ROLE = "role"
    ROLE_WITHDRAW = "role-withdraw"
    CLEARANCE = "clearance"
    CLEARANCE_WITHDRAW = "clearance-withdraw"
    APPROVAL = "approval"
    APPROVAL_REVIEW = "approval-review"
    APPROVAL_SUSPEND = "approval-suspend"
    TRAINING = "training"
    END_DUTY = "end-duty"

    @classmethod
    def named(cls, what: str) -> "PersonAct":
        """The act of an address; ``NotFound``."""
        try:
            return cls(what)
        except ValueError as error:
            raise NotFound("There is no such act.", code="no_such_act") from error


Doing = Callable[[OfficeRequest, PersonFile, Any], object]


@dataclass(frozen=True, slots=True)
class Act:
    """Its words and what it does with the valid form."""

    words: str | Promise
    do: Doing


def administers(request: OfficeRequest) -> bool:
    """Whether the reader gives roles of the whole centre."""
    return Role.ADMINISTRATOR in request.person.roles


def offered_to(request: OfficeRequest, row: PersonFile) -> list[PersonAct]:
    """What the reader may do with this person now, in the order of the page. What one holds oneself others enter."""
    if row.duty_ended_at is not None and not row.serves(request.now):
        return []
    now, oneself = request.now, row.id == request.person.id
    found = [PersonAct.AMEND]
    if oneself:
        return found
    found.append(PersonAct.ROLE)
    if given.roles_held(row, now, administrator=administers(request)):
        found.append(PersonAct.ROLE_WITHDRAW)
    found.append(PersonAct.CLEARANCE)
    if given.clearances_held(row, now):
        found.append(PersonAct.CLEARANCE_WITHDRAW)
    found.append(PersonAct.APPROVAL)
    if given.approvals_held(row, now):
        found += [PersonAct.APPROVAL_REVIEW, PersonAct.APPROVAL_SUSPEND]
    found.append(PersonAct.TRAINING)
    guarded = bool(WHOLE_CENTRE & set(row.roles)) and not administers(request)
    if not guarded:
        found.append(PersonAct.END_DUTY)
    return found


def form_of(
    request: OfficeRequest, act: PersonAct, row: PersonFile, communes: Iterable[CommuneFacts], data: Any = None
) -> forms.Form:
    """The form of an act for this person."""
    now, ids = request.now, f"{act.value}_%s"
    match act:
        case PersonAct.AMEND:
            known = {name: getattr(row, name) for name in ("name", "rank", "matricule", "quality", "email")}
            return given.IdentityForm(data, initial=known, auto_id=ids)
        case PersonAct.ROLE:
            return given.RoleForm(data, administrator=administers(request), auto_id=ids)
        case PersonAct.ROLE_WITHDRAW:
            held = given.roles_held(row, now, administrator=administers(request))
            return given.RoleBackForm(data, offered=held, auto_id=ids)
        case PersonAct.CLEARANCE:
            return given.ClearanceForm(data, communes=communes, auto_id=ids)
        case PersonAct.CLEARANCE_WITHDRAW:
            return given.HeldForm(data, offered=given.clearances_held(row, now), auto_id=ids)
        case PersonAct.APPROVAL_REVIEW:
            return given.ReviewForm(data, offered=given.approvals_held(row, now), auto_id=ids)
        case PersonAct.APPROVAL_SUSPEND:
            return given.HeldForm(data, offered=given.approvals_held(row, now), auto_id=ids)
        case _:
            return _PLAIN[act](data, auto_id=ids)


_PLAIN: dict[PersonAct, type[forms.Form]] = {
    PersonAct.APPROVAL: given.ApprovalForm,
    PersonAct.TRAINING: given.TrainingForm,
    PersonAct.END_DUTY: given.ReasonForm,
}


def _who(request: OfficeRequest, row: PersonFile) -> dict[str, Any]:
    return {"person": row.id, "actor": request.actor, "now": request.now}


def _amend(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    data = {**form.cleaned_data, "quality": Quality(form.cleaned_data["quality"])}
    people.amend_person(**data, **_who(request, row))


def _role(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    start, until = form.term()
    people.grant_role(role=Role(form.cleaned_data["role"]), start=start, until=until, **_who(request, row))


def _role_back(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    people.withdraw_role(role=Role(form.cleaned_data["held"]), **_who(request, row))


def _clearance(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    start, until = form.term()
    data = {name: form.cleaned_data[name] for name in ("reference", "issuer", "territory")}
    people.grant_clearance(**data, start=start, until=until, **_who(request, row))


def _clearance_back(request: OfficeRequest, _row: PersonFile, form: Any) -> None:
    data = form.cleaned_data
    people.withdraw_clearance(clearance=data["held"], reason=data["reason"], actor=request.actor, now=request.now)


def _approval(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    start, until = form.term()
    data = {name: form.cleaned_data[name] for name in ("reference", "issuer", "department")}
    reviewed = midnight(form.cleaned_data["reviewed"])
    people.grant_approval(**data, reviewed_at=reviewed, start=start, until=until, **_who(request, row))


def _approval_review(request: OfficeRequest, _row: PersonFile, form: Any) -> None:
    data = form.cleaned_data
    day = midnight(data["reviewed"]) or request.now
    people.review_approval(approval=data["held"], reviewed_at=day, actor=request.actor, now=request.now)


def _approval_suspend(request: OfficeRequest, _row: PersonFile, form: Any) -> None:
    data = form.cleaned_data
    people.suspend_approval(approval=data["held"], reason=data["reason"], actor=request.actor, now=request.now)


def _training(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    start, until = form.term()
    people.enter_training(reference=form.cleaned_data["reference"], start=start, until=until, **_who(request, row))


def _end_duty(request: OfficeRequest, row: PersonFile, form: Any) -> None:
    operations.leave(reason=form.cleaned_data["reason"], **_who(request, row))
    say_what_is_open(request.now)


ACTS: dict[PersonAct, Act] = {
    PersonAct.AMEND: Act(_("Correct who she is"), _amend),
    PersonAct.ROLE: Act(_("Give a role"), _role),
    PersonAct.ROLE_WITHDRAW: Act(_("Take a role back"), _role_back),
    PersonAct.CLEARANCE: Act(_("Enter a clearance"), _clearance),
    PersonAct.CLEARANCE_WITHDRAW: Act(_("Withdraw a clearance"), _clearance_back),
    PersonAct.APPROVAL: Act(_("Enter a prefectoral approval"), _approval),
    PersonAct.APPROVAL_REVIEW: Act(_("Enter the review of an approval"), _approval_review),
    PersonAct.APPROVAL_SUSPEND: Act(_("Suspend an approval"), _approval_suspend),
    PersonAct.TRAINING: Act(_("Enter a training certificate"), _training),
    PersonAct.END_DUTY: Act(_("End her duty here"), _end_duty),
}
