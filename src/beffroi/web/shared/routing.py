"""Every URL names a permission. ``guarded`` is the only way to make a route; one without a permission does not start.

The permission opens the page; what stands on it comes from ``queries.visible_to(person)`` and pictures from the
door against tickets. Absent and forbidden objects give the same 404 (I1).
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from beffroi.people.core.permissions import Permission, permissions_of

View = Callable[..., HttpResponseBase]


def guarded(route: str, view: View, *, permission: Permission, name: str) -> URLPattern:
    """A route that asks for ``permission``: signed-out persons are sent to sign in, others without it get 404."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if permission is not Permission.PUBLIC:
            person = getattr(request, "person", None)
            if person is None:
                return redirect_to_login(request.get_full_path())
            if permission not in permissions_of(person.roles):
                raise Http404
        return view(request, *args, **kwargs)

    checked.permission = permission  # type: ignore[attr-defined]  # read by the route table and its test
    return path(route, checked, name=name)
