"""A partner takes a camera's controls from the counter, in a real Chromium, through a real front, with the room's page
open beside it: asked, answered on the phone, steered, seen by the room, and stopped there."""

from collections.abc import Callable, Iterator

import pytest
from django.core.asgi import get_asgi_application
from django.urls import reverse
from playwright.sync_api import Page, expect

from beffroi.config.heartbeat import Heartbeat
from beffroi.governance.actions import access, crisis
from beffroi.governance.models import Notice
from beffroi.governance.queries import access as grants
from beffroi.kernel.signing import VerifyKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.client import RecorderClient
from beffroi.media.core.tickets import Mode
from beffroi.people import actions as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.files import office_key
from beffroi.sites.jobs import push_cameras
from tests import axe
from tests.conftest import NOW, PASSWORD
from tests.live import serving_at
from tests.media.door.front import Front, running_front
from tests.media.onvif.cameras import Dome, dome
from tests.plane.governance.conftest import CLERK, World, actor
from tests.plane.governance.test_controls import HOUR, let_steer
from tests.shifted import ShiftedClock
from tests.surface.access.test_crisis import LINK, let_prefecture_steer, named_agent
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PageOf = Callable[[PersonFacts | None], Page]
_CLIENTS: list[RecorderClient] = []


def recorder() -> RecorderClient:
    """The office's way to the front of this test; named in the settings."""
    return _CLIENTS[-1]


class Kept:
    """Where the office's camera settings go: the recorder's last good copy."""

    def __init__(self, front: Front) -> None:
        self.file = SettingsFile(
            front.data / "recorder" / "cameras.json", lambda: [VerifyKey(office_key().public_bytes)], Disk()
        )

    def push_cameras(self, signed: bytes) -> None:
        self.file.put(signed)


@pytest.fixture
def moving(world: World, incident: object, tmp_path, settings) -> Iterator[tuple[Front, Dome]]:
    """The office behind a front, one clock for both, a dome as the first camera."""
    clock = ShiftedClock.standing_at(NOW)
    settings.BEFFROI_CLOCK = clock
    settings.BEFFROI_RECORDER = f"{__name__}.recorder"
    (tmp_path / "data").symlink_to(tmp_path)  # the office's data folder is the front's
    with dome() as camera, running_front(tmp_path, shift_us=clock.by_us) as front:
        let_steer(world, camera.port)
        push_cameras(Kept(front), clock.now())
        client = RecorderClient(f"unix:{front.run / 'recorder.sock'}", office_key(), clock)
        _CLIENTS.append(client)
        beats = Heartbeat(active=lambda: grants.heartbeat(clock.now()), tell=lambda open_: client.heartbeat(*open_))
        with serving_at(get_asgi_application(), front.run / "office.sock"):
            beats.start()
            try:
                yield front, camera
            finally:
                beats.stop()
                _CLIENTS.pop()


@pytest.fixture
def page_of(moving: tuple[Front, Dome]) -> Iterator[PageOf]:
    with axe.browser() as chromium:

        def open_page(person: PersonFacts | None) -> Page:
            page = axe.new_context(chromium, base=moving[0].url, reduced_motion="reduce").new_page()
            if person is None:
                return page
            username = f"compte-{person.id[-12:]}"
            people.open_account(person=person.id, username=username, password=PASSWORD, actor=CLERK, now=NOW)
            axe.sign_in(page, username, PASSWORD)
            return page

        yield open_page


