"""Guests at the counter: known by the unit's mailbox or a call back, they send one requisition and follow only that.

The browser's session holds the visit after the proof, and nothing before it; without a visit every page here looks the
same as one that is not there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.governance.actions import guests, requisitions
from beffroi.governance.core.guests import Method
from beffroi.governance.queries import evidence
from beffroi.governance.queries import guests as queries
from beffroi.governance.queries import requisitions as rows
from beffroi.governance.queries.guests import Visit
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people.core.roles import Quality
from beffroi.web.counter.guest_forms import AgainForm, CodeForm, GuestForm
from beffroi.web.shared import requisition_pages as pages
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest

UNPROCESSABLE = 422
VISIT, ASKED = "guest_visit", "guest_asked"
GuestView = Callable[..., HttpResponse]


def of_guest(view: GuestView) -> GuestView:
    """Only with a verified visit in this browser; else the route is not there."""

    @wraps(view)
    def checked(request: OfficeRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visit = queries.visit(request.session.get(VISIT, ""), request.now)
        if visit is None:
            raise NotFound("There is nothing here.", code="no_visit")
        return view(request, visit, *args, **kwargs)

    return checked


@never_cache
@require_http_methods(["GET", "POST"])
def come_in(request: OfficeRequest) -> HttpResponse:
    """Who asks, and how the unit is to be asked. The answer says nothing of what is known of the unit."""
    form = GuestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            visit = guests.ask(
                unit=data["unit"], name=data["name"], rank=data["rank"], matricule=data["matricule"],
                quality=Quality(data["quality"]), method=Method(data["method"]), language=_language(),
                insee=data.get("commune", ""), now=request.now,
            )  # fmt: skip
        except (Invalid, Conflict) as error:
            form.add_error("unit" if isinstance(error, Invalid) else None, sentence(error))
        else:
            request.session[ASKED] = visit
            return redirect("counter:guest-wait")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "counter/guest/come_in.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def wait(request: OfficeRequest) -> HttpResponse:
    """After asking: the mail is on its way, or the officer calls back; then the code."""
    asked = queries.asked(request.session.get(ASKED, ""))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and asked is not None and form.is_valid():
        try:
            guests.give_code(visit=asked.id, code=form.cleaned_data["code"], now=request.now)
        except Forbidden as error:
            form.add_error("code", sentence(error))
        else:
            return _in(request, asked.id)
    context = {"form": form, "asked": asked}
    return render(request, "counter/guest/wait.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def open_link(request: OfficeRequest, link: str) -> HttpResponse:
    """The mailed link: a page with a button, because mail filters follow links; the button uses it up."""
    if request.method == "POST":
        return _in(request, guests.open_link(link=link, now=request.now))
    if not guests.link_works(link, request.now):
        raise NotFound("This link does not work any more.", code="guest_link")
    return render(request, "counter/guest/open.html", {})


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: OfficeRequest) -> HttpResponse:
    """By the dictated code, or a new link to the same mailbox; the answer is the same whatever number was typed."""
    form = AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.cleaned_data["code"]:
        try:
            visit = guests.come_again(
                number=form.cleaned_data["number"], code=form.cleaned_data["code"], now=request.now
            )
        except Forbidden as error:
            form.add_error("code", sentence(error))
        else:
            return _in(request, visit)
    elif request.method == "POST" and form.is_valid():
        guests.ask_again(number=form.cleaned_data["number"], language=_language(), now=request.now)
        messages.success(request, _("If this requisition was sent by a guest, a link is on its way to the unit."))
        return redirect("counter:guest-again")
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "counter/guest/again.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@of_guest
def ask(request: OfficeRequest, visit: Visit) -> HttpResponse:
    """The one requisition: name, unit and quality are those that were verified."""
    if visit.requisition:
        return redirect("counter:guest-requisition")
    person = queries.person_of(visit.id)
    form = pages.form_of(request, counter=True, person=person)
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        elif _sent(request, visit, form):
            return redirect("counter:guest-requisition")
    return _form_page(request, visit, form)


@require_http_methods(["GET", "POST"])
@of_guest
def edit(request: OfficeRequest, visit: Visit) -> HttpResponse:
    """Complete or correct it."""
    row, person = queries.requisition_of(visit), queries.person_of(visit.id)
    form = pages.form_of(request, counter=True, initial=rows.typed(row), person=person)
    if request.method == "POST":
        if pages.looks_for_cameras(request):
            form = pages.with_cameras_found(request, form)
        elif _sent(request, visit, form, row):
            return redirect("counter:guest-requisition")
    return _form_page(request, visit, form, row=row)


@require_GET
@of_guest
def map_image(request: OfficeRequest, visit: Visit) -> HttpResponse:
    """Where the cameras stand, without a picture."""
    return pages.map_response(request, queries.person_of(visit.id))


@require_GET
@of_guest
def requisition(request: OfficeRequest, visit: Visit) -> HttpResponse:
    """Follow it: the only one this guest ever sees."""
    row = queries.requisition_of(visit)
    context = {
        **pages.common_context(row),
        "acts": {act.value.replace("-", "_") for act in rows.acts_of(row)},
        "history": pages.history(row, to_requester=True),
        "visit": visit,
        "packages": [
            (one, one.downloadable(request.now)) for one in evidence.packages_for(queries.person_of(visit.id))
        ],
    }
    return render(request, "counter/guest/requisition.html", context)


@require_GET
@of_guest
def paper(request: OfficeRequest, visit: Visit, document: str) -> HttpResponse:
    """Download a paper of it."""
    found = queries.document_of(visit, document)
    return pages.paper_response(request, found, actor=guests.actor(visit.id))


@require_POST
def leave(request: OfficeRequest) -> HttpResponse:
    """Forget this browser."""
    request.session.pop(VISIT, None)
    request.session.pop(ASKED, None)
    return redirect("counter:guest")


def _in(request: OfficeRequest, visit: str) -> HttpResponse:
    request.session.cycle_key()  # what the session was before the proof opens nothing after it
    request.session.pop(ASKED, None)
    request.session[VISIT] = visit
    return redirect("counter:guest-ask")


def _sent(request: OfficeRequest, visit: Visit, form: Any, row: rows.RequisitionRow | None = None) -> bool:
    form.keep_upload()
    if not form.is_valid():
        return False
    entry = form.entry()
    if form.errors:
        return False
    given: dict[str, Any] = {
        "person": queries.person_of(visit.id), "entry": entry, "document": form.paper,
        "recorder": pages.recorder_or_none(), "now": request.now,
    }  # fmt: skip
    try:
        if row is None:
            made = guests.enter(visit=visit.id, **given)
            messages.success(request, _("Your requisition has number %(number)s.") % {"number": made.number})
        else:
            requisitions.resubmit(actor=guests.actor(visit.id), requisition=row.id, **given)
            messages.success(request, _("The requisition was completed."))
    except Invalid as error:
        form.take(error.fields)
        return False
    except Conflict as error:
        messages.error(request, sentence(error))
    return True


def _form_page(
    request: OfficeRequest, visit: Visit, form: Any, *, row: rows.RequisitionRow | None = None
) -> HttpResponse:
    form.mark_needed()
    context = {
        "form": form, "row": row, "visit": visit, "map_query": pages.map_query(form),
        "map_route": "counter:guest-map",
    }  # fmt: skip
    refused = request.method == "POST" and form.is_bound and bool(form.errors) and not pages.looks_for_cameras(request)
    return render(request, "counter/guest/ask.html", context, status=UNPROCESSABLE if refused else 200)


def _language() -> str:
    return (get_language() or "fr")[:2]
