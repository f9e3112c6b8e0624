"""The alert's page while it runs: the call card, the ladder, the hand-over, other alerts, the cameras."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from beffroi.audit.core.facts import SYSTEM
from beffroi.config.demo import school as demo
from beffroi.governance.models import AccessGrant
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import actions, jobs
from beffroi.safety.actions.notices import add_own_contact
from beffroi.safety.core.words import Hazard, Nature
from beffroi.web.building.alarm import draw
from tests.conftest import INSEE, NOW
from tests.plane.governance.conftest import cameras, shift, world  # noqa: F401  fixtures
from tests.plane.safety.test_bell import Box, relay, school  # noqa: F401  school is a fixture
from tests.plane.safety.test_escalation import on_duty
from tests.plane.safety.test_notices import contact
from tests.plane.safety.test_pictures import named
from tests.surface.building.test_bell_pages import act

pytestmark = pytest.mark.django_db


def page_of(client, alert):
    return client.get(f"/building/alerts/{alert}/").content.decode()


def test_the_call_card_follows_the_official_order_and_a_drill_dials_nobody(school, make_person, client_of):  # noqa: F811
    chief = make_person(Role.CHIEF)
    client = client_of(chief)
    real = page_of(client, relay(chief, school, hazard=Hazard.INTRUSION))
    order = ["Qui je suis", "École des Tilleuls", "Quoi, et où exactement", "Ce que font les personnes, et où"]
    order += ["Où les secours sont accueillis", "Tout détail utile", "Ne pas raccrocher"]
    places = [real.index(words, real.index("call-card")) for words in order if words != "Ne pas raccrocher"]
    assert places == sorted(places)
    assert 'href="tel:17"' in real
    drill = page_of(client, relay(chief, school, hazard=Hazard.INTRUSION, nature=Nature.DRILL))
    assert "Appel simulé" in drill
    assert 'href="tel:1' not in drill


def test_the_ladder_the_hand_over_and_the_other_alert_are_in_sight(school, clock, make_person, client_of):  # noqa: F811
    chief, guard = make_person(Role.CHIEF), make_person(Role.DUTY_OFFICER)
    contact(school, tier=2, name="Mairie, astreinte", address="0600000002")
    add_own_contact(actor=people.actor(guard.id), person=guard, channel="sms", address="0610000001", now=NOW)
    on_duty(guard)
    alert = relay(chief, school)
    jobs.plan_notices(NOW)
    client = client_of(chief)
    assert "ensuite, si personne ne la prend, après 15 s" in page_of(client, alert)
    clock.advance(timedelta(seconds=61))
    jobs.escalate(clock.now())
    strip = draw(frozenset([school]), "fr")
    assert "Personne ne l’avait prise" in strip
    assert 'href="tel:18"' in strip
    stamp = re.search(r"now/\?seen=(\w+)", page_of(client, alert))[1]
    now = f"/building/alerts/{alert}/now/?seen={stamp}"
    assert "n’est plus où elle en était" not in client.get(now).content.decode()
    act(client, alert, "acknowledge")
    assert "n’est plus où elle en était" in client.get(now).content.decode()
    page = page_of(client_of(guard), alert)
    assert "Je la reprends" in page
    act(client_of(guard), alert, "take_over")
    assert "Je la reprends" not in page_of(client_of(guard), alert)
    hall = actions.enter_building(actor=SYSTEM, insee=INSEE, name="Mairie annexe", kind="town_hall", now=NOW)
    relay(chief, hall, hazard=Hazard.FLOOD)
    page = page_of(client, alert)
    assert "Autres alertes en cours" in page
    assert "Mairie annexe" in page


def test_who_was_not_told_and_why_is_said_in_the_reader_s_language(school, make_person, client_of):  # noqa: F811
    contact(school, name="Mairie, astreinte", address="0600000002")
    chief = make_person(Role.CHIEF)
    alert = relay(chief, school)
    jobs.plan_notices(NOW)
    jobs.send_notices({}, NOW)
    client = client_of(chief)
    assert "Ce canal n’est pas configuré." in page_of(client, alert)
    client.post("/account/language/", {"language": "en", "next": "/"})
    assert "This channel is not set up." in page_of(client, alert)


def test_taking_the_alert_calls_its_cameras_up_and_the_room_stops_who_else_looks(world, shift, client_of):  # noqa: F811
    named(world)
    hall = actions.enter_building(
        actor=SYSTEM, insee=INSEE, name="Mairie", kind="town_hall", cameras=world.cameras, now=NOW
    )
    alert = relay(world.chief, hall)
    jobs.follow_pictures(NOW)
    room = client_of(world.officer)
    act(room, alert, "acknowledge")
    assert AccessGrant.objects.filter(person=world.officer.id, mode="live", state="active").count() == 1
    page = page_of(room, alert)
    assert page.count('data-island="live"') == len(world.cameras)
    assert "Gendarme Opératrice" in page
    outside = AccessGrant.objects.get(person=world.corg.id, mode="relay")
    forces = client_of(world.corg)
    words = forces.get(f"/counter/access/{outside.id}/").content.decode()
    assert "Ce qui se passe" in words
    assert 'data-island="live"' not in words, "a page without pictures comes first"
    assert 'data-island="live"' in forces.get(f"/counter/access/{outside.id}/?pictures=1").content.decode()
    assert forces.get(f"/counter/access/{outside.id}/event/").status_code == 200
    back = room.post(f"/building/alerts/{alert}/pictures/", {"mode": "replay"}, follow=True).content.decode()
    assert back.count('data-island="replay"') == len(world.cameras)
    room.post(reverse("access-stop", args=[outside.id]))
    assert AccessGrant.objects.get(id=outside.id).state == "stopped"
    assert forces.get(f"/counter/access/{outside.id}/event/").status_code == 404


def test_what_comes_late_says_so(school, tmp_path, make_person, client_of):  # noqa: F811
    box = Box(tmp_path, school)
    alert = box.press()
    box.exchange(now=NOW + timedelta(minutes=12))
    page = page_of(client_of(make_person(Role.CHIEF)), alert)
    assert "reçu avec 12 min de retard" in page
    box.journal.close()


def test_the_language_of_the_box_is_set_on_the_page_of_its_building(school, tmp_path, make_person, client_of):  # noqa: F811
    box = Box(tmp_path, school)
    client = client_of(make_person(Role.CHIEF))
    assert "language" not in box.exchange()
    page = client.post(f"/building/{school}/language/", {"language": "en"}, follow=True).content.decode()
    assert '<option value="en" selected>' in page
    assert box.exchange()["language"] == "en"
    assert client.post(f"/building/{school}/language/", {"language": "xx"}).status_code == 422
    assert box.exchange()["language"] == "en"
    box.journal.close()


def test_who_came_to_the_closed_gate_is_a_list_of_its_own(school, make_person, client_of):  # noqa: F811
    chief = make_person(Role.CHIEF)
    client, alert = client_of(chief), relay(chief, school)
    assert "Arrivées après la fermeture" not in page_of(client, alert)
    for about, text in (("arrival_in", "Mme Petit, mère"), ("arrival_out", "un livreur"), ("", "vent fort")):
        client.post(f"/building/alerts/{alert}/note/", {"text": text, "about": about})
    page = page_of(client, alert)
    part = page[page.index('id="arrivals-title"') : page.index('id="log-title"')]
    assert "Mme Petit" in part
    assert "entrée refusée" in part
    assert "vent fort" not in part
    assert client.post(f"/building/alerts/{alert}/note/", {"text": "x", "about": "other"}).status_code == 422
    paper = client.get(f"/building/alerts/{alert}/review.pdf")
    assert paper.status_code == 200


def test_each_mission_of_the_plan_is_ticked_off_by_name(tmp_path, make_person, client_of):
    head = make_person(Role.SCHOOL_HEAD)
    building = demo.found_school(head.id, NOW)
    client = client_of(head)
    alert = relay(make_person(Role.CHIEF), building, hazard=Hazard.TOXIC_CLOUD)
    page = page_of(client, alert)
    assert "Coupez la ventilation" in page, "what rooms are told"
    assert 'value="cut_offs"' in page
    assert client.post(f"/building/alerts/{alert}/mission_done/", {"mission": "dance"}).status_code == 422
    client.post(f"/building/alerts/{alert}/mission_done/", {"mission": "cut_offs"})
    page = page_of(client, alert)
    assert 'value="cut_offs"' not in page
    assert 'value="phone_line"' in page
