"""What the technician reads while things break: faults played on a demonstration, its pages open in Chromium.

    beffroi demo --data DIR --port 8000 --config volumes.toml
    python bench/faults_seen.py --data DIR --url http://localhost:8000 --shots FOLDER [--only NAME …] > table.md

Nothing is asserted here: the rows are what the pages said, and after how many seconds. ``DIR/archive`` must be a disk
of its own (a loop image will do) for the faults of disks; they need root. Ends no process but those of ``DIR``.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Error, Page, sync_playwright

PASSWORD = "le-beffroi-veille"
PATIENCE_S = 60.0
ROOM_LEFT = 4_096
CALM_MS = 12_000


@dataclass(frozen=True)
class Place:
    """The demonstration that is broken."""

    data: Path
    url: str
    shots: Path

    @property
    def disk(self) -> Path:
        """The volume that faults are played on."""
        return self.data / "archive"

    def processes(self, word: str) -> list[psutil.Process]:
        """Its processes whose command line has ``word``."""
        found = []
        for one in psutil.process_iter(["cmdline"]):
            line = " ".join(one.info["cmdline"] or [])
            if f"{self.data}" in line and re.search(rf"[ .]{re.escape(word)} ", line):
                found.append(one)
        return found


@dataclass(frozen=True)
class Fault:
    """One thing that breaks, and what counts as said: a pattern in the page's text."""

    name: str
    page: str
    said: str
    breaks: Callable[[Place], None]
    mends: Callable[[Place], None]
    then: float = 3.0
    patience_s: float = PATIENCE_S


def frozen(word: str, number: signal.Signals) -> Callable[[Place], None]:
    """Send ``number`` to the processes with ``word`` in their command line."""

    def act(place: Place) -> None:
        found = place.processes(word)
        if not found:
            raise SystemExit(f"no process of {place.data} has {word} in its command line")
        for one in found:
            one.send_signal(number)

    return act


def run(*words: str) -> None:
    """A command of the system; what it says goes to the terminal."""
    subprocess.run(words, check=True)


def nothing(_place: Place) -> None:
    """The supervisor mends it."""


def fill(place: Place) -> None:
    """Leave a page of room."""
    free = shutil.disk_usage(place.disk).free
    os.posix_fallocate(_ballast(place), 0, max(1, free - ROOM_LEFT))


def _ballast(place: Place) -> int:
    return os.open(place.disk / "ballast", os.O_CREAT | os.O_RDWR, 0o600)


def empty(place: Place) -> None:
    """Take the ballast away."""
    (place.disk / "ballast").unlink(missing_ok=True)


