"""The bell on the product as delivered, with the school's own box: a drill that the real interrupts, an earthquake.

A desk, a duty phone, the head and the chief in browsers of their own; teachers hold a phone with the card of a room
and have no account. The tests are one story and run in order.
"""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import axe
from tests.e2e.conftest import PageOf
from tests.e2e.product import Product
from tests.e2e.school import INSPECTION, MAYOR, PHONE, WAIT_MS, WARNED, School, opened, seconds_of
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]
STEPS = {
    "Sonnerie dans le bâtiment": "Sonnerie lancée",
    "Prise en compte par le poste": "Alerte prise en compte par la salle",
    "Appel au 18": "Appel passé",
    "Fin d’alerte": "Fin d’alerte donnée",
}
"""Steps of the report, and the line of the log that each is counted to."""
REPORT_WITHIN_S = 120
FIRE_BRIGADE = "Commandant Lise Bertin, sapeurs-pompiers"


@pytest.fixture(scope="module")
def phone(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Phones of people without an account, closed at the end."""
    contexts = []

    def made() -> Page:
        contexts.append(chromium.new_context(viewport=PHONE, locale="fr-FR", bypass_csp=True))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT_MS)
        return page

    yield made
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def school(product: Product, phone: Callable[[], Page], tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The school with its box, its tablet open."""
    with opened(product, phone(), tmp_path_factory.mktemp("box")) as made:
        yield made


def rung(page: Page, nature: str) -> None:
    """The page is taken over; whoever sits there opens the alert."""
    alarm = page.locator(f".alarm-one.{nature}[data-state=triggered]")
    alarm.wait_for(timeout=WAIT_MS)
    axe.follow(alarm.locator("a.big"))
    expect(page.locator(".bell-banner")).to_be_visible()


def done(page: Page, button: str, **fields: str) -> None:
    """What a person fills in and sends on the page of the alert as it is now."""
    page.goto(page.url.split("?")[0].split("#")[0])
    form = page.locator("form", has=page.get_by_role("button", name=button, exact=True)).first
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    axe.follow(form.get_by_role("button", name=button, exact=True))


def taken(page: Page) -> None:
    """The desk takes the alert, and is the one who has it."""
    done(page, "Je prends en compte")
    expect(page.locator(".bell-what")).to_contain_text("Prise en compte", timeout=WAIT_MS)


def report(page: Page) -> str:
    """The text of the PDF that the page offers."""
    address = page.get_by_role("link", name="Retour d’expérience").get_attribute("href")
    answer = page.request.get(page.url.split("/building/")[0] + str(address))
    assert answer.headers["content-type"] == "application/pdf"
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.body(), capture_output=True, check=True)
    return text.stdout.decode()


