"""Every form as drawn, filled with what no form expects: never a 500, always a sentence, nothing typed is lost."""

import html
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beffroi.people.core.roles import Role
from tests.surface import role_world
from tests.surface.role_table import OFFICE
from tests.surface.role_world import World
from tests.surface.test_requests import WIDEST, opened
from tests.surface.test_roles import TEXTS, url_of
from tests.surface.undoing import undone

pytestmark = pytest.mark.django_db
UNTRUSTED = "\x00\x07\u202e<script>alert(1)</script>\"'&\u2028é"
HOSTILE: dict[str, Any] = {
    "nothing": "",
    "plain": "un texte <b>ordinaire</b> & juste",
    "script and controls": UNTRUSTED,
    "long": "ü" * 60_000,
    "number": "9" * 5_000,
    "negative": "-1",
    "float": "1e400",
    "date": "9999-12-31T23:59",
    "old date": "0001-01-01T00:00",
    "json": '{"a": [1, 2',
    "replaced surrogate": "\ufffd\ud7ff",
    "formula": '=HYPERLINK("http://x")',
}


GOOD = {200, 204, 302, 400, 403, 404, 409, 413, 422, 429}
RUBBISH = [b"", b"\x00" * 64, b"%PDF-1.7 not really", b"[" * 100_000, b"\xff\xfe\xfa", b"{}" * 40, b"GIF89a<script>"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The role table's world, built once; each request is undone."""
    with django_db_blocker.unblock(), role_world.built(tmp_path_factory.mktemp("hostile")) as made:
        made.objects |= TEXTS
        yield made


class Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields with the values they were drawn with."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[tuple[str, dict[str, list[str]], set[str], set[str]]] = []
        self.choice = ""
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.found.append((given.get("action") or self.path, {}, set(), set()))
        if not self.found:
            return
        _, values, texts, files = self.found[-1]
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and ("selected" in given or self.choice not in values):
            values[self.choice] = [given.get("value", "")]
        elif tag == "textarea" and name:
            values[name] = [""]
            texts.add(name)
        elif tag == "input" and name and name != "csrfmiddlewaretoken":
            if kind == "file":
                files.add(name)
            elif kind not in {"radio", "checkbox"} or "checked" in given or name not in values:
                values[name] = [given.get("value", "")]
            if kind not in {"radio", "checkbox", "file", "hidden", "submit", "image", "password"}:
                texts.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.choice = ""


def forms_of(world: World, role: Role) -> dict[str, tuple[dict[str, list[str]], set[str], set[str]]]:
    """Every form that this role meets on any page, by where it goes."""
    found = {}
    for name in opened(role):
        if OFFICE[name].get != 200:
            continue
        path = url_of(world, name, role)
        answer: Any = world.client(world.home[role]).get(path)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            for action, values, texts, files in Forms(answer.content.decode(), path).found:
                if action != "/account/sign-out/":
                    found[action.split("#")[0]] = (values, texts, files)
    return found


@pytest.mark.timeout(1_200)  # thousands of requests: it grows with every form
@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_whatever_is_typed_gets_a_sentence_and_comes_back(world: World, role: Role) -> None:
    wrong = []
    for action, (values, texts, _) in forms_of(world, role).items():
        for what, value in HOSTILE.items():
            for everything in (False, True):
                given = {name: [value] * 2 if everything else values[name] for name in values}
                given |= {name: [value] for name in texts}
                with undone():
                    answer: Any = world.client(world.home[role]).post(action, given)
                if answer.status_code not in GOOD:
                    wrong.append(f"{action} {what} {'everywhere' if everything else 'in texts'}: {answer.status_code}")
                if answer.status_code in {200, 422} and answer.headers["Content-Type"].startswith("text/html"):
                    page = answer.content.decode()
                    if "<script>alert" in page:
                        wrong.append(f"{action} {what}: not escaped")
                    if what == "plain" and texts and answer.status_code == 422 and html.escape(value) not in page:
                        wrong.append(f"{action}: what was typed is lost")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", WIDEST, ids=lambda role: role.value)
def test_rubbish_files_are_refused_with_a_sentence(world: World, role: Role) -> None:
    wrong = []
    for action, (values, _, files) in forms_of(world, role).items():
        for name in files:
            for data in [*RUBBISH, b"x" * 10_500_000]:
                with undone():
                    given: Any = {**values, name: SimpleUploadedFile("a\u202e.pdf", data)}
                    answer: Any = world.client(world.home[role]).post(action, given)
                if answer.status_code not in {302, 400, 413, 422}:
                    wrong.append(f"{action} {name} {data[:12]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


BODIES = [
    "", "null", "[]", "3", '"x"', "{", "[" * 4_000, '{"camera": ' + "[" * 1_500 + "]" * 1_500 + "}",
    '{"camera": "\\ud800", "binding": "\\ud800", "incident": "\\udfff"}',
    '{"camera": "\\u0000", "incident": "\\u0000"}',
    '{"camera": 7, "binding": 7, "incident": [], "seconds": {}}', '{"camera": "x", "seconds": 1e999}',
    '{"camera": "CAM", "incident": "INC", "seconds": ' + "9" * 3_900 + "}",
    '{"camera": "CAM", "incident": "INC", "from_us": -1, "to_us": 99999999999999999999999}',
    '{"camera": "CAM", "incident": "INC", "from_us": 1e300, "to_us": NaN}',
    '{"camera": "CAM", "incident": "INC", "from_us": 5, "to_us": 5}',
    '{"binding": "' + "ab" * 32 + '", "camera": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["desk:wall-incident", "desk:wall-look-back", "ticket", "shift-lease", "desk:wall-look", "api:edge-exchange"],
)
def test_no_json_breaks_an_endpoint(world: World, name: str) -> None:
    wrong = []
    path = url_of(world, name, Role.CHIEF)
    for body in BODIES:
        text = body.replace("CAM", world.objects["camera"]).replace("INC", world.objects["incident"])
        for kind in ("application/json", "text/plain"):
            with undone():
                answer: Any = world.client(world.home[Role.CHIEF]).post(
                    path, text, content_type=kind, headers={"accept": "application/json"}
                )
            if answer.status_code not in GOOD:
                wrong.append(f"{text[:60]}: {answer.status_code}")
            if answer.status_code >= 400 and not json.loads(answer.content).get("title"):
                wrong.append(f"{text[:60]}: no sentence")
    assert not wrong, "\n".join(wrong)
