"""Asking, waiting, watching and being stopped, page by page (J3)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from beffroi.governance.actions import access
from beffroi.governance.actions.cases import open_case
from beffroi.governance.queries import access as grants
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import actions as operations
from beffroi.operations.core.words import RotaLine
from tests.conftest import NOW
from tests.plane.governance.conftest import actor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PLAYER = re.compile(r'data-island="(live|replay)"')


def asked(world, opened, **changes):
    return {
        "incident": opened.id,
        "cameras": [world.cameras[0]],
        "purpose": "L251-2:5",
        "reason": "Patrouille en route vers la mairie",
        "minutes": "30",
        **changes,
    }


def newest(person):
    return grants.grants_of(person, NOW)[0]


def test_from_the_question_to_the_pictures_and_the_stop(world, convention, incident, client_of):
    client = client_of(world.corg)
    page = client.get(reverse("counter:access-list")).content.decode()
    assert reverse("counter:access-relay") in page
    form = client.get(reverse("counter:access-relay"))
    assert "<img" not in form.content.decode()
    answer = client.post(reverse("counter:access-relay"), asked(world, incident))
    grant = newest(world.corg)
    address = reverse("counter:access", args=[grant.id])
    assert answer.headers["Location"] == address
    waiting = client.get(address).content.decode()
    assert not PLAYER.search(waiting)
    poll = re.search(r'hx-get="([^"]+)"', waiting)
    assert poll is not None
    assert client.get(poll.group(1)).headers.get("HX-Refresh") is None
    access.decide_access(grant=grant.id, answer="approve", actor=actor(world.officer), now=NOW)
    assert client.get(poll.group(1)).headers["HX-Refresh"] == "true"
    watching = client.get(address).content.decode()
    assert 'data-island="live"' in watching
    assert f"/tickets/{grant.id}" in watching
    assert "COORD-99123-2026, article 12" in watching
    access.stop_access(grant=grant.id, reason="Intervention terminée", actor=actor(world.chief), now=NOW)
    stopped = client.get(address).content.decode()
    assert not PLAYER.search(stopped)
    assert "Intervention terminée" in stopped
    assert world.chief.called in stopped


def test_where_nothing_is_open_the_number_of_the_room_stands_or_who_enters_it(world, convention, client_of):
    client = client_of(world.corg)
    page = client.get(reverse("counter:access-list")).content.decode()
    assert "Ordre d’appel" in page, "who enters it, and where"
    lines = [
        RotaLine(1, world.chief.id, world.chief.called, ""),
        RotaLine(2, world.officer.id, world.officer.called, "06 99 00 12 34"),
    ]
    operations.set_rota(actor=actor(world.chief), lines=lines, now=NOW)
    page = client.get(reverse("counter:access-list")).content.decode()
    assert 'href="tel:0699001234"' in page
    assert world.officer.called not in page, "the number, no name"


def test_a_refusal_names_reason_and_article_and_shows_nothing(world, convention, incident, client_of):
    client = client_of(world.corg)
    answer = client.post(reverse("counter:access-relay"), asked(world, incident, purpose="L251-2:7"))
    page = client.get(answer.headers["Location"]).content.decode()
    assert "COORD-99123-2026, article 12 (G1-direct)" in page
    assert "La convention ne le prévoit pas pour cette finalité." in page
    assert not PLAYER.search(page)


def test_the_prefecture_sees_a_page_without_pictures_first(world, convention, incident, client_of):
    client = client_of(world.prefecture)
    client.post(reverse("counter:access-relay"), asked(world, incident, purpose="L251-2:7"))
    grant = newest(world.prefecture)
    access.decide_access(grant=grant.id, answer="approve", actor=actor(world.officer), now=NOW)
    address = reverse("counter:access", args=[grant.id])
    first = client.get(address).content.decode()
    assert not PLAYER.search(first)
    assert "?pictures=1" in first
    assert 'data-island="live"' in client.get(address + "?pictures=1").content.decode()
    assert client.get(reverse("counter:access-replay")).status_code == 404


def test_an_investigator_opens_a_case_and_looks_back_on_it(world, convention, client_of):
    client = client_of(world.opj)
    case = {
        "number": "00412/77/2026",
        "legal_basis": "CPP_60_1",
        "cameras": [world.cameras[0]],
        "since": "2026-11-23T05:00:00",
        "until": "2026-11-23T07:00:00",
    }
    answer = client.post(reverse("counter:access-case"), case)
    assert answer.status_code == 302, answer.content.decode()
    form = client.get(answer.headers["Location"])
    assert "2026-11-23T05:00:00" in form.content.decode()
    again = client.post(reverse("counter:access-case"), case)
    assert again.status_code == 422
    chosen = answer.headers["Location"].split("case=")[1]
    reply = client.post(
        reverse("counter:access-replay"),
        {
            "case": chosen,
            "cameras": [world.cameras[0]],
            "since": "2026-11-23T05:30:00",
            "until": "2026-11-23T06:00:00",
            "reason": "Recherche du véhicule en fuite",
            "minutes": "60",
        },
    )
    grant = newest(world.opj)
    assert grant.state == "requested"
    access.decide_access(grant=grant.id, answer="approve", actor=actor(world.video), now=NOW)
    page = client.get(reply.headers["Location"]).content.decode()
    assert 'data-island="replay"' in page
    assert '"movement": true' in page, "searched inside this case, by the person who may look back on it"
    client.post(reverse("counter:access-stop", args=[grant.id]))
    assert grants.grant(grant.id).state == "stopped"
    client.post(reverse("counter:access-case-close", args=[chosen]))
    assert "Aucune affaire" in client.get(reverse("counter:access-replay")).content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"cameras": []},
        {"cameras": ["nowhere"]},
        {"reason": ""},
        {"reason": "x" * 301},
        {"minutes": "100000"},
        {"purpose": "<script>"},
        {"incident": "00000000-0000-7000-8000-000000000000"},
    ],
)
def test_what_cannot_be_asked_comes_back_with_its_reason(world, convention, incident, client_of, changes):
    answer = client_of(world.corg).post(reverse("counter:access-relay"), asked(world, incident, **changes))
    assert answer.status_code == 422
    assert 'class="problem"' in answer.content.decode()
    assert grants.grants_of(world.corg, NOW) == []


def test_a_foreign_access_or_case_is_as_if_absent(world, convention, incident, client_of):
    mine = access.request_access(
        mode=Mode.RELAY,
        cameras=[world.cameras[0]],
        ground_kind="incident",
        ground=incident.id,
        purpose="L251-2:5",
        legal_basis="ADMIN_POLICE",
        reason="Patrouille en route",
        duration=HOUR,
        actor=actor(world.corg),
        now=NOW,
    )
    case = open_case(
        number="1/2/2026",
        legal_basis="CPP_60_1",
        unit="Brigade d'ailleurs",
        force="GN",
        cameras=[world.cameras[0]],
        span=Span(NOW - HOUR, NOW),
        actor=actor(world.video),
        now=NOW,
    )
    client = client_of(world.opj)
    for name in ("counter:access", "counter:access-state"):
        assert client.get(reverse(name, args=[mine.id])).status_code == 404
        assert client.get(reverse(name, args=["nothing"])).status_code == 404
    assert client.post(reverse("counter:access-stop", args=[mine.id])).status_code == 404
    assert client.post(reverse("counter:access-case-close", args=[case.id])).status_code == 404
    assert client_of(world.officer).get(reverse("counter:access-list")).status_code == 404
