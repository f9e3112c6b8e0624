"""Alerts from outside: taken in once, proposed, decided by a person who may; nothing is raised by a message alone."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections

from beffroi.audit.models import Fact
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import models, queries
from beffroi.safety.actions import bulletins as acts
from beffroi.safety.core import cap
from beffroi.safety.core.bulletins import Standing
from beffroi.safety.core.cap import MessageType, Status
from beffroi.safety.core.words import Hazard, Nature, Posture
from beffroi.safety.queries import bulletins as reader
from tests.conftest import NOW
from tests.plane.safety.test_bell import KEY, relay, school, stranger  # noqa: F401  fixtures
from tests.unit.safety import test_bulletins as unit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def message(identifier="A-1", **changed):
    return unit.message(identifier, **({"sent": NOW - 5 * MINUTE} | changed))


def cancelled(first, **changed):
    return unit.follows(first, MessageType.CANCEL, "A-9", **({"sent": NOW} | changed))


def bring(person, one, now=NOW):
    document = one if isinstance(one, bytes) else cap.write(one)
    return acts.receive(actor=people.actor(person.id), person=person, document=document, now=now)


def view(person, bulletin, now=NOW):
    return reader.bulletin_visible_to(person, bulletin, now)


def decide(person, bulletin, school, **changed):  # noqa: F811
    given = {"hazard": Hazard.TOXIC_CLOUD, "authority": "Préfecture", "note": "Fermez tout", "key": KEY, "now": NOW}
    return acts.relay(
        actor=people.actor(person.id), person=person, bulletin=bulletin, buildings=[school], **(given | changed)
    )


def aside(person, bulletin, school, reason="Vu avec la préfecture"):  # noqa: F811
    acts.set_aside(
        actor=people.actor(person.id), person=person, bulletin=bulletin, buildings=[school], reason=reason, now=NOW
    )


def test_a_message_proposes_the_plans_posture_and_raises_nothing_by_itself(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bulletin, new = bring(chief, message())
    assert new
    found = view(chief, bulletin)
    assert (found.proposal.standing, found.open) == (Standing.PROPOSES, True)
    assert [(row.building.id, row.ordered.posture) for row in found.waiting] == [(school, Posture.SEAL_IN)]
    assert models.Alert.objects.count() == 0
    assert Fact.objects.get(name="bulletin:receive").subject == f"bulletin:{bulletin}"


def test_the_same_message_twice_is_one_and_other_words_under_its_name_are_refused(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    first, _ = bring(chief, message())
    assert bring(make_person(Role.VIDEO_OFFICER), message()) == (first, False)
    again = cap.write(message()).replace(b"<alert", b"<!-- another road --><alert")
    assert bring(chief, again) == (first, False)
    with pytest.raises(Conflict) as refusal:
        bring(chief, message(info=replace(unit.INFO, event="Séisme")))
    assert refusal.value.code == "bulletin_differs"
    assert models.Bulletin.objects.count() == 1
    assert Fact.objects.filter(name="bulletin:receive").count() == 1


def test_a_person_relays_it_and_the_alert_says_where_it_came_from(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bulletin, _ = bring(chief, message())
    (alert,) = decide(chief, bulletin, school)
    file = queries.alert_visible_to(chief, alert).file
    assert (file.alert.nature, file.alert.posture_of("z1")) == (Nature.REAL, Posture.SEAL_IN)
    assert file.log[0].event.body["origin"] == "prefecture@drome.example,A-1"
    assert file.log[0].event.body["note"] == "Fermez tout"
    found = view(chief, bulletin)
    assert not found.open
    assert found.rows[0].decision.alert == alert
    assert Fact.objects.filter(name="bulletin:relay", subject=f"bulletin:{bulletin}").count() == 1
    for again in (lambda: decide(chief, bulletin, school), lambda: aside(chief, bulletin, school)):
        with pytest.raises(Conflict) as refusal:
            again()
        assert refusal.value.code == "bulletin_decided"
    assert models.Alert.objects.count() == 1


def test_set_aside_needs_a_reason_and_is_written_down(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bulletin, _ = bring(chief, message())
    with pytest.raises(Invalid):
        aside(chief, bulletin, school, reason="  ")
    assert view(chief, bulletin).open
    aside(chief, bulletin, school)
    assert view(chief, bulletin).rows[0].decision.reason == "Vu avec la préfecture"
    assert Fact.objects.filter(name="bulletin:set-aside").count() == 1
    assert models.Alert.objects.count() == 0


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST, Status.SYSTEM, Status.DRAFT])
def test_an_exercise_or_test_raises_no_alert_of_any_kind(school, make_person, status):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bulletin, _ = bring(chief, message(status=status))
    assert not view(chief, bulletin).open
    with pytest.raises(Conflict) as refusal:
        decide(chief, bulletin, school)
    assert refusal.value.code == "bulletin_not_real"
    assert models.Alert.objects.count() == 0


@pytest.mark.parametrize("cancel_first", [False, True])
def test_a_cancellation_takes_the_proposal_back_whichever_came_first(school, make_person, cancel_first):  # noqa: F811
    chief = make_person(Role.CHIEF)
    pair = [message(), cancelled(message())]
    ids = [bring(chief, one)[0] for one in (reversed(pair) if cancel_first else pair)]
    first = view(chief, ids[1] if cancel_first else ids[0])
    assert (first.proposal.standing, first.open) == (Standing.CANCELLED, False)
    with pytest.raises(Conflict):
        decide(chief, first.id, school)
    assert [one for one in reader.bulletins_visible_to(chief, NOW) if one.open] == []


def test_a_cancellation_ends_no_alert_and_the_page_is_told_that_it_goes_on(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bulletin, _ = bring(chief, message())
    (alert,) = decide(chief, bulletin, school)
    bring(chief, cancelled(message()))
    assert queries.alert_visible_to(chief, alert).file.alert.active
    assert view(chief, bulletin).goes_on == (alert,)
    update = unit.follows(message(), MessageType.UPDATE, "A-5", sent=NOW - MINUTE)
    later, _ = bring(chief, update)
    assert view(chief, later).earlier == (alert,)


def test_who_may_not_raise_an_alert_neither_brings_nor_decides(school, stranger, make_person):  # noqa: F811
    chief, mayor = make_person(Role.CHIEF), make_person(Role.MAYOR)
    bulletin, _ = bring(chief, message())
    for call in (
        lambda: bring(mayor, message("B-1")),
        lambda: decide(mayor, bulletin, school),
        lambda: aside(mayor, bulletin, school),
    ):
        with pytest.raises(Forbidden):
            call()
    assert view(mayor, bulletin).open
    for foreign in (lambda: view(stranger, bulletin), lambda: decide(stranger, bulletin, school)):
        with pytest.raises(NotFound):
            foreign()
    assert reader.bulletins_visible_to(stranger, NOW) == []
    assert models.Alert.objects.count() == 0


def test_a_quiet_alert_is_not_betrayed_to_the_site(school, make_person):  # noqa: F811
    """A head who reads a message must not learn from it that an alert goes on that nobody on site may notice."""
    chief, head = make_person(Role.CHIEF), make_person(Role.SCHOOL_HEAD)
    alert = relay(chief, school)
    bulletin, _ = bring(chief, message())
    assert view(head, bulletin).rows[0].running == (alert,)
    event = models.Event.objects.get(alert=alert, kind="trigger")
    event.document = event.document.replace('"place":""', '"place":"","quiet":true')
    event.save()
    assert view(head, bulletin).rows[0].running == ()
    assert view(chief, bulletin).rows[0].running == (alert,)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_the_same_instant_raise_one_alert(school, make_person):  # noqa: F811
    officers = [make_person(Role.CHIEF), make_person(Role.VIDEO_OFFICER)]
    bulletin, _ = bring(officers[0], message())
    begin, said = threading.Barrier(2), []

    def one(person):
        try:
            begin.wait(20)
            said.append(decide(person, bulletin, school))
        except Conflict as refusal:
            said.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(person,)) for person in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    connection.close()
    assert "bulletin_decided" in said
    assert len(said) == 2
    assert models.Alert.objects.count() == 1


def test_an_attack_or_a_heavy_file_is_refused_by_name_and_leaves_nothing(school, make_person):  # noqa: F811
    chief = make_person(Role.CHIEF)
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa">]><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">&a;</alert>'
    for document, code in (
        ((unit.CORPUS / "google" / "xee.cap").read_bytes(), "cap_hostile"),
        (bomb, "cap_hostile"),
        (b"<alert>" + b" " * (1024 * 1024), "cap_too_large"),
        (b"<feed/>", "cap_not_cap"),
        (b"bonjour", "cap_not_xml"),
    ):
        with pytest.raises(Invalid) as refusal:
            bring(chief, document)
        assert refusal.value.code == code
    assert models.Bulletin.objects.count() == 0
