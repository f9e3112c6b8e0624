"""Every URL of the office names a permission; none is public by omission."""

from django.core.checks import run_checks

from beffroi.config.checks import routes
from beffroi.people.core.permissions import ROLE_PERMISSIONS, Permission

OPEN = {
    "account:sign-in": "whoever is not signed in yet",
    "account:second-step": "whoever gave the right password a moment ago; everybody else goes back to sign in",
    "account:passkey-sign-in": "signing in with a passkey alone",
    "account:passkey-challenge": "the random question that a passkey answers, for sign-in too",
    "account:invitation": "a one-time link; whoever holds it has no account yet",
    "account:join": "the page it leads to",
    "account:provider-ask": "the way to an identity provider",
    "account:provider-return": "the way back from it",
    "account:language": "the language of the sign-in page",
    "account:theme": "its appearance",
    **dict.fromkeys(
        ("counter:guest", "counter:guest-wait", "counter:guest-again", "counter:guest-leave"),
        "guests have no account: these pages show nothing but their own form",
    ),
    **dict.fromkeys(
        ("counter:guest-open", "counter:crisis-open"), "a one-time link is the key; without it they are not there"
    ),
    **dict.fromkeys(
        (
            "counter:guest-ask",
            "counter:guest-map",
            "counter:guest-edit",
            "counter:guest-requisition",
            "counter:guest-paper",
            "counter:guest-package",
            "counter:guest-package-ticket",
            "counter:guest-package-receipt",
            "counter:guest-package-slip",
            "counter:crisis",
            "counter:crisis-state",
            "counter:crisis-ticket",
            "counter:crisis-steer",
            "counter:crisis-steer-ticket",
            "counter:crisis-steer-stop",
            "counter:crisis-stop",
        ),
        "the browser that used the link or code; for every other they are not there",
    ),
}
"""Public routes outside the public surface, each with its reason."""


def test_every_route_names_a_permission_of_the_enumeration() -> None:
    without = [
        name for name, route in routes() if not isinstance(getattr(route.callback, "permission", None), Permission)
    ]
    assert not without, "made without web.shared.routing.guarded: " + ", ".join(without)


def test_the_office_would_start() -> None:
    assert [one for one in run_checks() if not one.is_silenced()] == []


def test_every_route_has_a_name_of_its_own() -> None:
    names = [name for name, _ in routes()]
    assert all(route.name for _, route in routes())
    assert sorted(names) == sorted(set(names))


def test_what_is_public_stands_in_the_public_surface_or_says_why() -> None:
    public = {
        name
        for name, route in routes()
        if route.callback.permission is Permission.PUBLIC and not name.startswith("public:")
    }
    assert {name for name in public if not name.startswith("api:")} <= OPEN.keys()


def test_every_permission_is_held_by_someone_and_opens_something() -> None:
    said = {Permission.PUBLIC, Permission.SIGNED_IN}
    assert set(Permission) - said == set(ROLE_PERMISSIONS), "each permission has its row in ROLE_PERMISSIONS"
    assert all(ROLE_PERMISSIONS[permission] for permission in ROLE_PERMISSIONS)