def test_the_operations_centre_steers_from_the_counter_until_the_room_stops_it(world, incident, moving, page_of):
    _front, camera = moving
    relay = access.request_access(
        mode=Mode.RELAY, cameras=[world.cameras[0]], ground_kind="incident", ground=incident.id, purpose="L251-2:5",
        legal_basis="ADMIN_POLICE", reason="Patrouille en route vers la mairie", duration=HOUR,
        actor=actor(world.corg), now=NOW,
    )  # fmt: skip
    counter, room = page_of(world.corg), page_of(world.officer)
    counter.goto(reverse("counter:access", args=[relay.id]))
    axe.follow(counter.get_by_role("button", name="Demander les commandes"))
    expect(counter.get_by_text("Votre demande est au centre.")).to_be_visible()
    room.goto(reverse("duty:phone"))
    axe.follow(room.locator("button[value=approve]"))
    take = counter.get_by_role("button", name="Prendre les commandes")
    take.click(timeout=20_000)
    pad = counter.get_by_role("group", name="Directions de la caméra")
    pad.wait_for(timeout=20_000)
    axe.check(counter)
    counter.keyboard.down("ArrowLeft")
    expect(counter.get_by_text("Vous orientez cette caméra.")).to_be_visible(timeout=20_000)
    until(lambda: "ContinuousMove" in camera.acts(), 20, "the camera moves")
    counter.keyboard.up("ArrowLeft")
    until(lambda: camera.acts()[-1:] == ["Stop"], 20, "a key let go stops the camera")
    room.goto(reverse("lookers-page"))
    line = room.locator(".looker", has_text="pilote")
    expect(line.get_by_text("regarde", exact=True)).to_be_visible(timeout=20_000)
    axe.check(room)
    line.get_by_role("button", name="Arrêter").click()
    expect(room.locator(".looker", has_text="pilote")).to_have_count(0, timeout=20_000)
    expect(counter.get_by_text("Les commandes ont été coupées par")).to_be_visible(timeout=20_000)
    axe.check(counter)
    assert not counter.locator(".steer-pad").count()
    assert counter.locator("[data-island=live]").count() == 1, "the pictures go on"
    looks = [(line.name, line.body.get("mode")) for line in recorder().journal(0) if line.name.startswith("look:")]
    assert ("look:begin", "ptz") in looks
    assert "look:end" in {name for name, _ in looks}


def test_an_invited_agent_of_the_prefecture_steers_without_an_account(world, incident, moving, page_of, make_person):
    front, camera = moving
    agent = named_agent(make_person)
    let_prefecture_steer(world, camera.port)
    crisis.open_crisis(
        person=agent.id, incident=incident.id, cameras=[world.cameras[0]], purpose="L251-2:6", duration=HOUR,
        reason="Colis suspect devant la mairie", number="01 23 45 67 89", actor=actor(world.officer), now=NOW,
    )  # fmt: skip
    link = LINK.search(Notice.objects.get(occasion="link").text)
    room, invited = page_of(world.officer), page_of(None)
    invited.goto(f"{front.url}{link[1]}")
    axe.follow(invited.get_by_role("button", name="Entrer"))
    axe.follow(invited.get_by_role("link", name="Montrer les images"))
    axe.follow(invited.get_by_role("button", name="Demander les commandes"))
    expect(invited.get_by_text("Votre demande est au centre.")).to_be_visible()
    room.goto(reverse("duty:phone"))
    axe.follow(room.locator("button[value=approve]"))
    invited.get_by_role("button", name="Prendre les commandes").click(timeout=20_000)
    invited.get_by_role("group", name="Directions de la caméra").wait_for(timeout=20_000)
    axe.check(invited)
    invited.keyboard.down("ArrowLeft")
    expect(invited.get_by_text("Vous orientez cette caméra.")).to_be_visible(timeout=20_000)
    until(lambda: "ContinuousMove" in camera.acts(), 20, "the camera moves")
    room.goto(reverse("lookers-page"))
    room.locator(".looker", has_text="pilote").get_by_role("button", name="Arrêter").click(timeout=20_000)
    expect(invited.get_by_text("Les commandes ont été coupées par")).to_be_visible(timeout=20_000)
    assert "Stop" in camera.acts()
    assert invited.locator("[data-island=live]").count() == 1, "the pictures go on"
