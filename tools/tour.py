"""``make tour``: the stories J0–J6 and the bell of the demonstration as screenshots, French and English, in ``tour/``.

Starts a new demonstration in a folder of its own (``build/tour-data``), one in each language because the school's box
speaks one, signs in as each person and does by clicking what that person does. Needs Chromium; reaches nothing but
this machine. Takes some minutes.
"""

import shutil
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from beffroi.kernel.clock import SystemClock
from tour_album import BASE, DESKTOP, PHONE, Album, demonstration, follow, moving, submit, until
from tour_bell import bell

ZONE = ZoneInfo("Europe/Paris")
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]
RECORDING = {"fr": "Enregistre", "en": "Recording"}
WORDS = {
    "fr": {
        "title": "Personne à terre place de la Mairie",
        "reason": "Appel au 17 : une personne à terre devant la mairie",
        "note": "Patrouille envoyée. Secours prévenus, véhicule annoncé rue du Beffroi.",
        "offence": "vol à l’arraché",
        "place": "Place de la Mairie",
        "article": "Permanence préfectorale, place de la Mairie, en cas de crise",
        "control": "Commission départementale, contrôle annuel",
    },
    "en": {
        "title": "Person on the ground, Place de la Mairie",
        "reason": "Call to the emergency line: a person on the ground outside the town hall",
        "note": "Patrol sent. Rescue service called, vehicle expected from rue du Beffroi.",
        "offence": "bag snatching",
        "place": "Place de la Mairie",
        "article": "Prefecture's duty officer, Place de la Mairie, in a crisis",
        "control": "Departmental commission, yearly control",
    },
}


def room(album: Album) -> None:
    """J1: the wall, the map, a camera, an incident with its note and its relay; J3: who is looking; J0: the phone."""
    with album.signed_in("garde") as page:
        page.goto(f"{BASE}/desk/")
        until(
            lambda: page.get_by_text(RECORDING[album.language], exact=True).count() > 7,
            900,
            "eight cameras that record",
        )
        page.reload()
        moving(page)
        album.take(page, "J1-1-wall")
        page.goto(f"{BASE}/desk/map/")
        album.take(page, "J1-2-map")
        page.locator("main a[href*='/desk/cameras/']").first.click()
        moving(page)
        album.take(page, "J1-3-camera")
        with page.expect_navigation():
            page.locator("form[action$='/incident/'] button").first.click()
        if "/incidents/" not in page.url:
            page.locator("main a[href*='/desk/incidents/']").first.click()
        submit(page, "/reason/", {"title": WORDS[album.language]["title"], "reason": WORDS[album.language]["reason"]})
        submit(page, "/note/", {"text": WORDS[album.language]["note"]})
        submit(page, "/relay/", {"person": "Inès Caron", "reason": WORDS[album.language]["reason"]})
        incident = page.url
        with album.signed_in("corg") as other:
            other.goto(f"{BASE}/counter/access/")
            album.take(other, "J3-1-operations-centre")
            other.locator("main a[href*='/counter/access/']:not([href$='/live/'])").first.click()
            moving(other)
            album.take(other, "J3-2-relay-seen", whole=True)
            page.goto(incident)
            page.wait_for_timeout(2_500)
            album.take(page, "J1-4-incident-relay", whole=True)
            page.goto(f"{BASE}/looking/")
            page.wait_for_timeout(2_500)
            album.take(page, "J3-3-who-is-looking")
            with album.signed_in("garde", PHONE) as phone:
                phone.goto(f"{BASE}/duty/")
                phone.wait_for_timeout(2_500)
                album.take(phone, "J0-duty-phone", whole=True)
        page.goto(incident)
        page.locator("form[action*='/looking/'] button").first.click()
        page.goto(f"{incident}together/")
        with page.expect_navigation():
            page.locator("main form .primary").last.click()
        moving(page)
        album.take(page, "J1-5-side-by-side", whole=True)
    with album.signed_in("prefecture") as page:
        page.goto(f"{BASE}/counter/access/")
        album.take(page, "J3-4-prefecture")
        page.goto(f"{BASE}/counter/access/live/")
        album.take(page, "J3-5-prefecture-asks", whole=True)


