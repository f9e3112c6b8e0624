"""The names that an alert's log needs: persons, rooms, zones and classes, and from whom each line comes in words."""

from contextlib import suppress

from django.utils.translation import gettext as _

from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.safety.core.alerts import ALL_ZONES
from beffroi.safety.core.authority import Act
from beffroi.safety.core.events import Event, Kind
from beffroi.safety.core.sources import Names, Source, begun_as_planned, source_of
from beffroi.safety.queries import AlertView
from beffroi.web.building.words import MISSIONS, POSTURES


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
    if kind is Source.KEY:
        return _("key of the box")
    return _("centre") if kind is Source.CENTRE else _("box of the building")


def said_in(event: Event, names: Names) -> list[str]:
    """What a line says beside its kind: of which zone, class or key it is, and the words that were written."""
    body = event.body
    said = [*_of_what(event, names)]
    said += [
        str(body[name])
        for name in ("text", "note", "number", "authority", "place", "what", "call_back")
        if body.get(name) and not (name == "authority" and begun_as_planned(event))
    ]
    if body.get("mission"):
        said.append(str(MISSIONS.get(str(body["mission"]), body["mission"])))
    if body.get("code") and not str(body.get("text", "")):
        said.append(_("telephone code %(number)s") % {"number": body["code"]})
    return said


def _of_what(event: Event, names: Names) -> list[str]:
    body, zone = event.body, str(event.body.get("zone", ""))
    if event.kind is Kind.ROLL_CALL:
        group = str(body.get("group"))
        counts = {name: body.get(name, 0) for name in ("present", "missing", "injured")}
        told = _("%(group)s: present %(present)s, missing %(missing)s, injured %(injured)s")
        return [told % {"group": names.groups.get(group, group), **counts}]
    if event.kind is Kind.KEY:
        return [_("False alarm") if body.get("act") == Act.CANCEL.value else _("All-clear")]
    if event.kind not in (Kind.POSTURE, Kind.RELEASE):
        return []
    posture = {one.value: str(words) for one, words in POSTURES.items()}.get(str(body.get("posture")), "")
    where = _("All zones") if zone in ("", ALL_ZONES) else names.zones.get(zone, zone)
    return [one for one in (posture if event.kind is Kind.POSTURE else "", where) if one]
