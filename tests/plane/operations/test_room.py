"""Shifts, incidents, the logbook: acts, facts, and who sees what."""

from datetime import timedelta

import pytest

from beffroi.audit.models import Fact
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import PersonId
from beffroi.operations import actions, models, queries
from beffroi.operations.core.words import IncidentState, RotaLine
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.queries import camera
from tests.conftest import INSEE, NOW
from tests.plane.sites.conftest import keys, lawful, square  # noqa: F401  fixtures

LATER = NOW + timedelta(minutes=10)
REASON = "Appui à la patrouille du marché"


@pytest.fixture
def officer(make_person):
    return make_person(Role.DUTY_OFFICER, name="Officière de service")


@pytest.fixture
def actor(officer):
    return actor_of(officer, station="poste 1")


def begin(actor, officer, now=NOW, **given):
    return actions.begin_shift(
        actor=actor,
        person=officer,
        purpose=Purpose.SAFETY_OF_PERSONS,
        reason=given.pop("reason", REASON),
        now=now,
        **given,
    )


@pytest.fixture
def incident(actor, officer, lawful):  # noqa: F811  a fixture
    begin(actor, officer)
    return actions.open_incident(actor=actor, person=officer, camera=camera(lawful), now=NOW)


def test_a_shift_has_a_reason_a_term_and_a_fact(actor, officer):
    shift = begin(actor, officer)
    assert queries.shift_of(officer.id, NOW) == shift
    assert [one.person for one in queries.on_duty(NOW)] == [officer.id]
    assert shift.expires_at - NOW == timedelta(hours=8)
    assert Fact.objects.get(name="shift:begin").subject == f"shift:{shift.id}"
    assert queries.shift_of(officer.id, shift.expires_at) is None
    assert queries.on_duty(shift.expires_at) == []


def test_a_reason_that_says_nothing_begins_no_shift(actor, officer):
    with pytest.raises(Invalid):
        begin(actor, officer, reason="surveillance")
    assert not Fact.objects.filter(name="shift:begin").exists()


def test_one_shift_at_a_time_and_an_expired_one_is_no_hindrance(actor, officer):
    first = begin(actor, officer)
    with pytest.raises(Conflict):
        begin(actor, officer, LATER)
    after = first.expires_at + timedelta(hours=1)
    second = begin(actor, officer, after)
    assert queries.shift_of(officer.id, after) == second
    assert queries.shift(first.id).ended_at == first.expires_at


def test_no_shift_is_asked_for_longer_than_twelve_hours(actor, officer):
    shift = begin(actor, officer, until=NOW + timedelta(days=2))
    assert shift.expires_at == NOW + timedelta(hours=12)


def test_an_incident_is_opened_in_one_act(incident, lawful, officer):  # noqa: F811
    assert incident.reference == "I-2026-0001"
    assert incident.title == "1 · Place de la Mairie"
    assert incident.cameras == (lawful,)
    assert incident.occurred_from == NOW - timedelta(minutes=2)
    assert incident.reason == ""
    assert incident.reason_due_at == queries.shift_of(officer.id, NOW).expires_at
    assert [entry.incident for entry in queries.logbook_visible_to(officer)] == [incident.id]
    names = set(Fact.objects.values_list("name", flat=True))
    assert {"incident:open", "logbook:write"} <= names


def test_incidents_count_from_one_in_the_communes_own_year(incident, actor, officer, lawful):  # noqa: F811
    second = actions.open_incident(actor=actor, person=officer, camera=camera(lawful), now=LATER)
    new_year = NOW.replace(month=12, day=31, hour=23, minute=30)
    third = actions.open_incident(actor=actor, person=officer, camera=camera(lawful), now=new_year)
    assert [second.reference, third.reference] == ["I-2026-0002", "I-2027-0001"]


def test_the_shift_does_not_end_before_the_reason_is_given(incident, actor, officer):
    shift = queries.shift_of(officer.id, NOW)
    with pytest.raises(Conflict) as caught:
        actions.end_shift(actor=actor, shift=shift.id, now=LATER)
    assert caught.value.code == "reasons_due"
    assert incident.reference in caught.value.hint
    actions.give_reason(actor=actor, incident=incident.id, reason="Chute d’une personne signalée", now=LATER)
    actions.end_shift(actor=actor, shift=shift.id, now=LATER)
    assert queries.shift_of(officer.id, LATER) is None
    with pytest.raises(Conflict):
        actions.end_shift(actor=actor, shift=shift.id, now=LATER)


