"""Order of call, turns, staffing and hand-over by plain forms, in both languages; only who may changes them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from beffroi.governance.jobs import call_next
from beffroi.operations import queries as room
from beffroi.people.core.roles import Role
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
from tests.surface.duty.asking import ask_live


@pytest.fixture
def chief(make_person, client_of, cameras, clock):  # noqa: F811
    return client_of(make_person(Role.CHIEF, name="Marc Delattre", account="chef"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_chief_sets_order_turn_and_staffing(chief, officer, language):  # noqa: F811
    chief.cookies["beffroi_language"] = language
    page = chief.get(reverse("duty:rota"))
    assert {"fr": "Ordre d’appel", "en": "Order of call"}[language] in page.content.decode()
    typed = {f"rank-{officer.id}": "1", f"phone-{officer.id}": "+33 6 00 00 00 01"}
    assert chief.post(reverse("duty:rota-order"), typed).status_code == 302
    assert [line.phone for line in room.rota()] == ["+33 6 00 00 00 01"]
    turn = {"person": officer.id, "kind": "turn", "since": "2026-11-23T08:00", "until": "2026-11-30T08:00"}
    assert chief.post(reverse("duty:rota-period"), {**turn, "until": "2026-11-22T08:00"}).status_code == 422
    assert chief.post(reverse("duty:rota-period"), turn).status_code == 302
    (period,) = room.rota_periods(NOW)
    assert chief.post(reverse("duty:rota-remove", args=[period.id])).status_code == 302
    assert room.rota_periods(NOW) == []
    assert chief.post(reverse("duty:staffing"), {"preset": "staffed"}).status_code == 302
    assert room.staffing(NOW).name == "staffed"
    assert chief.post(reverse("duty:staffing"), {"preset": "none"}).status_code == 422


def test_two_of_one_rank_are_refused_and_nothing_is_lost(chief, officer, make_person):  # noqa: F811
    other = make_person(Role.DUTY_OFFICER, name="Hugo")
    typed = {f"rank-{officer.id}": "1", f"rank-{other.id}": "1"}
    page = chief.post(reverse("duty:rota-order"), typed)
    assert page.status_code == 422
    assert 'value="1"' in page.content.decode()
    assert room.rota() == []


def test_the_officer_reads_the_order_and_changes_nothing(make_person, client_of, cameras, clock):  # noqa: F811
    agent = client_of(make_person(Role.DUTY_OFFICER, account="agent"))
    assert reverse("duty:staffing") not in agent.get(reverse("duty:rota")).content.decode()
    assert agent.post(reverse("duty:staffing"), {"preset": "staffed"}).status_code == 404


def test_who_was_called_stands_on_the_card(browser, chief, cameras, convention, gendarme, on_duty, clock):  # noqa: F811
    browser.post(reverse("desk:camera-incident", args=[cameras[0]]), {"reason": "Rixe signalée place de la Mairie"})
    ask_live(gendarme, room.incidents_visible_to(on_duty)[0].id, cameras[0])
    before = browser.get(reverse("duty:waiting")).context["requests_digest"]
    call_next(NOW)
    page = browser.get(reverse("duty:waiting"), {"seen": before})
    assert "Appelés" in page.content.decode()
    call_next(NOW + timedelta(minutes=30))
    assert "personne n’a répondu" in browser.get(reverse("duty:phone")).content.decode()


def test_a_shift_is_handed_over_and_taken(browser, chief, on_duty, clock):  # noqa: F811
    assert browser.post(reverse("duty:handover"), {"note": "Clé du local rendue"}).status_code == 302
    assert room.on_duty(NOW) == []
    page = chief.get(reverse("duty:phone")).content.decode()
    assert "Clé du local rendue" in page
    (left,) = room.handovers_to_take(on_duty)[:1] or [None]
    assert left is None, "her own is not hers to take"
    take = reverse("duty:handover-take", args=[page.split("handover/")[1].split("/")[0]])
    chief.post(take)
    assert "Clé du local rendue" in chief.get(reverse("duty:phone")).content.decode(), "off duty nothing is taken"
    chief.post(reverse("desk:shift"), {"purpose": "L251-2:5", "reason": "Relève de nuit du chef", "hours": "4"})
    chief.post(take)
    assert "Clé du local rendue" not in chief.get(reverse("duty:phone")).content.decode()
