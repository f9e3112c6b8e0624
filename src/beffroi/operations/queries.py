"""The only reader of shifts, rota, incidents, logbook and bookmarks. Rows leave as values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId, PersonId
from beffroi.kernel.spans import Span
from beffroi.operations import models
from beffroi.operations.core import calls
from beffroi.operations.core.calls import PeriodKind, RotaPeriod, Staffing
from beffroi.operations.core.words import (
    Bookmark,
    EntryKind,
    Handover,
    Incident,
    IncidentState,
    LogEntry,
    OpenThing,
    RotaLine,
    Shift,
)
from beffroi.operations.files import DEFAULT, presets
from beffroi.people.core.facts import PersonFacts


def shift_of(person: str, now: datetime) -> Shift | None:
    """The shift the person (by id) is on at ``now``, if any."""
    row = _open_shifts(now).filter(person=person).first()
    return None if row is None else _shift(row)


def was_on_duty(person: str, at: datetime) -> bool:
    """Whether the person (by id) was on duty at a moment that is past."""
    ended = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    return models.Shift.objects.filter(ended, person=person, begun_at__lte=at, expires_at__gt=at).exists()


def on_duty(now: datetime) -> list[Shift]:
    """Everyone on duty at ``now``, the longest first."""
    return [_shift(row) for row in _open_shifts(now).order_by("begun_at")]


def shift(shift_id: str) -> Shift:
    """One shift by its id, ended or not; ``NotFound``."""
    row = models.Shift.objects.filter(pk=shift_id).first()
    if row is None:
        raise NotFound("There is no such shift.", code="no_such_shift")
    return _shift(row)


def rota() -> list[RotaLine]:
    """The order of substitutes."""
    rows = models.RotaEntry.objects.order_by("rank")
    return [RotaLine(row.rank, PersonId(row.person), row.person_name, row.phone) for row in rows]


def order_of_call(now: datetime) -> list[RotaLine]:
    """Whom to call at ``now``, first to last: turns first, without those who are away."""
    return calls.order_of_call(rota(), rota_periods(now), now)


def rota_periods(now: datetime) -> list[RotaPeriod]:
    """Turns and absences that have not ended, the earliest first."""
    rows = models.RotaPeriod.objects.filter(removed_at=None, until__gt=now).order_by("start", "person_name")
    return [
        RotaPeriod(row.id, PersonId(row.person), row.person_name, PeriodKind(row.kind), Span(row.start, row.until))
        for row in rows
    ]


def staffing(now: datetime) -> Staffing:
    """The preset that holds at ``now``."""
    row = models.StaffingChoice.objects.filter(since__lte=now).order_by("-since", "-pk").first()
    return presets().get(row.preset if row else DEFAULT) or presets()[DEFAULT]


def handovers_to_take(person: PersonFacts) -> list[Handover]:
    """Hand-overs in the person's communes that nobody has taken, the newest first; never her own."""
    rows = models.ShiftHandover.objects.filter(insee__in=person.territory, taken_at=None).exclude(given_by=person.id)
    return [_handover(row) for row in rows.order_by("-given_at")[:10]]


def incident(incident_id: str) -> Incident:
    """One incident by its id; ``NotFound``. For pages, use ``incident_visible_to``."""
    return _one(models.Incident.objects.filter(pk=incident_id))


def incident_visible_to(person: PersonFacts, incident_id: str) -> Incident:
    """One incident of the communes the person is competent for; absent and foreign are the same ``NotFound``."""
    return _one(_visible(person).filter(pk=incident_id))


def incidents_visible_to(
    person: PersonFacts, *, state: IncidentState | None = None, camera: str = "", limit: int = 200
) -> list[Incident]:
    """The incidents of the person's communes, newest first."""
    rows = _visible(person)
    if state is not None:
        rows = rows.filter(state=state.value)
    if camera:
        rows = rows.filter(links__camera=camera)
    return _incidents(rows.order_by("-opened_at")[:limit])


def reasons_due(person: str, now: datetime) -> list[Incident]:
    """The person's own incidents of the last month that still lack their reason, the most urgent first."""
    rows = models.Incident.objects.filter(opened_by=person, reason="", opened_at__lte=now)
    return _incidents(rows.order_by("reason_due_at")[:50])


