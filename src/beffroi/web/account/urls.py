"""Routes of the account surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.account.views import factors, passkeys, profile, rule, sign_in
from beffroi.web.shared.routing import guarded

app_name = "account"
MINE, ANYBODY, RULE = Permission.SIGNED_IN, Permission.PUBLIC, Permission.ACCOUNT_RULE
urlpatterns: list[URLPattern] = [
    guarded("sign-in/", sign_in.sign_in, permission=ANYBODY, name="sign-in"),
    guarded("sign-in/second/", sign_in.second_step, permission=ANYBODY, name="second-step"),
    guarded("sign-in/passkey/", passkeys.sign_in, permission=ANYBODY, name="passkey-sign-in"),
    guarded("passkeys/challenge/", passkeys.challenge, permission=ANYBODY, name="passkey-challenge"),
    guarded("sign-out/", sign_in.sign_out, permission=MINE, name="sign-out", enrolling=True),
    guarded("", profile.profile, permission=MINE, name="profile"),
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
    guarded("language/", profile.language, permission=ANYBODY, name="language"),
    guarded("appearance/", profile.theme, permission=ANYBODY, name="theme"),
]
