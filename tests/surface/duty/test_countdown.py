"""How long pictures are still there, as pages say it: free, on hold and not yet set, held, and on the nights in which
clocks change. The number is what really passes, not what hands on a wall show."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from beffroi.governance.models import Hold, Requisition
from beffroi.people.core.roles import Role
from tests.conftest import NOW
from tests.surface.counter.test_requisitions_counter import NEW, opj, recorder  # noqa: F401  fixtures
from tests.surface.requisition_pages import asked

pytestmark = pytest.mark.django_db
TERM = datetime(2026, 12, 22, 20, 0, tzinfo=UTC)
"""The facts began on 22 November at 21:00 in Paris; thirty days are authorised."""


@pytest.fixture
def placed(opj):  # noqa: F811
    """A requisition that holds the pictures of a camera."""
    opj.post(NEW, asked())
    return Requisition.objects.get()


@pytest.fixture
def shows(make_person, client_of, clock):
    """What a page of the chief says at a moment, its spaces made one."""

    def at(path, now):
        clock.at = now
        chief = client_of(make_person(Role.CHIEF, name="Marc Delattre", now=now - timedelta(days=1)))
        page = chief.get(path).content.decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\xa0", " "))

    return at


def test_free_pictures_count_down_to_their_term_and_then_are_said_to_be_past_it(placed, shows):
    Hold.objects.all().delete()
    page = reverse("desk:requisition", args=[placed.id])
    assert "conservé jusqu’au 22/12/2026 21:00 (encore 4 semaines, 1 jour)" in shows(page, NOW)
    assert "22/12/2026 21:00 (encore 1 heure)" in shows(page, TERM - timedelta(hours=1))
    over = shows(page, TERM)
    assert "22/12/2026 21:00 passé : seul un gel les garde" in over
    assert "(encore" not in over


def test_a_hold_that_is_not_set_yet_counts_down_to_its_release_and_to_the_term(placed, shows):
    assert set(Hold.objects.values_list("state", flat=True)) == {"pending"}
    text = shows(reverse("duty:holds"), NOW)
    assert text.count("Levé sauf régularisation 01/12/2026 11:00 (encore 1 semaine, 1 jour)") == 1
    assert text.count("22/12/2026 21:00 (encore 4 semaines, 1 jour)") == 1


def test_held_pictures_past_their_term_say_that_only_the_hold_keeps_them(placed, shows):
    Hold.objects.update(state="confirmed", release_at=None, judicial_reference="PV-1")
    text = shows(reverse("duty:holds"), TERM - timedelta(minutes=1))
    assert text.count("22/12/2026 21:00 (encore 1 minute)") == 1
    text = shows(reverse("duty:holds"), TERM)
    assert text.count("passé : seul le gel les garde") == 1
    assert "(encore" not in text
    assert "Levé sauf régularisation" not in text


@pytest.mark.parametrize(
    ("now", "end", "said"),
    [
        # Clocks go back at 01:00 UTC: from 00:30 to 03:30 on the wall four hours pass.
        (datetime(2027, 10, 30, 22, 30, tzinfo=UTC), timedelta(hours=4), "31/10/2027 03:30 (encore 4 heures)"),
        # They go forward at 01:00 UTC: from 23:30 to 04:30 on the wall four hours pass too.
        (datetime(2027, 3, 27, 22, 30, tzinfo=UTC), timedelta(hours=4), "28/03/2027 04:30 (encore 4 heures)"),
        # 02:30 is there twice: which of them is said, and they are an hour apart.
        (
            datetime(2027, 10, 30, 23, 30, tzinfo=UTC),
            timedelta(hours=1),
            "31/10/2027 02:30 (UTC+02:00) (encore 1 heure)",
        ),
        (
            datetime(2027, 10, 30, 23, 30, tzinfo=UTC),
            timedelta(hours=2),
            "31/10/2027 02:30 (UTC+01:00) (encore 2 heures)",
        ),
    ],
)
def test_in_the_night_in_which_clocks_change_the_hours_are_those_that_pass(placed, shows, now, end, said):
    Hold.objects.update(release_at=now + end)
    assert shows(reverse("duty:holds"), now).count(f"Levé sauf régularisation {said}") == 1