def logbook_visible_to(
    person: PersonFacts, *, incident: str = "", before: datetime | None = None, limit: int = 100
) -> list[LogEntry]:
    """Lines of the logbook of the person's communes, newest first; ``before`` pages on."""
    rows = models.LogEntry.objects.filter(insee__in=person.territory)
    if incident:
        rows = rows.filter(incident_id=incident)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [_entry(row) for row in rows.order_by("-at", "-id")[:limit]]


def bookmarks_visible_to(person: PersonFacts, *, incident: str = "", camera: str = "") -> list[Bookmark]:
    """Bookmarks of the person's communes, by the time of their footage."""
    rows = models.Bookmark.objects.filter(incident__insee__in=person.territory)
    if incident:
        rows = rows.filter(incident_id=incident)
    if camera:
        rows = rows.filter(camera=camera)
    return [
        Bookmark(row.id, row.incident_id, CameraId(row.camera), row.at, row.label, row.author_name)
        for row in rows.order_by("at")[:500]
    ]


def _handover(row: models.ShiftHandover) -> Handover:
    return Handover(
        id=row.id,
        given_by_name=row.given_by_name,
        given_at=row.given_at,
        note=row.note,
        still_open=tuple(OpenThing(*one) for one in row.still_open),
        taken_by_name=row.taken_by_name,
        taken_at=row.taken_at,
    )


def _open_shifts(now: datetime) -> QuerySet[models.Shift]:
    # What was begun has begun and what was ended is over, also where the clock was set back since. What then lasts too
    # long by the centre's own count is ended by ``jobs.end_elapsed``.
    return models.Shift.objects.filter(ended_at=None, expires_at__gt=now)


def _visible(person: PersonFacts) -> QuerySet[models.Incident]:
    return models.Incident.objects.filter(insee__in=person.territory)


def _one(rows: QuerySet[models.Incident]) -> Incident:
    found = _incidents(rows)
    if not found:
        raise NotFound("There is no such incident.", code="no_such_incident")
    return found[0]


def _incidents(rows: QuerySet[models.Incident]) -> list[Incident]:
    return [_incident(row) for row in rows.prefetch_related("links")]


def _incident(row: models.Incident) -> Incident:
    links: Iterable[models.IncidentCamera] = sorted(row.links.all(), key=lambda link: (link.linked_at, link.pk))
    return Incident(
        id=row.id,
        year=row.year,
        number=row.number,
        title=row.title,
        reason=row.reason,
        reason_due_at=row.reason_due_at,
        state=IncidentState(row.state),
        cameras=tuple(CameraId(link.camera) for link in links),
        insee=row.insee,
        occurred_from=row.occurred_from,
        occurred_to=row.occurred_to,
        opened_by=PersonId(row.opened_by),
        opened_by_name=row.opened_by_name,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closing=row.closing,
        crisis_at=row.crisis_at,
        crisis_by=row.crisis_by,
    )


def _entry(row: models.LogEntry) -> LogEntry:
    return LogEntry(
        id=row.id,
        at=row.at,
        author=PersonId(row.author),
        author_name=row.author_name,
        kind=EntryKind(row.kind),
        text=row.text,
        incident=row.incident_id or "",
        camera=row.camera,
    )


def _shift(row: models.Shift) -> Shift:
    return Shift(
        id=row.id,
        person=PersonId(row.person),
        person_name=row.person_name,
        purpose=row.purpose,
        reason=row.reason,
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        station=row.station,
    )


@dataclass(frozen=True, slots=True)
class FindFacts:
    """A find as registers and pages show it."""

    found_at: datetime
    kind: str
    incident: str
    what: str
    told: str
    by: str


def finds(
    communes: frozenset[str] | None,
    *,
    incident: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    words: str = "",
    limit: int = 200,
    offset: int = 0,
) -> list[FindFacts]:
    """What the agents of these communes (``None``: of all) found, newest first; of one incident where it is named."""
    rows = models.Find.objects.select_related("incident")
    if communes is not None:
        rows = rows.filter(incident__insee__in=communes)
    if incident:
        rows = rows.filter(incident=incident)
    if since is not None:
        rows = rows.filter(found_at__gte=since)
    if until is not None:
        rows = rows.filter(found_at__lt=until)
    if words:
        rows = rows.filter(Q(what__icontains=words) | Q(told__icontains=words) | Q(incident__title__icontains=words))
    return [
        FindFacts(
            row.found_at,
            row.kind,
            f"{row.incident.year}-{row.incident.number:04d} {row.incident.title}".strip(),
            row.what,
            row.told,
            row.found_by_name,
        )
        for row in rows.order_by("-found_at", "-id")[offset : offset + limit]
    ]
