"""What holds for every request: CSRF, methods, headers, cookies, hosts, sessions; and what no address breaks.

The routes are those of the running application. Hostile forms and bodies stand in ``test_hostile``.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings

from beffroi.kernel.clock import ManualClock
from beffroi.people import queries as people
from beffroi.people.core.roles import Role
from tests.conftest import NOW, PASSWORD
from tests.surface import role_world
from tests.surface.role_table import OFFICE
from tests.surface.role_world import CAMERA_PASSWORD, World
from tests.surface.test_roles import ROUTES, STREAMS, TEXTS, url_of
from tests.surface.undoing import undone

pytestmark = pytest.mark.django_db
WIDEST = (Role.VIDEO_OFFICER, Role.INVESTIGATOR, Role.DPO, Role.SCHOOL_HEAD, Role.CHIEF, Role.MAYOR)
"""Roles that open every route between them."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same world as the role table's, built once; each request is undone."""
    with django_db_blocker.unblock(), role_world.built(tmp_path_factory.mktemp("requests")) as made:
        made.objects |= TEXTS
        yield made


def opened(role: Role) -> list[str]:
    """Routes of this role that no earlier role of ``WIDEST`` opens."""
    before = WIDEST[: WIDEST.index(role)]
    return [
        name
        for name, row in OFFICE.items()
        if role in row.roles and name not in STREAMS and not any(one in row.roles for one in before)
    ]


def test_the_widest_roles_open_everything_between_them() -> None:
    assert {name for role in WIDEST for name in opened(role)} == set(OFFICE) - STREAMS


@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_no_post_without_its_token(world: World, role: Role) -> None:
    """Everything that acts refuses a POST of another site; only the signed exchange of the boxes has no cookie."""
    for name in opened(role):
        if OFFICE[name].post == 405 or name == "api:edge-exchange":
            continue
        with undone():
            client: Any = world.client(world.home[role], enforce_csrf_checks=True)
            answer = client.post(url_of(world, name, role), {"sent": "1"})
        assert answer.status_code == 403, name
        assert "script" not in answer["Content-Security-Policy"].replace("script-src 'self'", ""), name


def _rows() -> dict[str, int]:
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_reading_changes_nothing_but_the_facts_of_reading(world: World, role: Role) -> None:
    with undone():
        before = _rows()
        for name in opened(role):
            world.client(world.home[role]).get(url_of(world, name, role))
        after = _rows()
    changed = {table for table, count in after.items() if count != before[table]}
    assert not {
        table
        for table in changed
        if not table.startswith(("audit_", "django_session", "people_signin", "people_refusals"))
    }


INLINE = re.compile(
    r"<script(?![^>]*(\ssrc=|type=\"application/json\"))|\sstyle=|\son[a-z]+=\"|<style|javascript:", re.IGNORECASE
)


def check_page(answer: HttpResponse, where: str) -> None:
    """Headers of every answer, and no inline script or style in a page."""
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy, where
    assert "default-src 'none'" in policy, where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert answer.headers["X-Frame-Options"] == "DENY", where
    assert answer.headers["Referrer-Policy"] == "same-origin", where
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    page = answer.content.decode()
    assert "frame-ancestors 'none'" in policy, where
    assert not INLINE.search(page), f"{where}: {INLINE.search(page)}"
    for secret in (CAMERA_PASSWORD, PASSWORD, settings.SECRET_KEY, "rtsp://", "argon2", "md5$"):
        assert secret not in page, where


@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_every_page_has_its_headers_and_keeps_its_secrets(world: World, role: Role) -> None:
    for name in opened(role):
        with undone():
            answer: Any = world.client(world.home[role]).get(url_of(world, name, role))
        check_page(answer, name)
        assert "no-store" in answer.headers.get("Cache-Control", ""), name


@pytest.mark.parametrize("path", ["/nothing/", "/desk/cameras/x/", "/account/sign-in/", "/", "/api/v1/nothing"])
def test_error_pages_and_public_pages_too(world: World, path: str) -> None:
    check_page(world.client(None).get(path), path)


def test_a_foreign_host_is_refused(world: World) -> None:
    answer: Any = world.client(None).get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"]
)
def test_no_way_leads_to_another_site(world: World, wanted: str) -> None:
    chief = world.home[Role.CHIEF]
    given = {"username": people.username_of(chief.id), "password": PASSWORD, "next": wanted}
    posts = [
        (None, "/account/sign-in/", given),
        (chief, "/account/language/", {"language": "en", "next": wanted}),
        (chief, "/account/appearance/", {"theme": "dark", "next": wanted}),
        (chief, url_of(world, "access-stop", Role.CHIEF), {"next": wanted}),
    ]
    for who, path, data in posts:
        with undone():
            answer: Any = world.client(who).post(path, data)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/"), path
        assert "evil" not in answer["Location"], path


def test_signing_in_gives_a_new_session_and_signing_out_ends_it(world: World) -> None:
    chief = world.home[Role.CHIEF]
    given = {"username": people.username_of(chief.id), "password": PASSWORD}
    with undone():
        client: Any = world.client(None)
        client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
        answer = client.post("/account/sign-in/", given)
        cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
        assert cookie.value != "a" * 32
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        stolen = world.client(None)
        stolen.cookies[settings.SESSION_COOKIE_NAME] = cookie.value
        assert stolen.get("/desk/").status_code == 302
        assert "sign-in" not in stolen.get("/desk/")["Location"]
        client.post("/account/sign-out/")
        assert "sign-in" in stolen.get("/desk/")["Location"], "the cookie kept by a thief opens nothing"


def test_an_idle_session_is_over(world: World) -> None:
    later = ManualClock(NOW + timedelta(minutes=settings.BEFFROI_IDLE_MINUTES + 1))
    with undone(), override_settings(BEFFROI_CLOCK=later):
        answer: Any = world.client(world.home[Role.CHIEF]).get("/desk/incidents/")
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]


PATHS = ["x" * 10_000, "%00", "..%2f..%2fetc%2fpasswd", "%ff%fe", "%ed%a0%80", "é%CC%81", "-1", "9" * 400, "a%0d%0ab"]


@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_no_id_breaks_a_page(world: World, role: Role) -> None:
    wrong = []
    for name in opened(role):
        if not ROUTES[name].pattern.converters:
            continue
        form = url_of(world, name, role)
        for argument in ROUTES[name].pattern.converters:
            value = world.value(role, name, argument)
            for path in PATHS:
                head, _, tail = form.rpartition(f"/{value}")
                for method in ("get", "post"):
                    with undone():
                        answer: Any = getattr(world.client(world.home[role]), method)(f"{head}/{path}{tail}")
                    if answer.status_code not in {302, 400, 404, 405, 409, 422, 200, 204}:
                        wrong.append(f"{method} {name} {argument}={path[:20]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
