"""Navigation: each surface names its pages in ``nav.py`` (``ITEMS``); a person sees those she may open.

Up to nine entries stand side by side; whoever has more finds what is not of every hour in groups that open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import Permission, permissions_of
from beffroi.people.core.roles import Role
from beffroi.people.queries import sign_in_rule
from beffroi.web.shared.outside import surfaces_of
from beffroi.web.shared.requests import signed_in

SIDE_BY_SIDE = 9
"""How many entries fit in one row of 1280 px in either language."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one word; ``order`` sorts it among the entries that stand alone."""

    label: str | Promise
    order: int


REGISTERS = Group(pgettext_lazy("navigation", "Registers"), 58)
RULES = Group(pgettext_lazy("navigation", "Rules"), 64)
PEOPLE = Group(pgettext_lazy("navigation", "People"), 80)
EQUIPMENT = Group(pgettext_lazy("navigation", "Equipment"), 90)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: a lazy label, the name of a route without arguments, the permission that opens it.

    ``landing`` names the roles that begin their day there; ``order`` sorts, low first; ``icon`` is a symbol of the
    sprite; ``group`` is where it stands for whoever has many.
    """

    label: str | Promise
    route: str
    permission: Permission
    order: int = 50
    icon: str = ""
    landing: frozenset[Role] = field(default=frozenset())
    live: bool = False  # shows pictures of the recorder: nobody lands there where there is none
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the page shows it."""

    label: str | Promise
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Fold:
    """A group as the page shows it: ``current`` when the page is one of its links."""

    label: str | Promise
    links: tuple[Link, ...]

    @property
    def current(self) -> bool:
        """Whether one is on a page of this group."""
        return any(link.current for link in self.links)


@cache
def items() -> tuple[NavItem, ...]:
    """All entries of all surfaces, in order."""
    found: list[NavItem] = []
    for surface in settings.BEFFROI_SURFACES:
        name = f"beffroi.web.{surface}.nav"
        if find_spec(name) is not None:
            found.extend(import_module(name).ITEMS)
    return tuple(sorted(found, key=lambda item: item.order))


def for_person(person: PersonFacts | None, surfaces: frozenset[str]) -> list[NavItem]:
    """The entries that this person may open, of the surfaces that answer here."""
    held = permissions_of(person.roles) if person is not None else frozenset({Permission.PUBLIC})
    return [item for item in items() if item.permission in held and item.route.partition(":")[0] in surfaces]


def landing(person: PersonFacts, request: HttpRequest) -> str:
    """The address where this person begins: by role, else the first page she may open, else her profile."""
    reachable = for_person(person, surfaces_of(request))
    mine = [item for item in reachable if settings.BEFFROI_RECORDING or not item.live]
    ordered: Iterable[NavItem] = [*(item for item in mine if item.landing & person.roles), *mine]
    for item in ordered:
        try:
            return reverse(item.route)
        except NoReverseMatch:
            continue
    return reverse("account:profile")


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template has: navigation, person, theme, the name of the commune."""
    person = signed_in(request)
    opens = person is not None and not getattr(request, "lacks_factor", False)
    return {
        "person": person,
        "held": _held(person, request) if opens else frozenset(),
        "navigation": entries(_links(person, request)) if person is None or opens else [],
        "now": getattr(request, "now", None),
        "theme": _theme(request),
        "lock_minutes": sign_in_rule().lock_minutes if person is not None else 0,
        "zone": settings.TIME_ZONE,
        "centre": settings.BEFFROI_CENTRE,
        "recording": settings.BEFFROI_RECORDING,
        "notice": settings.BEFFROI_NOTICE,
    }


def _held(person: PersonFacts | None, request: HttpRequest) -> frozenset[Permission]:
    """What she may open on this face: a page never offers what would be 404."""
    if person is None:
        return frozenset()
    surfaces = surfaces_of(request)
    said = {Permission.PUBLIC, Permission.SIGNED_IN}
    return frozenset(
        one for one in permissions_of(person.roles) if one in said or one.value.partition(":")[0] in surfaces
    )


def entries(reachable: list[tuple[NavItem, Link]]) -> list[Link | Fold]:
    """What stands in the menu: each entry alone where they are few, groups of two or more where they are many."""
    if len(reachable) <= SIDE_BY_SIDE:
        return [link for _, link in reachable]
    grouped: dict[Group | None, list[tuple[int, Link]]] = {}
    for item, link in reachable:
        grouped.setdefault(item.group, []).append((item.order, link))
    placed: list[tuple[int, Link | Fold]] = []
    for group, members in grouped.items():
        if group is None or len(members) == 1:
            placed.extend(members)
        else:
            placed.append((group.order, Fold(group.label, tuple(link for _, link in members))))
    return [entry for _, entry in sorted(placed, key=lambda one: one[0])]


def _links(person: PersonFacts | None, request: HttpRequest) -> list[tuple[NavItem, Link]]:
    found: list[tuple[NavItem, str]] = []
    for item in for_person(person, surfaces_of(request)):
        try:
            found.append((item, reverse(item.route)))
        except NoReverseMatch:
            continue
    here = request.path
    best = max((url for _, url in found if here.startswith(url) and url != "/"), key=len, default="")
    return [(item, Link(item.label, url, item.icon, url == best)) for item, url in found]


def _theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("beffroi_theme", "")
    return chosen if chosen in {"light", "dark"} else ""
