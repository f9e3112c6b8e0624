"""The village is founded by acts, twice changes nothing, and nobody is on its banner who cannot sign in."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client

from beffroi.audit import queries as audit
from beffroi.audit.core.names import NAMES
from beffroi.config.demo import history, people, village
from beffroi.config.demo.scenes import SCENES
from beffroi.config.demo.stories import stories
from beffroi.governance.queries import access, law
from beffroi.governance.queries import requisitions as requisition_queries
from beffroi.insight import queries as figures
from beffroi.kernel.clock import ManualClock
from beffroi.operations import queries as operations
from beffroi.people import queries as persons
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
BANNER = Path(village.__file__).parents[2] / "web/public/templates/public/demonstration.html"


class TickingClock(ManualClock):
    """Each look at it is ``step_ns`` after the one before."""

    def __init__(self, step_ns: int) -> None:
        super().__init__(NOW)
        self._step_ns, self._looks = step_ns, 0

    def monotonic_ns(self) -> int:
        self._looks += 1
        return self._looks * self._step_ns


@pytest.fixture
def ids(data_dir: Path, db: None) -> dict[str, str]:
    (data_dir / "keys" / "secrets.key").write_bytes(bytes(32))
    found = village.found(NOW)
    addresses = {scene.number: f"rtsp://127.0.0.1:8554/{scene.name}" for scene in SCENES}
    since = NOW - village.AGE + timedelta(days=1)
    village.connect(persons.actor(found["technicien"]), addresses, "secret", since=since, now=NOW)
    return found


def facts() -> int:
    return len(audit.facts(limit=5_000))


def test_it_stands_whole_and_a_second_founding_changes_nothing(ids: dict[str, str]) -> None:
    assert len(sites.cameras()) == 8
    assert all(camera.in_service(NOW) and camera.public_road for camera in sites.cameras())
    assert {role for one in persons.persons(now=NOW) for role in one.roles} == set(Role)
    assert [one.state for one in law.conventions()] == ["signed"]
    assert law.orders_for_gates(NOW)
    assert [line.person_name for line in operations.rota()] == [
        "Gardien-brigadier Hugo Lemaire",
        "Chef de service Marc Delattre",
    ]
    before = facts()
    assert village.found(NOW + timedelta(hours=1)) == ids
    addresses = {scene.number: f"rtsp://127.0.0.1:8554/{scene.name}" for scene in SCENES}
    village.connect(persons.actor(ids["technicien"]), addresses, "secret", since=NOW, now=NOW)
    assert facts() == before


def test_a_new_port_of_the_cameras_changes_only_addresses(ids: dict[str, str]) -> None:
    before = Counter(row.fact.name for row in audit.facts(limit=5_000))
    addresses = {scene.number: f"rtsp://127.0.0.1:9554/{scene.name}" for scene in SCENES}
    village.connect(persons.actor(ids["technicien"]), addresses, "secret", since=NOW, now=NOW)
    after = Counter(row.fact.name for row in audit.facts(limit=5_000))
    assert after - before == Counter({"camera:source": 8})


def test_everybody_on_the_banner_can_sign_in_and_everybody_who_can_is_on_it(ids: dict[str, str], settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    text = BANNER.read_text()
    shown = re.findall(r"<li><code>(\w+)</code>", text)
    assert shown == [one.username for one in people.VILLAGERS]
    assert people.PASSWORD in text
    for username in shown:
        assert authenticate(username=username, password=people.PASSWORD) is not None, username


def test_the_guard_is_on_duty_once_and_has_live_pictures(ids: dict[str, str]) -> None:
    from beffroi.governance.actions.access import open_duty_look

    village.on_duty(ids, NOW)
    village.on_duty(ids, NOW)
    assert [shift.person for shift in operations.on_duty(NOW)] == [ids["garde"]]
    grant = open_duty_look(actor=persons.actor(ids["garde"]), now=NOW)
    assert len(grant.cameras) == 8
    assert access.active(NOW)


def test_a_year_of_requisitions_is_entered_once_and_every_fact_has_a_known_name(ids: dict[str, str]) -> None:
    depth, rests = len(connection.savepoint_ids), list[float]()

    def rest(seconds: float) -> None:
        assert len(connection.savepoint_ids) == depth, "nobody can write while this rests"
        rests.append(seconds)

    clock = TickingClock(step_ns=300_000_000)
    count = history.write(ids, NOW, clock=clock, rest=rest)
    assert 60 < count < 200
    assert rests == [0.3] * count, "as long as each entry took"
    assert history.write(ids, NOW, clock=clock, rest=rest) == 0
    assert len(rests) == count
    chief = persons.person_facts(ids["chef"], NOW)
    lines = requisition_queries.inbox(chief, NOW, closed=True, limit=500)
    assert len(lines) == count
    assert not requisition_queries.inbox(chief, NOW), "nothing of the past is left open"
    results = Counter(line.result for line in lines)
    assert results["positive"] > 0
    assert results["negative"] > 0
    assert all(line.unsafe_holds == 0 for line in lines)
    assert {row.fact.name for row in audit.facts(limit=5_000)} <= set(NAMES)
    year = figures.year(2026)
    assert year.received == sum(line.received_at.year == 2026 for line in lines)
    assert all(year.helped[place].all == year.places[place] for place in year.places)


def test_the_year_is_the_same_on_the_same_day_and_spread_over_it(ids: dict[str, str]) -> None:
    cameras = sites.cameras()
    first, second = list(stories(NOW, cameras)), list(stories(NOW + timedelta(hours=3), cameras))
    assert first == second
    months = Counter(story.received.month for story in first)
    assert len(months) == 12
    assert len({story.offence for story in first}) > 8
    assert all(story.span.end < story.received for story in first)


def test_the_public_page_says_what_is_filmed_without_a_camera_address(ids: dict[str, str], clock: ManualClock) -> None:
    page = Client().get("/", headers={"accept-language": "fr"}).content.decode()
    assert "Vidéoprotection à Saint-Aubin-du-Beffroi" in page
    assert all(name.replace("’", "’") in page for name in village.NAMES.values())
    assert village.SYSTEM_ORDER in page
    assert "rtsp" not in page
