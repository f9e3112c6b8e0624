"""What the edge does when something happens: write it down, then sound, then tell. No network anywhere here (I13).

Order of every trigger: durable in the journal → sounder → acknowledgement to the device. A device that hears no
acknowledgement presses again; a press that was already taken leads to the same alert and nothing else. A disk that
takes nothing silences nobody: it sounds from memory, unacknowledged, and the repeated press is written once it can be.
"""

import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from beffroi.edge.journal import Journal
from beffroi.edge.settings import EdgeSettings, code_is_right
from beffroi.edge.sounder import Sounder
from beffroi.edge.texts import TEXTS
from beffroi.kernel.canonical import Json, b64, canonical_bytes
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, Unavailable
from beffroi.kernel.ids import new_id
from beffroi.safety.core.alerts import Alert, most_severe_first
from beffroi.safety.core.events import AlertFile, Event, Kind, extend, fold
from beffroi.safety.core.plans import Plan
from beffroi.safety.core.sources import ON_SITE_KEY
from beffroi.safety.core.wire import Stored
from beffroi.safety.core.words import Hazard, Nature, Party, Posture

MAX_PRESS_AGE_US = 24 * 3_600_000_000
"""A signed press older than a day is a replay, not a late delivery: refused (design default)."""
REOPENS_WITHIN = timedelta(hours=1)
"""A trigger this soon after an end says that it was not over: the new alert names the one it follows."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a trigger device says: which one, its boot, its count, what for, and when by its own clock."""

    device: str
    boot: str
    sequence: int
    hazard: Hazard
    place: str
    at_us: int

    def signed_bytes(self) -> bytes:
        """What the device's secret covers."""
        body: Json = {
            "device": self.device,
            "boot": self.boot,
            "sequence": self.sequence,
            "hazard": self.hazard.value,
            "place": self.place,
            "at_us": self.at_us,
        }
        return canonical_bytes(body)

    def signature(self, secret: bytes) -> str:
        """HMAC-SHA-256 in base64url, as the device sends it."""
        return b64(hmac.new(secret, self.signed_bytes(), sha256).digest())


