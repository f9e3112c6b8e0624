"""Every URL names a permission. ``guarded`` is the only way to make a route; one without a permission does not start.

The permission opens the page; what stands on it comes from ``queries.visible_to(person)`` and pictures from the
door against tickets. Absent and forbidden objects give the same 404 (I1).
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path

from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.web.shared.errors import page, wants_json

View = Callable[..., HttpResponseBase]
LONGEST_ID = 200


def guarded(route: str, view: View, *, permission: Permission, name: str) -> URLPattern:
    """A route that asks for ``permission``: signed-out persons are sent to sign in, others without it get 404."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if permission is not Permission.PUBLIC:
            person = getattr(request, "person", None)
            if person is None:
                return _to_sign_in(request)
            if permission not in permissions_of(person.roles):
                raise Http404
        if any(isinstance(one, str) and ("\x00" in one or len(one) > LONGEST_ID) for one in kwargs.values()):
            raise Http404  # no id looks so, and PostgreSQL would stumble over it
        return view(request, *args, **kwargs)

    checked.permission = permission  # type: ignore[attr-defined]  # read by the route table and its test
    return path(route, checked, name=name)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Pages go to the sign-in page; a fragment takes its whole page there; machines are told 401."""
    if wants_json(request):
        return page(request, 401)
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    whole = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    response = HttpResponse(status=401)
    response["HX-Redirect"] = redirect_to_login(whole)["Location"]
    return response
