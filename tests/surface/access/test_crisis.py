"""J3, the prefecture in a crisis: called back, invited once, words before pictures, a hard end, stopped by the room."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.audit.models import Fact
from beffroi.governance.actions import access, orders
from beffroi.governance.actions.crisis import LINK_LIFE
from beffroi.governance.jobs import expire_grants, send_notices, stop_idle
from beffroi.governance.jobs.access import IDLE
from beffroi.governance.models import CrisisInvitation
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import steering
from beffroi.kernel.errors import Unavailable
from beffroi.media.core.answers import LookSession
from beffroi.media.core.tickets import Mode
from beffroi.people import actions as people
from beffroi.people.core.roles import Role
from tests.conftest import NOW
from tests.mailbox import Mailbox, post  # noqa: F401  a fixture
from tests.plane.governance.conftest import (  # noqa: F401  fixtures
    CLERK,
    actor,
    adopt,
    cameras,
    incident,
    shift,
    text_of,
    world,
)
from tests.plane.governance.test_controls import let_steer

pytestmark = pytest.mark.django_db
STEERS = """  - id: G5-prise-de-main
    article: article 15 bis
    title: {fr: Prise de main en crise, en: Moving a camera in a crisis}
    who: {force: PREF, unit_in: [Unit PREF], named_agents_only: true}
    what: {mode: live_view, ptz: true}
    where: {exclude_tags: [erp_interieur, ppms]}
    why: {basis_in: [ADMIN_POLICE], purposes: ["L251-2:6", "L251-2:7", "L251-2:8"], event_required: true}
    when: {max_duration: PT1H, auto_stop_on: event_closed}
    approval: {by: [duty_officer]}
    notify: [room]
    obligations: [watermark]
  - id: G6-alerte-direct
"""
LINK = re.compile(r"https?://\S+(/counter/crisis/open/[\w-]+/)")
TICKET = json.dumps({"binding": "ab" * 32})


@pytest.fixture
def lacroix(world, make_person, clock):  # noqa: F811
    """Somebody of the prefecture with an address and no account, named in the order."""
    person = named_agent(make_person)
    adopt("petite-commune")
    return person


@pytest.fixture
def room(world, incident, client_of, settings):  # noqa: F811
    settings.BEFFROI_SMTP_URL = "smtp://mail.example"
    people.open_account(
        person=world.officer.id, username="garde", password="la cloche sonne a midi", actor=CLERK, now=NOW
    )
    return client_of(world.officer)


def named_agent(make_person):
    """Of the prefecture, with an address and no account, named in an order."""
    person = make_person(Role.PREFECTURE_DUTY, name="Benoît Lacroix", email="permanence@prefecture.example")
    text = text_of("saint-aubin").replace("PREF-0042", person.matricule).replace("AP-2026-99-0117", "AP-2")
    orders.register_order(text=text, actor=CLERK, now=NOW - timedelta(days=200))
    return person


def let_prefecture_steer(world, port=1):  # noqa: F811
    """The first camera moves, and the convention lets the prefecture's named agents move cameras on a yes."""
    let_steer(world, port, adopted=False)
    adopt("petite-commune", text_of("petite-commune").replace("  - id: G6-alerte-direct\n", STEERS, 1))


def form(world, incident, person, **changes):  # noqa: F811
    given = {"person": person.id, "number": "01 23 45 67 89", "note": "Standard de la préfecture"}
    given |= {"incident": incident.id, "cameras": [world.cameras[0]], "purpose": "L251-2:6", "minutes": "30"}
    return {**given, "reason": "Colis suspect devant la mairie", **changes}


def invited(room, box, world, incident, person):  # noqa: F811
    answer = room.post(reverse("duty:crisis"), form(world, incident, person))
    assert answer.status_code == 302, answer.content.decode()
    send_notices(box.ways, NOW)
    mail = box.to("permanence@prefecture.example")[-1]
    found = next(one for one in grants.hanging_on("incident", incident.id) if one.state == "active")
    return LINK.search(mail.get_content())[1], found


