"""The bell of the tour: a drill, a toxic cloud, an earthquake and an attack, each played to its end by a desk, a duty
phone and a teacher with the card of her room; the report of each as a PDF."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from tour_album import BASE, DESKTOP, PHONE, Album, follow, submit, until

WORDS = {
    "fr": {
        "prefecture": "Benoît Lacroix, cabinet du préfet",
        "head": "Thomas Arnaud, directeur",
        "fire": "Commandant Lise Bertin, sapeurs-pompiers",
        "police": "Capitaine Yann Le Goff, gendarmerie",
        "call": "Intrusion école des Tilleuls, portail rue des Tilleuls, un agent sur place reçoit les secours.",
        "remark": "La salle 3 n’a pas entendu le début : le haut-parleur du couloir nord était fermé.",
        "action": "Rouvrir et sceller le haut-parleur du couloir nord",
        "owner": "Services techniques",
        "note": "Premier véhicule de secours devant la loge.",
    },
    "en": {
        "prefecture": "Benoît Lacroix, prefect’s office",
        "head": "Thomas Arnaud, head of the school",
        "fire": "Commander Lise Bertin, fire brigade",
        "police": "Captain Yann Le Goff, gendarmerie",
        "call": "Intruder at École des Tilleuls, gate in rue des Tilleuls; an officer is there to meet you.",
        "remark": "Room 3 did not hear the beginning: the loudspeaker of the north corridor was turned off.",
        "action": "Turn the loudspeaker of the north corridor on again and seal it",
        "owner": "Technical services",
        "note": "First rescue vehicle at the lodge.",
    },
}
HOLD_MS = 3_400
"""A little longer than the button of a card is held."""


@dataclass(slots=True)
class Stage:
    """Who plays: a desk, a duty phone, the head and the chief; the tablet of the crisis cell; the rooms' cards."""

    album: Album
    story: str
    desk: Page
    duty: Page
    head: Page
    chief: Page
    cell: Page
    cards: list[str]
    taken: int = 0

    @property
    def words(self) -> dict[str, str]:
        """What the people of the story write, in the language of the album."""
        return WORDS[self.album.language]

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """The next picture of the story."""
        self.taken += 1
        self.album.take(page, f"J4-{self.story}-{self.taken:02}-{name}", whole=whole)

    def room(self, number: int) -> Page:
        """A teacher's phone, opened with the card of a room."""
        page = self.album.page(PHONE)
        page.goto(self.cards[number - 1])
        return page

    def raised(self, teacher: Page, hazard: str) -> None:
        """The teacher chooses what happens and holds the button for three seconds."""
        teacher.select_option("#hazard", hazard)
        self.take(teacher, "card", whole=True)
        button = teacher.locator("#raise")
        button.scroll_into_view_if_needed()
        button.hover()
        teacher.mouse.down()
        teacher.wait_for_timeout(HOLD_MS)
        teacher.mouse.up()
        teacher.locator(".posture h1").wait_for(timeout=20_000)
        teacher.evaluate("scrollTo(0, 0)")
        self.take(teacher, "teacher")

    def rung(self) -> None:
        """Desk and duty phone are taken over; the desk takes the alert."""
        for page, name in ((self.desk, "takeover-desk"), (self.duty, "takeover-phone")):
            page.locator(".alarm-one .big").first.wait_for(timeout=30_000)
            self.take(page, name)
        follow(self.desk, ".alarm-one .big")
        submit(self.desk, "/acknowledge/", {})
        self.desk.wait_for_timeout(6_000)
        self.take(self.desk, "taken", whole=True)
        for page in (self.duty, self.head, self.chief):
            page.goto(self.desk.url.split("?")[0])
        self.take(self.duty, "phone-alert", whole=True)

    def answer(self, number: int, missing: int = 0, injured: int = 0, *, name: str = "") -> None:
        """The roll-call of a room, from its card."""
        page = self.room(number)
        follow(page, ".roll a")
        for field, lost in (("missing", missing), ("injured", injured)):
            present = page.locator("[name=present]")
            present.fill(str(int(present.input_value()) - lost))
            page.fill(f"[name={field}]", str(lost))
        with page.expect_navigation():
            page.locator("form button").first.click()
        if name:
            self.take(page, name, whole=True)
        page.context.close()

    def at_the_cell(self, action: str, fields: dict[str, str], button: str = "") -> None:
        """An act of the crisis cell's tablet."""
        self.cell.goto(f"{self.album.box}/cell")
        form = self.cell.locator(f"form[action$='{action}']").first
        for name, value in fields.items():
            field = form.locator(f"[name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        with self.cell.expect_navigation():
            form.locator(f"button{button}").first.click()

    def ended(self, authority: str, *, zone_first: str = "") -> None:
        """The head asks and turns her key, the chief his; the all-clear is given, ``zone_first`` before the others."""
        self.head.reload()
        submit(self.head, "/request_lift/", {})
        self.take(self.head, "head-key", whole=True)
        submit(self.head, "/key/", {"authority": authority})
        self.chief.reload()
        self.take(self.chief, "chief-key", whole=True)
        submit(self.chief, "/key/", {})
        self.desk.goto(self.desk.url.split("?")[0])
        if zone_first:
            with self.desk.expect_navigation():
                self.desk.locator(f"form[action$='/release/'] button[value='{zone_first}']").click()
            self.take(self.desk, "zone-first", whole=True)
        with self.desk.expect_navigation():
            self.desk.locator("form[action$='/release/'] button").first.click()
        self.take(self.desk, "all-clear", whole=True)

    def reported(self) -> None:
        """What was seen and decided is written down; the report is kept."""
        self.head.reload()
        submit(self.head, "/observations/", {"text": self.words["remark"]})
        self.take(self.head, "after", whole=True)
        review = self.head.context.request.get(f"{self.head.url.split('?')[0].rstrip('/')}/review.pdf")
        (self.album.folder / f"J4-{self.story}-review.pdf").write_bytes(review.body())


def bell(album: Album) -> None:
    """The four stories, the drill first: what is raised within the hour of an end follows it."""
    for story in (drill, toxic_cloud, earthquake, attack):
        with staged(album, story.__name__.replace("_", "-")) as stage:
            story(stage)


@contextlib.contextmanager
def staged(album: Album, story: str) -> Iterator[Stage]:
    """Everybody at her place, nothing going on."""
    with (
        album.signed_in("garde", DESKTOP) as desk,
        album.signed_in("astreinte", PHONE) as duty,
        album.signed_in("ecole") as head,
        album.signed_in("chef") as chief,
    ):
        cell = album.page()
        cell.goto(f"{album.box}/cell")
        cell.fill("[name=code]", album.code)
        with cell.expect_navigation():
            cell.locator("button").first.click()
        cell.goto(f"{album.box}/cell/cards")
        cards = [str(one.get_attribute("href")) for one in cell.locator("a[href*='/room/']").all()]
        cell.goto(f"{album.box}/cell")
        desk.goto(f"{BASE}/desk/")
        duty.goto(f"{BASE}/duty/")
        yield Stage(album, story, desk, duty, head, chief, cell, cards)
        cell.context.close()


def school(page: Page) -> str:
    """The address of the school's page."""
    page.goto(f"{BASE}/building/")
    follow(page, "main h2 a")
    return page.url


def drill(stage: Stage) -> None:
    """An earthquake that everybody was told of, in blue."""
    drills = f"{school(stage.head)}drills/"
    for page, name in ((stage.head, "announced"), (stage.chief, "second-key")):
        page.goto(drills)
        stage.take(page, name, whole=True)
        submit(page, "/arm/", {})
    stage.chief.reload()
    stage.take(stage.chief, "armed", whole=True)
    submit(stage.chief, "/start/", {})
    teacher = stage.room(1)
    teacher.locator(".posture h1").wait_for(timeout=30_000)
    stage.take(teacher, "teacher", whole=True)
    stage.rung()
    submit(stage.desk, "/call_made/", {})
    for number in range(1, 13):
        stage.answer(number, name="roll-call" if number == 1 else "")
    stage.cell.reload()
    stage.take(stage.cell, "cell", whole=True)
    stage.ended("")
    stage.take(teacher, "teacher-over")
    teacher.context.close()
    stage.reported()


def toxic_cloud(stage: Stage) -> None:
    """The prefecture orders it by telephone; the desk relays it; zone after zone is freed."""
    address = school(stage.desk)
    stage.take(stage.desk, "relay", whole=True)
    stage.desk.locator("[name=hazard]").select_option("toxic_cloud")
    submit(stage.desk, "/raise/", {"authority": stage.words["prefecture"]})
    stage.desk.goto(address)
    teacher = stage.room(5)
    teacher.locator(".posture h1").wait_for(timeout=30_000)
    stage.take(teacher, "teacher")
    stage.rung()
    submit(stage.desk, "/call_made/", {"number": "18"})
    for number in range(1, 12):
        stage.answer(number)
    stage.at_the_cell("/cell/silence", {"code": stage.album.code})
    stage.take(stage.cell, "cell", whole=True)
    stage.ended(stage.words["fire"], zone_first="zms-1")
    stage.take(teacher, "teacher-over")
    teacher.context.close()
    stage.reported()


def earthquake(stage: Stage) -> None:
    """Under the tables first, then out; a class misses one, one is hurt."""
    teacher = stage.room(2)
    stage.raised(teacher, "earthquake")
    stage.rung()
    submit(stage.desk, "/call_made/", {"number": "18"})
    asked = teacher.locator(".posture h1").inner_text()
    stage.at_the_cell("/cell/posture", {"posture": "evacuate", "zone": "zms-1", "person": stage.words["head"]})
    until(lambda: asked != teacher.locator(".posture h1").inner_text(), 30, "the new posture")
    stage.take(teacher, "teacher-out")
    for number in range(1, 13):
        stage.answer(number, int(number == 2), int(number == 9), name="roll-call" if number == 2 else "")
    stage.desk.wait_for_timeout(2_500)
    stage.take(stage.desk, "desk-roll-call", whole=True)
    stage.ended(stage.words["fire"])
    teacher.context.close()
    stage.reported()


def attack(stage: Stage) -> None:
    """A teacher holds the button; nobody moves until the forces say so."""
    teacher = stage.room(3)
    stage.raised(teacher, "intrusion")
    stage.rung()
    submit(stage.desk, "/call_made/", {"number": "17", "note": stage.words["call"]})
    submit(stage.desk, "/note/", {"text": stage.words["note"]})
    stage.answer(3, name="roll-call")
    for number in (1, 2, 4, 5, 6, 7):
        stage.answer(number)
    stage.cell.goto(f"{stage.album.box}/cell")
    stage.take(stage.cell, "cell", whole=True)
    stage.ended(stage.words["police"])
    stage.take(teacher, "teacher-over")
    teacher.context.close()
    stage.reported()
