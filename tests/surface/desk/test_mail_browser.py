"""The centre's mailbox in a real Chromium, against a real IMAP server: what fails is said on the page; an answer comes
by mail, waits in the tray, is put to its requisition and stands there with its digest."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from playwright.sync_api import Page, expect

from beffroi.governance.actions import requisitions
from beffroi.governance.core.requisitions import Channel
from beffroi.governance.jobs import read_mailbox
from beffroi.governance.models import Mailbox
from beffroi.kernel.digest import sha256
from beffroi.people import actions as people
from beffroi.people.core.roles import Role
from beffroi.people.queries import actor_of
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.imap_server import PASSWORD as MAIL_PASSWORD
from tests.imap_server import USER, ImapServer, imap, imap_process  # noqa: F401  the server is a fixture
from tests.plane.governance.conftest import CLERK
from tests.ports import free_port
from tests.requisition_world import entry, make_keys, make_village

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PDF = b"%PDF-1.7\nune autorisation du magistrat\n%%EOF\n"


def answer_by_mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "BTA <bta@gendarmerie.example>", USER, "La pièce demandée"
    message.set_content("Voici l’autorisation.")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="autorisation.pdf")
    return message.as_bytes(policy=SMTP)


def enter(page: Page, port: int, password: str) -> None:
    """The mailbox, typed on its page; the worker has tried it before the page is read again."""
    page.goto("/office/mailbox/")
    for name, value in {"host": "localhost", "port": str(port), "user": USER, "password": password}.items():
        page.locator(f"#id_{name}").fill(value)
    axe.follow(page.get_by_role("button", name="Relever cette boîte"))
    expect(page.locator(".banner.good")).to_be_visible()
    read_mailbox(Mailbox.objects.get().next_at)
    page.reload()


@pytest.fixture
def asked(transactional_db, tmp_path, settings, make_person, clock):
    """A requisition of the counter. Made before the browser: papers are sealed in a loop of their own."""
    make_keys(tmp_path, settings)
    make_village()
    asker = make_person(Role.INVESTIGATOR, name="Camille Ferrand")
    return requisitions.submit(
        actor=actor_of(asker), person=asker, entry=entry(channel=Channel.COUNTER), document=None, recorder=None, now=NOW
    )


@pytest.fixture
def chief_page(asked, office_server, make_person, clock):
    chief = make_person(Role.CHIEF, name="Dominique Aubry")
    people.open_account(person=chief.id, username="cheffe", password=PASSWORD, actor=CLERK, now=NOW)
    with axe.browser() as chromium:
        page = axe.new_context(chromium, base=office_server, reduced_motion="reduce").new_page()
        axe.sign_in(page, "cheffe", PASSWORD)
        yield page


def test_what_fails_is_said_and_an_answer_finds_its_requisition(
    chief_page: Page,
    imap: ImapServer,  # noqa: F811
    asked,
) -> None:
    page, row = chief_page, asked
    enter(page, free_port(), MAIL_PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("son serveur ne répond pas")
    enter(page, imap.port, "ce n’est pas le bon")
    expect(page.get_by_role("alert")).to_contain_text("son serveur refuse l’utilisateur ou le mot de passe")
    assert "pas le bon" not in page.content()
    axe.check(page)
    imap.put(answer_by_mail())
    enter(page, imap.port, MAIL_PASSWORD)
    expect(page.locator("section[aria-labelledby=state-title] .badge.good")).to_be_visible()
    page.goto("/desk/requisitions/mail/")
    axe.check(page)
    axe.follow(page.get_by_role("link", name="La pièce demandée"))
    expect(page.locator("main")).to_contain_text("Voici l’autorisation.")
    page.locator("#id_number").fill(row.number)
    axe.follow(page.locator("form[action$='/assign/'] button"))
    expect(page).to_have_url(f"{page.url.split('/desk/')[0]}/desk/requisitions/{row.id}/")
    expect(page.locator("main")).to_contain_text(sha256(PDF).hex()[:16])
    with page.expect_download() as waiting:
        page.get_by_role("link", name="autorisation.pdf").first.click()
    assert waiting.value.path().read_bytes() == PDF
    page.goto("/desk/requisitions/mail/")
    expect(page.get_by_role("link", name="La pièce demandée")).to_have_count(0)
