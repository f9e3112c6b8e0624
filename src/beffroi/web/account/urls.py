"""Routes of the account surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.account.views import factors, invitations, lock, passkeys, people, profile, providers, rule, sign_in
from beffroi.web.shared.routing import guarded

app_name = "account"
MINE, ANYBODY = Permission.SIGNED_IN, Permission.PUBLIC
RULE, PEOPLE = Permission.ACCOUNT_RULE, Permission.ACCOUNT_PEOPLE
ONE = "people/<str:person>/"
urlpatterns: list[URLPattern] = [
    guarded("sign-in/", sign_in.sign_in, permission=ANYBODY, name="sign-in"),
    guarded("sign-in/second/", sign_in.second_step, permission=ANYBODY, name="second-step"),
    guarded("sign-in/passkey/", passkeys.sign_in, permission=ANYBODY, name="passkey-sign-in"),
    guarded("passkeys/challenge/", passkeys.challenge, permission=ANYBODY, name="passkey-challenge"),
    guarded("sign-out/", sign_in.sign_out, permission=MINE, name="sign-out", enrolling=True, locked=True),
    guarded("alive/", lock.alive, permission=MINE, name="alive", enrolling=True),
    guarded("lock/", lock.lock, permission=MINE, name="lock", enrolling=True, locked=True),
    guarded("unlock/", lock.unlock, permission=MINE, name="unlock", enrolling=True, locked=True),
    guarded("", profile.profile, permission=MINE, name="profile"),
    guarded("programs/", profile.token, permission=MINE, name="token", step_up=True),
    guarded("password/", profile.password, permission=MINE, name="password"),
    guarded("sessions/<str:session>/end/", profile.end_session, permission=MINE, name="end-session"),
    guarded("factors/", factors.factors, permission=MINE, name="factors", enrolling=True),
    guarded("factors/app/", factors.propose_app, permission=MINE, name="factor-propose", enrolling=True, step_up=True),
    guarded("factors/app/confirm/", factors.confirm_app, permission=MINE, name="factor-confirm", enrolling=True),
    guarded("factors/passkey/", passkeys.make, permission=MINE, name="passkey-make", enrolling=True, step_up=True),
    guarded("factors/passkey/add/", passkeys.add, permission=MINE, name="passkey-add", enrolling=True),
    guarded("factors/codes/", factors.recovery_codes, permission=MINE, name="factor-codes", step_up=True),
    guarded("factors/<str:factor>/remove/", factors.remove, permission=MINE, name="factor-remove", step_up=True),
    guarded("rule/", rule.rule, permission=RULE, name="rule", step_up=True),
    guarded("sessions/end/", profile.end_others, permission=MINE, name="end-others"),
    guarded("people/", people.listing, permission=PEOPLE, name="people"),
    guarded("people/new/", people.new, permission=PEOPLE, name="person-new", step_up=True),
    guarded(ONE, people.one, permission=PEOPLE, name="person"),
    guarded(f"{ONE}invite/", people.invite, permission=PEOPLE, name="person-invite", step_up=True),
    guarded(f"{ONE}factors/", people.reset_factors, permission=PEOPLE, name="person-factors", step_up=True),
    guarded(f"{ONE}sessions/", people.end_sessions, permission=PEOPLE, name="person-sessions"),
    guarded(f"{ONE}unlock/", people.lift_pause, permission=PEOPLE, name="person-unlock"),
    guarded(f"{ONE}leave/", people.end_duty, permission=PEOPLE, name="person-leave", step_up=True),
    guarded("invitations/<str:invitation>/withdraw/", people.withdraw, permission=PEOPLE, name="invitation-withdraw"),
    guarded("invitation/<str:token>/", invitations.follow, permission=ANYBODY, name="invitation"),
    guarded("join/", invitations.join, permission=ANYBODY, name="join"),
    guarded("providers/", providers.providers, permission=RULE, name="providers", step_up=True),
    guarded("providers/<str:provider>/stop/", providers.stop, permission=RULE, name="provider-stop", step_up=True),
    guarded("provider/return/", providers.answer, permission=ANYBODY, name="provider-return"),
    guarded("provider/<str:provider>/", providers.ask, permission=ANYBODY, name="provider-ask"),
    guarded("provider/<str:provider>/link/", providers.link, permission=MINE, name="provider-link", step_up=True),
    guarded(
        "identities/<str:identity>/unlink/", providers.unlink, permission=MINE, name="identity-unlink", step_up=True
    ),
    guarded("language/", profile.language, permission=ANYBODY, name="language"),
    guarded("appearance/", profile.theme, permission=ANYBODY, name="theme"),
]
