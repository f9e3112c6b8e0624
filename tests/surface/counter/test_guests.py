"""A guest without an account: the unit's mailbox over real SMTP, or a call back; one requisition, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance.core.guests import CODE_LIFE, LINK_LIFE, TERM
from beffroi.governance.jobs import forget_told, send_notices
from beffroi.governance.models import GuestVisit, Notice, Requisition
from beffroi.people import actions as people
from beffroi.people.core.roles import Force, Role
from tests.conftest import NOW
from tests.mailbox import Mailbox, post  # noqa: F401  a fixture
from tests.surface.counter.test_requisitions_counter import recorder  # noqa: F401  a fixture
from tests.surface.requisition_pages import asked as fields

pytestmark = pytest.mark.django_db
MAILBOX = "bta@gendarmerie.example"
LINK = re.compile(r"https?://\S+(/counter/guest/open/[\w-]+/)")


@pytest.fixture
def unit(recorder: object, clock: object, settings: Any) -> str:  # noqa: F811
    """A brigade with its registered mailbox, in a centre that has a mail server."""
    settings.BEFFROI_SMTP_URL = "smtp://mail.example"
    company = people.create_organisation(name="Compagnie", force=Force.GN, actor=SYSTEM, now=NOW)
    return people.create_unit(organisation=company, name="Brigade", email=MAILBOX, actor=SYSTEM, now=NOW)


def who(unit: str, **changes: str) -> dict[str, str]:
    given = {"unit": unit, "rank": "Adjudant", "name": "Paul Renard", "matricule": "GN-77", "quality": "OPJ"}
    return {**given, "method": "mailbox", **changes}


def asked(unit: str, **changes: str) -> Client:
    guest = Client()
    assert guest.post(reverse("counter:guest"), who(unit, **changes)).status_code == 302
    return guest


def mailed(box: Mailbox) -> str:
    """The link of the latest mail to the unit."""
    send_notices(box.ways, NOW)
    found = LINK.search(box.to(MAILBOX)[-1].get_content())
    assert found, box.to(MAILBOX)[-1].get_content()
    return found[1]


def closed(guest: Client) -> bool:
    pages = ("counter:guest-ask", "counter:guest-requisition", "counter:guest-map", "counter:guest-edit")
    return {guest.get(reverse(page)).status_code for page in pages} == {404}


def test_the_mailed_link_opens_once_and_only_what_was_sent(unit: str, post: Mailbox) -> None:  # noqa: F811
    guest = asked(unit)
    assert closed(guest), "asking opens nothing"
    link = mailed(post)
    assert Notice.objects.get(occasion="link").text == "", "the link is nowhere once it has left"
    reader = Client()  # the mailbox is read elsewhere
    for _ in range(3):
        assert reader.get(link).status_code == 200, "mail filters follow links: that uses nothing up"
    before = reader.session.session_key
    assert reader.post(link).status_code == 302
    assert reader.session.session_key != before
    assert Client().post(link).status_code == 404
    assert Client().get(link).status_code == 404
    assert closed(guest), "who asked without the mailbox stays outside"
    sent = reader.post(reverse("counter:guest-ask"), fields())
    assert sent.status_code == 302, sent.content.decode()
    (row,) = Requisition.objects.all()
    assert (row.officer_name, row.unit_name, row.matricule, row.channel) == (
        "Paul Renard",
        "Brigade",
        "GN-77",
        "counter",
    )
    page = reader.get(reverse("counter:guest-requisition"))
    assert row.number in page.content.decode()
    assert reader.get(reverse("counter:guest-ask")).status_code == 302, "one requisition, no second"
    names = set(Fact.objects.filter(subject__startswith="guest:").values_list("name", flat=True))
    assert {"guest:ask", "guest:verify", "guest:enter"} <= names
    document = row.documents.first()
    if document is not None:
        assert reader.get(reverse("counter:guest-paper", args=[document.id])).status_code == 200
    assert reader.get(reverse("counter:guest-paper", args=["other"])).status_code == 404
    assert reader.get(reverse("counter:requisitions")).status_code == 302, "the counter itself asks for an account"


def test_a_link_dies_with_its_time_and_the_sight_with_its_term(unit: str, post: Mailbox, clock) -> None:  # noqa: F811
    asked(unit)
    link, late = mailed(post), Client()
    clock.advance(LINK_LIFE)
    assert late.get(link).status_code == 404
    assert late.post(link).status_code == 404
    again, reader = asked(unit), Client()
    assert closed(again)
    reader.post(mailed(post))
    reader.post(reverse("counter:guest-ask"), fields())
    number = Requisition.objects.get().number
    fresh = Client()
    same = {fresh.post(reverse("counter:guest-again"), {"number": one}).status_code for one in (number, "2026-9999")}
    assert same == {302}, "a number is never confirmed"
    fresh.post(mailed(post))
    assert fresh.get(reverse("counter:guest-requisition")).status_code == 200
    clock.advance(TERM)
    assert closed(fresh)
    assert closed(reader)


def test_a_call_back_is_recorded_and_its_code_opens_only_that_browser(unit: str, make_person, client_of, clock) -> None:
    room = client_of(make_person(Role.DUTY_OFFICER, account="garde"))
    guest = asked(unit, method="call_back")
    assert "Paul Renard" in room.get(reverse("duty:phone")).content.decode()
    visit = GuestVisit.objects.get()
    call = reverse("duty:guest-call", args=[visit.id])
    assert room.post(call, {"number": "x"}).status_code == 302, "without a number there is no code"
    shown = room.post(call, {"number": "01 23 45 67 89", "note": "Planton"}).content.decode()
    code = re.search(r"<strong>([A-Z0-9 ]{9})</strong>", shown)[1]
    assert code.replace(" ", "") not in str(GuestVisit.objects.values().get())
    wait = reverse("counter:guest-wait")
    assert Client().post(wait, {"code": code}).status_code == 422, "another browser"
    assert guest.post(wait, {"code": "AAAA AAAA"}).status_code == 422
    assert guest.post(wait, {"code": code.lower()}).status_code == 302
    assert guest.get(reverse("counter:guest-ask")).status_code == 200
    fact = Fact.objects.get(name="guest:call-back")
    assert "01 23 45 67 89" in str(fact.body)


def test_five_wrong_codes_end_the_visit_and_a_late_one_opens_nothing(unit: str, make_person, client_of, clock) -> None:
    room = client_of(make_person(Role.DUTY_OFFICER, account="garde"))
    wait = reverse("counter:guest-wait")
    codes = []
    guests = [asked(unit, method="call_back"), asked(unit, method="call_back")]
    for visit in GuestVisit.objects.order_by("id"):
        shown = room.post(reverse("duty:guest-call", args=[visit.id]), {"number": "0123456789"}).content.decode()
        codes.append(re.search(r"<strong>([A-Z0-9 ]{9})</strong>", shown)[1])
    for _ in range(5):
        guests[0].post(wait, {"code": "AAAA AAAA"})
    guests[0].post(wait, {"code": codes[0]})
    assert closed(guests[0])
    clock.advance(CODE_LIFE)
    assert guests[1].post(wait, {"code": codes[1]}).status_code == 422
    assert closed(guests[1])


def test_a_units_mailbox_is_not_flooded(unit: str, post: Mailbox, clock) -> None:  # noqa: F811
    for _ in range(5):
        asked(unit)
    for method in ("mailbox", "call_back"):
        assert Client().post(reverse("counter:guest"), who(unit, method=method)).status_code == 422
    send_notices(post.ways, NOW)
    assert len(post.to(MAILBOX)) == 5
    clock.advance(timedelta(hours=1))
    asked(unit)


@pytest.mark.parametrize(
    "change", [{"unit": "other"}, {"name": ""}, {"quality": "juge_instruction"}, {"method": "none"}]
)
def test_what_cannot_be_is_refused(unit: str, change: dict[str, str]) -> None:
    assert Client().post(reverse("counter:guest"), who(unit) | change).status_code == 422
    assert GuestVisit.objects.count() == 0


def test_without_a_mail_server_no_link_is_offered(unit: str, settings: Any) -> None:
    settings.BEFFROI_SMTP_URL = ""
    assert Client().post(reverse("counter:guest"), who(unit)).status_code == 422
    assert "boîte aux lettres" not in Client().get(reverse("counter:guest")).content.decode()
    asked(unit, method="call_back")


def test_who_never_came_in_is_forgotten_and_who_sent_is_kept(unit: str, post: Mailbox) -> None:  # noqa: F811
    asked(unit)
    reader = Client()
    reader.post(mailed(post))
    reader.post(reverse("counter:guest-ask"), fields())
    asked(unit, method="call_back")
    forget_told(NOW + timedelta(days=31))
    assert GuestVisit.objects.count() == 2
    forget_told(NOW + timedelta(days=31, seconds=1))
    assert GuestVisit.objects.get().requisition is not None


def test_a_link_that_cannot_leave_stands_on_the_phone_without_its_secret(unit, post, make_person, client_of) -> None:  # noqa: F811
    room = client_of(make_person(Role.DUTY_OFFICER, account="garde"))
    asked(unit)
    post.refuses = True
    send_notices(post.ways, NOW)
    page = room.get(reverse("duty:phone")).content.decode()
    assert "Brigade" in page
    assert "/guest/open/" not in page
