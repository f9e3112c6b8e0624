"""Acts on incidents and the logbook (main courante)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.operations import models, queries
from beffroi.operations.core.words import LOOK_BACK, EntryKind, Incident, IncidentState, local_year, reason_given
from beffroi.people.core.facts import PersonFacts
from beffroi.sites.core.cameras import CameraFacts

REASON_WITHOUT_SHIFT = timedelta(hours=8)  # design default, for someone who opens an incident off duty
LONGEST_LOOK_BACK = timedelta(days=31)


@transaction.atomic
def open_incident(
    *,
    actor: Actor,
    person: PersonFacts,
    camera: CameraFacts,
    title: str = "",
    reason: str = "",
    occurred_from: datetime | None = None,
    now: datetime,
) -> Incident:
    """Open an incident on a camera in one act: title by default, footage from two minutes ago, reason due by the end
    of the shift (DESIGN §2).

    ``NotFound`` for a camera of another commune (I1), ``Invalid`` for a start in the future or over a month ago.
    """
    if camera.insee not in person.territory:
        raise NotFound("There is no such camera.", code="no_such_camera")
    since = occurred_from or now - LOOK_BACK
    if not now - LONGEST_LOOK_BACK <= since < now:
        raise Invalid("An incident begins in the last month.", code="incident_span", fields={"since": "incident_span"})
    shift = queries.shift_of(person.id, now)
    year = local_year(now, timezone.get_default_timezone())
    last = models.Incident.objects.select_for_update().filter(year=year).aggregate(top=Max("number"))["top"] or 0
    row = models.Incident.objects.create(
        id=new_id(to_us(now)),
        year=year,
        number=last + 1,
        title=" ".join(title.split())[:160] or f"{camera.number} · {camera.name}",
        reason=" ".join(reason.split())[:300] if reason_given(reason) else "",
        reason_due_at=shift.expires_at if shift else now + REASON_WITHOUT_SHIFT,
        state=IncidentState.OPEN.value,
        insee=camera.insee,
        occurred_from=since,
        opened_by=person.id,
        opened_by_name=person.called,
        opened_at=now,
    )
    models.IncidentCamera.objects.create(incident=row, camera=camera.id, linked_at=now)
    incident = queries.incident(row.id)
    body: dict[str, Json] = {"reference": incident.reference, "camera": camera.id, "from": iso(since)}
    _record(actor, "incident:open", row, body, now)
    _write(actor, row, EntryKind.INCIDENT, f"{incident.reference} · {row.title}", now, camera=camera.id)
    return incident


@transaction.atomic
def give_reason(*, actor: Actor, incident: str, reason: str, title: str = "", now: datetime) -> None:
    """Say why the incident was opened, and give it a better title if wanted. ``Invalid`` for an empty reason (R-15)."""
    if not reason_given(reason):
        raise Invalid("Say in a few words what happened.", code="reason_empty", fields={"reason": "reason_empty"})
    row = _locked(incident)
    row.reason = " ".join(reason.split())[:300]
    row.title = " ".join(title.split())[:160] or row.title
    row.save(update_fields=["reason", "title"])
    _record(actor, "incident:reason", row, {"reason": row.reason, "title": row.title}, now)


@transaction.atomic
def link_camera(*, actor: Actor, person: PersonFacts, incident: str, camera: CameraFacts, now: datetime) -> None:
    """The scene went on to another camera. Linking one twice changes nothing; ``NotFound`` for a foreign camera."""
    row = _open(incident)
    if camera.insee not in person.territory:
        raise NotFound("There is no such camera.", code="no_such_camera")
    _, new = models.IncidentCamera.objects.get_or_create(incident=row, camera=camera.id, defaults={"linked_at": now})
    if new:
        _record(actor, "incident:link", row, {"camera": camera.id}, now)


@transaction.atomic
def reach_back(*, actor: Actor, incident: str, since: datetime, now: datetime) -> None:
    """The scene began earlier: footage from ``since`` on belongs to the incident. It never begins later.

    ``Invalid`` for a start that is later than the present one, or over a month ago.
    """
    row = _open(incident)
    if not now - LONGEST_LOOK_BACK <= since < row.occurred_from:
        raise Invalid(
            "It begins earlier than it did, and within the last month.",
            code="incident_span",
            fields={"since": "incident_span"},
        )
    row.occurred_from = since
    row.save(update_fields=["occurred_from"])
    _record(actor, "incident:reach-back", row, {"from": iso(since)}, now)


@transaction.atomic
def declare_crisis(*, actor: Actor, incident: str, authority: str, reason: str, now: datetime) -> None:
    """Write down that an authority declared a crisis on this incident: what the convention opens in a crisis alone may
    be asked from now on, until the incident is closed. ``Conflict`` where it was declared already.
    """
    row = _open(incident)
    by, why = " ".join(authority.split())[:120], " ".join(reason.split())[:300]
    missing = {name: f"{name}_empty" for name, given in (("authority", by), ("reason", why)) if not given}
    if missing:
        raise Invalid("Say who declared it, and why.", code="crisis_unexplained", fields=missing)
    if row.crisis_at is not None:
        raise Conflict("A crisis was declared on this incident already.", code="crisis_declared")
    row.crisis_at, row.crisis_by = now, by
    row.save(update_fields=["crisis_at", "crisis_by"])
    _record(actor, "incident:crisis", row, {"authority": by, "reason": why}, now)
    _write(actor, row, EntryKind.INCIDENT, f"{by} · {why}", now)


@transaction.atomic
def note(*, actor: Actor, insee: str, text: str, incident: str = "", camera: str = "", now: datetime) -> str:
    """Write a line into the logbook, of an incident or not; returns its id. It is never changed again.

    ``Invalid`` for an empty or over-long text; control characters are taken out.
    """
    kept = "".join(letter for letter in text if letter.isprintable() or letter == "\n").strip()
    if not kept:
        raise Invalid("There is nothing to write.", code="note_empty", fields={"text": "note_empty"})
    if len(kept) > 2_000:
        raise Invalid("A line has 2,000 characters at most.", code="note_long", fields={"text": "note_long"})
    row = _locked(incident) if incident else None
    return _write(actor, row, EntryKind.NOTE, kept, now, camera=camera, insee=insee)


@transaction.atomic
def bookmark(*, actor: Actor, incident: str, camera: str, at: datetime, label: str = "", now: datetime) -> str:
    """Mark an instant of a linked camera's footage; returns its id. ``Invalid`` for an instant to come."""
    row = _open(incident)
    if not row.links.filter(camera=camera).exists():
        raise NotFound("This camera does not belong to the incident.", code="no_such_camera")
    if at > now:
        raise Invalid("This instant has not come yet.", code="bookmark_future", fields={"at": "bookmark_future"})
    mark = models.Bookmark.objects.create(
        id=new_id(to_us(now)),
        incident=row,
        camera=camera,
        at=at,
        label=" ".join(label.split())[:120],
        author=actor.id,
        author_name=actor.name,
    )
    _record(actor, "bookmark:add", row, {"camera": camera, "at": iso(at)}, now)
    return mark.id


