"""What every test may ask for: a database, a clock that moves when told to, persons and their browsers.

``BEFFROI_TEST_DATABASE=postgres`` runs whatever touches the database on a real PostgreSQL instead of SQLite.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.db import connection, connections
from django.test import Client

from beffroi.audit import triggers
from beffroi.audit.core.facts import SYSTEM
from beffroi.config import database
from beffroi.kernel.clock import ManualClock
from beffroi.people import actions as people
from beffroi.people import queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Quality, Role
from tests import postgres
from tests.live import serving

hypothesis.settings.register_profile("machine that is shared", deadline=None)  # an example's time says nothing there
hypothesis.settings.load_profile("machine that is shared")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
INSEE = "99123"
PASSWORD = "la cloche sonne a midi"
POSTGRES = os.environ.get("BEFFROI_TEST_DATABASE", "") == "postgres"
_scratch = tempfile.TemporaryDirectory(prefix="beffroi-tests-")
_data = Path(_scratch.name)

if POSTGRES:
    _databases = {"default": database.postgresql(postgres.start())}
else:
    _databases = {"default": {**database.sqlite(_data / "office.sqlite3"), "TEST": {"NAME": _data / "test.sqlite3"}}}
(_data / "keys").mkdir(mode=0o700)
(_data / "keys" / "office.key").write_bytes(bytes(range(32)))
(_data / "keys" / "secrets.key").write_bytes(bytes(range(1, 33)))
django_settings.BEFFROI_DATA_DIR = _data
django_settings.BEFFROI_SIGN_IN_RULE = {"forces": [], "roles": [], "step_up_minutes": 10, "lock_minutes": 240}
"""Second factors are asked of nobody but in the tests of sign-in, which set a rule as a centre does."""
django_settings.DATABASES = _databases
connections.settings = connections.configure_settings(_databases)
if hasattr(connections._connections, "default"):
    del connections["default"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without PostgreSQL, what needs it is left out, and said so."""
    if not POSTGRES:
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="runs with BEFFROI_TEST_DATABASE=postgres"))


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Tables come straight from the models; one test elsewhere runs the migrations themselves."""
    return False


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Argon2 is slow on purpose; the test of sign-in itself puts it back."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """A data folder of this test's own, with an office key in it."""
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys" / "office.key").write_bytes(bytes(range(32)))
    settings.BEFFROI_DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def append_only(db: None) -> Iterator[None]:
    """The triggers that make the log append-only, installed for this test."""
    triggers.install(connection)
    yield
    triggers.remove(connection)


@pytest.fixture
def clock(settings: Any) -> ManualClock:
    """The clock of every request of this test; it starts at ``NOW``."""
    manual = ManualClock(NOW)
    settings.BEFFROI_CLOCK = manual
    return manual


MakePerson = Callable[..., PersonFacts]

_FORCE_OF = {
    Role.INVESTIGATOR: (Force.GN, Quality.OPJ),
    Role.OPERATIONS_CENTRE: (Force.GN, Quality.NONE),
    Role.PREFECTURE_DUTY: (Force.PREF, Quality.NONE),
    Role.MAYOR: (Force.MAIRE, Quality.NONE),
    Role.DPO: (Force.DPO, Quality.NONE),
    Role.SCHOOL_HEAD: (Force.SCHOOL, Quality.NONE),
    Role.TECHNICIAN: (Force.TECH, Quality.NONE),
}


@pytest.fixture
def make_person(db: None) -> MakePerson:
    """Makes a person through the acts: ``make_person(Role.CHIEF, name=…)``; cleared for the village unless told not.

    Keywords: ``name``, ``rank``, ``force``, ``quality``, ``cleared``, ``account`` (user name), ``email``,
    ``language``, ``now``.
    """
    made: dict[str, Any] = {"count": 0, "units": {}}

    def make(*roles: Role, **given: Any) -> PersonFacts:
        now = given.get("now", NOW)
        made["count"] += 1
        force, quality = _FORCE_OF.get(roles[0], (Force.PM, Quality.NONE)) if roles else (Force.PM, Quality.NONE)
        force, quality = given.get("force", force), given.get("quality", quality)
        if force not in made["units"]:
            organisation = people.create_organisation(
                name=f"Organisation {force}", force=force, insee=INSEE, actor=SYSTEM, now=now
            )
            made["units"][force] = people.create_unit(
                organisation=organisation, name=f"Unit {force}", actor=SYSTEM, now=now
            )
        name = given.get("name", f"Personne {made['count']}")
        person = people.create_person(
            name=name,
            unit=made["units"][force],
            matricule=f"M{made['count']:04}",
            rank=given.get("rank", ""),
            quality=quality,
            email=given.get("email", ""),
            actor=SYSTEM,
            now=now,
        )
        for role in roles:
            people.grant_role(person=person, role=role, actor=SYSTEM, now=now)
        if given.get("cleared", True):
            people.grant_clearance(
                person=person,
                reference=f"HAB-{made['count']}",
                issuer="Maire de Saint-Aubin-du-Beffroi",
                territory=[INSEE],
                actor=SYSTEM,
                now=now,
            )
        if given.get("account"):
            people.open_account(
                person=person,
                username=given["account"],
                password=PASSWORD,
                language=given.get("language", "fr"),
                actor=SYSTEM,
                now=now,
            )
        return queries.person_facts(person, now)

    return make


@pytest.fixture
def office_server(transactional_db: None) -> Iterator[str]:
    """The address of the office under uvicorn, on the test's database; for tests that need streams or a browser."""
    with serving(get_asgi_application()) as address:
        yield address


@pytest.fixture
def client_of(clock: ManualClock) -> Callable[[PersonFacts], Client]:
    """A Django client signed in as a person, by the sign-in page itself."""

    def sign_in(person: PersonFacts) -> Client:
        username = f"compte-{person.id[-12:]}"
        if not queries.language_of(person.id):
            people.open_account(person=person.id, username=username, password=PASSWORD, actor=SYSTEM, now=clock.now())
        else:
            username = queries.username_of(person.id)
        client = Client()
        answer = client.post("/account/sign-in/", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return sign_in
