"""The API: its document, its problems, permissions as the pages have them, tokens of programs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from beffroi.kernel.clock import ManualClock
from beffroi.people.core.roles import Role
from tests.conftest import PASSWORD
from tests.surface import api_storm, role_world
from tests.surface.role_world import World
from tests.surface.undoing import undone

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with django_db_blocker.unblock(), role_world.built(tmp_path_factory.mktemp("api")) as made:
        yield made


def test_the_document_is_openapi_3_1_and_names_each_operation(world: World) -> None:
    document = api_storm._document(world)
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/api/v1/me", "/api/v1/cameras", "/api/v1/health/cameras", "/api/v1/desk/requisitions",
        "/api/v1/desk/requisitions/{requisition}", "/api/v1/counter/requisitions",
        "/api/v1/counter/requisitions/{requisition}", "/api/v1/figures", "/api/v1/figures/{year}",
    }  # fmt: skip
    for operations in document["paths"].values():
        assert set(operations) == {"get"}, "the API reads"


def test_the_desk_and_the_requester_read_the_same_requisition_and_nobody_elses(world: World) -> None:
    requisition = world.objects["requisition"]
    with undone():
        desk = world.client(world.home[Role.CHIEF]).get(f"/api/v1/desk/requisitions/{requisition}")
        inbox = world.client(world.home[Role.CHIEF]).get("/api/v1/desk/requisitions?closed=true")
        foreign = world.client(world.strangers[Role.CHIEF]).get(f"/api/v1/desk/requisitions/{requisition}")
        absent = world.client(world.strangers[Role.CHIEF]).get("/api/v1/desk/requisitions/there-is-none")
    assert desk.status_code == 200
    assert desk.json()["id"] == requisition
    assert requisition in {one["id"] for one in inbox.json()}
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert foreign.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_parameter_is_a_problem_that_names_it(world: World) -> None:
    with undone():
        wrong = world.client(world.home[Role.CHIEF]).get("/api/v1/desk/requisitions?limit=0")
        method = world.client(world.home[Role.CHIEF]).delete("/api/v1/cameras")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "parameter_wrong")
    assert wrong.json()["detail"].startswith("limit: ")
    assert (method.status_code, method.json()["status"], method.headers["Allow"]) == (405, 405, "GET")


def _token(client: Client) -> str:
    made = client.post("/account/programs/", {"label": "tableau de bord"})
    if made.status_code == 302 or b"id_password" in made.content or b"step" in made.content[:4000]:
        made = client.post("/account/programs/", {"label": "tableau de bord", "password": PASSWORD})
    assert made.status_code == 200, made.content.decode()
    page = made.content.decode()
    return page.partition('<pre class="note" tabindex="0">')[2].partition("</pre>")[0]


def test_a_token_reads_as_its_person_until_its_session_is_ended(
    make_person: Any, client_of: Any, clock: ManualClock
) -> None:
    chief = make_person(Role.CHIEF, name="Camille Roux")
    browser = client_of(chief)
    token = _token(browser)
    assert token

    def ask(path: str, shown: str = token, method: str = "GET") -> int:
        return Client().generic(method, path, headers={"Authorization": f"Bearer {shown}"}).status_code

    told = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["name"] == "Camille Roux"
    assert ask("/api/v1/cameras") == 200
    assert ask("/api/v1/counter/requisitions") == 404, "what her roles do not open stays shut"
    assert ask("/desk/wall/") == 302, "a token opens no page"
    assert ask("/tickets/lease", method="POST") in {302, 403}, "and no ticket"
    assert ask("/api/v1/me", token[:-1]) == ask("/api/v1/me", "") == ask("/api/v1/me", "é") == 401
    clock.advance(timedelta(hours=9))
    assert ask("/api/v1/me") == 200, "no person need be there"
    browser = client_of(chief)
    page = browser.get("/account/").content.decode()
    assert "API · tableau de bord" in page
    session = page.partition("API · tableau de bord")[2].partition("/account/sessions/")[2].partition("/")[0]
    assert browser.post(f"/account/sessions/{session}/end/").status_code == 302
    assert ask("/api/v1/me") == 401


def test_a_token_ends_after_ninety_days(make_person: Any, client_of: Any, clock: ManualClock) -> None:
    token = _token(client_of(make_person(Role.CHIEF)))
    shown = {"Authorization": f"Bearer {token}"}
    clock.advance(timedelta(days=89))
    assert Client().get("/api/v1/me", headers=shown).status_code == 200
    clock.advance(timedelta(days=1))
    assert Client().get("/api/v1/me", headers=shown).status_code == 401
