"""The only writers of persons and accounts."""

from beffroi.people.actions.accounts import (
    TOUCH_EVERY,
    address_key,
    begin_session,
    choose_language,
    end_session,
    end_sessions,
    open_account,
    prove_session,
    refuse_proof,
    refuse_session,
    set_password,
    touch_session,
)
from beffroi.people.actions.factors import (
    confirm_app,
    make_recovery_codes,
    propose_app,
    remove_factor,
    reset_factors,
    try_code,
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
from beffroi.people.actions.invitations import (
    Invited,
    accept_invitation,
    invite,
    invite_new,
    token_digest,
    withdraw_invitation,
)
from beffroi.people.actions.limits import codes_key, lift_pause
from beffroi.people.actions.passkeys import add_passkey, try_passkey
from beffroi.people.actions.persons import create_organisation, create_person, create_unit, end_duty
from beffroi.people.actions.rules import set_sign_in_rule

__all__ = [
    "TOUCH_EVERY",
    "Invited",
    "accept_invitation",
    "add_passkey",
    "address_key",
    "begin_session",
    "choose_language",
    "codes_key",
    "confirm_app",
    "create_organisation",
    "create_person",
    "create_unit",
    "end_duty",
    "end_session",
    "end_sessions",
    "enter_training",
    "grant_approval",
    "grant_clearance",
    "grant_role",
    "invite",
    "invite_new",
    "lift_pause",
    "make_recovery_codes",
    "open_account",
    "propose_app",
    "prove_session",
    "refuse_proof",
    "refuse_session",
    "remove_factor",
    "reset_factors",
    "set_password",
    "set_sign_in_rule",
    "suspend_approval",
    "token_digest",
    "touch_session",
    "try_code",
    "try_passkey",
    "withdraw_clearance",
    "withdraw_invitation",
    "withdraw_role",
]