class Edge:
    """The state of one building, its journal and its sounder."""

    def __init__(self, settings: EdgeSettings, journal: Journal, clock: Clock, sounder: Sounder, plan: Plan) -> None:
        self.settings, self.journal, self.clock, self.sounder, self.plan = settings, journal, clock, sounder, plan
        self._lock = threading.RLock()
        self._changed: list[Callable[[], None]] = []
        self._events: dict[str, list[Event]] = {}
        for event in journal.events():
            self._events.setdefault(event.alert, []).append(event)
        self._files: dict[str, AlertFile] = fold(journal.events())
        self.language = self._kept_language()
        self._live = {name for name, file in self._files.items() if file.alert.active}
        self._sound_again()

    def on_change(self, call: Callable[[], None]) -> None:
        """Be told, from any thread, that something happened."""
        self._changed.append(call)

    def tell(self) -> None:
        """Something is otherwise: whoever asked is told."""
        for call in self._changed:
            call()

    def files(self) -> dict[str, AlertFile]:
        """Every alert this edge knows."""
        with self._lock:
            return dict(self._files)

    def active(self) -> list[AlertFile]:
        """The active alerts that the building sounds and shows, most severe first."""
        return [file for file in self.open_files() if not file.alert.quiet]

    def open_files(self) -> list[AlertFile]:
        """Every active alert, the quiet ones too, most severe first."""
        with self._lock:
            order = most_severe_first([self._files[name].alert for name in self._live])
            return [self._files[alert.id] for alert in order]

    def just_ended(self, within: timedelta) -> AlertFile | None:
        """The alert that people here saw end last, if that is not longer ago."""
        since = self.clock.now() - within
        over = [file for file in self.files().values() if not file.alert.active and not file.alert.quiet]
        late = [file for file in over if file.alert.ended_at is not None and file.alert.ended_at >= since]
        return max(late, key=lambda file: file.alert.ended_at or since, default=None)

    def speak(self, language: str) -> None:
        """Speak the language that the centre sets for the building, from now on and after a restart."""
        if language in TEXTS and language != self.language:
            self.journal.remember("language", language)
            self.language = language

    def _kept_language(self) -> str:
        try:
            kept = self.journal.setting("language")
        except Unavailable:
            kept = ""
        return kept if kept in TEXTS else self.settings.language if self.settings.language in TEXTS else "en"

    def take_press(self, press: Press, signature: str) -> str:
        """A press from a device on the wire or the air. Returns the alert; raises what ``believe`` raises."""
        self.believe(press, signature)
        return self.trigger(press)

    def believe(self, press: Press, signature: str) -> None:
        """Raise ``Forbidden`` for an unknown device or a signature that is not its own, ``Invalid`` for a replay."""
        secret = self.settings.devices.get(press.device)
        if secret is None or not hmac.compare_digest(press.signature(secret), signature):
            raise Forbidden("This trigger is not one of this building's.", code="press_forged")
        if self.clock.now_us() - press.at_us > MAX_PRESS_AGE_US:
            raise Invalid("This press is more than a day old.", code="press_replayed")

    def trigger(self, press: Press) -> str:
        """A press from inside this box (a contact, a page). Durable when this returns.

        Raises ``Unavailable`` when the journal takes nothing: it sounds all the same, and the press must be repeated.
        """
        with self._lock:
            known = self._alert_of(press)
            if known:
                self.settle()
                return known
            nature, armed = self._nature_of(press.device)
            running = self._running(nature)
            alert = running.id if running else armed or f"{nature.prefix}-{new_id(self.clock.now_us())}"
            body: dict[str, Json] = {
                "device": press.device,
                "hazard": press.hazard.value,
                "place": press.place,
                "site": self.settings.site,
                "zones": [zone.id for zone in self.plan.zones],
                "posture": self.plan.posture_for(press.hazard).value,
            }
            if running is None and (before := self._just_over(nature)):
                body["follows"] = before
            pressed = f"{press.device}/{press.boot}/{press.sequence}"
            try:
                self._write(Kind.TRIGGER, alert, body, press=pressed)
            except Unavailable:
                self._sound_unwritten(alert, body, pressed)
                raise
            self._sound(alert)
            self._interrupt_drills(alert)
            return alert

    def _sound_unwritten(self, alert: str, body: Mapping[str, Json], press: str) -> None:
        """Alarm from memory: rooms show it, the sounder plays it, the centre is told. The device hears nothing, presses
        again, and is acknowledged once a disk has it."""
        known = alert in self._live
        self._hold(Kind.TRIGGER, alert, body, press=press)
        if not known and self._files[alert].alert is self._loudest():
            self.sounder.play(Posture(str(body["posture"])), self._files[alert].alert.nature)

    def settle(self) -> None:
        """Write what no disk had taken, if one takes it now; else ``Unavailable``."""
        with self._lock:
            written = self.journal.write_held()
            for name in {event.alert for event in written if event.kind is Kind.TRIGGER} & self._live:
                if not self._files[name].alert.quiet:
                    self._sound(name)
                    self._interrupt_drills(name)

    def _alert_of(self, press: Press) -> str:
        try:
            return self.journal.alert_of_press(press.device, press.boot, press.sequence)
        except Unavailable:
            return ""  # a disk that cannot be asked keeps nobody from being alarmed

    def order_posture(self, alert: str, *, zone: str, posture: Posture, person: str, party: Party) -> None:
        """A posture ordered on site."""
        body: dict[str, Json] = {"zone": zone, "posture": posture.value, "person": person, "party": party.value}
        self._act(Kind.POSTURE, alert, body)

    def answer(self, alert: str, *, group: str, counts: Mapping[str, int], by: str, zone: str = "") -> None:
        """A class answers the roll-call. ``Invalid`` for an unknown class, ``Conflict`` when the alert is over."""
        if group not in {one.id for one in self.plan.groups}:
            raise Invalid("This class is not in the plan.", code="group_unknown")
        if any(not 0 <= count <= 999 for count in counts.values()):
            raise Invalid("A count is between 0 and 999.", code="count_out_of_range")
        body: dict[str, Json] = {"group": group, "zone": zone, "by": by, **counts}
        self._act(Kind.ROLL_CALL, alert, body)

    def silence(self, alert: str, *, code: str) -> None:
        """Stop the local sounder with the on-site key; the alert stays open. Raises ``Forbidden`` on a wrong code."""
        if not code_is_right(code, self.settings.key_code):
            raise Forbidden("This is not the code of the on-site key.", code="key_wrong")
        try:
            self._act(Kind.SOUNDER_SILENCED, alert, {"person": ON_SITE_KEY})
        except Unavailable:
            self.sounder.stop()  # the key stops the sounder whatever the disk does
            raise
        self.sounder.stop()

    def act(self, kind: Kind, alert: str, body: Mapping[str, Json]) -> None:
        """Any other act of a person on site (keys, requests, notes): written, folded, sounded."""
        self._act(kind, alert, body)

    def take_in(self, stored: list[Stored]) -> int:
        """Events of the centre; returns how many were new."""
        if not stored:
            return 0
        with self._lock:
            known = set(self._files)
            new = self.journal.take_in(stored)
            if new:
                self._happened(new)
            for name in {event.alert for event in new} - known:
                self._sound_if_active(name)
        return len(new)

    def drop_pupils(self, held: Mapping[str, int] | None) -> int:
        """Make unreadable what was said about pupils in alerts that are over; returns in how many.

        ``held`` is what the centre holds: an alert of which it lacks something keeps its words. ``None``: this box has
        no centre, and nobody reads here what is over. Raises ``Unavailable`` when a key could not be destroyed.
        """
        with self._lock:
            over = [name for name in self._files if name not in self._live and self.journal.speaks_of(name)]
            whole = [name for name in over if self.journal.is_whole(name)]  # else it is asked again once a disk has it
            done = [name for name in whole if held is None or self.journal.has_all(held, name)]
            for name in done:
                self._events[name] = self.journal.forget(name)
                self._files.update(fold(self._events[name]))
        return len(done)

    def duress(self, alert: str, *, silence: bool) -> None:
        """A code of duress was typed: the alert goes on, silently where silence was asked for; the room is told,
        whatever the disk does."""
        with self._lock:
            self._check_active(alert)
            self._write_or_hold(Kind.DURESS, alert, {"person": ON_SITE_KEY, "silenced": silence})
        if silence:
            self.sounder.stop()

    def duress_in_calm(self, place: str) -> None:
        """A code of duress was typed while nothing goes on: the commune's police are told, the building hears nothing,
        shows nothing, and goes on as it was."""
        with self._lock:
            running = next((file.alert.id for file in self.open_files() if file.alert.quiet), "")
            body: dict[str, Json] = {
                "device": "duress",
                "hazard": Hazard.INTRUSION.value,
                "place": place,
                "site": self.settings.site,
                "zones": [zone.id for zone in self.plan.zones],
                "posture": Posture.NORMAL.value,
                "quiet": True,
            }
            alert = running or f"{Nature.REAL.prefix}-{new_id(self.clock.now_us())}"
            self._write_or_hold(Kind.TRIGGER, alert, body)

    def disarm_drill(self) -> None:
        """Every trigger is real again."""
        if self.journal.setting("drill"):
            self.journal.remember("drill", "")

    def arm_drill(self, alert: str, devices: list[str], until_us: int) -> None:
        """These triggers raise the drill ``alert`` until then; afterwards every trigger is real again (I8)."""
        if not alert.startswith(f"{Nature.DRILL.prefix}-"):
            raise Invalid("Only a drill can be armed.", code="not_a_drill")
        self.journal.remember("drill", f"{until_us} {alert} {' '.join(devices)}")

    def _nature_of(self, device: str) -> tuple[Nature, str]:
        try:
            armed_drill = self.journal.setting("drill")
        except Unavailable:
            armed_drill = ""  # in doubt it is real
        until, _, rest = armed_drill.partition(" ")
        alert, _, devices = rest.partition(" ")
        armed = until.isdigit() and self.clock.now_us() < int(until) and device in devices.split()
        over = alert in self._files and not self._files[alert].alert.active
        # A physical trigger is real unless this very one is armed; a real alert going on makes it real again, and so
        # does the end of the drill it was armed for.
        if armed and not over and self._running(Nature.REAL) is None:
            return Nature.DRILL, alert
        return Nature.REAL, ""

    def _running(self, nature: Nature) -> Alert | None:
        alerts = [file.alert for file in self.active() if file.alert.nature is nature]
        running = most_severe_first(alerts)
        return running[0] if running else None

    def _just_over(self, nature: Nature) -> str:
        """The alert that this one re-opens: the last of its nature, if it ended within the hour."""
        since = self.clock.now() - REOPENS_WITHIN
        known = [file.alert for file in self._files.values() if file.alert.nature is nature and not file.alert.quiet]
        over = [alert for alert in known if not alert.active]
        late = [alert for alert in over if alert.ended_at is not None and alert.ended_at >= since]
        return max(late, key=lambda alert: alert.opened_at).id if late else ""

    def _interrupt_drills(self, real: str) -> None:
        if self._files[real].alert.nature is not Nature.REAL:
            return
        for name in [one for one in self._live if self._files[one].alert.nature is not Nature.REAL]:
            self._write(Kind.INTERRUPTED, name, {"by_alert": real})

    def _act(self, kind: Kind, alert: str, body: Mapping[str, Json]) -> None:
        with self._lock:
            self._check_active(alert)
            self._write(kind, alert, body)

    def _check_active(self, alert: str) -> None:
        file = self._files.get(alert)
        if file is None or not file.alert.active:
            raise Conflict("This alert is over.", code="alert_is_over")

    def _write_or_hold(self, kind: Kind, alert: str, body: Mapping[str, Json]) -> None:
        try:
            self._write(kind, alert, body)
        except Unavailable:
            self._hold(kind, alert, body)

    def _hold(self, kind: Kind, alert: str, body: Mapping[str, Json], *, press: str = "") -> None:
        now_us = self.clock.now_us()
        self._happened([self.journal.hold(kind, alert=alert, body=body, now_us=now_us, press=press)])

    def _write(self, kind: Kind, alert: str, body: Mapping[str, Json], *, press: str = "") -> None:
        self.journal.write_held()  # nothing is written of an alert before its trigger
        self._happened([self.journal.append(kind, alert=alert, body=body, now_us=self.clock.now_us(), press=press)])

    def _happened(self, events: list[Event]) -> None:
        """Bring the files up to date and the sounder with them; tell whoever asked to be told."""
        loud = self._loudest()
        before = {
            name: self._files[name].alert.postures for name in {event.alert for event in events} & self._files.keys()
        }
        for event in events:
            self._events.setdefault(event.alert, []).append(event)
            if not extend(self._files.get(event.alert), event):
                self._files.update(fold(self._events[event.alert]))
        for name in {event.alert for event in events} & self._files.keys():
            alert = self._files[name].alert
            (self._live.add if alert.active else self._live.discard)(name)
            if alert.active and name in before and before[name] != alert.postures:
                self._sound(name)
        if loud is not None and self._loudest() is None:
            self._sound_end(loud.id)
        self.tell()

    def _sound_end(self, alert: str) -> None:
        """Nothing sounds any more: the end of what did is heard for a while, as screens show it; a sounder that was
        silenced is only still."""
        ended = self._files[alert].alert
        if ended.active:
            self.sounder.stop()
        else:
            self.sounder.end(ended.nature)

    def _sound_if_active(self, name: str) -> None:
        if name in self._files and self._files[name].alert.active:
            self._sound(name)

    def _sound(self, alert: str) -> None:
        file = self._files[alert]
        if file.alert is not self._loudest():
            return  # a graver alert is sounding already
        posture = next((order.posture for order in reversed(file.alert.postures)), Posture.SHELTER)
        self.sounder.play(posture, file.alert.nature)
        if file.sound_started_at is None:
            self._write(Kind.SOUND_STARTED, alert, {"posture": posture.value})

    def _loudest(self) -> Alert | None:
        loud = [file.alert for file in self.active() if file.silenced_at is None]
        order = most_severe_first(loud)
        return order[0] if order else None

    def _sound_again(self) -> None:
        loudest = self._loudest()
        if loudest is not None:
            self._sound(loudest.id)
