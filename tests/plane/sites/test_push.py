"""The recorder gets signed settings when, and only when, they changed."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from beffroi.audit.models import Fact
from beffroi.kernel.clock import ManualClock, to_us
from beffroi.kernel.errors import Conflict, Unavailable
from beffroi.kernel.signing import VerifyKey
from beffroi.media.client import RecorderClient
from beffroi.media.core.hours import Hours, Period, of_day
from beffroi.media.core.masking import Burnt, MaskState, Wanted
from beffroi.media.core.secrets import open_secret
from beffroi.media.core.settings import RecorderSettings, open_settings
from beffroi.media.core.words import GapCause
from beffroi.sites import actions, queries
from beffroi.sites.actions.devices import note_mask
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import office_key, secrets_key
from beffroi.sites.jobs import RECORDER, push_cameras
from beffroi.sites.models import Camera
from tests.conftest import NOW
from tests.plane.sites.conftest import CHIEF, SECOND

LATER = NOW + timedelta(minutes=1)


class Listener:
    """The recorder's end of the wire: keeps what is put there after checking its signature, as the recorder does."""

    def __init__(self) -> None:
        self.taken: list[RecorderSettings] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.taken.append(open_settings(body, [VerifyKey(office_key().public_bytes)]))
                answer = b'{"version": %d}' % outer.taken[-1].version
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def client(self) -> RecorderClient:
        return RecorderClient(f"http://127.0.0.1:{self.server.server_port}", office_key(), ManualClock(NOW))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener(keys) -> Iterator[Listener]:
    started = Listener()
    yield started
    started.close()


def test_what_the_tables_say_is_sent_once_and_then_only_changes(lawful, listener):
    assert push_cameras(listener.client, NOW) is True
    assert push_cameras(listener.client, LATER) is False
    (sent,) = listener.taken
    (camera,) = sent.cameras
    assert (camera.id, camera.number, camera.enabled) == (lawful, 1, True)
    assert [(one.name, one.url, one.username, one.retention_days) for one in camera.streams] == [
        ("main", "rtsp://127.0.0.1:8554/one", "viewer", 30),
        ("sub", "rtsp://127.0.0.1:8554/one-sub", "viewer", 30),
    ]
    assert camera.streams[0].password != "very secret"
    assert open_secret(secrets_key(), camera.streams[0].password, camera=lawful) == "very secret"

    actions.suspend_camera(actor=CHIEF, camera=lawful, reason="Travaux", now=LATER)
    assert push_cameras(listener.client, LATER) is True
    assert listener.taken[1].cameras[0].enabled is False
    assert listener.taken[1].version > sent.version
    assert Fact.objects.filter(name="recorder:settings").count() == 2


def test_each_stream_has_its_own_days_and_the_camera_its_quota(lawful, listener):
    said = {"name": "Place", "purposes": {Purpose.SAFETY_OF_PERSONS}, "retention_days": 20, "tags": ()}
    actions.amend_camera(
        actor=CHIEF, camera=lawful, sub_retention_days=7, quota_gb=25, now=LATER, **said
    )  # fmt: skip
    push_cameras(listener.client, LATER)
    (camera,) = listener.taken[0].cameras
    assert [(one.name, one.retention_days) for one in camera.streams] == [("main", 20), ("sub", 7)]
    assert camera.quota_bytes == 25_000_000_000
    (fact,) = Fact.objects.filter(name="camera:amend")
    body = json.loads(fact.body)
    assert (body["sub_retention_days"], body["quota_gb"]) == (7, 25)
    actions.amend_camera(actor=CHIEF, camera=lawful, now=LATER, **said)
    push_cameras(listener.client, LATER)
    (camera,) = listener.taken[1].cameras
    assert [one.retention_days for one in camera.streams] == [20, 20]
    assert camera.quota_bytes == 0


def test_an_order_that_runs_out_stops_its_cameras_without_anyones_act(lawful, listener):
    push_cameras(listener.client, NOW)
    end = queries.camera(lawful).authorisation_at(NOW).valid_to
    assert push_cameras(listener.client, end - timedelta(seconds=1)) is False
    assert push_cameras(listener.client, end) is True
    told = [(one.enabled, one.off, one.off_detail) for sent in listener.taken for one in sent.cameras]
    assert told == [(True, None, ""), (False, GapCause.ORDER, "authorisation_expired")]


def test_a_moved_camera_waits_for_its_masks_review(lawful, listener):
    actions.move_camera(actor=CHIEF, camera=lawful, view=queries.camera(lawful).view, now=LATER)
    push_cameras(listener.client, LATER)
    (camera,) = listener.taken[0].cameras
    assert (camera.enabled, camera.off, camera.off_detail) == (False, GapCause.PRIVACY, "mask_review_before_move")


