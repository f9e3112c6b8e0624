"""Errors become pages in one table: what, where, what next, in the user's language; machines get problem+json."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation

from beffroi.config.database import sqlite
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import BeffroiError, Conflict, Corrupt, Forbidden, Invalid, NotFound, Unavailable
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.web.shared import errors
from tests.conftest import MakePerson

SignedIn = Callable[[PersonFacts], Client]

KINDS = [(NotFound, 404), (Invalid, 422), (Forbidden, 403), (Conflict, 409), (Unavailable, 503), (Corrupt, 500)]


def _answer(error: BeffroiError, **headers: str) -> tuple[int, str, str]:
    request: HttpRequest = RequestFactory().get("/desk/thing/", headers=headers)

    def view(_request: HttpRequest) -> None:
        raise error

    response = errors.middleware(view).process_exception(request, error)
    assert response is not None
    return response.status_code, response.headers["Content-Type"], response.content.decode()


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_every_anticipated_failure_has_its_status_and_page(kind: type[BeffroiError], status: int) -> None:
    with translation.override("fr"):
        code, _, page = _answer(kind("Il est arrivé ceci.", hint="Faites cela."))
    assert code == status
    assert "Il est arrivé ceci." in page
    assert "Faites cela." in page
    assert "/desk/thing/" in page
    assert 'lang="fr"' in page


def test_more_than_a_form_may_hold_is_named_as_that(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = client.post("/account/sign-in/", {"username": "x" * 2_000, "password": "x"})
    assert answer.status_code == 413
    assert "C’est trop à envoyer en une fois" in answer.content.decode()


def test_a_refusal_names_its_article() -> None:
    assert "CSI L252-3" in _answer(Forbidden("Non.", article="CSI L252-3"))[2]


def test_machines_get_problem_json() -> None:
    status, kind, text = _answer(Forbidden("No.", code="gate_b", article="art. 7"), accept="application/json")
    assert (status, kind) == (403, "application/problem+json")
    assert '"code": "gate_b"' in text
    assert '"article": "art. 7"' in text


def test_a_fragment_gets_a_fragment() -> None:
    assert "<html" not in _answer(Conflict("Moved on."), **{"HX-Request": "true"})[2]


def test_hostile_words_are_shown_as_words() -> None:
    assert "<script>alert" not in _answer(Invalid("<script>alert(1)</script>"))[2]


def test_a_fault_of_the_program_is_not_dressed_up() -> None:
    request = RequestFactory().get("/")
    handler = errors.middleware(lambda _request: None)
    assert handler.process_exception(request, ZeroDivisionError()) is None


def test_a_code_said_twice_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SENTENCES", {})
    errors.say({"moved_on": "Déjà fait."})
    assert errors.sentence(Conflict("Moved.", code="moved_on")) == "Déjà fait."
    with pytest.raises(ValueError, match="moved_on"):
        errors.say({"moved_on": "Encore."})


@pytest.mark.django_db
def test_absent_and_forbidden_look_the_same(make_person: MakePerson, client_of: SignedIn) -> None:
    browser = client_of(make_person(Role.TECHNICIAN))
    forbidden, absent = browser.get("/office/looks/"), browser.get("/office/nothing/")
    assert (forbidden.status_code, absent.status_code) == (404, 404)
    plain = forbidden.content.decode().replace("/office/looks/", "/office/nothing/")
    assert _without_tokens(plain) == _without_tokens(absent.content.decode())


def _without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line.lower()]


@pytest.mark.django_db
def test_every_page_carries_the_policy_and_the_headers(client: Client) -> None:
    answer = client.get("/account/sign-in/")
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused(clock: ManualClock) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "ouvert trop longtemps" in answer.content.decode()


@pytest.mark.django_db
def test_a_fragment_of_a_signed_out_person_takes_the_page_to_sign_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?x=1"}
    answer = client.get("/account/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/account/sign-in/?next=/desk/")
    assert client.get("/account/", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.django_db
def test_polling_is_no_sign_of_life(make_person: MakePerson, client_of: SignedIn, clock: ManualClock) -> None:
    browser = client_of(make_person(Role.CHIEF))
    for _ in range(5):
        clock.advance(timedelta(minutes=50))
        answer = browser.get("/account/", headers={"HX-Request": "true"})
    assert answer.status_code == 423, "locked, by the four hours of the tests' rule"
    clock.advance(timedelta(hours=8))
    assert browser.get("/account/", headers={"HX-Request": "true"}).status_code == 401, "over after twelve"


@pytest.fixture
def read_only(db: None) -> Iterator[Callable[[bool], None]]:
    """Switches whether the database takes no writing, as on a disk that failed or is full."""

    def switch(on: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA query_only = {int(on)}")

    yield switch
    switch(False)


def test_a_disk_that_takes_nothing_is_said_and_what_is_there_can_still_be_read(
    make_person: MakePerson, client_of: SignedIn, clock: ManualClock, read_only: Callable[[bool], None]
) -> None:
    browser = client_of(make_person(Role.CHIEF))
    clock.advance(timedelta(minutes=10))  # the sign of life is due
    read_only(True)
    assert browser.get("/account/").status_code == 200
    answer = browser.post("/account/sign-out/")
    read_only(False)
    assert answer.status_code == 503
    words = answer.content.decode()
    assert "Le disque du bureau n’accepte plus l’écriture" in words
    assert "Une partie du centre ne répond pas" in words


def test_without_any_database_the_page_still_comes(
    make_person: MakePerson, client_of: SignedIn, tmp_path: Path, db: None
) -> None:
    browser = client_of(make_person(Role.CHIEF))
    browser.raise_request_exception = False
    gone: Any = ConnectionHandler({"default": sqlite(tmp_path / "gone" / "office.sqlite3")})["default"]

    def unreachable(*_: object) -> None:
        gone.ensure_connection()

    with connection.execute_wrapper(unreachable):
        pages = [browser.get("/account/"), browser.get("/desk/wall/", headers={"HX-Request": "true"})]
        machine = browser.get("/api/v1/health/cameras", headers={"Accept": "application/json"})
    assert [page.status_code for page in pages] == [503, 503]
    assert all("La base de données du bureau ne répond pas" in page.content.decode() for page in pages)
    assert "<html" not in pages[1].content.decode()
    assert (machine.status_code, machine.json()["code"]) == (503, "database_away")
