"""The only writers of persons and accounts."""

from beffroi.people.actions.accounts import (
    TOUCH_EVERY,
    begin_session,
    choose_language,
    end_session,
    open_account,
    refuse_session,
    set_password,
    touch_session,
)
from beffroi.people.actions.holdings import (
    enter_training,
    grant_approval,
    grant_clearance,
    grant_role,
    suspend_approval,
    withdraw_clearance,
    withdraw_role,
)
from beffroi.people.actions.persons import create_organisation, create_person, create_unit, end_duty

__all__ = [
    "TOUCH_EVERY",
    "begin_session",
    "choose_language",
    "create_organisation",
    "create_person",
    "create_unit",
    "end_duty",
    "end_session",
    "enter_training",
    "grant_approval",
    "grant_clearance",
    "grant_role",
    "open_account",
    "refuse_session",
    "set_password",
    "suspend_approval",
    "touch_session",
    "withdraw_clearance",
    "withdraw_role",
]
