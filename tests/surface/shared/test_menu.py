"""The main menu: who finds what where, and how it opens by hand, by keyboard and on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from beffroi.people.core.permissions import permissions_of
from beffroi.people.core.roles import Role
from beffroi.web.shared import navigation
from beffroi.web.shared.navigation import Fold, Link
from tests import axe
from tests.conftest import PASSWORD, MakePerson

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def shown(role: Role) -> list[Link | Fold]:
    held = permissions_of(frozenset({role}))
    mine = [item for item in navigation.items() if item.permission in held]
    return navigation.entries([(item, Link(str(item.label), item.route, item.icon, False)) for item in mine])


def links(role: Role) -> list[Link]:
    each = (entry.links if isinstance(entry, Fold) else (entry,) for entry in shown(role))
    return [link for some in each for link in some]


@pytest.mark.parametrize("role", list(Role))
def test_every_entry_stands_in_the_menu_once(role: Role) -> None:
    held = permissions_of(frozenset({role}))
    assert sorted(link.url for link in links(role)) == sorted(
        item.route for item in navigation.items() if item.permission in held
    )
    assert all(len(entry.links) > 1 for entry in shown(role) if isinstance(entry, Fold)), "one alone needs no group"


def test_only_who_has_many_entries_opens_groups_and_the_daily_ones_stand_alone() -> None:
    assert {role for role in Role if any(isinstance(entry, Fold) for entry in shown(role))} == {
        Role.DUTY_OFFICER,
        Role.VIDEO_OFFICER,
        Role.CHIEF,
    }
    alone = [entry.url for entry in shown(Role.CHIEF) if isinstance(entry, Link)]
    assert alone[:3] == ["desk:wall", "duty:phone", "desk:map"]
    assert "desk:requisitions" in alone
    assert [str(entry.label) for entry in shown(Role.CHIEF) if isinstance(entry, Fold)] == [
        "Registres", "Règles", "Personnes", "Matériel",
    ]  # fmt: skip


def _one_row(page: Page) -> bool:
    return bool(
        page.evaluate(
            "new Set([...document.querySelectorAll('.site-nav > ul > li')].map(one => one.offsetTop)).size === 1"
        )
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_chiefs_menu_is_one_row_at_a_desk_and_one_button_on_a_telephone(
    office_server: str, make_person: MakePerson, language: str
) -> None:
    make_person(Role.CHIEF, name="Claire Faure", account="cheffe", language=language)
    with axe.browser() as running:
        page = axe.new_context(running, base=office_server, viewport=DESK, color_scheme="dark").new_page()
        axe.sign_in(page, "cheffe", PASSWORD)
        page.goto("/office/rules/")
        page.locator(".site-nav[data-ready]").wait_for()
        assert _one_row(page)
        group = page.locator(".menu-group-open[aria-current]")
        here = page.locator(".site-nav a[aria-current=page]")
        expect(here).to_be_hidden()
        group.focus()
        page.keyboard.press("Enter")
        expect(here).to_be_visible()
        axe.check(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(here).to_be_hidden()
        expect(group).to_be_focused()
        page.keyboard.press("Enter")
        page.locator("h1").click()
        expect(here).to_be_hidden()
        axe.follow(axe.menu(page, "Convention"))
        assert page.url.endswith("/office/conventions/")

        page.set_viewport_size(PHONE)
        page.goto("/office/rules/")
        page.locator(".site-nav[data-ready]").wait_for()
        menu = page.locator(".menu-open")
        expect(page.locator(".site-nav a")).to_have_count(len(links(Role.CHIEF)))
        assert not page.locator(".site-nav a:visible").count()
        menu.click()
        expect(page.locator(".site-nav a:visible")).to_have_count(len(links(Role.CHIEF)))
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        axe.check(page)
        axe.follow(axe.menu(page, "Convention"))
        assert page.url.endswith("/office/conventions/")
