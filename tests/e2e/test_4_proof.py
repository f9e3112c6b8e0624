"""What remains afterwards: an unbroken log, a register of every look, an archive that survives its own processes.

The tests of this file come after all other stories: they end parts of the product by force.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from beffroi.kernel.spans import Span
from beffroi.media.core.words import GapCause
from tests import axe
from tests.e2e.conftest import PageOf
from tests.e2e.product import CAR_PARK, CLOCK, HALL, RECORDED, Product
from tests.waiting import until

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]


def test_every_look_stands_in_the_register(product: Product, page_of: PageOf) -> None:
    lines = product.recorder().journal(0, limit=50_000)
    lookers = {str(one.body["person_name"]) for one in lines if one.name == "look:begin"}
    begun = sum(one.name == "look:begin" for one in lines)
    assert begun > 0
    page = page_of("dpo")
    axe.follow(axe.menu(page, "Visionnages"))

    def counted() -> int:
        page.reload()
        found = re.search(r"([\d\s]+) visionnages?", page.locator("p[aria-live]").inner_text())
        return int(re.sub(r"\D", "", found.group(1))) if found else 0

    until(lambda: counted() >= begun, 20, f"{begun} looks in the register")
    for name in lookers:
        page.goto(f"/office/looks/?{urlencode({'person': name})}")  # one page of the register is its newest fifty lines
        expect(page.get_by_role("table")).to_contain_text(name)


def test_the_log_is_whole_and_a_row_edited_by_hand_is_found(product: Product, tmp_path: Path) -> None:
    good = product.call("audit", "verify", "--data", str(product.data), "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(product.data / "office.sqlite3") as live, sqlite3.connect(copy) as to:
        live.backup(to)
    live.close()
    to.close()
    key = tmp_path / "key.txt"
    newest = product.call("audit", "checkpoint", "--data", str(product.data), "--json")
    key.write_text(json.loads(newest.stdout)["key"])
    same = product.call("audit", "verify", "--database", str(copy), "--key", str(key), "--json")
    assert same.returncode == 0, same.stdout + same.stderr
    edited = edit_by_hand(copy)
    bad = product.call("audit", "verify", "--database", str(copy), "--key", str(key), "--json")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert edited in bad.stdout


def edit_by_hand(database: Path) -> str:
    """Change who did something, as somebody with the file and a tool would; returns the fact's id."""
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type='trigger'").fetchall():
            connection.execute(f'drop trigger "{name}"')
        (fact,) = connection.execute("select id from audit_fact where name = 'incident:open' order by id").fetchone()
        done = connection.execute("update audit_fact set actor_name = 'Personne' where id = ?", (fact,))
        assert done.rowcount == 1
    connection.close()
    return str(fact)


@pytest.mark.parametrize("module", ["beffroi.media.ingest", "beffroi.media.archive"])
def test_a_killed_part_of_the_recorder_comes_back_and_the_gap_says_why(product: Product, module: str) -> None:
    (before, *_) = pids = product.pids(module)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    killed_us = CLOCK.now_us()
    until(lambda: product.pids(module) and before not in product.pids(module), 30, f"{module} runs again")
    product.goes_on(killed_us + 3_000_000, 60)
    for number in RECORDED:
        span = Span.of_us(killed_us - 5_000_000, product.durable_us(number))
        gaps = product.recorder().timeline(product.cameras[number], span).gaps
        assert all(gap.end_us is not None for gap in gaps), gaps
        assert all(gap.cause is GapCause.RECORDER for gap in gaps), gaps


def test_a_camera_that_stops_is_said_to_have_stopped(product: Product, page_of: PageOf) -> None:
    page = page_of("technicien")
    axe.follow(axe.menu(page, "Enregistreur"))
    row = page.locator("tr", has_text="Halle")
    expect(row.locator(".badge.good")).to_be_visible(timeout=60_000)
    product.streets.open.stall("halle")
    try:
        expect(row.locator(".badge.bad")).to_be_visible(timeout=60_000)
        expect(row).to_contain_text("Pas d’image depuis")
    finally:
        product.streets.open.resume("halle")
    expect(row.locator(".badge.good")).to_be_visible(timeout=60_000)

    def told() -> bool:
        gaps = product.timeline(HALL, 600).gaps
        return any(gap.cause in (GapCause.CAMERA, GapCause.NETWORK) and gap.end_us for gap in gaps)

    until(told, what="the gap has a cause and an end")


def test_the_archive_is_whole_after_it_all(product: Product) -> None:
    done = product.call("archive", "check", str(product.data / "archive"), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shutil.disk_usage(product.data).free > 0
    assert product.recorded_s(CAR_PARK) > 60