def device_of(place: Place) -> str:
    """The device under the volume."""
    words = ["findmnt", "-no", "SOURCE", str(place.disk)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[0]


class Pulled:
    """A disk that is taken away, and put back."""

    def __init__(self) -> None:
        self.device = ""

    def take(self, place: Place) -> None:
        """Lazily: open files keep theirs."""
        self.device = device_of(place)
        run("umount", "-l", str(place.disk))

    def give(self, place: Place) -> None:
        """The same disk."""
        run("mount", self.device, str(place.disk))


class Aborted(Pulled):
    """A file system that gives up and turns read-only, as after an I/O error; mended by mounting it again."""

    def take(self, place: Place) -> None:
        """ext4 does by itself what ``abort`` asks for."""
        self.device = device_of(place)
        run("mount", "-o", "remount,abort", str(place.disk))

    def give(self, place: Place) -> None:
        """Taken off and mounted anew."""
        run("umount", "-l", str(place.disk))
        run("mount", self.device, str(place.disk))


PULLED, ABORTED = Pulled(), Aborted()
HEALTH, ALARMS = "/desk/health/", "/technical/alarms/"
NO_PICTURE = r"[1-9]\d*\s*sans image"
NO_ANSWER = r"ne répond pas"
DISK = r"n’est pas là|ne peut pas être écrit|secours est en service|tout ce qui reste est gelé"
FAULTS = (
    Fault("cameras-half-open", ALARMS, r"Dernière image", frozen("demo-cameras", signal.SIGSTOP),
          frozen("demo-cameras", signal.SIGCONT), 3),
    Fault("cameras-killed", HEALTH, NO_PICTURE, frozen("demo-cameras", signal.SIGKILL), nothing, 0, 20),
    Fault("ingest-killed", HEALTH, NO_PICTURE, frozen("beffroi.media.ingest.worker", signal.SIGKILL), nothing, 0, 20),
    Fault("writer-killed", HEALTH, NO_PICTURE, frozen("beffroi.media.archive.writer", signal.SIGKILL), nothing, 0, 20),
    Fault("front-killed", HEALTH, NO_ANSWER, frozen("front", signal.SIGKILL), nothing, 0, 20),
    Fault("office-killed", HEALTH, NO_ANSWER, frozen("office", signal.SIGKILL), nothing, 0, 20),
    Fault("worker-killed", HEALTH, NO_ANSWER, frozen("worker", signal.SIGKILL), nothing, 0, 20),
    Fault("recorder-stopped", HEALTH, NO_PICTURE + "|" + NO_ANSWER, frozen("beffroi.media.daemon", signal.SIGSTOP),
          frozen("beffroi.media.daemon", signal.SIGCONT)),
    Fault("disk-full", HEALTH, r"avant leur terme", fill, empty, 20),
    Fault("disk-frozen", HEALTH, NO_PICTURE, lambda place: run("fsfreeze", "-f", str(place.disk)),
          lambda place: run("fsfreeze", "-u", str(place.disk)), 20),
    Fault("disk-pulled", HEALTH, DISK, PULLED.take, PULLED.give, 20),
    Fault("disk-read-only", HEALTH, DISK, ABORTED.take, ABORTED.give, 20),
)  # fmt: skip


def signed_in(browser: Browser, place: Place, name: str) -> Page:
    """A page of this person."""
    page = browser.new_context(base_url=place.url, locale="fr-FR").new_page()
    page.goto("/account/sign-in/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click(".sign-in button")
    page.locator(".who").wait_for()
    return page


def text_of(page: Page) -> str:
    """What stands on the page now; a page that is being left says nothing."""
    try:
        return page.locator("main").inner_text(timeout=2_000)
    except Error:
        return ""


def seconds_until(page: Page, pattern: str, patience_s: float, *, there: bool = True) -> float | None:
    """How long until the pattern is there, or gone; ``None`` where it does not come in time."""
    began = time.monotonic()
    while time.monotonic() - began < patience_s:
        text = text_of(page)
        if text and (re.search(pattern, text) is not None) is there:
            return time.monotonic() - began
        page.wait_for_timeout(200)
    return None


def words(page: Page) -> str:
    """Banners, alarms and the counted states, in one line."""
    told = [one.inner_text() for one in page.locator("main .banner, main .stat, main section.card h2").all()]
    states = page.locator("main tbody tr td:nth-child(2)").all_inner_texts()
    told += sorted(set(states))
    return " / ".join(re.sub(r"\s+", " ", one).strip().replace("|", "·") for one in told)


def tiles(page: Page) -> str:
    """What the tiles of the wall say, counted."""
    said = page.locator(".tile, [data-island]").evaluate_all("all => all.map(one => one.innerText)")
    return " / ".join(sorted({re.sub(r"\s+", " ", one).strip()[:70] for one in said if one.strip()}))[:160]


@contextmanager
def broken(fault: Fault, place: Place) -> Iterator[None]:
    """The fault, mended whatever happens."""
    fault.breaks(place)
    try:
        yield
    finally:
        fault.mends(place)


def play(fault: Fault, place: Place, page: Page, wall: Page) -> str:
    """One row."""
    page.goto(fault.page)
    page.wait_for_timeout(1_000)
    before = re.search(fault.said, text_of(page)) is not None
    with broken(fault, place):
        after = None if before else seconds_until(page, fault.said, fault.patience_s)
        page.wait_for_timeout(int(fault.then * 1_000))
        page.screenshot(path=place.shots / f"{fault.name}.png", full_page=True)
        wall.screenshot(path=place.shots / f"{fault.name}-wall.png")
        said, seen = words(page), tiles(wall)
    again = seconds_until(page, fault.said, PATIENCE_S, there=False)
    page.screenshot(path=place.shots / f"{fault.name}-after.png", full_page=True)
    shown = (
        "stood there before"
        if before
        else f"nothing in {fault.patience_s:.0f} s"
        if after is None
        else f"{after:.0f} s"
    )
    return f"| {fault.name} | {shown} | {said} | {seen} | {'–' if again is None else f'{again:.0f} s'} |"


def main() -> None:
    """Play what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--shots", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    place = Place(asked.data, asked.url, asked.shots)
    place.shots.mkdir(parents=True, exist_ok=True)
    print("| fault | page after | page said | wall said | calm again after |\n| --- | --- | --- | --- | --- |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        page, wall = signed_in(browser, place, "technicien"), signed_in(browser, place, "garde")
        wall.goto("/desk/")
        wall.wait_for_timeout(4_000)
        for fault in FAULTS:
            if not asked.only or fault.name in asked.only:
                print(play(fault, place, page, wall), flush=True)
                page.wait_for_timeout(CALM_MS)


if __name__ == "__main__":
    main()
