"""What a guest's requisition brings: one package by download, in its window, with a receipt; to nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.audit import jobs as audit_jobs
from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.actions import guests, handover, requisitions
from beffroi.governance.core.evidence import HandoverState
from beffroi.governance.core.guests import CODE_LIFE, MOST_ATTEMPTS, TERM, Method
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisitions import Act, Channel
from beffroi.governance.jobs import expire_grants, reconcile_extractions
from beffroi.governance.queries import guests as visits
from beffroi.governance.queries import requisitions as queries
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.errors import Conflict, Forbidden, NotFound
from beffroi.people import actions as people
from beffroi.people import queries as people_queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Quality, Role
from beffroi.people.models import Account, Unit
from beffroi.sites import actions as sites
from tests.conftest import INSEE, NOW
from tests.plane.evidence.conftest import officer, village
from tests.requisition_world import RecorderMemory, entry
from tests.unit.governance.evidence_packages import MemorySource

__all__ = ["officer", "village"]
pytestmark = pytest.mark.django_db
BINDING = {"binding": "ab" * 32}


@pytest.fixture
def unit(village: tuple[str, str], clock: ManualClock) -> str:
    company = people.create_organisation(name="Compagnie", force=Force.GN, actor=SYSTEM, now=NOW)
    return people.create_unit(
        organisation=company, name="Brigade", email="bta@gendarmerie.example", actor=SYSTEM, now=NOW
    )


def come_in(unit: str, officer: PersonFacts, insee: str = "") -> tuple[Client, str]:
    """A guest who was called back: her browser, and her visit."""
    visit = guests.ask(
        unit=unit, name="Paul Renard", rank="Adjudant", matricule="GN-77", quality=Quality.OPJ,
        method=Method.CALL_BACK, language="fr", insee=insee, now=NOW,
    )  # fmt: skip
    code = guests.called_back(
        visit=visit, number="0123456789", note="", actor=people_queries.actor_of(officer), now=NOW
    )
    browser = Client()
    session = browser.session
    session["guest_asked"] = visit
    session.save()
    assert browser.post(reverse("counter:guest-wait"), {"code": code}).status_code == 302
    return browser, visit


def send(visit: str, recorder: object = None) -> models.Requisition:
    return guests.enter(
        visit=visit, person=visits.person_of(visit), entry=entry(channel=Channel.COUNTER), document=None,
        recorder=recorder, now=NOW,
    )  # fmt: skip


@pytest.fixture
def built(village: tuple[str, str], officer: PersonFacts, unit: str) -> tuple[Client, str, models.Extraction]:
    """The guest's browser and visit, and the finished package of her requisition."""
    browser, visit = come_in(unit, officer)
    row, giver, recorder = send(visit), people_queries.actor_of(officer), RecorderMemory()
    span = queries.span_of(row)
    assert span is not None
    for camera in village:
        recorder.has[camera] = [span.widened(timedelta(hours=1))]
    requisitions.recheck(actor=giver, person=officer, requisition=row.id, recorder=recorder, now=NOW)
    requisitions.answer(actor=giver, person=officer, requisition=row.id, act=Act.ACCEPT, ground=Ground.NONE, now=NOW)
    audit_jobs.sequence(NOW)
    reconcile_extractions(MemorySource(), NOW, clock=ManualClock(NOW))
    return browser, visit, models.Extraction.objects.get(requisition=row.id)


def address(name: str, one: models.Handover) -> str:
    return reverse(f"counter:guest-package{name}", args=[one.id])


