"""A prefect's order as a person types it from the paper: what is wrong with it, and what it would change. Pure.

One paper may authorise the cameras to record (CSI L252-1), name who receives their pictures (L252-3), or both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import yaml

from beffroi.governance.core.order_text import RECIPIENTS, USES, ZONE, span_of_days
from beffroi.governance.core.requisition_fields import has_control
from beffroi.kernel.canonical import Json
from beffroi.kernel.outcome import Severity
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Force
from beffroi.sites.core.authorisations import RENEWAL_MONTHS, AuthorisationFacts, months_before
from beffroi.sites.core.cameras import CameraFacts, rules
from beffroi.sites.core.purposes import Purpose

MAX_YEARS = 5  # CSI L252-4
MAX_DAYS = 31  # one month (CSI L252-5); the calendar month is enforced where bytes die
MAX_REFERENCE = 64
MAX_RECIPIENTS = 12


@dataclass(frozen=True, slots=True, order=True)
class RecipientEntry:
    """One line of who receives pictures; no person named: every agent of the service."""

    force: str
    unit: str = ""
    persons: tuple[str, ...] = ()  # matricules
    uses: tuple[str, ...] = USES

    @property
    def said(self) -> str:
        """The line as one text; what is done with the pictures is said beside it."""
        return " · ".join(part for part in (self.force, self.unit, ", ".join(self.persons)) if part)


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """What stands on the paper. Days are the commune's own, the last one included."""

    reference: str
    prefecture: str  # department
    signed_on: date
    first_day: date
    last_day: date
    cameras: tuple[int, ...]  # numbers
    communes: tuple[str, ...]  # of those cameras
    purposes: tuple[str, ...]
    retention_min_days: int
    retention_max_days: int
    authorises: bool  # the cameras may record under it
    recipients: tuple[RecipientEntry, ...] = ()
    recipient_days: int = 30
    doubt_waived: bool = False

    @property
    def valid(self) -> Span:
        """From the first midnight to the one after the last day."""
        return span_of_days(self.first_day, self.last_day)

    def to_json(self) -> dict[str, Json]:
        """For the row and its fact."""
        return {
            "reference": self.reference,
            "prefecture": self.prefecture,
            "signed_on": self.signed_on.isoformat(),
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "cameras": list(self.cameras),
            "communes": list(self.communes),
            "purposes": list(self.purposes),
            "retention": [self.retention_min_days, self.retention_max_days],
            "authorises": self.authorises,
            "recipients": [
                {"force": one.force, "unit": one.unit, "persons": list(one.persons), "uses": list(one.uses)}
                for one in self.recipients
            ],
            "recipient_days": self.recipient_days,
            "doubt_waived": self.doubt_waived,
        }


def entry_from_json(data: Mapping[str, Any]) -> OrderEntry:
    """The inverse of ``to_json``, for rows that this program wrote."""
    return OrderEntry(
        reference=data["reference"],
        prefecture=data["prefecture"],
        signed_on=date.fromisoformat(data["signed_on"]),
        first_day=date.fromisoformat(data["first_day"]),
        last_day=date.fromisoformat(data["last_day"]),
        cameras=tuple(data["cameras"]),
        communes=tuple(data["communes"]),
        purposes=tuple(data["purposes"]),
        retention_min_days=data["retention"][0],
        retention_max_days=data["retention"][1],
        authorises=data["authorises"],
        recipients=tuple(
            RecipientEntry(one["force"], one["unit"], tuple(one["persons"]), tuple(one["uses"]))
            for one in data["recipients"]
        ),
        recipient_days=data["recipient_days"],
        doubt_waived=data["doubt_waived"],
    )


