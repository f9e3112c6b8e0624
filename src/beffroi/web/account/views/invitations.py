"""By invitation: the link leads to a page that sets the password; then the second factor, then the day's work."""

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from beffroi.kernel.errors import Invalid, NotFound
from beffroi.people import actions, queries
from beffroi.people.core.sign_in_rule import ADDRESS
from beffroi.web.account.forms import JoinForm
from beffroi.web.account.views.sign_in import address_of, after_password, refused_page
from beffroi.web.shared.requests import OfficeRequest

TOKEN = "beffroi_invitation"  # noqa: S105  where the session keeps the link's token


@never_cache
@require_GET
def follow(request: OfficeRequest, token: str) -> HttpResponse:
    """Take the token out of the address, where history and proxies would keep it, and go on."""
    request.session[TOKEN] = token
    return redirect("account:join")


@sensitive_variables("token")
@sensitive_post_parameters("new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: OfficeRequest) -> HttpResponse:
    """Set the password. A link that is over says so, and nothing about whom it was for."""
    if queries.refused_until(actions.address_key(address_of(request)), ADDRESS, request.now) is not None:
        return refused_page(request, "address", "")
    token = request.session.get(TOKEN, "")
    row = queries.open_invitation(actions.token_digest(token), request.now) if token else None
    if row is None:
        request.session.pop(TOKEN, None)
        if token:
            actions.refuse_session(username="", address=address_of(request), reason="credentials", now=request.now)
        return render(request, "account/join_over.html", status=410)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.accept_invitation(
                token=token, password=form.cleaned_data["new"], address=address_of(request), now=request.now
            )
        except Invalid as error:
            form.add_error("new", error.message)
        except NotFound:
            return render(request, "account/join_over.html", status=410)
        else:
            logout(request)
            return after_password(request, person, following="/account/factors/")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "invited": queries.person_facts(row.account.person_id, request.now)}
    return render(request, "account/join.html", context | {"username": row.account.username}, status=status)
