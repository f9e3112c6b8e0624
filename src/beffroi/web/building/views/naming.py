"""The names that an alert's log needs: persons, rooms, zones and classes, and from whom each line comes in words."""

from contextlib import suppress

from django.utils.translation import gettext as _

from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.safety.core.events import Event
from beffroi.safety.core.sources import Names, Source, source_of
from beffroi.safety.queries import AlertView


def names_in(view: AlertView) -> Names:
    """Every name that this alert's file refers to by an id."""
    log, plan = view.file.log, view.plan
    wanted = {ref for kind, ref in (source_of(line.event) for line in log) if kind in (Source.PERSON, Source.NAMED)}
    persons: dict[str, str] = {}
    for person in wanted | {view.file.alert.acknowledged_by} - {""}:
        with suppress(NotFound):
            persons[person] = people.actor(person).name
    return Names(
        persons=persons,
        rooms={room.id: room.name for room in plan.rooms} if plan else {},
        zones={zone.id: zone.name for zone in plan.zones} if plan else {},
        groups={group.id: group.name for group in plan.groups} if plan else {},
    )


def source_words(event: Event, names: Names) -> str:
    """From whom a line comes, as people call it."""
    kind, ref = source_of(event)
    if kind is Source.PERSON:
        return names.persons.get(ref, _("a person of the centre"))
    if kind is Source.ROOM:
        return _("page of %(room)s") % {"room": names.rooms.get(ref, ref)}
    if kind is Source.TRIGGER:
        return _("trigger %(name)s") % {"name": ref}
    if kind is Source.NAMED:
        return names.persons.get(ref, ref)
    return _("centre") if kind is Source.CENTRE else _("box of the building")