def faults(entry: OrderEntry, now: datetime) -> dict[str, str]:
    """What does not fit the law or itself: field → code. Empty: it may be confirmed."""
    found: dict[str, str] = {}
    if not entry.reference or len(entry.reference) > MAX_REFERENCE or has_control(entry.reference):
        found["reference"] = "order_reference"
    if not (2 <= len(entry.prefecture) <= 3 and entry.prefecture.isascii() and entry.prefecture.isalnum()):
        found["prefecture"] = "order_prefecture"
    found |= _wrong_days(entry, now.astimezone(ZONE).date())
    if not entry.cameras:
        found["cameras"] = "order_cameras"
    if not entry.purposes or not set(entry.purposes) <= {one.value for one in Purpose}:
        found["purposes"] = "order_purposes"
    if not (0 <= entry.retention_min_days <= entry.retention_max_days and 1 <= entry.retention_max_days <= MAX_DAYS):
        found["retention_max_days"] = "order_retention"
    if not 1 <= entry.recipient_days <= MAX_DAYS:
        found["recipient_days"] = "order_recipient_days"
    if not entry.authorises and not entry.recipients:
        found["authorises"] = "order_does_nothing"
    wrong = next(_wrong_recipients(entry.recipients), "")
    return found | ({"recipients": wrong} if wrong else {})


def _wrong_days(entry: OrderEntry, today: date) -> dict[str, str]:
    found = {}
    if entry.signed_on > today:
        found["signed_on"] = "order_signed_later"
    elif entry.signed_on > entry.first_day:
        found["first_day"] = "order_begins_before_signature"
    if entry.last_day < entry.first_day:
        found["last_day"] = "order_backwards"
    elif entry.last_day < today:
        found["last_day"] = "order_over"
    elif months_before(entry.valid.end.astimezone(ZONE), 12 * MAX_YEARS).date() > entry.first_day:
        found["last_day"] = "order_too_long"
    return found


def _wrong_recipients(lines: Sequence[RecipientEntry]) -> Iterator[str]:
    if len(lines) > MAX_RECIPIENTS:
        yield "order_recipients_many"
    for one in lines:
        if one.force not in RECIPIENTS:
            yield "order_recipient_force"
        if one.force == Force.PREF.value and not one.persons:
            yield "order_prefecture_unnamed"
        if not one.uses or not set(one.uses) <= set(USES):
            yield "order_recipient_uses"
        if any(has_control(text) or len(text) > 120 for text in (one.unit, *one.persons)):
            yield "order_recipient_text"
    if len({(one.force, one.unit, one.persons) for one in lines}) < len(lines):
        yield "order_recipient_twice"