def test_from_the_desk_to_the_receipt_without_an_account(built, officer, client_of: Callable[..., Client]) -> None:
    browser, visit, package = built
    desk = client_of(officer)
    page = desk.get(reverse("desk:package", args=[package.id])).content.decode()
    assert "Adjudant Paul Renard · Brigade · invité" in page
    assert desk.post(f"/desk/packages/{package.id}/download/", {"recipient": visit, "days": 14}).status_code == 302
    opened = models.Handover.objects.get()
    assert (opened.recipient, opened.until) == (visit, NOW + timedelta(days=14))
    followed = browser.get(reverse("counter:guest-requisition")).content.decode()
    assert address("", opened) in followed
    shown = browser.get(address("", opened)).content.decode()
    assert package.zip_sha256 in shown
    assert address("-ticket", opened) in shown
    asked = browser.post(address("-ticket", opened), BINDING, content_type="application/json")
    assert asked.status_code == 200, asked.content.decode()
    expire_grants(NOW + timedelta(hours=1))
    assert models.AccessGrant.objects.get(pk=opened.grant).state == "active", "the gate goes on saying yes"
    receipt = {"name": "Adjudant Paul Renard", "quality": "OPJ", "unit": "Brigade", "confirmed": "on"}
    assert browser.post(address("-receipt", opened), receipt | {"name": ""}).status_code == 422
    assert browser.post(address("-receipt", opened), receipt).status_code == 302
    opened.refresh_from_db()
    assert opened.state == HandoverState.RECEIVED
    fact = Fact.objects.get(name="package:receive")
    assert '"by_recipient":true' in fact.body
    assert browser.post(address("-slip", opened))["Content-Type"] == "application/pdf"
    assert not Account.objects.filter(person=visit).exists()


def test_nobody_else_gets_it_and_the_window_closes(built, officer, unit, clock: ManualClock) -> None:
    browser, visit, package = built
    opened = handover.open_download(
        actor=people_queries.actor_of(officer), extraction=package.id, recipient=visit, days=31, now=NOW
    )
    assert opened.until == NOW + TERM, "no longer than the requisition is in sight"
    other, _ = come_in(unit, officer)
    for stranger in (other, Client()):
        assert stranger.get(address("", opened)).status_code == 404
        for name in ("-ticket", "-receipt", "-slip"):
            assert stranger.post(address(name, opened), BINDING, content_type="application/json").status_code == 404
    clock.advance(TERM)
    expire_grants(clock.now())
    assert models.AccessGrant.objects.get(pk=opened.grant).state == "ended"
    assert browser.get(address("", opened)).status_code == 404
    assert browser.post(address("-ticket", opened), BINDING, content_type="application/json").status_code == 404


def test_what_is_withdrawn_is_gone(built, officer) -> None:
    browser, visit, package = built
    giver = people_queries.actor_of(officer)
    opened = handover.open_download(actor=giver, extraction=package.id, recipient=visit, now=NOW)
    handover.withdraw_handover(actor=giver, handover=opened.id, reason="Mauvais dossier", now=NOW)
    assert browser.get(address("", opened)).status_code == 404
    assert browser.post(address("-ticket", opened), BINDING, content_type="application/json").status_code == 404


class SecondClick:
    """A recorder that is asked while the first click is still on its way: the second comes just then."""

    def __init__(self, visit: str) -> None:
        self.visit, self.made = visit, ""

    def timeline(self, *_given: object, **_named: object) -> object:
        if not self.made:
            self.made = "coming"
            self.made = send(self.visit).id
        raise NotFound("This camera is not known.", code="no_such_camera")


def test_a_form_sent_twice_even_at_the_same_moment_is_one_requisition(unit: str, officer: PersonFacts) -> None:
    _, visit = come_in(unit, officer)
    late = SecondClick(visit)
    first = send(visit, late)
    assert late.made == first.id
    assert send(visit).id == first.id
    assert models.Requisition.objects.count() == 1
    assert Fact.objects.filter(name="guest:enter").count() == 1
    with pytest.raises(Conflict):
        requisitions.submit(
            actor=guests.actor(visit), person=visits.person_of(visit), entry=entry(channel=Channel.COUNTER),
            document=None, recorder=None, key=f"guest:{visit}", now=NOW,
        )  # fmt: skip
    assert models.Requisition.objects.count() == 1