def test_words_before_pictures_and_the_link_works_once(room, post, world, incident, lacroix):  # noqa: F811
    link, grant = invited(room, post, world, incident, lacroix)
    assert (grant.state, grant.person, grant.page_first) == ("active", lacroix.id, True)
    guest = Client()
    assert guest.get(link).status_code == 200
    assert guest.get(reverse("counter:crisis")).status_code == 404, "the link alone opens nothing until it is used"
    assert guest.post(link).status_code == 302
    assert Client().post(link).status_code == 404
    page = guest.get(reverse("counter:crisis")).content.decode()
    assert "Rixe devant la mairie" in page
    assert "data-island" not in page
    assert "data-island" in guest.get(reverse("counter:crisis"), {"pictures": "1"}).content.decode()
    ticket = guest.post(reverse("counter:crisis-ticket"), TICKET, content_type="application/json")
    assert ticket.status_code == 200
    assert Client().post(reverse("counter:crisis-ticket"), TICKET, content_type="application/json").status_code == 404
    assert guest.get(reverse("counter:access-list")).status_code == 302, "nothing else opens"
    names = set(Fact.objects.filter(subject=f"access:{grant.id}").values_list("name", flat=True))
    assert {"invitation:send", "invitation:open", "access:open"} <= names
    assert CrisisInvitation.objects.get().called_number == "01 23 45 67 89"


def test_it_ends_at_its_hour_and_when_the_room_stops_it(room, post, world, incident, lacroix, clock):  # noqa: F811
    link, grant = invited(room, post, world, incident, lacroix)
    guest = Client()
    guest.post(link)
    assert grant.until - NOW == timedelta(minutes=30)
    room.post(reverse("access-stop", args=[grant.id]))
    answer = guest.post(reverse("counter:crisis-ticket"), TICKET, content_type="application/json")
    assert answer.status_code == 403
    assert "data-island" not in guest.get(reverse("counter:crisis"), {"pictures": "1"}).content.decode()
    assert guest.get(reverse("counter:crisis-state")).headers["HX-Refresh"] == "true"
    link, grant = invited(room, post, world, incident, lacroix)
    guest.post(link)
    clock.advance(timedelta(minutes=30))
    expire_grants(clock.now())
    assert grants.grant(grant.id).state == "ended"
    answer = guest.post(reverse("counter:crisis-ticket"), TICKET, content_type="application/json")
    assert answer.status_code == 403


def test_the_players_ticket_takes_the_csrf_token_of_the_page(room, post, world, incident, lacroix):  # noqa: F811
    link, _ = invited(room, post, world, incident, lacroix)
    strict = Client(enforce_csrf_checks=True)
    strict.get(link)
    token = {"csrfmiddlewaretoken": strict.cookies["beffroi_csrf"].value}
    assert strict.post(link).status_code == 403
    assert strict.post(link, token).status_code == 302
    strict.get(reverse("counter:crisis"), {"pictures": "1"})
    ask = {"path": reverse("counter:crisis-ticket"), "data": TICKET, "content_type": "application/json"}
    assert strict.post(**ask).status_code == 403
    cookie = strict.cookies["beffroi_csrf"]
    assert not cookie["httponly"], "the player reads it: this page has no signed-in header to take it from"
    assert strict.post(**ask, headers={"X-CSRFToken": cookie.value}).status_code == 200


def test_an_invitation_that_nobody_used_in_time_is_dead(room, post, world, incident, lacroix, clock):  # noqa: F811
    link, _ = invited(room, post, world, incident, lacroix)
    clock.advance(LINK_LIFE)
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


def test_who_is_not_named_in_the_order_is_refused(room, world, incident, lacroix, make_person, settings):  # noqa: F811
    other = make_person(Role.PREFECTURE_DUTY, name="Autre", email="autre@prefecture.example")
    answer = room.post(reverse("duty:crisis"), form(world, incident, other))
    assert answer.status_code == 422
    assert grants.hanging_on("incident", incident.id)[0].state == "refused"
    assert CrisisInvitation.objects.count() == 0
    mute = make_person(Role.PREFECTURE_DUTY, name="Sans adresse")
    assert room.post(reverse("duty:crisis"), form(world, incident, mute)).status_code == 422
    assert room.post(reverse("duty:crisis"), form(world, incident, lacroix, number="-")).status_code == 422
    settings.BEFFROI_SMTP_URL = ""
    assert room.post(reverse("duty:crisis"), form(world, incident, lacroix)).status_code == 422, "no link could leave"
    assert CrisisInvitation.objects.count() == 0