def recipients_text(entry: OrderEntry) -> str:
    """The part on recipients as the text that ``order_text.parse_order`` reads."""
    body = {
        "number": entry.reference,
        "prefecture": entry.prefecture,
        "signed_on": entry.signed_on,
        "from": entry.first_day,
        "to": entry.last_day,
        "communes": list(entry.communes),
        "cameras": list(entry.cameras),
        "purposes": list(entry.purposes),
        "retention": {
            "min_days": entry.retention_min_days,
            "max_days": entry.retention_max_days,
            "recipient_days": entry.recipient_days,
        },
        "doubt_waived": entry.doubt_waived,
        "recipients": [
            {name: said for name, said in
             (("force", one.force), ("unit", one.unit), ("persons", list(one.persons)), ("uses", list(one.uses)))
             if said}
            for one in entry.recipients
        ],
    }  # fmt: skip
    return yaml.safe_dump({"order": body}, allow_unicode=True, sort_keys=False, default_flow_style=False)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One thing the order would change. ``gain`` or ``lose`` say for whom it opens or shuts something."""

    what: str  # cameras | purposes | retention | recipients | recipient_days | term
    direction: str  # gain | lose | change
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def changes(old: OrderEntry | None, new: OrderEntry) -> tuple[OrderChange, ...]:
    """What is different from the order it follows; everything is a gain where there is none."""
    return tuple(_changes(old, new))


def _changes(old: OrderEntry | None, new: OrderEntry) -> Iterator[OrderChange]:
    for what, read in (("cameras", _recording), ("purposes", _purposes), ("recipients", _recipients)):
        before, after = (read(old) if old else ()), read(new)
        gained = tuple(one for one in after if one not in before)
        lost = tuple(one for one in before if one not in after)
        if gained:
            yield OrderChange(what, "gain", after=gained)
        if lost:
            yield OrderChange(what, "lose", before=lost)
    if old is None:
        return
    pairs = (
        ("retention", (old.retention_min_days, old.retention_max_days),
         (new.retention_min_days, new.retention_max_days)),
        ("recipient_days", (old.recipient_days,), (new.recipient_days,)),
        ("term", (old.first_day, old.last_day), (new.first_day, new.last_day)),
    )  # fmt: skip
    for what, was, becomes in pairs:
        if was != becomes:
            yield OrderChange(what, "change", tuple(str(one) for one in was), tuple(str(one) for one in becomes))


def _recording(entry: OrderEntry) -> tuple[str, ...]:
    return tuple(str(number) for number in entry.cameras) if entry.authorises else ()


def _purposes(entry: OrderEntry) -> tuple[str, ...]:
    return entry.purposes


def _recipients(entry: OrderEntry) -> tuple[str, ...]:
    return tuple(f"{one.said} · {use}" for one in entry.recipients for use in one.uses)


@dataclass(frozen=True, slots=True)
class CameraStops:
    """A camera that may record now and no longer could ``at``, by the rule that would not hold."""

    camera: CameraFacts
    at: datetime
    reason: str


def stopped_by(
    new: OrderEntry, cameras: Iterable[CameraFacts], *, ends: str, replaces: bool, now: datetime
) -> tuple[CameraStops, ...]:
    """Which cameras in service would lose their right to record when ``new`` takes effect, or in a gap before it.

    ``ends``: id of the authorisation that it follows. Asked are the same rules that let a camera record (R-01, R-03,
    R-08), at the two moments when something changes.
    """
    starts = max(new.valid.start, now)
    coming = AuthorisationFacts(
        "new", new.reference, new.prefecture, frozenset(Purpose(one) for one in new.purposes), new.retention_min_days,
        new.retention_max_days, new.valid.start, new.valid.end,
    )  # fmt: skip
    found = []
    for camera in cameras:
        if not camera.in_service(now) or _broken(camera, now):
            continue
        held = tuple(_shortened(one, ends, starts) if replaces else one for one in camera.authorisations)
        if new.authorises and camera.number in new.cameras:
            held = (*held, coming)
        after = replace(camera, authorisations=held)
        followed = next((one.valid_to for one in camera.authorisations if one.id == ends), starts)
        moments = sorted({starts, followed} if not replaces and followed > now else {starts})
        broken = next(((at, reason) for at in moments if (reason := _broken(after, at))), None)
        if broken is not None:
            found.append(CameraStops(camera, *broken))
    return tuple(found)


def _shortened(one: AuthorisationFacts, ends: str, at: datetime) -> AuthorisationFacts:
    return replace(one, withdrawn_at=min(one.withdrawn_at or at, at)) if one.id == ends else one


def _broken(camera: CameraFacts, at: datetime) -> str:
    asked = (rule for rule in rules(camera, at) if rule.rule != "R-05")  # masks are not the order's affair
    return next((rule.reason for rule in asked if not rule.held and rule.severity is Severity.BLOCK), "")


def alarms(valid_to: datetime, now: datetime) -> tuple[tuple[int, datetime, bool], ...]:
    """The three reminders of R-02: months before the end, the day, and whether it has come."""
    days = ((months, months_before(valid_to, months)) for months in RENEWAL_MONTHS)
    return tuple((months, at, at <= now) for months, at in days)


def following(old: OrderEntry, *, renews: bool, today: date) -> OrderEntry:
    """What the form of the next order begins with: everything but its number; its days follow on the old ones."""
    first = old.last_day + timedelta(days=1) if renews else max(today, old.first_day)
    last = months_before(span_of_days(first, first).start.astimezone(ZONE), -12 * MAX_YEARS).date() - timedelta(days=1)
    return replace(
        old, reference="", signed_on=today, first_day=first, last_day=last if renews else max(old.last_day, first)
    )