def test_in_a_shared_centre_only_the_room_concerned_sees_who_waits(unit, officer, make_person, client_of) -> None:
    assert 'name="commune"' not in Client().get(reverse("counter:guest")).content.decode()
    sites.enter_commune(actor=SYSTEM, insee="99124", name="Couvry", department="99", centre=(48.6, 2.6), now=NOW)
    form = {
        "unit": unit, "rank": "Adjudant", "name": "Paul Renard", "matricule": "GN-77", "quality": "OPJ",
        "method": "call_back",
    }  # fmt: skip
    assert Client().post(reverse("counter:guest"), form).status_code == 422, "which commune is asked"
    assert Client().post(reverse("counter:guest"), form | {"commune": "99124"}).status_code == 302
    (visit,) = models.GuestVisit.objects.all()
    here = make_person(Role.DUTY_OFFICER, name="Garde")
    assert INSEE in here.territory
    room = client_of(here)
    assert "Paul Renard" not in room.get(reverse("duty:phone")).content.decode()
    call = {"number": "0123456789"}
    assert room.post(reverse("duty:guest-call", args=[visit.id]), call).status_code == 404
    assert room.post(reverse("duty:guest-refuse", args=[visit.id])).status_code == 404
    assert Client().post(reverse("counter:guest"), form | {"commune": INSEE}).status_code == 302
    assert "Paul Renard" in room.get(reverse("duty:phone")).content.decode()


def test_a_guest_whom_no_mail_reaches_is_telephoned_and_comes_back_by_a_code(built, officer, unit, client_of) -> None:
    _, visit, package = built
    Unit.objects.filter(pk=unit).update(email="")
    duty = client_of(officer)
    assert "Téléphoner" not in duty.get(reverse("duty:phone")).content.decode()
    given = {"extraction": package.id, "recipient": visit, "days": 14, "now": NOW}
    opened = handover.open_download(actor=people_queries.actor_of(officer), **given)
    page = duty.get(reverse("duty:phone")).content.decode()
    assert reverse("duty:guest-tell", args=[visit]) in page
    assert "0123456789" in page, "the number at which she was verified"
    assert duty.post(reverse("duty:guest-tell", args=[visit]), {"number": "?"}).status_code == 302
    shown = duty.post(reverse("duty:guest-tell", args=[visit]), {"number": "01 23 45 67 89"}).content.decode()
    code = re.search(r"<strong>([A-Z2-9]{4} [A-Z2-9]{4})</strong>", shown)[1]
    assert reverse("duty:guest-tell", args=[visit]) not in duty.get(reverse("duty:phone")).content.decode()
    fresh, number = Client(), package.requisition.number
    again = reverse("counter:guest-again")
    wrong = "AAAA AAAA" if code != "AAAA AAAA" else "BBBB BBBB"
    for typed in ({"number": number, "code": wrong}, {"number": "2026-9999", "code": code}):
        assert fresh.post(again, typed).status_code == 422
    assert fresh.post(again, {"number": number, "code": code.lower()}).status_code == 302
    assert package.zip_sha256 in fresh.get(address("", opened)).content.decode()
    assert Client().post(again, {"number": number, "code": code}).status_code == 422, "once"
    assert {"guest:tell", "guest:return"} <= set(Fact.objects.values_list("name", flat=True))


def test_five_wrong_codes_end_the_code_and_not_the_guest(built, officer, unit) -> None:
    _, visit, package = built
    Unit.objects.filter(pk=unit).update(email="")
    told = {"visit": visit, "number": "0123456789", "note": "", "actor": people_queries.actor_of(officer), "now": NOW}
    code, number = guests.told_of_package(**told), package.requisition.number
    for typed in ["AAAAAAAA"] * MOST_ATTEMPTS + [code]:
        with pytest.raises(Forbidden):
            guests.come_again(number=number, code=typed, now=NOW)
    assert visits.visit(visit, NOW) is not None
    code = guests.told_of_package(**told)
    with pytest.raises(Forbidden):
        guests.come_again(number=number, code=code, now=NOW + CODE_LIFE)
    assert guests.come_again(number=number, code=guests.told_of_package(**told), now=NOW) == visit


def test_who_was_called_back_comes_back_by_the_mailbox_too_and_a_code_is_no_link(built, officer, unit, clock) -> None:
    _, visit, package = built
    assert guests.ask_again(number=package.requisition.number, language="fr", now=NOW)
    link = models.Notice.objects.get(occasion="link").text.partition("/open/")[2].partition("/")[0]
    assert guests.open_link(link=link, now=NOW) == visit
    code = guests.told_of_package(
        visit=visit, number="0123456789", note="", actor=people_queries.actor_of(officer), now=NOW
    )
    assert not guests.link_works(f"{visit}:{code}", NOW)
