"""Route by role by object, on the running applications: nothing opens that the table does not say (I1).

Every route of the office is asked by every role, on the village's own objects; then by the same roles of another
commune, on the village's objects and on objects that do not exist: the two answers are the same to the byte.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, reverse
from tools import permissions

from beffroi.config.checks import routes
from beffroi.kernel.ids import new_id
from beffroi.media.door.routes import DOOR_ROUTES, RECORDER_ROUTES
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.surface import role_world
from tests.surface.role_table import DOOR, FOREIGN, OFFICE, RECORDER, Row
from tests.surface.role_world import World
from tests.surface.undoing import undone

pytestmark = pytest.mark.django_db
ROUTES: dict[str, URLPattern] = dict(routes())
STREAMS = {"alarm-stream"}
"""Never end by themselves: tests of their own ask them under a real server."""
CLOCKED = {"Date", "Expires", "Content-Length"}
"""Headers that say the second of the answer (or its length): two answers a moment apart may differ in them."""
BINDING = "ab" * 32
TICKET = {"data": f'{{"binding": "{BINDING}"}}', "content_type": "application/json"}
"""A request for a ticket that lacks nothing but the right to it."""
FIGURES = {"office:figures", "office:figures-year", "office:figure", "api:figures", "api:figures-year"}
"""The year of the whole centre: counts, offences and dates, never a person, a place or a procedure."""
WHOLE = {
    (Role.TECHNICIAN, "api:health"): "the same page for machines",
    (Role.TECHNICIAN, "desk:health"): "keeps every camera of the centre going; sees names and states, no picture",
    (Role.DPO, "duty:access"): "is told of accesses of every commune, and reviews how they came about",
    (Role.DPO, "office:looks"): "controls the whole centre",
    (Role.DPO, "office:looks-csv"): "the same",
    (Role.DPO, "office:looks-pdf"): "the same",
    (Role.DPO, "office:processing"): "the same",
    (Role.DPO, "office:processing-pdf"): "the same",
    (Role.DPO, "office:register"): "the same",
    (Role.DPO, "office:register-csv"): "the same",
    (Role.DPO, "office:rules"): "the same",
    (Role.DPO, "office:order"): "the same",
    (Role.DPO, "office:order-paper"): "the same",
}
"""Who reads across communes, and why."""
TEXTS = {"year": "2026", "name": "requests", "which": "requisitions", "act": "suspend", "kind": "note"}
TEXTS |= {"what": "identify", "office:person-act.what": "clearance", "building:plan-edit-act.what": "mark"}
FOOTAGE = re.compile(rb"(?s)\xff\xd8\xff|\x00.{3}(ftyp|moof)|PK\x03\x04|\x00\x00\x00\x01[\x67\x40]")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Built once; each request is undone."""
    with django_db_blocker.unblock(), role_world.built(tmp_path_factory.mktemp("roles")) as made:
        made.objects |= TEXTS
        yield made


def url_of(world: World, name: str, role: Role | None, **changed: str) -> str:
    """The route's path on the village's objects."""
    arguments = {
        argument: changed.get(argument) or world.value(role or Role.CHIEF, name, argument)
        for argument in ROUTES[name].pattern.converters
    }
    return reverse(name, kwargs=arguments)


def asked(
    world: World, person: PersonFacts | None, method: str, name: str, url: str, *, foreign: bool = False, face: str = ""
) -> HttpResponse:
    """One request, undone after it; the answer holds no picture whoever asks."""
    given: Any = TICKET if name == "ticket" and foreign else {"data": {"sent": "1"}}
    headers = {"Beffroi-Face": face} if face else {}
    with undone():
        client: Any = world.client(person)
        answer = client.post(url, headers=headers, **given) if method == "POST" else client.get(url, headers=headers)
    kind = answer.headers.get("Content-Type", "")
    assert not kind.startswith(("video/", "image/jpeg", "application/zip", "application/octet-stream")), url
    assert not FOOTAGE.search(answer.content[:4096]), url
    return answer


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(OFFICE) == set(ROUTES)
    assert set(DOOR) == {f"{one.method} {one.path}" for one in DOOR_ROUTES}
    assert {one: str(guard) for one, guard in DOOR.items()} == {
        f"{one.method} {one.path}": one.guard.value for one in DOOR_ROUTES
    }
    assert {f"{one.method} {one.path}" for one in RECORDER_ROUTES} == RECORDER


