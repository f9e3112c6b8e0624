"""What was typed into a requisition, read field by field (research/law.md §2.1). Pure; every wrong field is named.

Reading says what *cannot be*: times that do not exist, control characters, text without end. What is merely missing in
law is said by gate A, because a paper that arrived must be registered even when it is not complete.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame, RequestedThing
from beffroi.governance.core.requisitions import Channel, Delivery
from beffroi.kernel.errors import Invalid
from beffroi.kernel.spans import Span
from beffroi.people.core.roles import Quality
from beffroi.sites.core.coverage import PlaceClass

LONGEST_SPAN = timedelta(days=7)
"""More footage than this in one requisition is a slip of the pen (design default; another requisition can follow)."""

OLDEST_FOOTAGE = timedelta(days=3_653)
"""Ten years: footage held for a case may be asked for again (R-24), a slip of the pen may not."""

ZONES = (
    "Europe/Paris", "UTC", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "America/Miquelon",
    "Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis",
)  # fmt: skip
"""Zones a French requisition may be written in."""

MAX_CAMERAS = 64
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
TEXT_LIMITS: Mapping[str, int] = {
    "unit_name": 160, "unit_code": 40, "department": 3, "officer_name": 160, "rank": 80, "matricule": 40,
    "supervising_opj": 160, "contact": 200, "procedure_number": 60, "magistrate": 160, "authorisation_reference": 120,
    "offence": 200, "natinf": 10, "place": 300, "reuse_of_case": 60,
}  # fmt: skip
"""Longest text of each field, in characters."""

REQUIRED: Mapping[Channel, tuple[str, ...]] = {
    Channel.MAIL: ("unit_name", "officer_name", "span", "where", "document"),
    Channel.VISIT: ("unit_name", "officer_name", "span", "where"),
    Channel.PHONE: ("unit_name", "officer_name", "span", "where"),
    Channel.COUNTER: ("quality", "procedure_number", "legal_basis", "offence", "span", "where", "things"),
}
"""Without these nothing can be looked for or answered. ``where`` is a place or at least one camera."""

_DEPARTMENT = re.compile(r"\d{2,3}|2[AB]")
_PROCEDURE = re.compile(r"[^/\s][^/]*(/[^/\s][^/]*){1,3}")


class Twice(StrEnum):
    """Which of two: the hour that is there twice on the night when clocks go back."""

    NOT_SAID = ""
    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A date and time as they were typed, in the requester's zone."""

    day: date | None
    at: time | None
    twice: Twice = Twice.NOT_SAID


@dataclass(frozen=True, slots=True)
class RequisitionEntry:
    """Everything typed, before it is read. ``texts`` holds the fields of ``TEXT_LIMITS``."""

    channel: Channel
    texts: Mapping[str, str]
    quality: Quality = Quality.NONE
    legal_basis: str = ""
    frame: Frame = Frame.UNKNOWN
    authorisation_kind: AuthorisationKind = AuthorisationKind.NONE
    authorisation_date: date | None = None
    authorisation_until: date | None = None
    since: TypedTime = TypedTime(None, None)
    until: TypedTime = TypedTime(None, None)
    zone: str = "Europe/Paris"
    tolerance: timedelta = timedelta()
    cameras: tuple[str, ...] = ()  # camera ids
    latitude: float | None = None
    longitude: float | None = None
    place_class: PlaceClass = PlaceClass.UNKNOWN  # as the officer says; UNKNOWN: work it out from the map
    committed_on: date | None = None
    things: frozenset[RequestedThing] = frozenset({RequestedThing.COPY})
    delivery: Delivery = Delivery.PLATFORM
    deadline: datetime | None = None
    received_at: datetime | None = None
    urgent: bool = False
    confidential: bool = True
    has_document: bool = False


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """The entry after reading: clean texts, one span, the moment it arrived."""

    entry: RequisitionEntry
    texts: Mapping[str, str]
    span: Span | None
    received_at: datetime


def read(entry: RequisitionEntry, now: datetime) -> ReadEntry:
    """Read an entry; ``Invalid`` whose ``fields`` map each wrong field to a stable code the pages translate."""
    wrong: dict[str, str] = {}
    texts = {name: clean(entry.texts.get(name, ""), name, wrong) for name in TEXT_LIMITS}
    span = _span(entry, now, wrong)
    received = entry.received_at or now
    if received > now:
        wrong["received_at"] = "in-the-future"
    elif received < now - timedelta(days=366):
        wrong["received_at"] = "too-old"
    _shapes(entry, texts, wrong)
    _dates(entry, now, wrong)
    _required(entry, texts, span, wrong)
    if wrong:
        raise Invalid(
            "Some fields of the requisition cannot be read.",
            code="requisition-fields",
            hint="Correct the fields that are marked; the rest is kept as you typed it.",
            fields=wrong,
        )
    return ReadEntry(entry, texts, span, received)