def requisition(album: Album) -> None:
    """J2: an investigator asks, knows at once, an officer decides with the trace before her, the package is made."""
    begun = SystemClock().now().astimezone(ZONE) - timedelta(minutes=40)
    with album.signed_in("opj") as page:
        page.goto(f"{BASE}/counter/requisitions/new/")
        page.select_option("#id_legal_basis", "CPP_60_1")
        page.fill("[name=procedure_number]", f"01234/0{begun:%H%M}/{begun:%Y}")
        page.fill("[name=offence]", WORDS[album.language]["offence"])
        page.fill("#id_place", WORDS[album.language]["place"])
        page.locator("[name=cameras]").first.check()
        page.fill("#id_since_day", f"{begun:%Y-%m-%d}")
        page.fill("#id_since_time", f"{begun:%H:%M}")
        page.fill("#id_until_time", f"{begun + timedelta(minutes=3):%H:%M}")
        album.take(page, "J2-1-requisition", whole=True)
        with page.expect_navigation():
            page.locator("main form .actions .primary").last.click()
        page.wait_for_timeout(3_000)
        page.reload()
        album.take(page, "J2-2-first-answer", whole=True)
        number = page.url.rstrip("/").rsplit("/", 1)[1]
    with album.signed_in("referent") as page:
        page.goto(f"{BASE}/desk/requisitions/")
        album.take(page, "J2-3-inbox")
        page.goto(f"{BASE}/desk/requisitions/{number}/")
        if page.locator("form[action$='/decide/']").count() == 0:
            submit(page, "/check/", {})
        album.take(page, "J2-4-gate-trace", whole=True)
        submit(page, "/decide/", {})
        extract = page.locator("form[action$='/extract/'] button")
        if extract.count():
            with page.expect_navigation():
                extract.click()
        page.goto(f"{BASE}/desk/requisitions/{number}/packages/")
        page.locator("main a[href*='/desk/packages/']").first.click()
        until(lambda: page.locator("form[action$='/download/']").count() or page.reload() is None, 400, "the package")
        album.take(page, "J2-5-package", whole=True)
        submit(page, "/download/", {})
    with album.signed_in("opj") as page:
        page.goto(f"{BASE}/counter/packages/")
        page.locator("main a[href*='/counter/packages/']").first.click()
        album.take(page, "J2-6-package-received")


def convention(album: Album) -> None:
    """J3: the prefecture's duty officer, live, one square, in a declared crisis, two hours: and what that changes."""
    words = WORDS[album.language]
    with album.signed_in("chef") as page:
        page.goto(f"{BASE}/office/conventions/draft/")
        page.fill("[name=article-number]", "article 17")
        page.fill("[name=article-title]", words["article"])
        page.select_option("[name=article-force]", "PREF")
        page.select_option("[name=article-occasion]", "crisis")
        page.check("[name=article-purposes][value='L251-2:5']")
        page.check("[name=article-cameras][value='1']")
        page.select_option("[name=article-minutes]", "120")
        album.take(page, "J3-6-article-by-choices", whole=True)
        with page.expect_navigation():
            page.click("[name=add]")
        album.take(page, "J3-7-what-it-changes")
        with page.expect_navigation():
            page.click("[name=keep]")
        album.take(page, "J3-8-to-be-signed", whole=True)


def control(album: Album) -> None:
    """J6: the bundle that a control takes away, and what the data protection officer looks through."""
    with album.signed_in("maire") as page:
        page.goto(f"{BASE}/office/inspection/")
        submit(page, "/inspection/make/", {"for_whom": WORDS[album.language]["control"]})
        until(lambda: page.locator("#bundles a[download]").count(), 300, "the bundle")
        album.take(page, "J6-inspection", whole=True)
    with album.signed_in("dpo") as page:
        for path, name in (("anomalies", "J6-anomalies"), ("consents", "J6-consents")):
            page.goto(f"{BASE}/office/{path}/")
            album.take(page, name, whole=True)


def office(album: Album) -> None:
    """J5: the mayor's year; J6: what the others work on. Each at a desk in the light and on a telephone in the dark."""
    walks = (
        (
            "maire",
            ("/office/figures/", "J5-year"),
            ("/office/rules/", "J6-rules"),
        ),
        (
            "chef",
            ("/office/conventions/", "J6-convention"),
            ("/office/registers/", "J6-registers"),
            ("/duty/rota/", "J6-rota"),
        ),
        ("dpo", ("/office/looks/", "J6-looks"), ("/office/audit/", "J6-audit"), ("/office/rights/", "J6-rights")),
        ("secretariat", ("/office/persons/", "J6-persons"), ("/account/people/", "J6-accounts")),
        ("technicien", ("/desk/health/", "J6-health"), ("/technical/cameras/", "J6-cameras")),
        ("technicien", ("/technical/cameras/new/", "J6-add-camera"), ("/technical/alarms/", "J6-alarms")),
        ("ecole", ("/building/", "J6-school")),
        ("astreinte", ("/duty/holds/", "J6-holds")),
    )
    for user, *pages in walks:
        for viewport, dark, how in ((DESKTOP, False, ""), (PHONE, True, "-phone")):
            with album.signed_in(user, viewport, dark=dark) as page:
                for path, name in pages:
                    page.goto(f"{BASE}{path}")
                    album.take(page, f"{name}{how}", whole=True)
    with album.signed_in("ecole") as page:
        page.goto(f"{BASE}/building/")
        follow(page, "main h2 a")
        school = page.url
        for part in ("plan", "drills"):
            page.goto(f"{school}{part}/")
            album.take(page, f"J6-school-{part}", whole=True)


CHAPTERS = {
    "room": room,
    "requisition": requisition,
    "convention": convention,
    "control": control,
    "office": office,
    "bell": bell,
}


def main(chosen: list[str]) -> int:
    """Make both albums, of the ``chosen`` chapters or of all; the bell comes last, because it is on every page."""
    program = shutil.which("chromium")
    if program is None:
        print("tour: there is no chromium here. Install it (Debian: apt install chromium), then try again.")
        return 2
    for language in ("fr", "en"):
        with demonstration(language) as (box, code), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
            album = Album(browser, language, box, code)
            for name, chapter in CHAPTERS.items():
                if name in (chosen or CHAPTERS):
                    chapter(album)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