class Door:
    """What the recorder says of who is looking."""

    def __init__(self):
        self.looking, self.silent = [], False

    def sessions(self):
        if self.silent:
            raise Unavailable("The recorder does not answer.")
        return [
            LookSession(
                look="l", grant=grant, person="p", person_name="P", force="PREF", mode="relay", camera="c",
                since_us=0, article="a", sent_bytes=1,
            )
            for grant in self.looking
        ]  # fmt: skip


def test_an_access_nobody_looks_at_ends_and_not_to_know_is_no_idleness(room, post, world, incident, lacroix):  # noqa: F811
    _, grant = invited(room, post, world, incident, lacroix)
    door, almost = Door(), NOW + IDLE - timedelta(seconds=1)
    assert stop_idle(door, almost) == 0
    door.looking = [grant.id]
    assert stop_idle(door, almost) == 0, "somebody looks now"
    door.looking, door.silent = [], True
    with pytest.raises(Unavailable):
        stop_idle(door, NOW + IDLE + timedelta(minutes=5))
    assert grants.grant(grant.id).state == "active"
    door.silent = False
    assert stop_idle(door, almost + IDLE - timedelta(seconds=1)) == 0
    assert stop_idle(door, almost + IDLE) == 1
    assert (grants.grant(grant.id).state, grants.grant(grant.id).stop_reason) == ("ended", "idle")
    assert Fact.objects.filter(name="access:idle", subject=f"access:{grant.id}").count() == 1


def test_the_invited_steer_what_the_convention_lets_them(room, post, world, incident, make_person, clock):  # noqa: F811
    person = named_agent(make_person)
    let_prefecture_steer(world)
    link, grant = invited(room, post, world, incident, person)
    guest, camera = Client(), {"camera": world.cameras[0]}
    assert guest.post(reverse("counter:crisis-steer"), camera).status_code == 404, "not before the link was used"
    guest.post(link)
    pictures = f"{reverse('counter:crisis')}?pictures=1"
    assert "Demander les commandes" in guest.get(pictures).content.decode()
    assert guest.post(reverse("counter:crisis-steer"), {"camera": world.cameras[1]}).status_code == 404
    assert guest.post(reverse("counter:crisis-steer"), camera)["Location"] == pictures
    (asked,) = steering.controls_of(grant).values()
    assert (asked.state, asked.person, asked.mode) == ("requested", person.id, Mode.PTZ)
    seen = re.search(r"crisis/state/\?seen=([^\"]+)", guest.get(pictures).content.decode())[1]
    state = reverse("counter:crisis-state")
    assert "HX-Refresh" not in guest.get(state, {"seen": seen}).headers
    take = reverse("counter:crisis-steer-ticket", args=[asked.id])
    assert guest.post(take, TICKET, content_type="application/json").status_code == 403, "nobody has said yes"
    access.decide_access(grant=asked.id, answer="approve", actor=actor(world.officer), now=NOW)
    assert guest.get(state, {"seen": seen}).headers["HX-Refresh"] == "true"
    named = json.dumps({"binding": "ab" * 32, "camera": world.cameras[0]})
    assert guest.post(take, named, content_type="application/json").status_code == 200
    assert Client().post(take, named, content_type="application/json").status_code == 404
    other = reverse("counter:crisis-steer-ticket", args=[grant.id])
    assert guest.post(other, TICKET, content_type="application/json").status_code == 404, "the pictures are no controls"
    room.post(reverse("access-stop", args=[asked.id]))
    assert guest.post(take, named, content_type="application/json").status_code == 403
    assert grants.grant(grant.id).state == "active", "the pictures go on"
    guest.post(reverse("counter:crisis-steer"), camera)
    again = steering.controls_of(grant)[world.cameras[0]]
    guest.post(reverse("counter:crisis-steer-stop", args=[again.id]))
    assert grants.grant(again.id).state == "withdrawn"
    guest.post(reverse("counter:crisis-steer"), camera)
    guest.post(reverse("counter:crisis-stop"))
    assert steering.controls_of(grant)[world.cameras[0]].state == "withdrawn", "they go with the pictures"


def test_without_a_clause_for_it_nobody_of_the_prefecture_steers(room, post, world, incident, lacroix):  # noqa: F811
    let_steer(world, adopted=False)
    link, grant = invited(room, post, world, incident, lacroix)
    guest = Client()
    guest.post(link)
    guest.post(reverse("counter:crisis-steer"), {"camera": world.cameras[0]})
    assert steering.controls_of(grant)[world.cameras[0]].state == "refused"