def at_the_school(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/building/")
    axe.follow(page.locator("main h2 a"))


def begun(product: Product, head: Page, chief: Page) -> None:
    """Two persons arm the drill that was announced; the second begins it."""
    for page in (head, chief):
        at_the_school(page, product)
        axe.follow(page.get_by_role("link", name="Exercices", exact=True))
        axe.follow(page.get_by_role("button", name="Tourner ma clé"))
    axe.follow(chief.get_by_role("button", name="Commencer l’exercice"))
    expect(chief.locator(".bell-nature")).to_have_text("EXERCICE")


def test_a_drill_reaches_nobody_it_may_not_and_the_real_interrupts_it(
    product: Product, school: School, page_of: PageOf, phone: Callable[[], Page]
) -> None:
    desk, head, chief, teacher, other = page_of("garde"), page_of("ecole"), page_of("chef"), phone(), phone()
    school.in_room(teacher, 1)
    school.in_room(other, 5)
    axe.check(teacher)
    begun(product, head, chief)
    expect(teacher.locator(".posture .nature")).to_have_text("EXERCICE", timeout=WAIT_MS)
    until(lambda: "/tone/exercice/" in teacher.evaluate("audio.src"), 20, "the room sounds as a drill does")
    axe.check(teacher)
    rung(desk, "exercice")
    taken(desk)
    expect(desk.locator("main")).to_contain_text("Un exercice n’ouvre aucune image")
    assert desk.locator("a[href^='tel:']", has_text="Composer").count() == 0, "nobody is dialled"
    school.answered(teacher, 1)
    told = until(lambda: product.mailbox.to(WARNED), 60, "who may hear of drills is told")
    assert all("EXERCICE EXERCICE EXERCICE" in mail.get_content() for mail in told)
    expect(desk.locator(".bell-roll tbody tr").first).to_contain_text("complet", timeout=WAIT_MS)
    assert product.mailbox.to(INSPECTION) == []
    assert product.gateway.sent == []

    school.raised(other, "intrusion")
    rung(desk, "reel")
    until(lambda: product.mailbox.to(INSPECTION), 60, "the real one reaches whom the drill did not")
    until(lambda: product.gateway.sent, 60, "by every channel")
    until(lambda: any("INTERRUPTION" in mail.get_content() for mail in product.mailbox.to(WARNED)), 60, "it is said")
    chief.reload()
    expect(chief.get_by_role("link", name="Interrompu par une alerte réelle")).to_be_visible(timeout=WAIT_MS)
    assert "Interrompu par une alerte réelle" in report(chief)
    false_alarm(desk, head, chief)
    expect(other.locator(".over h1")).to_have_text("Fausse alerte : c’est fini", timeout=WAIT_MS)
    assert {number for number, _ in product.gateway.sent} == {MAYOR}
    texts = [f"{mail['subject']} {mail.get_content()}" for mail in product.mailbox.to(INSPECTION)]
    assert all("ALERTE RÉELLE" in text and "EXERCICE" not in text for text in texts), texts
    assert all(text.startswith("ALERTE RÉELLE") for _, text in product.gateway.sent)


def false_alarm(desk: Page, head: Page, chief: Page) -> None:
    """Two keys, the chief's after a call back."""
    taken(desk)
    for page, fields in ((head, {}), (chief, {"call_back": "M. Arnaud, sur la ligne connue : un essai de serrure"})):
        page.goto(desk.url.split("?")[0])
        page.locator("summary", has_text="Fausse alerte").click()
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        axe.follow(page.get_by_role("button", name="Tourner ma clé : fausse alerte"))
    expect(chief.locator(".bell-what")).to_contain_text("fausse alerte", timeout=WAIT_MS)


def logged(page: Page, kind: str, *, first: bool = True) -> datetime:
    """When the log of the page says that this was first, or last: the newest line stands on top."""
    lines = page.locator(".log li", has=page.get_by_text(re.compile(f"^{kind}"))).locator(".log-when")
    told = (lines.last if first else lines.first).inner_text()
    return datetime.strptime(told, "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)


def test_an_earthquake_from_the_button_to_the_report(
    product: Product, school: School, page_of: PageOf, phone: Callable[[], Page]
) -> None:
    desk, duty, head, chief = page_of("garde"), page_of("astreinte"), page_of("ecole"), page_of("chef")
    duty.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers
    desk.goto(f"{product.url}/desk/")
    duty.goto(f"{product.url}/duty/")
    teacher = phone()
    school.in_room(teacher, 2)
    school.raised(teacher, "earthquake")
    axe.check(teacher)
    rung(duty, "reel")
    rung(desk, "reel")
    taken(desk)
    card = desk.locator(".call-card")
    expect(card).to_contain_text("Nadia Roussel")
    expect(card).to_contain_text("Séisme, Salle 2")
    done(desk, "Noter que l’appel a été passé", number="18", note="Séisme, école des Tilleuls")
    school.ordered("evacuate", "zms-1")
    expect(teacher.locator(".posture h1")).to_have_text("Évacuez", timeout=WAIT_MS)
    expect(duty.locator(".bell-zones li").first).to_contain_text("Évacuer", timeout=WAIT_MS)
    expect(duty.locator(".bell-zones li").nth(2)).to_contain_text("Rester et se protéger", timeout=WAIT_MS)
    caller = phone()
    there = sum(school.answered(caller, number, missing=int(number == 9)) for number in range(1, 13))
    axe.check(caller)
    expect(desk.locator(".bell-sums dd").nth(0)).to_have_text(str(there), timeout=WAIT_MS)
    expect(desk.locator(".bell-sums dd").nth(1)).to_have_text("1", timeout=WAIT_MS)
    for page in (head, chief):
        page.goto(desk.url.split("?")[0])
    done(head, "Demander la levée")
    done(head, "Tourner ma clé", authority=FIRE_BRIGADE)
    assert duty.locator(".bell-what").inner_text().endswith("Levée demandée"), "one key opens nothing"
    done(chief, "Tourner ma clé")
    done(desk, "Donner la fin d’alerte partout")
    given = time.monotonic()
    text = report(desk)
    took = time.monotonic() - given
    print(f"\nall-clear given → report as a PDF: {took:.1f} s")
    assert took < REPORT_WITHIN_S
    expect(teacher.locator(".over h1")).to_have_text("Fin de l’alerte", timeout=WAIT_MS)
    told(desk, text, there)


def told(desk: Page, text: str, there: int) -> None:
    """The times of the report are those of the log; so are the counts and the authority."""
    printed = dict(re.findall(r"^ *(\S.*?) {2,}(\S.*)$", text, re.MULTILINE))
    begin = logged(desk, "Alerte déclenchée")
    counted = {step: logged(desk, kind) for step, kind in STEPS.items()}
    counted["Toutes les classes ont répondu à l’appel"] = logged(desk, "Recensement", first=False)
    for step, at in counted.items():
        seconds = (at - begin).total_seconds()
        assert abs(seconds_of(printed[step]) - seconds) <= 1, f"{step}: {printed[step]}, in the log {seconds} s"
    assert f"12 sur 12. Présents : {there}. Manquants : 1." in text
    assert printed["Levée ordonnée par"] == FIRE_BRIGADE
    log = desk.locator(".log")
    expect(log).to_contain_text("Posture ordonnée · Évacuer · ZMS 1, salle de motricité")
    expect(log).to_contain_text("présents 25, manquants 1, blessés 0")
    expect(log).to_contain_text(f"Clé tournée · Levée · {FIRE_BRIGADE}")
