"""Prefect's orders through the pages: typed, looked at again, confirmed, renewed, replaced, withdrawn."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from beffroi.audit.models import Fact
from beffroi.governance import models
from beffroi.governance.jobs import mail_renewals, send_notices
from beffroi.governance.queries import entered_orders, law
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import PersonId
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import may_record
from tests.conftest import NOW, MakePerson
from tests.mailbox import Mailbox, post  # noqa: F401  the mail server is a fixture
from tests.requisition_world import PDF, make_keys, make_village

OLD = "AP-99-2025-001"


@pytest.fixture
def chief(db: None, tmp_path: Path, settings: Any, make_person: MakePerson, client_of: Any) -> Any:
    make_keys(tmp_path, settings)
    make_village()
    return client_of(make_person(Role.CHIEF))


def typed(**changed: Any) -> dict[str, Any]:
    """The whole paper, as a form sends it."""
    return {
        "document": SimpleUploadedFile("arrete.pdf", PDF), "reference": "AP-99-2026-117", "prefecture": "99",
        "signed_on": "2026-11-20", "first_day": "2026-11-23", "last_day": "2031-11-22", "cameras": ["3", "7"],
        "purposes": ["L251-2:5", "L251-2:6"], "retention_min_days": "0", "retention_max_days": "30",
        "authorises": "on", "recipient_days": "30", "lines": "2", "line0-service": "GN|",
        "line0-uses": ["live_view"], "line1-service": "PREF|", "line1-persons": "PREF-0042, PREF-0043",
        "line1-uses": ["live_view", "replay"], **changed,
    }  # fmt: skip


def draft(chief: Any, **changed: Any) -> models.EnteredOrder:
    answer = chief.post("/office/orders/enter/", typed(**changed))
    assert answer.status_code == 302, answer.content.decode()
    return models.EnteredOrder.objects.get(state="draft")


def page(chief: Any, path: str = "") -> str:
    answer = chief.get(f"/office/orders/{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_nothing_takes_effect_before_it_is_confirmed(chief: Any) -> None:
    row = draft(chief)
    assert law.orders() == ()
    assert len(sites.authorisations()) == 1
    shown = page(chief, f"{row.id}/")
    assert "PREF-0042" in shown
    assert chief.post(f"/office/orders/{row.id}/confirm/").status_code == 302
    order = law.orders_for_gates(NOW)[0]
    named = order.recipient("PREF", "Cabinet", "PREF-0042")
    assert named is not None
    assert order.recipient("PREF", "Cabinet", "PREF-0001") is None
    assert sites.by_number(3).authorisation_at(NOW).reference == "AP-99-2026-117"  # type: ignore[union-attr]
    fact = Fact.objects.get(name="prefect-order:confirm")
    body = json.loads(fact.body)
    assert body["sha256"] == row.document_sha256
    assert body["entry"]["recipients"][1]["persons"] == ["PREF-0042", "PREF-0043"]
    assert chief.post(f"/office/orders/{row.id}/confirm/").status_code == 409


def test_the_paper_is_kept_and_opening_it_is_a_fact(chief: Any) -> None:
    row = draft(chief)
    answer = chief.get(f"/office/orders/{row.id}/paper/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert Fact.objects.filter(name="prefect-order:read").count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"document": ""}, "needed"),
        ({"document": SimpleUploadedFile("a.pdf", b"MZ\x90")}, "neither a PDF"),
        ({"last_day": "2032-01-01"}, "five years at most"),
        ({"reference": OLD}, "is here already"),
        ({"line1-persons": ""}, "named one by one"),
        ({"line0-uses": []}, "Tick what this service receives"),
        ({"cameras": ["99"]}, "99"),
        ({"retention_max_days": "45"}, "31"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    chief: Any, changed: dict[str, Any], said: str
) -> None:
    chief.cookies["beffroi_language"] = "en"
    answer = chief.post("/office/orders/enter/", typed(**changed))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    assert 'value="2026-11-20"' in shown
    assert not models.EnteredOrder.objects.exists()


def test_a_draft_is_corrected_without_its_paper_being_chosen_again(chief: Any) -> None:
    row = draft(chief)
    shown = page(chief, f"enter/?corrects={row.id}")
    assert "arrete.pdf" in shown
    again = typed(corrects=row.id, reference="AP-99-2026-118")
    del again["document"]
    assert chief.post("/office/orders/enter/", again).status_code == 302
    changed = models.EnteredOrder.objects.get()
    assert (changed.id, changed.reference, changed.document_sha256) == (row.id, "AP-99-2026-118", row.document_sha256)
    assert chief.post(f"/office/orders/{row.id}/drop/").status_code == 302
    assert chief.post(f"/office/orders/{row.id}/confirm/").status_code == 409


def test_a_replacement_that_leaves_a_camera_out_says_so_and_stops_it(chief: Any) -> None:
    chief.cookies["beffroi_language"] = "en"
    assert "checked" in page(chief, f"enter/?follows=replaces&after={OLD}")
    row = draft(chief, follows="replaces", after=OLD, cameras=["3"])
    shown = page(chief, f"{row.id}/")
    assert "Cameras would stop recording" in shown
    assert "7 · Mairie" in shown
    assert may_record(sites.by_number(7), NOW).ok
    chief.post(f"/office/orders/{row.id}/confirm/")
    assert not may_record(sites.by_number(7), NOW).ok
    assert may_record(sites.by_number(3), NOW).ok
    assert "AP-99-2026-117" in page(chief)


def test_a_renewal_begins_when_the_old_one_ends_and_quiets_its_alarms(
    chief: Any, clock: Any, client_of: Any, make_person: MakePerson
) -> None:
    end = sites.authorisations()[0].valid_to
    clock.advance(end - timedelta(days=100) - NOW)
    chief = client_of(make_person(Role.CHIEF, now=clock.now()))  # a session does not last so long
    chief.cookies["beffroi_language"] = "en"
    assert "The renewal file is due now" in page(chief)
    first = end.date().isoformat()
    last = (end + timedelta(days=1_500)).date().isoformat()
    row = draft(chief, follows="renews", after=OLD, first_day=first, last_day=last)
    assert "Cameras would stop recording" not in page(chief, f"{row.id}/")
    chief.post(f"/office/orders/{row.id}/confirm/")
    shown = page(chief)
    assert "The renewal file is due now" not in shown
    assert "Followed by" in shown
    assert may_record(sites.by_number(7), end).ok


def test_a_withdrawn_order_holds_no_more(chief: Any) -> None:
    row = draft(chief, follows="replaces", after=OLD)
    chief.post(f"/office/orders/{row.id}/confirm/")
    assert chief.post("/office/orders/withdraw/", {"reference": row.reference, "reason": ""}).status_code == 422
    given = {"reference": row.reference, "reason": "Retrait du préfet, lettre du 23/11"}
    assert chief.post("/office/orders/withdraw/", given).status_code == 302
    assert not may_record(sites.by_number(3), NOW).ok
    assert not law.orders()[0].in_force(NOW)
    assert chief.post("/office/orders/withdraw/", given).status_code == 409
    assert Fact.objects.filter(name__in=("authorisation:withdraw", "order:revoke")).count() == 3


def test_who_reads_does_not_write(chief: Any, make_person: MakePerson, client_of: Any) -> None:
    row = draft(chief)
    officer = client_of(make_person(Role.DUTY_OFFICER))
    assert "/office/orders/enter/" not in page(officer)
    assert "/confirm/" not in page(officer, f"{row.id}/")
    assert officer.post(f"/office/orders/{row.id}/confirm/").status_code == 404


def test_an_order_without_paper_has_a_page_of_its_own(chief: Any, make_person: MakePerson) -> None:
    listing = page(chief)
    (path,) = set(re.findall(r"/office/orders/(number-[0-9a-f]{24}/)", listing))
    shown = page(chief, path)
    assert OLD in shown
    assert "fondation du centre" in shown
    assert chief.get(f"/office/orders/{path}paper/").status_code == 404
    stranger = replace(make_person(Role.CHIEF), id=PersonId("elsewhere"), territory=frozenset({"99124"}))
    with pytest.raises(NotFound):
        entered_orders.by_key(stranger, path.strip("/"))


def test_each_reminder_of_an_end_is_mailed_once_to_chief_and_mayor(
    chief: Any,
    make_person: MakePerson,
    post: Mailbox,  # noqa: F811
) -> None:
    make_person(Role.MAYOR, name="Maire", email="maire@saint-aubin.example")
    make_person(Role.DPO, name="DPO", email="dpo@saint-aubin.example")
    end = sites.authorisations()[0].valid_to
    assert mail_renewals(NOW) == 0
    for months, at in ((12, end - timedelta(days=364)), (8, end - timedelta(days=240)), (4, end - timedelta(days=119))):
        assert mail_renewals(at) == 2, months
        assert mail_renewals(at + timedelta(hours=1)) == 0
        send_notices(post.ways, at)
    told = post.to("maire@saint-aubin.example")
    assert len(told) == len(post.taken) == 3, "the chief has no address, which the page says"
    assert all(OLD in one["Subject"] for one in told)
    assert ["dû maintenant" in " ".join(one.get_content().split()) for one in told] == [False, False, True]
    link = re.search(r"/office/orders/(number-[0-9a-f]{24}/)", told[-1].get_content())
    assert link is not None
    shown = page(chief, link[1])
    assert shown.count("Maire") == 3
    assert mail_renewals(end + timedelta(days=1)) == 0, "over"


def test_an_order_that_is_followed_reminds_nobody(chief: Any, make_person: MakePerson) -> None:
    end = sites.authorisations()[0].valid_to
    row = draft(chief, follows="replaces", after=OLD)
    chief.post(f"/office/orders/{row.id}/confirm/")
    subjects = set(models.Notice.objects.values_list("subject", flat=True))
    mail_renewals(end - timedelta(days=100))
    assert {one for one in models.Notice.objects.values_list("subject", flat=True) if OLD in one} == subjects == set()
