"""Every URL names a permission. ``guarded`` is the only way to make a route; one without a permission does not start.

The permission opens the page; what stands on it comes from ``queries.visible_to(person)`` and pictures from the
door against tickets. Absent and forbidden objects give the same 404 (I1).
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.web.shared.errors import page, wants_json
from beffroi.web.shared.lock import locked_page
from beffroi.web.shared.step_up import ask_again

View = Callable[..., HttpResponseBase]
StepUp = bool | Callable[[HttpRequest], bool]
LONGEST_ID = 200


def guarded(
    route: str,
    view: View,
    *,
    permission: Permission,
    name: str,
    step_up: StepUp = False,
    enrolling: bool = False,
    locked: bool = False,
) -> URLPattern:
    """A route that asks for ``permission``: signed-out persons are sent to sign in, others without it get 404.

    ``step_up`` (always, or by what is posted): the act asks for a fresh proof that it is she, on a page in between that
    loses nothing of what was typed. ``enrolling``: open also to who has yet to set up the second factor asked of her.
    ``locked``: open also while the session is locked (alarms, and what unlocks).
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if permission is not Permission.PUBLIC:
            person = getattr(request, "person", None)
            if person is None:
                return _to_sign_in(request)
            if permission not in permissions_of(person.roles):
                raise Http404
            if request.locked and not locked:  # type: ignore[attr-defined]  # set by middleware.person
                return locked_page(request)
            if request.lacks_factor and not enrolling:  # type: ignore[attr-defined]  # set by middleware.person
                return _to_enrol(request)
        if any(isinstance(one, str) and ("\x00" in one or len(one) > LONGEST_ID) for one in kwargs.values()):
            raise Http404  # no id looks so, and PostgreSQL would stumble over it
        if request.method == "POST" and (step_up(request) if callable(step_up) else step_up):
            asked = ask_again(request)
            if asked is not None:
                return asked
        return view(request, *args, **kwargs)

    checked.permission = permission  # type: ignore[attr-defined]  # read by the route table and its test
    return path(route, checked, name=name)


def _to_enrol(request: HttpRequest) -> HttpResponseBase:
    """Pages go to the page of second factors; machines are told 403."""
    if wants_json(request):
        return page(request, 403, code="factor_missing")
    where = reverse("account:factors")
    if request.headers.get("HX-Request") != "true":
        return redirect(where)
    response = HttpResponse(status=403)
    response["HX-Redirect"] = where
    return response


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
