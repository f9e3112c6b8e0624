"""Events over real TCP: what is listened to, what is dropped, renewal, a subscription that is lost, hostile answers.

No recorded event of a real camera is at hand, and the simulators known to us speak none: the camera here is ours.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import SystemClock
from beffroi.kernel.ids import CameraId
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.core.device_events import MAX_SOURCES, Heard, Hearing, Standing, Told, after, kind_of, renewed
from beffroi.media.core.looks import LineName
from beffroi.media.core.settings import (
    LOOPBACK,
    CameraSettings,
    DeviceSettings,
    RecorderSettings,
    StreamSettings,
    sign_settings,
)
from beffroi.media.core.words import StreamName
from beffroi.media.door.journal import DoorJournal
from beffroi.media.door.sayings import Sayings
from beffroi.media.onvif import events
from beffroi.media.onvif.documents import Element, parse
from beffroi.media.onvif.events import MAX_MESSAGES, told_in
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.heard_file import FILE, kept, said
from beffroi.media.onvif.listener import FELL, Listener
from tests.media.onvif.cameras import CLOCK, SOAP, good, serving
from tests.waiting import until

OFFICE = SigningKey(bytes(range(32)))
TAMPER, MOTION = "tns1:VideoSource/GlobalSceneChange/ImagingService", "tns1:RuleEngine/CellMotionDetector/Motion"
CONTACT = "tns1:Device/tnsaxis:Trigger/DigitalInput"


def message(topic: str, value: str, source: str = "1") -> str:
    return (
        f"<NotificationMessage><Topic>{topic}</Topic><Message><Message><Source>"
        f'<SimpleItem Name="Token" Value="{source}"/></Source><Data><SimpleItem Name="State" Value="{value}"/></Data>'
        "</Message></Message></NotificationMessage>"
    )


@dataclass
class Talker:
    """A camera with one pull point at a time."""

    coming: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lost: threading.Event = field(default_factory=threading.Event)
    rubbish: bytes = b""

    def answer(self, name: str, request: str, _headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        self.asked.append(name)
        match name:
            case "GetSystemDateAndTime":
                return good(CLOCK.format(SystemClock().now()))
            case "GetServices":
                return good(
                    "<GetServicesResponse><Service><Namespace>http://www.onvif.org/ver10/events/wsdl</Namespace>"
                    "<XAddr>http://203.0.113.5/onvif/events</XAddr></Service></GetServicesResponse>"
                )
            case "CreatePullPointSubscription":
                self.lost.clear()
                return good(
                    "<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>http://203.0.113.5/pull/7"
                    "</Address></SubscriptionReference></CreatePullPointSubscriptionResponse>"
                )
            case "PullMessages" if self.rubbish:
                return 200, self.rubbish, {}
            case "PullMessages" if not self.lost.is_set():
                now, self.coming = self.coming, []
                return good(f"<PullMessagesResponse>{''.join(now)}</PullMessagesResponse>")
            case "Renew" | "Unsubscribe":
                return good(f"<{name}Response/>")
        return 400, SOAP.format("<Fault><Code><Value>Sender</Value></Code></Fault>").encode(), {}


class Hasty(SystemClock):
    """A monotonic clock that runs a hundred times too fast: a minute's renewal comes in a moment."""

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() * 100


def camera(port: int, name: str = "gate", *, user: str = "") -> CameraSettings:
    device = DeviceSettings(f"http://127.0.0.1:{port}", "main", moves=False, username=user)
    stream = StreamSettings(StreamName.MAIN, "rtsp://127.0.0.1/1", 15)
    return CameraSettings(CameraId(name), 1, name, "99123", (stream,), device=device)


@dataclass
class Stage:
    talker: Talker
    path: Path
    listener: Listener
    port: int

    def put(self, *cameras: CameraSettings) -> None:
        settings = RecorderSettings(2, 2, LOOPBACK, cameras)
        Disk().replace(self.path.with_name("cameras.json"), sign_settings(settings, OFFICE))

    def hearing(self) -> Hearing:
        self.listener.look()
        return kept(self.path).get("gate", Hearing("nothing written", 0, ()))

    def holds(self) -> set[tuple[Heard, str]]:
        return {(one.kind, one.source) for one in self.hearing().standing}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "keys").mkdir()
    (tmp_path / "recorder").mkdir()
    for name in ("office", "secrets"):
        (tmp_path / "keys" / f"{name}.key").write_bytes(bytes(range(32)))
    talker = Talker()
    with serving(talker.answer) as port:
        settings = RecorderSettings(1, 1, LOOPBACK, (camera(port),))
        (tmp_path / "recorder" / "cameras.json").write_bytes(sign_settings(settings, OFFICE))
        listener = Listener(tmp_path, Hasty())
        try:
            stage = Stage(talker, tmp_path / "recorder" / FILE, listener, port)
            yield stage
        finally:
            stage.listener.stop()
    assert talker.asked[-1] in {"Unsubscribe", "PullMessages"}


def test_tamper_and_contacts_are_heard_renewed_and_heard_again_after_a_loss(stage: Stage) -> None:
    stage.talker.coming = [message(TAMPER, "true"), message(MOTION, "true"), message(CONTACT, "1", "door")]
    until(lambda: stage.holds() == {(Heard.TAMPER, "1"), (Heard.INPUT, "door")}, 20, "both, and no movement")
    since = {one.kind: one.since_us for one in stage.hearing().standing}
    until(lambda: stage.talker.asked.count("Renew") >= 2, 20, "it is renewed")
    assert stage.talker.asked.count("CreatePullPointSubscription") == 1
    stage.talker.coming = [message(CONTACT, "false", "door")]
    until(lambda: stage.holds() == {(Heard.TAMPER, "1")}, 20, "the contact opened")
    stage.talker.coming = [message(TAMPER, "true"), message(CONTACT, "true", "door")]
    stage.talker.lost.set()
    until(lambda: stage.talker.asked.count("CreatePullPointSubscription") == 2, 20, "it subscribes anew")
    until(lambda: stage.holds() == {(Heard.TAMPER, "1"), (Heard.INPUT, "door")}, 20, "what holds is told again")
    assert {one.kind: one.since_us for one in stage.hearing().standing}[Heard.TAMPER] == since[Heard.TAMPER]


