"""What is held, until when, and whose cap it fills; released with a reason, never under an accepted requisition."""

from datetime import timedelta

import pytest
from django.urls import reverse

from beffroi.governance.actions.holds import place_hold, regularise_for
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.models import Hold
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from tests.conftest import NOW
from tests.surface.counter.test_requisitions_counter import NEW, opj, recorder  # noqa: F401  fixtures
from tests.surface.requisition_pages import asked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def chief(recorder, make_person, client_of, clock):  # noqa: F811
    return client_of(make_person(Role.CHIEF, name="Marc Delattre", account="chef"))


def test_the_countdowns_and_the_load_of_each_requester(chief, opj):  # noqa: F811
    opj.post(NEW, asked())
    page = chief.get(reverse("duty:holds"))
    text = page.content.decode()
    (load,) = page.context["loads"]
    assert (load[0], load[1].holds, load[3]) == ("Unit GN", Hold.objects.count(), False)
    one = page.context["holds"][0]
    assert one.hold.release_at - NOW == timedelta(days=8)
    assert one.term_at is not None
    assert text.count("Lever le gel") >= 1


def test_over_the_cap_is_an_alarm_on_the_page(chief, opj, make_person):  # noqa: F811
    opj.post(NEW, asked())
    row = Hold.objects.first()
    for days in (1, 2):
        place_hold(
            actor=actor_of(make_person(Role.VIDEO_OFFICER)), camera=row.camera,
            span=Span(NOW - days * DAY - DAY * 2, NOW - days * DAY), kind=HoldReference.REQUISITION,
            reference=row.requisition_id, label="2026-0001", reason="requisition", judicial_reference="PV-1",
            requester_key=row.requester_key, now=NOW,
        )  # fmt: skip
    page = chief.get(reverse("duty:holds"))
    assert page.context["loads"][0][3] is True
    assert "plafond" in page.content.decode()


def test_a_release_takes_a_reason_and_spares_what_an_accepted_requisition_needs(chief, opj, make_person):  # noqa: F811
    opj.post(NEW, asked())
    first = Hold.objects.order_by("id").first()
    release = reverse("duty:hold-release", args=[first.id])
    chief.post(release, {"reason": " "})
    assert Hold.objects.get(pk=first.pk).state == "pending"
    regularise_for(actor=actor_of(make_person(Role.VIDEO_OFFICER)), requisition=first.requisition_id, now=NOW)
    chief.post(release, {"reason": "erreur de caméra"})
    assert Hold.objects.get(pk=first.pk).state == "pending", "accepted: it ends with the requisition"
    opj.post(NEW, asked())
    other = Hold.objects.exclude(requisition=first.requisition_id).first()
    chief.post(reverse("duty:hold-release", args=[other.id]), {"reason": "demande retirée par téléphone"})
    assert Hold.objects.get(pk=other.pk).state == "releasing"