@transaction.atomic
def close_incident(*, actor: Actor, incident: str, closing: str, reason: str = "", now: datetime) -> None:
    """Close an incident with a closing word. ``Invalid`` without one, or while the reason is missing."""
    row = _open(incident)
    fields = {}
    if not row.reason and not reason_given(reason):
        fields["reason"] = "reason_empty"
    if not closing.strip():
        fields["closing"] = "closing_empty"
    if fields:
        raise Invalid("Say why it was opened and how it ended.", code="incident_unexplained", fields=fields)
    row.reason = row.reason or " ".join(reason.split())[:300]
    row.closing = " ".join(closing.split())[:500]
    row.state, row.closed_at = IncidentState.CLOSED.value, now
    row.occurred_to = row.occurred_to or now
    row.save()
    _record(actor, "incident:close", row, {"closing": row.closing, "reason": row.reason}, now)
    _write(actor, row, EntryKind.INCIDENT, row.closing, now)


def _locked(incident: str) -> models.Incident:
    row = models.Incident.objects.select_for_update().filter(pk=incident).first()
    if row is None:
        raise NotFound("There is no such incident.", code="no_such_incident")
    return row


def _open(incident: str) -> models.Incident:
    row = _locked(incident)
    if row.state != IncidentState.OPEN.value:
        raise Conflict("This incident is closed.", code="incident_closed", hint="Open a new one.")
    return row


def write_line(*, actor: Actor, kind: EntryKind, text: str, insee: str, now: datetime) -> str:
    """A line of the logbook that hangs on no incident. Inside the caller's transaction."""
    return _write(actor, None, kind, text, now, insee=insee)


def _write(
    actor: Actor,
    row: models.Incident | None,
    kind: EntryKind,
    text: str,
    now: datetime,
    *,
    camera: str = "",
    insee: str = "",
) -> str:
    entry = models.LogEntry(
        id=new_id(to_us(now)),
        at=now,
        author=actor.id,
        author_name=actor.name,
        kind=kind.value,
        text=text,
        insee=row.insee if row else insee,
        incident=row,
        camera=camera,
    )
    entry.save()
    body: dict[str, Json] = {"kind": kind.value, "text": text, "incident": row.id if row else "", "camera": camera}
    record(actor=actor, name="logbook:write", subject=f"logbook:{entry.id}", body=body, at=now)
    return entry.id


def _record(actor: Actor, name: str, row: models.Incident, body: dict[str, Json], now: datetime) -> None:
    record(actor=actor, name=name, subject=f"incident:{row.id}", body=body, at=now)
