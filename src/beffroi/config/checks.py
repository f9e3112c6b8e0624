"""What must hold before the office starts. ``beffroi office`` runs them; so do the tests."""

from collections.abc import Iterator, Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

from beffroi.people.core.permissions import ROLE_PERMISSIONS, Permission

ONLY_FOR_TESTS = "only-for-checks-and-tests"


def routes(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """All routes of the office with their full names."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from routes(one, (*spaces, one.namespace) if one.namespace else spaces)
        else:
            yield ":".join((*spaces, one.name or str(one.pattern))), one


@register(Tags.urls)
def every_route_names_a_permission(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """A URL without a permission does not start."""
    return [
        Error(
            f"the route {name} names no permission", hint="Make it with web.shared.routing.guarded.", id="beffroi.E001"
        )
        for name, route in routes()
        if not isinstance(getattr(route.callback, "permission", None), Permission)
    ]


@register(Tags.security)
def every_permission_has_holders(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """A permission that nobody holds is a page that nobody opens."""
    said = {Permission.PUBLIC, Permission.SIGNED_IN}
    return [
        Error(f"nobody holds the permission {one}", hint="Add its row to ROLE_PERMISSIONS.", id="beffroi.E002")
        for one in Permission
        if one not in said and not ROLE_PERMISSIONS.get(one)
    ]


@register(Tags.security, deploy=True)
def the_secret_is_secret(app_configs: Sequence[AppConfig] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Sessions are signed with a key of this installation's own."""
    if settings.SECRET_KEY == ONLY_FOR_TESTS:
        hint = "Start with beffroi up, or set BEFFROI_SECRET_KEY."
        return [Error("the session key is the one of the tests", hint=hint, id="beffroi.E003")]
    return []
