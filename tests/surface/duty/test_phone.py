"""The duty phone decides with plain forms: approve, limit, refuse, stop; and only for those the convention names."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.governance.models import AccessGrant
from beffroi.governance.queries import access as grants
from beffroi.operations import queries as room
from beffroi.people.core.roles import Role
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
from tests.surface.duty.asking import ask_live


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_idle_phone_says_so(browser, language):  # noqa: F811
    browser.cookies["beffroi_language"] = language
    page = browser.get(reverse("duty:phone")).content.decode()
    assert {"fr": "Personne n’attend de réponse", "en": "Nobody waits for an answer"}[language] in page
    assert "tel:" not in page
    assert page.count("<h1") == 1


def test_the_phone_is_the_rooms(make_person, client_of, cameras):  # noqa: F811
    for role in (Role.MAYOR, Role.INVESTIGATOR, Role.TECHNICIAN, Role.DPO):
        client = client_of(make_person(role))
        assert client.get(reverse("duty:phone")).status_code == 404
        assert client.post(reverse("duty:decide", args=["x"]), {"answer": "approve"}).status_code == 404


def test_waiting_answers_nothing_while_nothing_changed(browser):  # noqa: F811
    page = browser.get(reverse("duty:phone"))
    seen = page.context["requests_digest"]
    assert browser.get(reverse("duty:waiting"), {"seen": seen}).status_code == 204
    assert browser.get(reverse("duty:waiting"), {"seen": "other"}).status_code == 200


def test_a_request_that_is_not_there_is_404(browser):  # noqa: F811
    assert browser.post(reverse("duty:decide", args=["nothing"]), {"answer": "approve"}).status_code == 404


@pytest.fixture
def incident(browser, cameras, on_duty):  # noqa: F811
    """An incident on the square, opened by the room."""
    browser.post(reverse("desk:camera-incident", args=[cameras[0]]), {"reason": "Rixe signalée place de la Mairie"})
    return room.incidents_visible_to(on_duty)[0]


@pytest.fixture
def asked(incident, convention, gendarme, cameras, clock):  # noqa: F811
    """The operations centre asks for it live."""
    return ask_live(gendarme, incident.id, cameras[0])


def decide(browser, grant, **fields):  # noqa: F811
    answer = browser.post(reverse("duty:decide", args=[grant.id]), fields)
    assert answer.status_code == 302
    return grants.grant(grant.id)


def test_who_asks_for_what_and_why_stands_on_the_phone(browser, asked):  # noqa: F811
    page = browser.get(reverse("duty:phone")).content.decode()
    for words in ("Inès Caron", "Guidage de la patrouille", "article 12", "1 · Place de la Mairie", "I-2026-0001"):
        assert words in page, words


def test_one_gesture_approves_and_another_stops(browser, asked, clock):  # noqa: F811
    assert decide(browser, asked, answer="approve").state == "active"
    page = browser.get(reverse("lookers-page")).content.decode()
    assert "Inès Caron" in page
    answer = browser.post(reverse("access-stop", args=[asked.id]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Inès Caron" not in answer.content.decode()
    stopped = grants.grant(asked.id)
    assert (stopped.state, stopped.stopped_by_name) == ("stopped", "Camille Aubry")


def test_a_limited_yes_is_shorter(browser, asked, cameras, clock):  # noqa: F811
    limited = decide(browser, asked, answer="limit", cameras=[cameras[0]], minutes="5")
    assert (limited.state, limited.until) == ("active", clock.now() + timedelta(minutes=5))


@pytest.mark.parametrize("fields", [{}, {"cameras": []}, {"cameras": ["other"], "minutes": "5"}, {"minutes": "999"}])
def test_a_limit_without_measure_changes_nothing(browser, asked, fields):  # noqa: F811
    assert decide(browser, asked, answer="limit", **fields).state == "requested"


def test_a_no_needs_a_reason(browser, asked):  # noqa: F811
    assert decide(browser, asked, answer="refuse").state == "requested"
    refused = decide(browser, asked, answer="refuse", note="Aucune patrouille engagée")
    assert (refused.state, refused.decision_note) == ("refused", "Aucune patrouille engagée")
    assert decide(browser, asked, answer="approve").state == "refused"


def test_the_strip_is_silent_while_nothing_changed(browser, asked):  # noqa: F811
    decide(browser, asked, answer="approve")
    first = browser.get(reverse("lookers-strip"))
    assert "Inès Caron" in first.content.decode()
    seen = first.context["digest"]
    assert browser.get(reverse("lookers-strip"), {"seen": seen}).status_code == 204
    browser.post(reverse("access-stop", args=[asked.id]))
    assert browser.get(reverse("lookers-strip"), {"seen": seen}).status_code == 200


def test_the_room_offers_a_relay_and_stops_it(browser, incident, convention, gendarme, cameras):  # noqa: F811
    page = reverse("desk:incident", args=[incident.id])
    fields = {"person": gendarme.id, "cameras": [cameras[0]], "minutes": "30", "reason": "Renfort demandé sur la place"}
    assert browser.post(f"{page}relay/", fields).status_code == 302
    (relay,) = grants.hanging_on("incident", incident.id)
    assert (relay.state, relay.person) == ("active", gendarme.id)
    assert relay.until - relay.opened_at == timedelta(minutes=30)
    assert "Inès Caron" in browser.get(page).content.decode()
    browser.post(reverse("access-stop", args=[relay.id]), {"next": page})
    assert grants.grant(relay.id).state == "stopped"


def test_what_the_convention_does_not_allow_is_refused_with_its_article(browser, incident, gendarme, cameras):  # noqa: F811
    fields = {"person": gendarme.id, "cameras": [cameras[0]], "minutes": "30", "reason": "Renfort demandé sur la place"}
    answer = browser.post(reverse("desk:incident-relay", args=[incident.id]), fields)
    assert answer.status_code == 422
    assert grants.hanging_on("incident", incident.id)[0].state == "refused"
    assert AccessGrant.objects.filter(state="active", mode="relay").count() == 0


def test_a_ticket_is_for_its_own_person_and_browser(browser, asked, client_of, gendarme):  # noqa: F811
    decide(browser, asked, answer="approve")
    theirs, page = client_of(gendarme), reverse("ticket", args=[asked.id])
    good = {"binding": "a" * 64}

    def ask(client: Client, body: object) -> int:
        return client.post(
            page, body, content_type="application/json", headers={"accept": "application/json"}
        ).status_code

    assert ask(theirs, good) == 200
    assert ask(browser, good) == 404
    assert ask(theirs, {"binding": "short"}) == 422
    assert ask(theirs, [1]) == 422
    browser.post(reverse("access-stop", args=[asked.id]))
    assert ask(theirs, good) == 403
    assert Client().post(page, good, content_type="application/json").status_code == 302


def test_tickets_are_refused_without_the_csrf_token(browser, officer):  # noqa: F811
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    answer = strict.post(reverse("ticket", args=["x"]), {"binding": "a" * 64}, content_type="application/json")
    assert answer.status_code == 403
