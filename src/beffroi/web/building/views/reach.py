"""Who is reached when a building raises an alert: its own contacts, and each person's own telephone or browser."""

import json
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.channels.push import own_key, public_text
from beffroi.kernel.errors import Invalid
from beffroi.safety import queries
from beffroi.safety.actions.notices import add_contact, add_own_contact, remove_contact
from beffroi.web.building.forms_reach import ContactForm, OwnNumberForm
from beffroi.web.shared.errors import sentence
from beffroi.web.shared.requests import OfficeRequest


@require_http_methods(["GET", "POST"])
def contacts(request: OfficeRequest, building: str) -> HttpResponse:
    """The contacts of a building by rung, and the form that adds one."""
    found = queries.building_visible_to(request.person, building)
    form = ContactForm(request.POST or None)
    if form.is_valid():
        try:
            add_contact(actor=request.actor, building=found.id, now=request.now, **form.cleaned_data)
        except Invalid as error:
            for field in error.fields or {"": ""}:
                form.add_error(field or None, sentence(error))
        else:
            messages.success(request, _("Entered. It is told of the next alert."))
            return redirect("building:contacts", found.id)
    context = {"building": found, "form": form, "contacts": queries.reaches(found.id, request.now)}
    return render(request, "building/contacts.html", context, status=422 if form.is_bound else 200)


@require_POST
def drop(request: OfficeRequest, building: str) -> HttpResponse:
    """Reach one contact of this building no more."""
    found = queries.building_visible_to(request.person, building)
    contact = request.POST.get("contact", "")
    if contact in {one.contact for one in queries.reaches(found.id, request.now) if not one.person}:
        remove_contact(actor=request.actor, contact=contact, now=request.now)
    return redirect("building:contacts", found.id)


@require_http_methods(["GET", "POST"])
def own(request: OfficeRequest) -> HttpResponse:
    """How I am reached: this browser, my number. A POST adds a number."""
    form = OwnNumberForm(request.POST or None)
    if form.is_valid():
        try:
            _add(request, "sms", form.cleaned_data["address"], {})
        except Invalid as error:
            form.add_error("address", sentence(error))
        else:
            messages.success(request, _("Entered. It is told of the next alert."))
            return redirect("building:reach")
    key = own_key(Path(settings.BEFFROI_DATA_DIR) / "keys" / "push.pem")
    data = {
        "worker": static("building/push-worker.js"),
        "key": public_text(key),
        "url": reverse("building:reach-push"),
        "texts": {
            "ask": _("Let this browser ring for alerts"),
            "done": _("This browser rings for alerts now, also when this page is closed."),
            "denied": _("The browser was told not to show messages: allow them in its settings."),
            "impossible": _(
                "This browser cannot be reached when the page is closed."
                " On a telephone, add it to the home screen first."
            ),
            "failed": _("It did not work: the browser or the centre refused. Try again."),
        },
    }
    context = {
        "form": form,
        "data": data,
        "ways": queries.ways_of(request.person.id),
        "sms": bool(settings.BEFFROI_SMS_URL),
    }
    return render(request, "building/reach.html", context, status=422 if form.is_bound else 200)


@require_POST
def push(request: OfficeRequest) -> HttpResponse:
    """A browser's subscription, as the Push API gives it."""
    try:
        given = json.loads(request.body)
        address, keys = str(given["endpoint"]), {name: str(given["keys"][name]) for name in ("p256dh", "auth")}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid("This is not a subscription.", code="subscription_malformed") from error
    _add(request, "push", address, keys)
    return JsonResponse({})


@require_POST
def forget(request: OfficeRequest) -> HttpResponse:
    """Reach me this way no more."""
    contact = request.POST.get("contact", "")
    if contact in {one.contact for one in queries.ways_of(request.person.id)}:
        remove_contact(actor=request.actor, contact=contact, now=request.now)
    return redirect("building:reach")


def _add(request: OfficeRequest, channel: str, address: str, keys: dict[str, str]) -> None:
    add_own_contact(
        actor=request.actor,
        person=request.person,
        channel=channel,
        address=address,
        keys=keys,
        language="fr" if (get_language() or "fr").startswith("fr") else "en",
        now=request.now,
    )
