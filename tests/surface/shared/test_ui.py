"""What every template has: times that cannot be mistaken, lengths in words, links; and where each person lands."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.permissions import permissions_of
from beffroi.people.core.roles import Role
from beffroi.web.shared import navigation
from beffroi.web.shared.templatetags import ui
from tests.conftest import MakePerson

SignedIn = Callable[[PersonFacts], Client]


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert "25/10/2026 02:30 (UTC+02:00)" in ui.at(first)
    assert "25/10/2026 02:30 (UTC+01:00)" in ui.at(second)
    assert "(UTC" not in ui.at(datetime(2026, 10, 25, 2, 30, tzinfo=UTC))


def test_times_carry_their_zone_for_machines_and_for_whoever_points_at_them() -> None:
    shown = ui.at(datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC), "second")
    assert 'datetime="2026-07-01T12:00:05+02:00"' in shown
    assert 'title="01/07/2026 12:00:05 UTC+02:00"' in shown
    assert ui.at_us(1_782_900_005_000_000) == shown
    assert (ui.at(None), ui.at_us(None), ui.lasting(None)) == ("", "", "")


@pytest.mark.parametrize(
    ("length", "french", "english"),
    [
        (timedelta(seconds=1), "1 seconde", "1 second"),
        (timedelta(seconds=119), "119 secondes", "119 seconds"),
        (timedelta(minutes=30), "30 minutes", "30 minutes"),
        (timedelta(hours=5, minutes=7), "5 h 07", "5 h 07"),
        (timedelta(days=3, hours=4), "3 j 4 h", "3 d 4 h"),
    ],
)
def test_lengths_are_said_in_words(length: timedelta, french: str, english: str) -> None:
    with translation.override("fr"):
        assert ui.lasting(length) == french
    with translation.override("en"):
        assert ui.lasting(length) == english


def test_a_period_says_its_date_once_where_both_ends_are_of_one_day() -> None:
    def plain(text: str) -> str:
        return re.sub(r"<[^>]+>", "", text)

    ten = datetime(2026, 11, 23, 9, tzinfo=UTC)
    late = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    assert plain(ui.period(ten, late)) == "23/11/2026 10:00 → 23:30"
    assert plain(ui.period_seconds(ten, late)) == "23/11/2026 10:00:00 → 23:30:00"
    assert plain(ui.period(ten, late + timedelta(hours=1))) == "23/11/2026 10:00 → 24/11/2026 00:30", "of our zone"
    assert plain(ui.period_us(1_000_000, None)) == "01/01/1970 01:00:01 → …"
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert plain(ui.period(twice, twice + timedelta(hours=1))) == ("25/10/2026 02:30 (UTC+02:00) → 02:30 (UTC+01:00)")


def test_a_link_is_shown_to_whoever_may_follow_it() -> None:
    template = Template('{% may "office:look:read" as ok %}{{ ok }}')
    for role, ok in ((Role.DPO, "True"), (Role.MAYOR, "False")):
        assert template.render(Context({"held": permissions_of(frozenset({role}))})) == ok


def test_a_filter_keeps_the_rest_of_the_query() -> None:
    request = RequestFactory().get("/office/looks/?person=a%26b&page=2")
    shown = Template("{% with_query page=3 %} {% with_query page='' %}").render(Context({"request": request}))
    assert shown == "?person=a%26b&amp;page=3 ?person=a%26b"


def test_icons_are_hidden_from_readers_unless_they_say_something() -> None:
    assert 'aria-hidden="true"' in ui.icon("eye")
    assert 'aria-label="&lt;b&gt;"' in ui.icon("eye", "<b>")


@pytest.mark.django_db
def test_each_sees_the_pages_she_may_open_and_all_of_them_open(make_person: MakePerson, client_of: SignedIn) -> None:
    browser = client_of(make_person(Role.DPO))
    page = browser.get("/account/")
    links = [link.url for link in page.context["navigation"]]
    assert "/office/looks/" in links
    assert "/desk/" not in links
    assert {browser.get(link).status_code for link in links} == {200}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_everyone_lands_on_a_page_that_opens(make_person: MakePerson, client_of: SignedIn, role: Role) -> None:
    person = make_person(role)
    browser = client_of(person)
    start = navigation.landing(person, RequestFactory().get("/"))
    assert browser.get("/account/sign-in/").headers["Location"] == start
    assert browser.get(start, follow=True).status_code == 200
