"""What is held, until when, and whose cap it fills; released with a reason, never under an accepted requisition."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.actions.holds import place_hold, regularise_for, release_hold
from beffroi.governance.core.holds import HoldReference, due_elsewhere
from beffroi.governance.jobs import send_notices, settle_elsewhere
from beffroi.governance.models import ElsewhereKeeper, Hold, Notice
from beffroi.kernel.delivery import Delivery
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from beffroi.web.duty.words import STATES
from tests.conftest import NOW
from tests.mailbox import post  # noqa: F401  a fixture
from tests.surface.counter.test_requisitions_counter import NEW, opj, recorder  # noqa: F401  fixtures
from tests.surface.requisition_pages import asked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")


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


def test_where_another_system_records_a_hold_is_a_duty_of_its_keeper(chief, opj, settings):  # noqa: F811
    settings.BEFFROI_RECORDING = False
    opj.post(NEW, asked())
    first = Hold.objects.order_by("id").first()
    page = chief.get(reverse("duty:holds"))
    assert "Un autre système enregistre ici" in page.content.decode()
    assert page.context["holds"][0].due_at == NOW + DAY
    assert page.context["holds"][0].late is False
    Hold.objects.update(placed_at=NOW - DAY)
    assert "en retard" in chief.get(reverse("duty:holds")).content.decode()
    kept = reverse("duty:hold-kept", args=[first.id])
    chief.post(kept, {"keeper": " "})
    assert Hold.objects.get(pk=first.pk).state == "pending"
    chief.post(kept, {"keeper": "Jeanne Perrot, service informatique"})
    row = Hold.objects.get(pk=first.pk)
    assert (row.state, row.kept_by) == ("confirmed", "Jeanne Perrot, service informatique")
    assert Fact.objects.filter(name="hold:confirm", body__contains="Jeanne Perrot").count() == 1
    assert "Conservé dans l’autre système" in chief.get(reverse("duty:holds")).content.decode()
    release_hold(actor=SYSTEM, hold=first.id, reason="Sans objet", now=NOW)
    settle_elsewhere(NOW)
    assert Hold.objects.get(pk=first.pk).state == "released"
    settle_elsewhere(NOW + 8 * DAY)
    settle_elsewhere(NOW + 8 * DAY)
    assert set(Hold.objects.values_list("state", flat=True)) == {"released"}, "not regularised in time"


def test_a_recorders_hold_is_not_confirmed_by_hand(chief, opj):  # noqa: F811
    opj.post(NEW, asked())
    first = Hold.objects.first()
    chief.post(reverse("duty:hold-kept", args=[first.id]), {"keeper": "Jeanne Perrot"})
    assert Hold.objects.get(pk=first.pk).state == "pending"


def test_the_keeper_saves_before_the_pictures_own_term():
    assert due_elsewhere(NOW, None) == NOW + DAY
    assert due_elsewhere(NOW, NOW + DAY / 2) == NOW + DAY / 2
    assert due_elsewhere(NOW, NOW - DAY) == NOW


def test_the_keeper_is_told_by_mail_what_to_save_and_what_may_go(chief, opj, settings, post):  # noqa: F811
    settings.BEFFROI_RECORDING = False
    opj.post(NEW, asked())
    hold = Hold.objects.order_by("id").first()
    settle_elsewhere(NOW)
    assert "Personne n’est inscrit" in chief.get(reverse("duty:holds")).content.decode()
    chief.post(reverse("duty:hold-keeper"), {"name": "Jeanne Perrot", "email": "pas une adresse"})
    assert not ElsewhereKeeper.objects.exists()
    chief.post(reverse("duty:hold-keeper"), {"name": "Jeanne Perrot", "email": "dsi@saint-aubin.example"})
    for _ in range(2):
        settle_elsewhere(NOW)
        send_notices(post.ways, NOW)
    told = post.to("dsi@saint-aubin.example")
    assert len(told) == Hold.objects.count(), "once a hold"
    text = " ".join(one.get_content() for one in told)
    assert hold.camera_name in text
    assert hold.label in text
    assert hold.start.astimezone(PARIS).strftime("%d/%m/%Y %H:%M") in text
    page = chief.get(reverse("duty:holds")).content.decode()
    assert str(STATES[Delivery.UNKNOWN][0]) in page, "how far it has come, and no further"
    release_hold(actor=SYSTEM, hold=hold.id, reason="Sans objet", now=NOW)
    settle_elsewhere(NOW)
    send_notices(post.ways, NOW)
    assert "suivent de nouveau" in " ".join(post.to("dsi@saint-aubin.example")[-1].get_content().split())
    assert Notice.objects.filter(occasion="keeper").count() == len(told) + 1


def test_a_centre_that_records_has_no_other_keeper(chief):
    chief.post(reverse("duty:hold-keeper"), {"name": "Jeanne Perrot", "email": "dsi@saint-aubin.example"})
    assert not ElsewhereKeeper.objects.exists()
