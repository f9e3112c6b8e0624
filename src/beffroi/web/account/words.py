"""Words of the account surface: roles, second factors, and sentences for error codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: dict[str, Promise] = {
    "duty_officer": _("duty officer"),
    "video_officer": _("video officer"),
    "chief": _("chief of the municipal police"),
    "mayor": _("mayor"),
    "investigator": _("investigator"),
    "operations_centre": _("operations centre"),
    "prefecture_duty": _("prefecture’s duty officer"),
    "dpo": _("data protection officer"),
    "school_head": _("head of the school"),
    "technician": _("technician"),
    "administrator": _("administrator of accounts"),
}

FACTORS: dict[str, Promise] = {
    "password": _("password"),
    "totp": _("authenticator app"),
    "passkey": _("passkey"),
    "recovery": _("recovery code"),
    "provider": _("identity provider"),
    "provider-strong": _("identity provider, two factors"),
}

ENDED: dict[str, Promise] = {
    "signed-out": _("signed out"),
    "idle": _("no sign of life"),
    "other-session": _("ended by herself from another session"),
    "manager": _("ended by whoever manages accounts"),
    "password": _("a new password was set"),
    "duty-ended": _("duty ended"),
    "factor-reset": _("second factors taken away"),
}

PASSKEY_TEXTS: dict[str, Promise] = {
    "asking": _("Your browser asks for your passkey…"),
    "refused": _("No passkey was made. Try again, or use another way."),
}

SENTENCES: dict[str, str | Promise] = {
    "factor_last": _("The centre’s rule asks you for a second factor: set up another one before you give up this one."),
    "invitation_over": _("This invitation is over: ask for another one."),
    "invitation_own": _("Nobody invites herself: change your password on your profile."),
    "account_taken": _("This account name is taken."),
    "duty_ended": _("This person’s duty has ended."),
    "factor_own": _("Nobody takes her own second factor away: ask somebody else who manages accounts."),
    "identity_linked": _("This identity is linked to an account already."),
    "provider_address": _("The address of a provider is https://…, without query."),
    "provider_issuer": _("What answers at this address calls itself otherwise: check the address, letter by letter."),
    "provider_document": _("The provider’s discovery document is incomplete or names unsafe addresses."),
    "provider_silent": _("The identity provider does not answer as it should."),
    "factor_none": _("Recovery codes stand in for a second factor: set one up first."),
    "factor_enough": _("This account has enough second factors: give one up first."),
    "factor_unknown": _("There is no such second factor, or none is being set up."),
    "factor_missing": _(
        "The centre’s rule asks you for a second factor: set it up first, on the page of your account."
    ),
    "step_up": _("This act asks for a fresh proof that it is you: do it from its page."),
}
