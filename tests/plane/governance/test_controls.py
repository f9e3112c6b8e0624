"""A partner's controls of a camera: asked beside open pictures, decided by the convention, gone with the pictures."""

from datetime import timedelta

import pytest

from beffroi.audit import queries as log
from beffroi.governance.actions import access
from beffroi.governance.jobs.access import IDLE, expire_grants, stop_idle
from beffroi.governance.queries import access as grants
from beffroi.governance.queries import notices, steering
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.media.core.tickets import Mode
from beffroi.sites import actions as sites
from beffroi.sites.core.cameras import Device
from tests.conftest import NOW
from tests.plane.governance.conftest import CLERK, World, actor, adopt, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def let_steer(world: World, port: int = 1, *, adopted: bool = True) -> None:
    """The first camera moves; the convention lets the operations centre move cameras of the centre, on a yes."""
    device = Device(f"http://127.0.0.1:{port}/", "main", moves=True)
    sites.set_source(
        actor=CLERK, camera=world.cameras[0], main_url="rtsp://127.0.0.1:1/x", username="admin", password="s3cret",
        device=device, now=NOW,
    )  # fmt: skip
    if adopted:
        adopt("ville-tenue", text_of("ville-tenue").replace("[orientable]", "[centre]"))


@pytest.fixture
def relay(world, incident):
    """Live pictures of both cameras' first, open for the operations centre."""
    let_steer(world)
    opened = access.request_access(
        mode=Mode.RELAY, cameras=[world.cameras[0]], ground_kind="incident", ground=incident.id, purpose="L251-2:5",
        legal_basis="ADMIN_POLICE", reason="Patrouille en route vers la mairie", duration=HOUR,
        actor=actor(world.corg), now=NOW,
    )  # fmt: skip
    assert opened.active_at(NOW), opened.refusal
    return opened


def ask(world, relay, **changes):
    given = {"relay": relay.id, "camera": world.cameras[0], "actor": actor(world.corg), "now": NOW, **changes}
    return access.ask_for_controls(**given)


def test_the_convention_decides_the_room_says_yes_and_is_told(world, relay):
    asked = ask(world, relay)
    assert (asked.mode, asked.state, asked.basis_reference) == (Mode.PTZ, "requested", relay.basis_reference)
    assert ask(world, relay).id == asked.id, "a form sent twice asks once"
    assert [one.id for one in grants.pending(world.officer, NOW)] == [asked.id]
    opened = access.decide_access(grant=asked.id, answer="approve", actor=actor(world.officer), now=NOW)
    assert "article 10" in opened.article
    assert opened.until == NOW + timedelta(minutes=30), "the convention's term, shorter than the pictures'"
    assert asked.id in grants.active_relay_ids(NOW), "dies two seconds after the office lets it"
    assert world.officer.called in {line.person_name for line in notices.of_access(asked.id)}
    assert access.issue_ticket(grant=asked.id, binding="a" * 64, actor=actor(world.corg), now=NOW)
    assert steering.controls_of(relay)[world.cameras[0]].id == asked.id


def test_where_the_convention_does_not_let_cameras_be_moved_the_answer_is_no(world, convention, incident):
    sites.set_source(
        actor=CLERK, camera=world.cameras[0], main_url="rtsp://127.0.0.1:1/x",
        device=Device("http://127.0.0.1:1/", "main", moves=True), now=NOW,
    )  # fmt: skip
    relay = access.offer_relay(
        person=world.corg.id, incident=incident.id, cameras=[world.cameras[0]], duration=HOUR, reason="Rixe en cours",
        actor=actor(world.officer), now=NOW,
    )  # fmt: skip
    refused = ask(world, relay)
    assert (refused.state, refused.refusal) == ("refused", "ptz_not_agreed")
    assert refused.article


def test_only_own_open_pictures_of_a_camera_that_moves(world, relay):
    with pytest.raises(NotFound):
        ask(world, relay, actor=actor(world.opj))
    with pytest.raises(NotFound):
        ask(world, relay, camera=world.cameras[1])
    sites.set_source(actor=CLERK, camera=world.cameras[0], main_url="rtsp://127.0.0.1:1/x", now=NOW)
    with pytest.raises(Conflict) as caught:
        ask(world, relay)
    assert caught.value.code == "camera_fixed"
    access.stop_access(grant=relay.id, actor=actor(world.corg), now=NOW)
    with pytest.raises(Conflict) as caught:
        ask(world, relay)
    assert caught.value.code == "access_over"


@pytest.mark.parametrize("how", ["stopped by the room", "term", "withdrawn before the answer"])
def test_whoever_loses_the_pictures_loses_the_controls(world, relay, how):
    asked = ask(world, relay)
    at = NOW
    if how != "withdrawn before the answer":
        late = relay.until - timedelta(minutes=10)
        access.decide_access(grant=asked.id, answer="approve", actor=actor(world.officer), now=late)
        at = relay.until
    if how == "term":
        assert expire_grants(at) >= 1
    else:
        access.stop_access(grant=relay.id, actor=actor(world.officer), now=at)
    over = grants.grant(asked.id)
    assert over.state == ("withdrawn" if at == NOW else "ended")
    assert over.id not in grants.active_relay_ids(at)
    named = {line.fact.name for line in log.facts(subject=f"access:{asked.id}")}
    assert named & {"access:withdraw", "access:end"}


def test_other_pictures_of_the_same_camera_keep_the_controls(world, relay, incident):
    again = access.request_access(
        mode=Mode.RELAY, cameras=world.cameras, ground_kind="incident", ground=incident.id, purpose="L251-2:5",
        legal_basis="ADMIN_POLICE", reason="Patrouille sur place, deux rues", duration=HOUR,
        actor=actor(world.corg), now=NOW,
    )  # fmt: skip
    asked = ask(world, relay)
    access.stop_access(grant=relay.id, actor=actor(world.corg), now=NOW)
    assert grants.grant(asked.id).state == "requested"
    access.stop_access(grant=again.id, actor=actor(world.corg), now=NOW)
    assert grants.grant(asked.id).state == "withdrawn"


class NobodyAtTheDoor:
    def sessions(self):
        return ()


def test_controls_that_nobody_uses_end_and_those_of_the_shift_do_not(world, relay):
    asked = ask(world, relay)
    access.decide_access(grant=asked.id, answer="approve", actor=actor(world.officer), now=NOW)
    own = access.open_duty_steering(camera=world.cameras[0], actor=actor(world.officer), now=NOW)
    stop_idle(NobodyAtTheDoor(), NOW + IDLE)
    assert grants.grant(asked.id).state == "ended"
    assert grants.grant(own.id).state == "active"