def test_settings_that_change_nothing_for_a_camera_leave_it_its_subscription(stage: Stage) -> None:
    until(lambda: not stage.hearing().failure, 20, "it is listened to")
    stage.put(replace(camera(stage.port), name="another name", quota_bytes=7), camera(stage.port, "second"))
    until(lambda: "second" in kept(stage.path) or stage.listener.look(), 20, "the settings were followed")
    until(lambda: stage.talker.asked.count("CreatePullPointSubscription") == 2, 20, "the second one's alone")
    pulled = stage.talker.asked.count("PullMessages")
    until(lambda: stage.talker.asked.count("PullMessages") > pulled + 4, 20, "both go on")
    assert stage.talker.asked.count("CreatePullPointSubscription") == 2
    assert "Unsubscribe" not in stage.talker.asked
    stage.put(camera(stage.port, user="another"), camera(stage.port, "second"))
    until(lambda: stage.listener.look() or "Unsubscribe" in stage.talker.asked, 20, "who changed listens anew")
    until(lambda: stage.talker.asked.count("CreatePullPointSubscription") == 3, 20, "and nobody else")


async def test_what_begins_and_ends_becomes_lines_of_the_doors_journal_each_once(stage: Stage) -> None:
    until(lambda: not stage.hearing().failure, 20, "it is listened to")
    stage.talker.coming = [message(CONTACT, "1", "door"), message(CONTACT, "0", "door"), message(TAMPER, "true")]
    until(lambda: stage.hearing() and len(said(stage.path)) == 3, 20, "the second of the contact a moment later")
    stage.listener.stop()
    journal = DoorJournal(stage.path.with_name("door-journal.jsonl"), SigningKey(bytes(32)), SystemClock())
    source = (stage.path, LineName.DEVICE, said)
    taken = Sayings(journal, source)
    await taken.look()
    await taken.look()
    await Sayings(journal, source).look()  # a door that was started anew
    lines = [line for line in journal.lines(0, 99) if line.name == "device:event"]
    journal.close()
    told = [(one.body["camera"], one.body["kind"], one.body["on"], one.body["changes"]) for one in lines]
    assert told == [("gate", "input", True, 1), ("gate", "tamper", True, 1), ("gate", "input", False, 1)]
    numbers = [line.body["event"] for line in lines]
    assert numbers == sorted(set(numbers))


def test_a_listener_that_was_started_anew_says_only_what_changed_meanwhile(stage: Stage, tmp_path: Path) -> None:
    stage.talker.coming = [message(CONTACT, "1", "door"), message(TAMPER, "true")]
    until(lambda: stage.hearing() and len(said(stage.path)) == 2, 20, "both are said")
    stage.listener.stop()
    stage.listener = Listener(tmp_path, Hasty())
    stage.talker.coming = [message(TAMPER, "true")]
    until(lambda: stage.hearing() and len(said(stage.path)) == 3, 20, "the contact opened meanwhile")
    assert [(one["kind"], one["on"]) for one in said(stage.path)][2] == ("input", False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_ear_that_falls_is_told_and_taken_up_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: not stage.hearing().failure, 20, "it is listened to")
    fell = threading.Event()

    def once(answer: Element) -> list[Told]:
        if not fell.is_set():
            fell.set()
            raise RuntimeError("nobody foresaw this")
        return told_in(answer)

    monkeypatch.setattr(events, "told_in", once)
    until(lambda: stage.hearing().failure == FELL, 20, "it is told")
    until(lambda: not stage.hearing().failure, 20, "it is taken up again")


@pytest.mark.parametrize(
    "rubbish", [b"", b"<html>no</html>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\xff" * 99]
)
def test_rubbish_is_a_failure_with_a_name_and_no_fact(stage: Stage, rubbish: bytes) -> None:
    stage.talker.rubbish = rubbish or b" "
    until(lambda: stage.hearing().failure.startswith("onvif_"), 20, "the failure is named")
    assert stage.hearing().standing == ()


@given(st.lists(st.builds(Told, st.sampled_from(Heard), st.text(max_size=3), st.booleans()), max_size=80))
def test_what_holds_is_what_was_told_last(told: list[Told]) -> None:
    held = after((), told, 5)
    assert len(held) <= MAX_SOURCES
    last = {(one.kind, one.source): one.on for one in told}
    assert all(last[one.kind, one.source] for one in held)
    if len(last) <= MAX_SOURCES:
        assert {(one.kind, one.source) for one in held} == {key for key, on in last.items() if on}
    anew = renewed([Standing(one.kind, one.source, 1) for one in held], told, 9)
    assert {one.since_us for one in anew} <= {1}


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_other_topic_is_listened_to(topic: str, value: str) -> None:
    assert kind_of(MOTION) is None
    assert kind_of("tns1:RuleEngine/FaceDetector/Face") is None
    assert kind_of("tns1:VideoSource/GlobalSceneChangeX") is None
    assert kind_of(topic) is None or "/" in topic
    try:
        found = told_in(parse(SOAP.format(message(topic, value) * (MAX_MESSAGES + 1)).encode("utf-8", "replace")))
    except OnvifFailed:
        return
    assert len(found) <= MAX_MESSAGES
