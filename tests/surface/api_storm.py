"""Requests drawn from the API's own document, right and wrong, sent as every role: what the answers may never be.

Seeded: the same number and seed send the same requests. ``tools/fuzz_api.py`` sends a hundred thousand.

What is drawn is sent as several persons one after the other, because drawing costs as much as answering does. What is
sent to the API does not pass the middleware that serves static files: it hands each request to threads and back, five
times; requests to addresses that no document names do pass it.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import requests
import schemathesis
from django.http import HttpResponse
from django.test.utils import modify_settings
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode

from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from tests.surface.role_world import World
from tests.surface.undoing import undone

PROBLEMS = {401, 404, 405, 422}
PICTURES = (b"\xff\xd8\xff", b"ftyp", b"moof", b"mdat", b"PK\x03\x04", b"\x89PNG", b"\x00\x00\x00\x01")
ROOT = "/api/v1/"
STATIC = "servestatic.middleware.ServeStaticMiddleware"
AS_PERSONS = 4
"""As how many persons each drawn request is sent."""
PATHS = st.lists(
    st.sampled_from(["desk", "counter", "requisitions", "figures", "health", "..", "%2e%2e", "\x00", "é", "0"])
    | st.text(max_size=12),
    max_size=5,
)
"""Addresses that no document names."""


@dataclass
class Storm:
    """What came back."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many requests."""
        return self.statuses.total()


RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def blow(world: World, per_kind: int, number: int, kinds: Collection[GenerationMode] = (RIGHT, WRONG)) -> Storm:
    """``per_kind`` requests of each operation, right and wrong; with the wrong ones as many to unknown addresses."""
    storm = Storm()
    schema = schemathesis.openapi.from_dict(_document(world))
    with modify_settings(MIDDLEWARE={"remove": [STATIC]}):
        direct = replace(world, handlers={})
        direct.client(None)  # its chain of middleware is built here
    for found in schema.get_all_operations():
        operation: Any = found.ok()
        possible = (RIGHT, WRONG) if any(True for _ in operation.iter_parameters()) else (RIGHT,)
        for kind in possible:
            if kind in kinds:
                _each(operation.as_strategy(kind), per_kind, number)(partial(_send, direct, storm, operation))
    if WRONG in kinds:
        _each(PATHS, per_kind, number)(partial(_wander, world, storm))
    return storm


def _each(strategy: Any, count: int, number: int) -> Any:
    """Run a check ``count`` times, each drawn case as some drawn persons of the village, of elsewhere, and nobody."""
    persons = st.lists(
        st.sampled_from([None, *((side, role) for side in ("home", "strangers") for role in Role)]),
        min_size=AS_PERSONS, max_size=AS_PERSONS, unique=True,
    )  # fmt: skip

    def run(check: Any) -> None:
        @seed(number)
        @settings(
            max_examples=-(-count // AS_PERSONS),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy, persons)
        def body(case: Any, asking: Any) -> None:
            for who in asking:
                check(case, who)

        body()

    return run


def _send(world: World, storm: Storm, operation: Any, case: Any, who: tuple[str, Role] | None) -> None:
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    path = str(case.formatted_path)
    if "{requisition}" in operation.path and len(path) % 2:  # half of the ids are one that exists
        path = operation.path.replace("{requisition}", world.objects["requisition"])
    answer = _ask(world, who, case.method, path, query)
    fault = _fault(answer)
    if not fault:
        try:
            operation.validate_response(_judged(answer, path))
        except Exception as error:  # whatever the judge says is the fault that is told
            fault = f"{type(error).__name__}: {error}"
    storm.statuses[operation.label, answer.status_code] += 1
    if fault:
        storm.faults.append(f"{case.method} {path} {query} as {who}: {answer.status_code} {fault[:300]}")


def _wander(world: World, storm: Storm, parts: list[str], who: tuple[str, Role] | None) -> None:
    path = ROOT + "/".join(parts)
    answer = _ask(world, who, "GET", path, {})
    storm.statuses["other addresses", answer.status_code] += 1
    if fault := _fault(answer):
        storm.faults.append(f"GET {path!r} as {who}: {answer.status_code} {fault}")


def _ask(world: World, who: tuple[str, Role] | None, method: str, path: str, query: dict[str, Any]) -> HttpResponse:
    person: PersonFacts | None = getattr(world, who[0])[who[1]] if who else None
    with undone():
        client: Any = world.client(person)
        full = path if path.startswith("/api/") else ROOT.rstrip("/") + path
        sent: HttpResponse = client.generic(
            method, full, QUERY_STRING=requests.models.RequestEncodingMixin._encode_params(query)
        )
    return sent


def _fault(answer: HttpResponse) -> str:
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code >= 500:
        return "a fault of the office"
    if any(mark in answer.content for mark in PICTURES) or kind.startswith(("video/", "image/")):
        return "a byte of footage"
    if answer.status_code in PROBLEMS and kind != "application/problem+json" and answer.status_code != 404:
        return f"an error as {kind}"
    return ""


def _judged(answer: HttpResponse, path: str) -> Response:
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=requests.Request("GET", f"http://testserver{path}").prepare(),
        elapsed=0.0,
        verify=False,
    )


def _document(world: World) -> dict[str, Any]:
    with undone():
        client: Any = world.client(None)
        document: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").content)
    return document
