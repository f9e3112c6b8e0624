"""From whom or what a line of an alert's log comes, so that pages and papers can say it in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from beffroi.safety.core.events import Event, Kind, nature_of
from beffroi.safety.core.wire import CENTRE
from beffroi.safety.core.words import Nature


class Source(StrEnum):
    """What kind of source it is."""

    NAMED = "named"  # by the name written in the line
    PERSON = "person"  # a person of the centre, by id
    ROOM = "room"  # the page of a room
    TRIGGER = "trigger"  # a fixed trigger
    CENTRE = "centre"
    BOX = "box"
    KEY = "key"  # whoever typed the code of the key on site, where the box hangs


ON_SITE_KEY = "on-site key"
"""How a box writes it: a code, not a name."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id, as far as they are known."""

    persons: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


def source_of(event: Event) -> tuple[Source, str]:
    """The kind of a line's source, and its name or id."""
    body = event.body
    for given in (body.get("by"), body.get("device"), body.get("person")):
        if not given:
            continue
        kind, colon, ref = str(given).partition(":")
        if colon and kind in ("page", "room"):
            return Source.ROOM, ref
        if colon and kind == "person":
            return Source.PERSON, ref
        if given == body.get("device"):
            return Source.TRIGGER, str(given)
        if given == ON_SITE_KEY:
            return Source.KEY, ""
        return Source.NAMED, str(given)
    return (Source.CENTRE, "") if event.origin == CENTRE else (Source.BOX, event.origin)


def begun_as_planned(event: Event) -> bool:
    """Whether this trigger began a drill: its authority is the drill's own number, which tells a reader nothing."""
    return event.kind is Kind.TRIGGER and nature_of(event.alert) is Nature.DRILL