def test_the_page_of_permissions_is_the_one_the_table_makes() -> None:
    assert permissions.PAGE.read_text("utf-8") == permissions.page(), "run: python tools/permissions.py"


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "signed-out")
def test_every_route_answers_every_role_as_the_table_says(world: World, role: Role | None) -> None:
    person = world.home[role] if role else None
    wrong = []
    for name, row in OFFICE.items():
        for method in ("GET", "POST"):
            if name in STREAMS and method == "GET" and role in row.roles:
                continue
            answer = asked(world, person, method, name, url_of(world, name, role))
            expected = expectation(row, role, method)
            if answer.status_code not in expected:
                wrong.append(f"{method} {name}: {answer.status_code}, not {expected}")
            if role is None and not row.public and "Location" in answer:
                assert answer["Location"].startswith("/account/sign-in/?next="), name
    assert not wrong, "\n".join(wrong)


def expectation(row: Row, role: Role | None, method: str) -> set[int]:
    """The statuses that the table allows."""
    if role is None and not row.public:
        return {401} if row.name.startswith("api:") else {302}
    if role is None and row.name == "account:sign-in":
        return {200}
    if role is not None and role not in row.roles:
        return {404}
    return {row.get if method == "GET" else row.post}


def _named(row: Row) -> list[str]:
    return sorted(FOREIGN & set(ROUTES[row.name].pattern.converters))


def _bare(answer: HttpResponse, url: str) -> tuple[int, bytes, dict[str, str]]:
    """The whole answer without what differs from request to request: the address itself, tokens, dates, lengths."""
    body = answer.content.replace(url.encode(), b"URL")
    body = re.sub(rb'(csrfmiddlewaretoken" value=|"X-CSRFToken": )"[^"]+', rb"\1", body)
    kept = {name: value for name, value in answer.headers.items() if name not in CLOCKED}
    return answer.status_code, body, kept


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_what_is_foreign_looks_like_what_is_not_there(world: World, role: Role) -> None:
    stranger, wrong = world.strangers[role], []
    for name, row in OFFICE.items():
        if role not in row.roles or not _named(row) or (role, name) in WHOLE:
            continue
        for method, own in (("GET", row.get), ("POST", row.post)):
            there = url_of(world, name, role)
            absent = url_of(world, name, role, **{argument: new_id(7) for argument in _named(row)})
            foreign, nothing = (asked(world, stranger, method, name, url, foreign=True) for url in (there, absent))
            if foreign.status_code != (405 if own == 405 else 404):
                wrong.append(f"{method} {name}: {foreign.status_code}")
            elif _bare(foreign, there) != _bare(nothing, absent):
                wrong.append(f"{method} {name}: absent and foreign differ")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_no_page_tells_a_stranger_of_the_village(world: World, role: Role) -> None:
    """Lists, forms and fragments: whatever the stranger may open names nothing of the other commune."""
    told = []
    for name, row in OFFICE.items():
        if role not in row.roles or row.public or _named(row) or row.get == 405:
            continue
        if (role, name) in WHOLE or name in STREAMS | FIGURES:
            continue
        answer = asked(world, world.strangers[role], "GET", name, url_of(world, name, role))
        page = answer.content.decode("utf-8", "replace")
        told += [f"{name} names {what}: {words}" for what, words in world.names.items() if words in page]
    assert not told, "\n".join(told)


@pytest.mark.parametrize(
    ("role", "chosen"),
    [
        (None, ("counter",)),
        (Role.CHIEF, ("counter",)),
        (Role.INVESTIGATOR, ("counter",)),
        (Role.CHIEF, ("building", "api")),
    ],
    ids=lambda value: value.value if isinstance(value, Role) else "+".join(value or ["signed-out"]),
)
def test_the_outer_face_has_the_chosen_surfaces_and_nothing_else(
    world: World, settings: Any, role: Role | None, chosen: tuple[str, ...]
) -> None:
    settings.BEFFROI_OUTER_SURFACES = list(chosen)
    person, wrong = world.home[role] if role else None, []
    with_it = {"alarm", "alarm-stream"} if "building" in chosen else set()
    for name, row in OFFICE.items():
        open_here = name.partition(":")[0] in {*chosen, "account", "public"} or name in {"ticket"} | with_it
        for method in ("GET", "POST"):
            if name in STREAMS and method == "GET" and open_here:
                continue
            answer = asked(world, person, method, name, url_of(world, name, role), face="outer")
            expected = expectation(row, role, method) if open_here else {404}
            if answer.status_code not in expected:
                wrong.append(f"{method} {name}: {answer.status_code}, not {expected}")
            links = re.findall(rb'(?:href|action|hx-get|hx-post)="/([a-z]+)/', answer.content)
            shown = {one.decode() for one in links} - {"account", "static", "rights", "authority", "tickets", *chosen}
            if open_here and shown - ({"alarm"} if with_it else set()) - {"begin"}:
                wrong.append(f"{method} {name} offers {shown}")
    assert not wrong, "\n".join(wrong)
