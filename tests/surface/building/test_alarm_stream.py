"""The alarm stream: pushed to every page at once, drawn once for all, silent when it cannot know (I9)."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from beffroi.audit.core.facts import SYSTEM
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from beffroi.safety import actions, queries
from beffroi.safety.actions import events
from beffroi.safety.core.words import Hazard
from beffroi.web.building import alarm
from tests.conftest import INSEE, NOW
from tests.plane.safety.test_bell import KEY

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = 20


@pytest.fixture
def school():
    return actions.enter_building(actor=SYSTEM, insee=INSEE, name="École des Tilleuls", kind="school", now=NOW)


async def first_alarm(lines):
    async for line in lines:
        if line.startswith(b"event: alarm"):
            return json.loads(line.split(b"data: ", 1)[1])
    raise AssertionError("the stream ended")


def raise_one(person, school):
    try:
        return actions.relay_order(
            actor=people.actor(person.id),
            person=person,
            building=school,
            hazard=Hazard.INTRUSION,
            authority="Directrice",
            key=KEY,
            now=NOW,
        )
    finally:
        connections.close_all()


def another_school():
    try:
        actions.enter_building(actor=SYSTEM, insee=INSEE, name="École du Canal", kind="school", now=NOW)
    finally:
        connections.close_all()


@pytest.mark.parametrize("told_by", ["this process", "the database"])
def test_every_page_is_pushed_a_new_alert(school, make_person, monkeypatch, told_by):
    if told_by == "this process":
        monkeypatch.setattr(alarm, "LOOK_SECONDS", 600)
    else:
        monkeypatch.setattr(events, "wake", lambda: None)
    chief = make_person(Role.CHIEF)
    ours, theirs = queries.building_ids_visible_to(chief), frozenset()
    drawn = []
    real_draw = alarm.draw
    monkeypatch.setattr(alarm, "draw", lambda *given: drawn.append(given) or real_draw(*given))

    async def story():
        pages = [alarm._lines(ours, "fr") for _ in range(PAGES)]
        other = alarm._lines(theirs, "fr")
        assert [await first_alarm(page) for page in pages] == [""] * PAGES, "calm is drawn empty"
        assert await first_alarm(other) == ""
        waiting = [asyncio.create_task(first_alarm(page)) for page in pages]
        await sync_to_async(raise_one, thread_sensitive=False)(chief, school)
        shown = await asyncio.wait_for(asyncio.gather(*waiting), 30)
        assert all("ALERTE RÉELLE" in html and "École des Tilleuls" in html for html in shown)
        assert len(drawn) <= 4, "drawn once a state and territory, not once a page"
        for page in [*pages, other]:
            await page.aclose()
        await sync_to_async(connections.close_all)()

    asyncio.run(story())


def test_a_database_that_does_not_answer_ends_the_stream_instead_of_showing_calm(school, make_person, monkeypatch):
    chief = make_person(Role.CHIEF)

    ours = queries.building_ids_visible_to(chief)

    async def story():
        page = alarm._lines(ours, "fr")
        assert await first_alarm(page) == ""

        def broken():
            raise OSError("database gone")

        monkeypatch.setattr(queries, "version", broken)
        rest = [line async for line in page]
        assert all(not line.startswith(b"event: alarm") for line in rest)
        again = [line async for line in alarm._lines(ours, "fr")]
        assert not again, "what was known before is not shown as if it were known now"
        await sync_to_async(connections.close_all)()

    monkeypatch.setattr(alarm, "BEAT_SECONDS", 0.2)
    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_building_that_is_entered_meanwhile_ends_the_stream_and_is_in_the_next(school, make_person):
    ours = queries.building_ids_visible_to(make_person(Role.CHIEF))

    async def story():
        page = alarm._lines(ours, "fr")
        assert await first_alarm(page) == ""
        await sync_to_async(another_school, thread_sensitive=False)()
        rest = [line async for line in page]
        assert all(not line.startswith(b"event: alarm") for line in rest)
        await sync_to_async(connections.close_all)()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_the_page_without_script_says_the_same(school, make_person, client_of):
    chief = make_person(Role.CHIEF)
    client = client_of(chief)
    assert "Aucune alerte en ce moment" in client.get("/alarm/").content.decode()
    raise_one(chief, school)
    assert "ALERTE RÉELLE" in client.get("/alarm/").content.decode()
    assert 'data-island="alarm"' in client.get("/building/").content.decode()
    assert client_of(make_person(Role.DPO)).get("/alarm/").status_code == 404
