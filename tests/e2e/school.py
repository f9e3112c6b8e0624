"""The school of the bell's stories beside the product: its plan in force, its box, who is told, a drill announced.

``python -m tests.e2e.school DATA PORT BOX HEAD CAMERA`` enters it by the acts of the planes, in a process of its own.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from beffroi.config.options import load_options
from beffroi.config.setup import run_folder, start_django
from beffroi.kernel.clock import SystemClock
from tests import axe
from tests.e2e.product import SQUARE, Product
from tests.ports import free_port
from tests.process.test_up import COMMAND, answers
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
CODE = "4711"
WARNED, INSPECTION = "cantine@tilleuls.invalid", "inspection@education.invalid"
"""Addresses that may hear of drills, and that may not."""
MAYOR = "0699000011"
"""A number that no drill may reach."""
PHONE = {"width": 390, "height": 844}
WAIT_MS = 30_000


def enter(data: Path, port: int, box: Path, head: str, camera: str) -> None:
    """The school, its head, its plan, its box, its contacts and its drill."""
    options = load_options(None, data=data, port=port)
    start_django(options, run_folder(options))
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.config.demo import school
    from beffroi.config.demo.people import INSEE
    from beffroi.safety import actions
    from beffroi.safety.actions.notices import add_contact
    from beffroi.safety.core.plan_json import plan_to_json

    now = SystemClock().now()
    before = now - timedelta(days=30)
    building = actions.enter_building(
        actor=SYSTEM, insee=INSEE, name=school.NAME, kind="school", address="12 rue des Tilleuls",
        phone="01 99 00 00 40", cameras=[camera], now=before,
    )  # fmt: skip
    actions.appoint(actor=SYSTEM, building=building, person=head, now=before)
    version, _ = actions.import_plan(actor=SYSTEM, building=building, document=plan_to_json(school.plan()), now=before)
    actions.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=before)
    school.pair_box(building, box, f"http://localhost:{port}", now)
    for name, channel, address, drills in (
        ("Cantine", "email", WARNED, True),
        ("Inspection", "email", INSPECTION, False),
        ("Élue de permanence", "sms", MAYOR, False),
    ):
        add_contact(
            actor=SYSTEM, building=building, name=name, channel=channel, address=address, drill_ok=drills, now=before
        )
    school.announce_drill(building, head, now)


@dataclass(slots=True)
class School:
    """The box of the school, and what people do at it: a card each room, the tablet of the crisis cell."""

    url: str
    cell: Page
    cards: list[str]

    def in_room(self, page: Page, number: int) -> None:
        """A phone scans the card of a room."""
        page.goto(self.cards[number - 1])

    def raised(self, teacher: Page, hazard: str) -> None:
        """The teacher chooses what happens and holds the button for three seconds."""
        teacher.locator("#hazard").select_option(hazard)
        button = teacher.locator("#raise")
        button.scroll_into_view_if_needed()
        button.hover()
        teacher.mouse.down()
        expect(teacher.locator("#raise-state")).to_have_text("Alerte donnée.", timeout=WAIT_MS)
        teacher.mouse.up()
        expect(teacher.locator(".posture .nature")).to_have_text("ALERTE RÉELLE", timeout=WAIT_MS)

    def answered(self, page: Page, number: int, *, missing: int = 0) -> int:
        """The class of a room answers from its card; says how many are there."""
        self.in_room(page, number)
        axe.follow(page.locator(".roll a"))
        there = int(page.locator("[name=present]").input_value()) - missing
        page.locator("[name=present]").fill(str(there))
        page.locator("[name=missing]").fill(str(missing))
        axe.follow(page.get_by_role("button", name="Envoyer"))
        expect(page.locator(".done")).to_be_visible(timeout=WAIT_MS)
        return there

    def ordered(self, posture: str, zone: str) -> None:
        """The head orders a posture for a zone at the tablet."""
        self.cell.goto(f"{self.url}/cell")
        form = self.cell.locator("form[action='/cell/posture']")
        form.locator("[name=posture]").select_option(posture)
        form.locator("[name=zone]").select_option(zone)
        form.locator("[name=person]").fill("Thomas Arnaud")
        axe.follow(form.get_by_role("button"))


@contextmanager
def opened(product: Product, tablet: Page, folder: Path) -> Iterator[School]:
    """The school is entered and its box runs, until the end of the block."""
    given = [product.data, product.port, folder, product.persons["ecole"], product.cameras[SQUARE]]
    command = [sys.executable, "-m", "tests.e2e.school", *map(str, given)]
    done = subprocess.run(
        command, env=product.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    port = free_port()
    with (folder / "said.txt").open("wb") as said:
        box = subprocess.Popen(
            [*COMMAND, "edge", "run", "--data", str(folder), "--port", str(port)], stdout=said, stderr=said
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(port), 60, "the box serves")
        tablet.goto(f"{url}/cell")
        tablet.locator("[name=code]").fill(CODE)
        axe.follow(tablet.get_by_role("button", name="Entrer"))
        tablet.goto(f"{url}/cell/cards")
        cards = [str(one.get_attribute("href")) for one in tablet.locator("a[href*='/room/']").all()]
        yield School(url, tablet, cards)
    finally:
        box.terminate()
        box.wait(30)


def seconds_of(told: str) -> float:
    """``4,6 s`` or ``1 min 05 s`` of the report, as seconds."""
    found = re.fullmatch(r"(?:(\d+) min )?([\d,]+) s", told)
    assert found, told
    return 60 * int(found[1] or 0) + float(found[2].replace(",", "."))


if __name__ == "__main__":
    enter(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5])
