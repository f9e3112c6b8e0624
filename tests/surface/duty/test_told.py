"""Who is told stands on the phone and on the page of the access; the review of a break-glass is made there."""

from datetime import timedelta

import pytest
from django.urls import resolve, reverse

from beffroi.governance.actions import access
from beffroi.governance.core.telling import Channel
from beffroi.governance.queries import access as grants
from beffroi.kernel.delivery import Delivery
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as room
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.web.duty.words import CHANNELS, STATES
from tests.conftest import NOW
from tests.surface.desk.conftest import (  # noqa: F401  fixtures
    browser,
    cameras,
    convention,
    gendarme,
    keys,
    officer,
    on_duty,
    silent_recorder,
)


@pytest.fixture
def emergency(browser, cameras, on_duty, convention, gendarme, clock):  # noqa: F811
    """The gendarmerie's operations centre opens the square by break-glass."""
    browser.post(reverse("desk:camera-incident", args=[cameras[0]]), {"reason": "Rixe signalée place de la Mairie"})
    incident = room.incidents_visible_to(on_duty)[0]
    grant = access.request_access(
        mode=Mode.RELAY, cameras=[cameras[0]], ground_kind="incident", ground=incident.id, purpose="L251-2:5",
        legal_basis="ADMIN_POLICE", reason="Coups de feu entendus place de la Mairie",
        duration=timedelta(minutes=30), emergency=True, actor=actor_of(gendarme), now=NOW,
    )  # fmt: skip
    assert grant.state == "active", (grant.refusal, grant.article)
    return grant


def test_the_phone_says_it_at_once_and_until_it_was_seen(browser, emergency):  # noqa: F811
    waiting = browser.get(reverse("duty:waiting"))
    page = waiting.content.decode()
    assert "URGENCE" in page
    assert browser.get(reverse("duty:waiting"), {"seen": waiting.context["requests_digest"]}).status_code == 204
    (line,) = waiting.context["told"]
    assert browser.post(reverse("duty:notice-seen", args=[line.id]), {"next": reverse("duty:phone")}).status_code == 302
    assert "URGENCE" not in browser.get(reverse("duty:waiting")).content.decode()
    assert "vu" in browser.get(reverse("duty:access", args=[emergency.id])).content.decode().casefold()


def test_whoever_reads_english_is_told_in_english(browser, emergency):  # noqa: F811
    browser.post("/account/language/", {"language": "en", "next": "/duty/"})
    page = browser.get(reverse("duty:waiting")).content.decode()
    assert "EMERGENCY: access to pictures without prior approval" in page
    assert "URGENCE" not in page


def test_the_review_is_made_on_its_page_by_somebody_else_and_once(browser, emergency, client_of, gendarme):  # noqa: F811
    page = reverse("duty:access", args=[emergency.id])
    assert "Coups de feu" in browser.get(page).content.decode()
    assert page in browser.get(reverse("duty:phone")).content.decode()
    review = reverse("duty:access-review", args=[emergency.id])
    assert client_of(gendarme).post(review, {"note": "Tout était en ordre"}).status_code == 404
    assert browser.post(review, {"note": "bof"}).status_code == 422
    assert browser.post(review, {"note": "Justifié : appel au 17 confirmé"}).status_code == 302
    assert grants.grant(emergency.id).regularised_by
    assert reverse("duty:access-review", args=[emergency.id]) not in browser.get(page).content.decode()


def test_the_mayor_answers_from_the_page_that_the_mail_names(browser, emergency, make_person, client_of, settings):  # noqa: F811
    mayor = client_of(make_person(Role.MAYOR, account="maire"))
    link = settings.BEFFROI_LINKS["access"].format(emergency.id).removeprefix(settings.BEFFROI_PUBLIC_URL)
    assert resolve(link).view_name == "duty:access"
    assert mayor.get(link).status_code == 200
    assert mayor.post(reverse("access-stop", args=[emergency.id]), {"next": link}).status_code == 302
    stopped = grants.grant(emergency.id)
    assert stopped.state == "stopped"
    assert mayor.get(reverse("duty:phone")).status_code == 404


def test_every_state_and_every_channel_has_its_words():
    assert set(STATES) == set(Delivery)
    assert set(CHANNELS) == set(Channel)
