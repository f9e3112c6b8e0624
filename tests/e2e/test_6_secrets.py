"""Camera passwords of a running centre: in no process list, log, page or file, before and after their key changed."""

import re
import subprocess
import sys

import psutil
import pytest
from playwright.sync_api import Page

from beffroi.media.core.secrets import open_secret
from tests.e2e.conftest import PageOf
from tests.e2e.product import CAMERA_PASSWORD, LOCKED, WRONG_PASSWORD, Product

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(180)]
PLANTED = (WRONG_PASSWORD, CAMERA_PASSWORD)


def holders(product: Product) -> list[str]:
    """Where a planted password can be read: command lines and environments of all processes of the centre, every file
    of its data and run folders."""
    found = []
    parent = psutil.Process(product.process.pid)
    for process in [parent, *parent.children(recursive=True)]:
        shown = " ".join([*process.cmdline(), *process.environ().values()])
        found += [f"process {process.pid}: {word}" for word in PLANTED if word in shown]
    for folder in (product.data, product.run):
        for path in folder.rglob("*"):
            if path.is_file():
                found += [f"{path}: {word}" for word in PLANTED if word.encode() in path.read_bytes()]
    found += [f"output: {word}" for word in PLANTED if word in product.said()]
    return found


def test_a_planted_password_is_nowhere_and_its_key_can_be_changed(product: Product, page_of: PageOf) -> None:
    assert (product.state(LOCKED).get("gap") or {}).get("detail") == "password_refused", "it was used, and refused"
    assert holders(product) == []
    before = (product.data / "keys" / "secrets.key").read_bytes()
    command = [sys.executable, "-m", "beffroi.config.cli", "secrets", "rotate", "--data", str(product.data)]
    done = subprocess.run(command, env=product.environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "destroyed" in done.stdout
    assert not any(word in done.stdout + done.stderr for word in PLANTED)
    ring = (product.data / "keys" / "camera.key").read_bytes()
    assert len(ring) == 32
    assert ring != before
    sealed = set(re.findall(r"bs1\.[\w-]+", (product.data / "recorder" / "cameras.json").read_text()))
    assert WRONG_PASSWORD in {open_secret(ring, one, camera=product.cameras[LOCKED]) for one in sealed}
    product.goes_on(product.durable_us(2), 30)
    assert holders(product) == []
    assert told_on_pages(page_of("technicien"), product) == []


def told_on_pages(page: Page, product: Product) -> list[str]:
    """Every page of cameras that a technician opens, read for the passwords."""
    paths = ["/technical/cameras/", "/desk/health/"]
    paths += [f"/technical/cameras/{camera}/{tail}" for camera in product.cameras.values() for tail in ("", "source/")]
    told = []
    for path in paths:
        answer = page.request.get(product.url + path)
        assert answer.status == 200, path
        told += [f"{path}: {word}" for word in PLANTED if word in answer.text()]
    return told
