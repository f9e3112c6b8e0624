"""Words about persons: roles, papers that run out, acts and what is wrong with them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.people.core.holdings import Paper
from beffroi.people.core.roles import Role

ROLES: dict[Role, Promise] = {
    Role.DUTY_OFFICER: _("duty officer"),
    Role.VIDEO_OFFICER: _("video officer"),
    Role.CHIEF: _("chief of service"),
    Role.MAYOR: _("mayor or delegate"),
    Role.INVESTIGATOR: _("investigator"),
    Role.OPERATIONS_CENTRE: _("operations centre of the forces"),
    Role.PREFECTURE_DUTY: _("duty officer of the prefecture"),
    Role.DPO: _("data protection officer"),
    Role.SCHOOL_HEAD: _("head of a school"),
    Role.TECHNICIAN: _("technician"),
    Role.ADMINISTRATOR: _("administrator of persons and accounts"),
}

PAPERS: dict[Paper, Promise] = {
    Paper.CLEARANCE: _("clearance"),
    Paper.APPROVAL: _("prefectoral approval"),
    Paper.REVIEW: _("five-year review of the approval"),
    Paper.TRAINING: _("training certificate"),
}

SENTENCES: dict[str, str | Promise] = {
    "own_holdings": _("What you hold yourself is entered and taken by another person."),
    "role_of_the_whole_centre": _("Only an administrator gives or takes this role: it reaches across communes."),
    "role_not_held": _("The person does not hold this role."),
    "clearance_withdrawn": _("This clearance has been withdrawn already."),
    "approval_suspended": _("This approval is suspended already."),
    "review_when": _("A review lies between the start of the approval and today."),
    "term_backwards": _("The end must be after the start."),
}