def test_a_scene_goes_from_camera_to_camera_once(incident, actor, officer, lawful):  # noqa: F811
    actions.link_camera(actor=actor, person=officer, incident=incident.id, camera=camera(lawful), now=LATER)
    assert queries.incident(incident.id).cameras == (lawful,)
    assert not Fact.objects.filter(name="incident:link").exists()


def test_notes_are_written_once_and_stay(incident, actor, officer):
    actions.note(
        actor=actor, insee=INSEE, incident=incident.id, text="Patrouille sur place\x00\x07\nRien à signaler", now=LATER
    )
    entry = queries.logbook_visible_to(officer, incident=incident.id)[0]
    assert entry.text == "Patrouille sur place\nRien à signaler"
    row = models.LogEntry.objects.get(pk=entry.id)
    row.text = "autre chose"
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()
    for text in ("", "  \x00 ", "x" * 2_001):
        with pytest.raises(Invalid):
            actions.note(actor=actor, insee=INSEE, text=text, now=LATER)


def test_a_bookmark_marks_a_linked_camera_in_the_past(incident, actor, officer, lawful):  # noqa: F811
    actions.bookmark(actor=actor, incident=incident.id, camera=lawful, at=NOW, label="Veste rouge", now=LATER)
    assert [mark.label for mark in queries.bookmarks_visible_to(officer, incident=incident.id)] == ["Veste rouge"]
    with pytest.raises(NotFound):
        actions.bookmark(actor=actor, incident=incident.id, camera="other", at=NOW, now=LATER)
    with pytest.raises(Invalid):
        actions.bookmark(actor=actor, incident=incident.id, camera=lawful, at=LATER + timedelta(1), now=LATER)


def test_an_incident_is_closed_with_words_and_then_stays_closed(incident, actor, officer):
    with pytest.raises(Invalid) as caught:
        actions.close_incident(actor=actor, incident=incident.id, closing=" ", now=LATER)
    assert set(caught.value.fields) == {"closing", "reason"}
    actions.close_incident(
        actor=actor, incident=incident.id, closing="Personne prise en charge", reason="Chute signalée", now=LATER
    )
    closed = queries.incident(incident.id)
    assert (closed.state, closed.occurred_to, closed.reason) == (IncidentState.CLOSED, LATER, "Chute signalée")
    with pytest.raises(Conflict):
        actions.close_incident(actor=actor, incident=incident.id, closing="encore", now=LATER)
    assert queries.incidents_visible_to(officer, state=IncidentState.OPEN) == []
    assert len(queries.incidents_visible_to(officer, camera=closed.cameras[0])) == 1


def test_another_communes_incidents_and_lines_are_as_if_absent(incident, make_person, lawful):  # noqa: F811
    stranger = make_person(Role.DUTY_OFFICER, cleared=False)
    assert queries.incidents_visible_to(stranger) == []
    assert queries.logbook_visible_to(stranger) == []
    for absent in (incident.id, "nothing"):
        with pytest.raises(NotFound) as caught:
            queries.incident_visible_to(stranger, absent)
        assert caught.value.message == "There is no such incident."
    with pytest.raises(NotFound):
        actions.open_incident(actor=actor_of(stranger), person=stranger, camera=camera(lawful), now=LATER)


def test_an_incident_lies_in_the_last_month(actor, officer, lawful):  # noqa: F811
    for wrong in (NOW, NOW + timedelta(1), NOW - timedelta(days=32)):
        with pytest.raises(Invalid):
            actions.open_incident(actor=actor, person=officer, camera=camera(lawful), occurred_from=wrong, now=NOW)


def test_the_rota_is_an_order_of_persons(actor, officer):
    lines = [
        RotaLine(2, PersonId("b"), "B", "01 99 00 00 02"),
        RotaLine(1, officer.id, officer.called, "01 99 00 00 01"),
    ]
    actions.set_rota(actor=actor, lines=lines, now=NOW)
    actions.set_rota(actor=actor, lines=lines, now=LATER)
    assert [line.person for line in queries.rota()] == [officer.id, "b"]
    with pytest.raises(Invalid):
        actions.set_rota(actor=actor, lines=[lines[0], lines[0]], now=LATER)
