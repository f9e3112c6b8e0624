"""The tray of what came by mail, by clicking: told, opened, put to its requisition or dismissed."""

from typing import Any

import pytest

from beffroi.channels.inbox import InboxAddress, Letter
from beffroi.governance.actions import mail as acts
from beffroi.governance.actions import requisitions
from beffroi.governance.core.requisitions import Channel
from beffroi.governance.files.mail_tags import tag
from beffroi.governance.models import Mailbox
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from tests.conftest import NOW, MakePerson
from tests.requisition_world import entry, make_keys, make_village

BODY = "Subject: {subject}\r\nFrom: BTA <bta@gendarmerie.example>\r\n\r\nBonjour <b>à tous</b>"


@pytest.fixture
def chief(db: None, tmp_path: Any, settings: Any, make_person: MakePerson) -> PersonFacts:
    """Who enters the mailbox and decides."""
    make_keys(tmp_path, settings)
    make_village()
    return make_person(Role.CHIEF, name="Dominique Aubry")


def arrive(subject: str, uid: int) -> str:
    raw = BODY.format(subject=subject).encode()
    return acts.take_in(box=Mailbox.objects.get(), letter=Letter(uid, len(raw), raw, whole=True), uid=uid, now=NOW)


def test_the_mailbox_is_entered_on_its_page_and_its_password_never_shown(chief: PersonFacts, client_of: Any) -> None:
    browser = client_of(chief)
    given = {"host": "imap.saint-aubin.example", "port": "993", "secrecy": "tls", "user": "centre", "folder": "INBOX"}
    refused = browser.post("/office/mailbox/", given)
    assert refused.status_code == 422
    assert not Mailbox.objects.exists()
    saved = browser.post("/office/mailbox/", {**given, "password": "clé très secrète"})
    page = browser.get(saved["Location"]).content.decode()
    assert "imap.saint-aubin.example:993" in page
    assert "secrète" not in page
    acts.went_wrong(box=Mailbox.objects.get().id, trouble="inbox_refused", now=NOW)
    for path in ("/office/mailbox/", "/desk/health/", "/desk/requisitions/mail/"):
        assert "son serveur refuse" in browser.get(path).content.decode(), path
    browser.post("/office/mailbox/remove/")
    assert not Mailbox.objects.exists()


def test_a_message_is_read_as_text_and_put_to_its_requisition(
    chief: PersonFacts, make_person: MakePerson, client_of: Any
) -> None:
    asker = make_person(Role.INVESTIGATOR, name="Camille Ferrand")
    row = requisitions.submit(
        actor=actor_of(asker), person=asker, entry=entry(channel=Channel.COUNTER), document=None, recorder=None, now=NOW
    )
    address = InboxAddress("imap.saint-aubin.example", 993, starttls=False, user="centre", password="clé")
    acts.set_mailbox(address=address, actor=actor_of(chief), now=NOW)
    waits, led, spam = arrive("Sans lien", 1), arrive(f"Re: [{tag(row.number)}]", 2), arrive("Réclame", 3)
    browser = client_of(chief)
    assert "Arrivés par courriel" in browser.get("/desk/requisitions/").content.decode()
    tray = browser.get("/desk/requisitions/mail/").content.decode()
    assert all(one in tray for one in ("Sans lien", row.number, "Réclame"))
    page = browser.get(f"/desk/requisitions/mail/{waits}/").content.decode()
    assert "Bonjour &lt;b&gt;à tous&lt;/b&gt;" in page
    wrong = browser.post(f"/desk/requisitions/mail/{waits}/assign/", {"number": "2026-9999"})
    assert wrong.status_code == 422
    browser.post(f"/desk/requisitions/mail/{waits}/assign/", {"number": row.number})
    assert browser.get(f"/desk/requisitions/mail/{waits}/").status_code == 404
    own = browser.get(f"/desk/requisitions/{row.id}/").content.decode()
    assert own.count("Bonjour &lt;b&gt;à tous") == 2
    assert f"mail/{led}/note/" in own
    assert f"mail/{waits}/note/" not in own, "who put it there has read it"
    browser.post(f"/desk/requisitions/{row.id}/mail/{led}/note/")
    browser.post(f"/desk/requisitions/mail/{spam}/dismiss/", {"reason": "publicité"})
    emptied = browser.get("/desk/requisitions/mail/").content.decode()
    assert "Réclame" not in emptied
    assert row.number not in emptied
    outside = client_of(asker).get(f"/counter/requisitions/{row.id}/").content.decode()
    assert "Bonjour" not in outside
    assert ".eml" not in outside
