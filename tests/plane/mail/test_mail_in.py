"""Answers by mail, from a real IMAP server: each once, to its requisition or into the tray; faults said and mended."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from beffroi.audit import queries as audit
from beffroi.audit.core.facts import SYSTEM
from beffroi.channels.inbox import InboxAddress, Letter, opened
from beffroi.config import health
from beffroi.governance.actions import guests, requisitions
from beffroi.governance.actions import mail as acts
from beffroi.governance.core.guests import Method
from beffroi.governance.core.mail_in import MailState
from beffroi.governance.core.requisitions import Channel
from beffroi.governance.documents import store
from beffroi.governance.files import mail_tags
from beffroi.governance.jobs import read_mailbox, send_notices
from beffroi.governance.models import GuestVisit, IncomingMail, Mailbox, Notice
from beffroi.governance.queries import mail as queries
from beffroi.governance.queries import requisitions as rows
from beffroi.governance.queries.guests import person_of
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.people import queries as people
from beffroi.people.core.roles import Quality, Role
from beffroi.people.models import Unit
from beffroi.sites.actions import places
from tests.imap_server import PASSWORD, USER, ImapServer, imap, imap_process  # noqa: F401  the server is a fixture
from tests.mailbox import post  # noqa: F401  the mail server is a fixture
from tests.requisition_world import NOW, entry

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nune autorisation du magistrat\n%%EOF\n"
LATER = NOW + timedelta(minutes=1)


def letter(subject="Bonjour", *, answers="", text="Voici la pièce.", pdf=True, sender="bta@gendarmerie.example"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"BTA <{sender}>", USER, subject
    message["Message-ID"] = f"<{subject.encode().hex()[:30]}@gendarmerie.example>"
    if answers:
        message["In-Reply-To"] = answers
    message.set_content(text)
    if pdf:
        message.add_attachment(PDF, maintype="application", subtype="octet-stream", filename="autorisation.pdf.exe")
        message.set_boundary("une-limite")
    return message.as_bytes(policy=SMTP)


@pytest.fixture
def box(imap, village, officer):  # noqa: F811
    """The mailbox as an administrator enters it."""
    address = InboxAddress("localhost", imap.port, False, USER, PASSWORD)
    acts.set_mailbox(address=address, actor=people.actor_of(officer), now=NOW)
    return Mailbox.objects.get()


@pytest.fixture
def case(village, investigator, officer, recorder):
    """A requisition of the counter whose unit has a mailbox."""
    Unit.objects.filter(pk=investigator.unit_id).update(email="bta@gendarmerie.example")
    row = requisitions.submit(
        actor=people.actor_of(investigator), person=investigator, entry=entry(channel=Channel.COUNTER),
        document=None, recorder=recorder, now=NOW,
    )  # fmt: skip
    return rows.by_id(row.id)


def facts(subject):
    return [line.fact.name for line in audit.facts(subject=subject)]


def test_an_answer_to_our_mail_reaches_its_requisition_with_its_paper(box, imap, case, officer, post):  # noqa: F811
    requisitions.ask_completion(
        actor=people.actor_of(officer), requisition=case.id, what="L’autorisation du magistrat", now=NOW
    )
    send_notices(post.ways, NOW)
    (asked,) = post.to("bta@gendarmerie.example")
    assert mail_tags.tag(case.number) in asked["Subject"]
    assert case.offence not in asked.get_content()
    assert "magistrat" not in asked.get_content()
    imap.put(letter("Re: autre objet", answers=asked["Message-ID"]))
    assert read_mailbox(NOW) == 1
    (mail,) = queries.of_requisition(rows.by_id(case.id))
    assert (mail.state, mail.thread, mail.text) == ("assigned", "reply", "Voici la pièce.")
    papers = {one.kind: one for one in rows.by_id(case.id).documents.all()}
    assert store.get(papers["mail-paper"].sha256) == PDF
    assert papers["mail-paper"].media_type == "application/pdf", "typed by its bytes, whatever its name"
    assert store.get(papers["mail"].sha256) == letter("Re: autre objet", answers=asked["Message-ID"])
    assert "requisition:mail" in facts(f"requisition:{case.number}")
    assert [one.id for one in queries.to_note(officer)] == [mail.id]
    acts.take_note(mail=mail.id, requisition=case.id, actor=people.actor_of(officer), now=LATER)
    assert queries.to_note(officer) == []


def test_a_tag_in_the_subject_is_enough_and_a_number_alone_is_not(box, imap, case, officer):  # noqa: F811
    imap.put(letter(f"RE: une pièce manque [{mail_tags.tag(case.number)}]"))
    imap.put(letter(f"RE: une pièce manque [{case.number}-AAAAAAAAAAAAAAAA]"))
    assert read_mailbox(NOW) == 2
    assert [one.thread for one in queries.of_requisition(case)] == ["tag"]
    (other,) = queries.to_assign(officer)
    assert case.number in other.subject


def test_the_answer_to_a_guests_link_goes_to_what_the_guest_sent(box, imap, village, investigator, recorder):  # noqa: F811
    Unit.objects.filter(pk=investigator.unit_id).update(email="bta@gendarmerie.example")
    visit = guests.ask(
        unit=investigator.unit_id, name="Roze", rank="Gendarme", matricule="1", quality=Quality.OPJ,
        method=Method.MAILBOX, language="fr", now=NOW,
    )  # fmt: skip
    sent = Notice.objects.get(occasion="link")
    link = sent.text.partition("/open/")[2].partition("/")[0]
    guests.open_link(link=link, now=NOW)
    made = guests.enter(
        visit=visit, person=person_of(visit), entry=entry(channel=Channel.COUNTER), document=None, recorder=recorder,
        now=NOW,
    )  # fmt: skip
    assert GuestVisit.objects.get(pk=visit).requisition_id == made.id
    imap.put(letter("Re: votre lien", answers=f"<{sent.id}@saint-aubin.example>"))
    read_mailbox(NOW)
    assert [one.thread for one in queries.of_requisition(made)] == ["reply"]


def test_nothing_is_taken_in_twice_and_nothing_changes_on_the_server(box, imap, village):  # noqa: F811
    imap.put(letter("Un"))
    imap.put(letter("Deux"), flags=(b"\\Seen",))
    before = imap.flags()
    assert read_mailbox(NOW) == 2
    assert read_mailbox(NOW) == 0, "its turn has not come"
    assert read_mailbox(LATER) == 0, "nothing is new"
    Mailbox.objects.update(last_uid=0)  # as after a crash that lost how far it was
    assert read_mailbox(LATER + timedelta(minutes=1)) == 0
    imap.put(letter("Trois"))
    assert read_mailbox(LATER + timedelta(minutes=3)) == 1
    assert sorted(IncomingMail.objects.values_list("subject", flat=True)) == ["Deux", "Trois", "Un"]
    assert {uid: flags for uid, flags in imap.flags().items() if uid in before} == before


def test_a_server_that_is_gone_is_said_and_what_it_counts_anew_is_known(box, imap, village):  # noqa: F811
    imap.put(letter("Un"))
    assert read_mailbox(NOW) == 1
    imap.stop()
    at = NOW
    for failures, pause in ((1, 30), (2, 60), (3, 120)):
        at = max(at, Mailbox.objects.get().next_at)
        assert read_mailbox(at) == 0
        found = queries.mailbox()
        assert (found.trouble, found.failures) == ("inbox_unreachable", failures)
        assert found.next_at - at == timedelta(seconds=pause)
    imap.start()  # it has lost everything and counts from elsewhere
    imap.put(letter("Un"))
    imap.put(letter("Deux"))
    assert read_mailbox(found.next_at) == 1
    assert queries.mailbox().trouble == ""
    assert sorted(facts("mailbox")) == ["mailbox:set", "mailbox:trouble", "mailbox:well"]


def test_a_wrong_password_is_tried_seldom(box, imap, officer):  # noqa: F811
    address = InboxAddress("localhost", imap.port, False, USER, "faux")
    acts.set_mailbox(address=address, actor=people.actor_of(officer), now=NOW)
    read_mailbox(NOW)
    assert queries.mailbox().trouble == "inbox_refused"
    assert queries.mailbox().next_at == NOW + acts.LONGEST_RETRY


def test_a_server_nobody_vouches_for_is_not_spoken_to(box, imap, monkeypatch):  # noqa: F811
    monkeypatch.delenv("SSL_CERT_FILE")
    read_mailbox(NOW)
    assert queries.mailbox().trouble == "inbox_certificate"


def test_the_clear_port_is_made_secret_before_anything_is_said(village, officer, tmp_path, monkeypatch):
    server = ImapServer(tmp_path, arrives_at=NOW, starttls=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    server.start()
    try:
        address = InboxAddress("localhost", server.port, True, USER, PASSWORD)
        acts.set_mailbox(address=address, actor=people.actor_of(officer), now=NOW)
        server.put(letter())
        assert read_mailbox(NOW) == 1
    finally:
        server.stop()


def test_the_password_lies_sealed_and_a_missing_folder_is_said(box, imap, officer):  # noqa: F811
    assert PASSWORD not in Mailbox.objects.get().sealed
    address = InboxAddress("localhost", imap.port, False, USER, "", "Reponses")
    acts.set_mailbox(address=address, actor=people.actor_of(officer), now=NOW)
    read_mailbox(NOW)
    assert queries.mailbox().trouble == "inbox_folder"


def test_what_is_too_large_or_cannot_be_read_waits_for_an_officer_and_stops_nothing(box, imap, village, officer):  # noqa: F811
    imap.put(letter("trop grand", text="x" * 9_000))
    with opened(acts.address_of(box)) as there:
        known = acts.opened(box=box.id, validity=there.validity)
        (uid,) = there.after(0, known.since)
        large = there.letter(uid, most=2_000)
        assert there.letter(uid + 1, most=2_000) is None
    assert (large.whole, len(large.raw) <= 2_000) == (False, True)
    bomb = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3_000))
    assert acts.take_in(box=known, letter=large, uid=uid, now=NOW)
    assert acts.take_in(box=known, letter=Letter(uid + 1, len(bomb), bomb, whole=True), uid=uid + 1, now=NOW)
    said = [(one.subject, one.trouble) for one in queries.to_assign(officer)]
    assert said == [("trop grand", "mail_too_large"), ("", "mail_unreadable")]


def test_an_officer_puts_a_message_where_it_belongs_once(box, imap, case, officer):  # noqa: F811
    imap.put(letter())
    read_mailbox(NOW)
    (mail,) = queries.to_assign(officer)
    acts.assign(mail=mail.id, requisition=case.id, actor=people.actor_of(officer), now=LATER)
    assert {one.kind for one in rows.by_id(case.id).documents.all()} >= {"mail", "mail-paper"}
    with pytest.raises(Conflict):
        acts.dismiss(mail=mail.id, reason="trop tard", actor=people.actor_of(officer), now=LATER)
    with pytest.raises(NotFound):
        queries.waiting(officer, mail.id)


def test_a_dismissed_message_is_blanked_and_its_bytes_go_unless_somebody_needs_them(
    box,
    imap,  # noqa: F811
    case,
    officer,
    django_capture_on_commit_callbacks,
):
    imap.put(letter("Réclame", text="Achetez !"))
    imap.put(letter(f"Re: [{mail_tags.tag(case.number)}]"))  # the same attachment
    read_mailbox(NOW)
    (mail,) = queries.to_assign(officer)
    with pytest.raises(Invalid):
        acts.dismiss(mail=mail.id, reason="  ", actor=people.actor_of(officer), now=LATER)
    with django_capture_on_commit_callbacks(execute=True):
        acts.dismiss(mail=mail.id, reason="publicité", actor=people.actor_of(officer), now=LATER)
    row = IncomingMail.objects.get(pk=mail.id)
    assert (row.state, row.subject, row.text, row.sender) == (MailState.DISMISSED.value, "", "", "")
    with pytest.raises(NotFound):
        store.get(mail.sha256)
    paper = rows.by_id(case.id).documents.get(kind="mail-paper")
    assert store.get(paper.sha256) == PDF, "another message's paper stays"
    assert read_mailbox(LATER + timedelta(minutes=2)) == 0, "it does not come back"


def test_in_a_shared_centre_the_tray_is_its_commune_s_own(imap, village, officer, make_person):  # noqa: F811
    places.enter_commune(
        actor=SYSTEM, insee="99124", name="Villeneuve", department="99", centre=(48.6, 2.6), boundary=(), plan={},
        now=NOW,
    )  # fmt: skip
    whole = replace(make_person(Role.CHIEF, name="Centre"), territory=frozenset({"99123", "99124"}))
    address = InboxAddress("localhost", imap.port, False, USER, PASSWORD)
    home = people.home_of(officer.id)
    sights = {}
    for insee in (home, "99124", ""):
        acts.set_mailbox(address=address, insee=insee, actor=people.actor_of(officer), now=NOW)
        raw = letter(f"Boîte de {insee}", pdf=False)
        came = acts.take_in(box=Mailbox.objects.get(), letter=Letter(1, len(raw), raw, whole=True), uid=1, now=NOW)
        Mailbox.objects.all().delete()  # what came in keeps whose it is
        sights[insee] = {one.name for one in (officer, whole) if came in {row.id for row in queries.to_assign(one)}}
        for one in (officer, whole):
            if one.name not in sights[insee]:
                with pytest.raises(NotFound):
                    queries.waiting(one, came)
    assert home == "99123"
    assert officer.name in sights[home]
    assert officer.name not in sights["99124"]
    assert sights[""] == {whole.name}
    assert queries.to_settle(officer) == 1


@pytest.mark.parametrize(
    ("what", "changed", "said"),
    [
        ("well", {}, "opens, last read 3 min ago"),
        ("late", {"read_at": NOW - timedelta(hours=2)}, "last read 120 min ago"),
        ("never", {"read_at": None}, "not read yet"),
        ("folder", {"folder": "Nulle part"}, "no such folder"),
        ("password", {"user": "someone@else.example"}, "refuses the user or the password"),
        ("gone", {"port": 1}, "does not answer"),
    ],
)
def test_the_doctor_opens_the_mailbox_and_never_says_its_password(box, what, changed, said):
    Mailbox.objects.update(**{"read_at": NOW - timedelta(minutes=3), **changed})
    (found,) = health.mailbox(NOW)
    assert said in found.found
    assert found.state is {"well": health.State.GOOD, "never": health.State.UNKNOWN}.get(what, health.State.BAD)
    assert PASSWORD not in str(found)
    assert Mailbox.objects.get().sealed not in str(found)


def test_the_doctor_does_not_try_a_refused_password_again_and_is_quiet_without_a_mailbox(box, imap):  # noqa: F811
    acts.went_wrong(box=box.id, trouble="inbox_refused", now=NOW)
    (found,) = health.mailbox(NOW)
    assert found.state is health.State.BAD, "though it would open: whoever tries often is locked out"
    Mailbox.objects.all().delete()
    assert [(one.state, one.found) for one in health.mailbox(NOW)] == [(health.State.GOOD, "none is read")]