def test_a_suspended_camera_says_that_it_is_off_on_purpose(lawful, listener):
    actions.suspend_camera(actor=CHIEF, camera=lawful, reason="Travaux", now=LATER)
    push_cameras(listener.client, LATER)
    (camera,) = listener.taken[0].cameras
    assert (camera.enabled, camera.off, camera.off_detail) == (False, GapCause.MAINTENANCE, "suspended")


def test_a_silent_recorder_is_tried_again(lawful, keys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = RecorderClient(f"http://127.0.0.1:{free.getsockname()[1]}", office_key(), ManualClock(NOW))
        with pytest.raises(Unavailable):
            push_cameras(nobody, NOW)
    assert queries.pushed(RECORDER) == (0, "")


SHAPE = ((100, 100), (300, 100), (300, 400))


def test_a_reviewed_mask_is_sent_and_what_the_camera_says_of_it_marks_what_it_records(lawful, listener):
    actions.draw_mask(actor=CHIEF, camera=lawful, polygons=[SHAPE], now=NOW)
    push_cameras(listener.client, NOW)
    assert listener.taken[-1].cameras[0].dwellings is None, "nobody reviewed it"
    version = queries.camera(lawful).mask.version
    actions.review_mask(actor=SECOND, camera=lawful, version=version, now=NOW)
    push_cameras(listener.client, NOW)
    assert listener.taken[-1].cameras[0].dwellings == Wanted(version, (SHAPE,))
    said = MaskState(version, Burnt.SAME, "", to_us(NOW), to_us(NOW))
    note_mask(camera=lawful, state=replace(said, version=version - 1), now=NOW)
    assert queries.camera(lawful).mask.burnt is None, "of another version"
    note_mask(camera=lawful, state=said, now=NOW)
    push_cameras(listener.client, LATER)
    assert (queries.camera(lawful).mask.burnt, queries.camera(lawful).mask.read_back_at) == (Burnt.SAME, NOW)
    assert listener.taken[-1].cameras[0].mask_version == str(version)
    note_mask(camera=lawful, state=replace(said, burnt=Burnt.UNKNOWN, why="unreachable"), now=LATER)
    assert push_cameras(listener.client, LATER) is False, "what is not known changes nothing"
    note_mask(camera=lawful, state=replace(said, burnt=Burnt.DIFFERS), now=LATER)
    push_cameras(listener.client, LATER)
    assert listener.taken[-1].cameras[0].mask_version == ""
    note_mask(camera=lawful, state=said, now=LATER)
    Camera.objects.filter(pk=lawful).update(device_url_sealed="sealed")
    actions.draw_mask(actor=CHIEF, camera=lawful, polygons=[SHAPE, SHAPE], now=LATER)
    actions.review_mask(actor=SECOND, camera=lawful, version=version + 1, now=LATER)
    assert not Camera.objects.get(pk=lawful).masks_on_camera, "the new one was not read back yet"


def test_one_inside_a_building_travels_with_its_hours_never_unless_set_and_with_what_lifts_them(lawful, listener):
    push_cameras(listener.client, NOW)
    assert listener.taken[-1].cameras[0].hours is None, "on the street: at any hour"
    Camera.objects.filter(id=lawful).update(tags=["ppms"])
    push_cameras(listener.client, NOW)
    assert listener.taken[-1].cameras[0].hours == Hours("Europe/Paris"), "nobody set any: never"
    nights = (*of_day(4, 22 * 60, 6 * 60), *of_day(5, 5 * 60, 8 * 60))
    actions.set_hours(actor=CHIEF, camera=lawful, periods=nights, now=LATER)
    until = NOW + timedelta(hours=2)
    push_cameras(listener.client, LATER, {lawful: until})
    said = (Period(4, 22 * 60, 24 * 60), Period(5, 0, 8 * 60))
    assert listener.taken[-1].cameras[0].hours == Hours("Europe/Paris", said, to_us(until))
    assert push_cameras(listener.client, LATER, {lawful: until}) is False
    (fact,) = Fact.objects.filter(name="camera:hours")
    assert fact.subject == f"camera:{lawful}"
    assert json.loads(fact.body)["hours"] == [[4, 1320, 1440], [5, 0, 480]]
    Camera.objects.filter(id=lawful).update(tags=[])
    with pytest.raises(Conflict):
        actions.set_hours(actor=CHIEF, camera=lawful, periods=nights, now=LATER)