def clean(text: str, name: str, wrong: dict[str, str]) -> str:
    """The text in NFC with single spaces; a control character or too much of it is written into ``wrong``."""
    if len(text) <= TEXT_LIMITS[name]:
        text = unicodedata.normalize("NFC", text)  # may lengthen it
    if len(text) > TEXT_LIMITS[name]:
        wrong[name] = "too-long"
        return ""
    if has_control(text.replace("\n", " ").replace("\r", " ").replace("\t", " ")):
        wrong[name] = "control-characters"
        return ""
    return " ".join(text.split())


def has_control(text: str) -> bool:
    """Whether it holds characters that are no text: controls, lone surrogates, bidirectional overrides."""
    return any(unicodedata.category(letter) in {"Cc", "Cs"} or letter in _BIDI for letter in text)


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def place_time(typed: TypedTime, zone: str) -> datetime:
    """The instant in UTC. ``Invalid`` with code ``missing``, ``no-zone``, ``not-that-night`` (skipped in spring) or
    ``twice`` (in autumn, and not said which); its ``fields`` give the two offsets."""
    if typed.day is None or typed.at is None:
        raise Invalid("The date or the time is missing.", code="missing")
    if zone not in ZONES:
        raise Invalid(f"There is no time zone {zone!r} here.", code="no-zone", hint="Write Europe/Paris.")
    rules = ZoneInfo(zone)
    wall = datetime.combine(typed.day, typed.at)
    try:
        first, second = (wall.replace(tzinfo=rules, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError as error:
        raise Invalid("There is no such date.", code="missing") from error
    if first == second:
        return first
    if first.astimezone(rules).replace(tzinfo=None) != wall:
        raise Invalid("Clocks went forward: that time did not exist.", code="not-that-night")
    if typed.twice is Twice.NOT_SAID:
        raise Invalid(
            "Clocks went back: that time was there twice.", code="twice", hint="Say which: summer time or winter time."
        )
    return first if typed.twice is Twice.FIRST else second


def _span(entry: RequisitionEntry, now: datetime, wrong: dict[str, str]) -> Span | None:
    ends: list[datetime] = []
    for name, typed in (("since", entry.since), ("until", entry.until)):
        try:
            ends.append(place_time(typed, entry.zone))
        except Invalid as error:
            if error.code == "no-zone":
                wrong["zone"] = error.code
            elif error.code != "missing" or typed.day is not None or typed.at is not None:
                wrong[name] = error.code
    if len(ends) < 2:
        return None
    if ends[0] >= ends[1]:
        wrong["until"] = "before-start"
    elif ends[0] >= now:
        wrong["since"] = "in-the-future"
    elif ends[0] < now - OLDEST_FOOTAGE:
        wrong["since"] = "cannot-be"
    elif ends[1] - ends[0] > LONGEST_SPAN:
        wrong["until"] = "too-long-span"
    else:
        return Span(ends[0], ends[1])
    return None


def _shapes(entry: RequisitionEntry, texts: Mapping[str, str], wrong: dict[str, str]) -> None:
    if texts["department"] and not _DEPARTMENT.fullmatch(texts["department"]):
        wrong["department"] = "not-a-department"
    if texts["natinf"] and not texts["natinf"].isdecimal():
        wrong["natinf"] = "not-a-number"
    if texts["procedure_number"] and not _PROCEDURE.fullmatch(texts["procedure_number"]):
        wrong["procedure_number"] = "not-a-procedure-number"
    if len(entry.cameras) > MAX_CAMERAS:
        wrong["cameras"] = "too-many"
    if (entry.latitude is None) != (entry.longitude is None):
        wrong["place"] = "half-a-position"
    elif not (-90 <= (entry.latitude or 0) <= 90 and -180 <= (entry.longitude or 0) <= 180):
        wrong["place"] = "not-on-earth"
    if not timedelta() <= entry.tolerance <= timedelta(hours=1):
        wrong["tolerance"] = "out-of-range"


def _dates(entry: RequisitionEntry, now: datetime, wrong: dict[str, str]) -> None:
    tomorrow = now.date() + timedelta(days=1)  # a zone east of UTC may have begun the next day
    if entry.authorisation_date is not None and entry.authorisation_date > tomorrow:
        wrong["authorisation_date"] = "in-the-future"
    if (
        entry.authorisation_until is not None
        and entry.authorisation_date is not None
        and entry.authorisation_until < entry.authorisation_date
    ):
        wrong["authorisation_until"] = "before-start"
    if entry.committed_on is not None and entry.committed_on > tomorrow:
        wrong["committed_on"] = "in-the-future"


def _required(entry: RequisitionEntry, texts: Mapping[str, str], span: Span | None, wrong: dict[str, str]) -> None:
    given = {
        "span": span is not None or "since" in wrong or "until" in wrong or "zone" in wrong,
        "where": bool(texts["place"] or entry.cameras or entry.latitude is not None or "place" in wrong),
        "document": entry.has_document,
        "quality": entry.quality is not Quality.NONE,
        "legal_basis": bool(entry.legal_basis),
        "things": bool(entry.things),
    }
    shown_at = {"span": "since", "where": "place"}
    for name in REQUIRED[entry.channel]:
        if not given.get(name, bool(texts.get(name))):
            wrong.setdefault(shown_at.get(name, name), "missing")
