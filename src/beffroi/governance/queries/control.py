"""What a control is shown: this installation as the rule table takes it, papers of compliance, inspection bundles."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.audit import queries as audit
from beffroi.audit.core.terms import terms
from beffroi.governance import models
from beffroi.governance.core.evidence import HandoverState
from beffroi.governance.core.holds import LIVE_HOLDS
from beffroi.governance.core.installation import (
    GrantFacts,
    HoldFacts,
    Installation,
    LogFacts,
    PaperFacts,
    RightsFacts,
    StreamFacts,
)
from beffroi.governance.core.rights import RightsState
from beffroi.governance.core.rule_table import RuleLine, table
from beffroi.governance.queries import law
from beffroi.governance.queries.reach import cameras_in_reach
from beffroi.governance.queries.requisitions import of_reach
from beffroi.governance.queries.rights import in_reach as rights_in_reach
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import RecorderStatus
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts

YEAR = timedelta(days=365)
FORGET_SLACK = timedelta(days=2)
"""The job that forgets runs every hour; a body that outlives its term by two days was missed."""


def rule_table(person: PersonFacts, status: RecorderStatus | None, now: datetime) -> tuple[RuleLine, ...]:
    """Every rule of the pack in force with where it stands; ``status`` is ``None`` when the recorder is silent."""
    return table(law.law_pack(now), installation(person, status, now), now)


def installation(person: PersonFacts, status: RecorderStatus | None, now: datetime) -> Installation:
    """This installation at ``now``, as far as the person answers for it: her communes; the DPO reads all."""
    known = cameras_in_reach(person)
    cameras = tuple(one for one in sites.cameras() if known is None or one.id in known)
    persons = persons_in_reach(person, now)
    named = {order.id for one in cameras for order in one.authorisations}
    conventions = ((one.reference, one.force_span(now)) for one in law.conventions() if one.in_force(now))
    return Installation(
        cameras=cameras,
        authorisations=tuple(one for one in sites.authorisations() if known is None or one.id in named),
        orders=tuple((one.number, one.valid.end) for one in law.orders_for_gates(now) if one.in_force(now)),
        conventions=tuple((name, span.end) for name, span in conventions if span is not None),
        persons=persons,
        streams=streams(status, known),
        holds=_holds(known),
        grants=_grants(cameras, persons, known, now),
        breakglass_late=_breakglass(known, now),
        unreceipted=_unreceipted(person),
        consents=law.consents(now),
        papers=tuple(PaperFacts(one.kind, one.reference, one.site, one.dated) for one in papers()),
        rights=_rights(person, now),
        log=_log(now),
        bundle_at=_bundle_at(),
        decisions=tuple(
            (gate, models.Decision.objects.filter(gate=gate, at__gte=now - YEAR).count()) for gate in ("A", "B")
        ),
    )


def persons_in_reach(person: PersonFacts, now: datetime) -> tuple[PersonFacts, ...]:
    """Persons with a clearance for one of her communes, and those without any; the DPO reads all."""
    if Role.DPO in person.roles:
        return tuple(people.persons(now=now))
    communes = person.territory | {people.home_of(person.id)}
    found = people.persons(now=now)
    return tuple(one for one in found if one.territory & communes or people.home_of(one.id) in communes)


def streams(status: RecorderStatus | None, known: frozenset[str] | None = None) -> tuple[StreamFacts, ...] | None:
    """The recorder's streams as values; ``None`` when it did not answer (I9)."""
    if status is None:
        return None
    return tuple(
        StreamFacts(
            one.camera,
            one.stream.value,
            one.codec,
            from_us(one.oldest_us) if one.oldest_us is not None else None,
            one.clock_offset_us,
        )
        for one in status.cameras
        if known is None or one.camera in known
    )


def papers() -> list[models.CompliancePaper]:
    """Papers of compliance, the newest first."""
    return list(models.CompliancePaper.objects.order_by("-dated", "reference"))


def bundles(person: PersonFacts, limit: int = 20) -> list[models.InspectionBundle]:
    """The bundles she asked for, and for the DPO those of her own commune's agents, the newest first."""
    rows = models.InspectionBundle.objects.order_by("-requested_at")
    return [row for row in rows[: 10 * limit] if _may_take(person, row)][:limit]


def bundles_to_build() -> list[models.InspectionBundle]:
    """What waits to be made, the oldest first."""
    rows = models.InspectionBundle.objects.filter(state=models.InspectionBundle.State.REQUESTED)
    return list(rows.order_by("requested_at", "id"))


def bundles_to_delete(now: datetime, kept: timedelta) -> list[str]:
    """Ids of bundles whose file has lain long enough."""
    rows = models.InspectionBundle.objects.filter(deleted_at=None, built_at__lte=now - kept)
    return list(rows.values_list("id", flat=True))


def bundle(person: PersonFacts, bundle_id: str) -> models.InspectionBundle:
    """One of ``bundles``; absent and foreign are the same ``NotFound`` (I1)."""
    row = models.InspectionBundle.objects.filter(pk=bundle_id).first()
    if row is None or not _may_take(person, row):
        raise NotFound("There is no such bundle.", code="no-such-bundle")
    return row


def _may_take(person: PersonFacts, row: models.InspectionBundle) -> bool:
    if row.requested_by == person.id:
        return True
    return Role.DPO in person.roles and people.home_of(row.requested_by) == people.home_of(person.id)


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """The proof of one camera: its oldest footage against the day it dies; ``unknown``: the recorder is silent."""

    camera: str
    days: int
    authorised_days: int | None
    oldest: datetime | None
    unknown: bool


def retention(person: PersonFacts, status: RecorderStatus | None, now: datetime) -> list[RetentionLine]:
    """One line a camera, retired ones included: their footage dies too."""
    reach = cameras_in_reach(person)
    known = streams(status, reach)
    lines = []
    for one in sites.cameras(retired=True):
        if reach is not None and one.id not in reach:
            continue
        order = one.authorisation_at(now)
        mine = [stream.oldest for stream in known or () if stream.camera == one.id and stream.oldest is not None]
        lines.append(
            RetentionLine(
                f"{one.number} · {one.name}",
                one.retention_days,
                order.retention_max_days if order else None,
                min(mine, default=None),
                known is None,
            )
        )
    return lines


def _holds(known: frozenset[str] | None) -> tuple[HoldFacts, ...]:
    rows = models.Hold.objects.filter(state__in=LIVE_HOLDS)
    if known is not None:
        rows = rows.filter(camera__in=known)
    return tuple(
        HoldFacts(row.camera, row.camera_name, Span(row.start, row.end), bool(row.judicial_reference)) for row in rows
    )


def _grants(
    cameras: tuple[CameraFacts, ...], persons: tuple[PersonFacts, ...], reach: frozenset[str] | None, now: datetime
) -> tuple[GrantFacts, ...]:
    communes = {str(one.id): one.insee for one in cameras}
    known = {str(one.id): one for one in persons}
    found = []
    for row in models.AccessGrant.objects.filter(state=models.AccessGrant.State.ACTIVE):
        if reach is not None and not reach.intersection(row.cameras):
            continue
        person = known.get(row.person)
        asked = {communes[one] for one in row.cameras if one in communes}
        cleared = person is not None and all(person.clearance_for(insee, now) is not None for insee in asked)
        found.append(GrantFacts(row.person, row.person_name, row.force, row.mode, row.until, cleared))
    return tuple(found)


def _breakglass(known: frozenset[str] | None, now: datetime) -> tuple[tuple[str, datetime], ...]:
    rows = models.AccessGrant.objects.filter(regularise_by__lt=now, regularised_by="").order_by("-regularise_by")[:50]
    return tuple(
        (row.person_name, row.regularise_by)
        for row in rows
        if row.regularise_by is not None and (known is None or known.intersection(row.cameras))
    )


def _unreceipted(person: PersonFacts) -> tuple[tuple[str, datetime], ...]:
    mine = of_reach(models.Requisition.objects.all(), person).values("pk")
    waiting = (HandoverState.OPEN, HandoverState.DELIVERED)
    rows = models.Handover.objects.filter(state__in=waiting, extraction__requisition__in=mine)
    found = rows.select_related("extraction").order_by("opened_at")[:200]
    return tuple((row.extraction.package, row.opened_at) for row in found)


def _rights(person: PersonFacts, now: datetime) -> tuple[RightsFacts, ...]:
    rows = models.RightsRequest.objects.filter(received_at__gte=now - YEAR).exclude(state=RightsState.WITHDRAWN)
    found = rights_in_reach(person, rows.order_by("received_at"))
    return tuple(RightsFacts(row.number, row.due_at, row.answered_at) for row in found)


def _log(now: datetime) -> LogFacts:
    last = next(iter(audit.facts(name="log:verify", limit=1)), None)
    tip = audit.latest_checkpoint()
    body = last.fact.body if last is not None else {}
    entries, good = body.get("entries"), body.get("good")
    late = sum(
        len(audit.past_term(names=term.names, before=now - term.kept - FORGET_SLACK, limit=100)) for term in terms()
    )
    return LogFacts(
        good=good if isinstance(good, bool) else None,
        verified_at=last.fact.at if last is not None else None,
        entries=entries if isinstance(entries, int) else 0,
        checkpoint_at=tip.at if tip is not None else None,
        past_term=late,
        readings=audit.count_facts(name="log:read", since=now - timedelta(days=30)),
        journals_broken=tuple(one.id for one in audit.journal_positions() if one.broken),
    )


def _bundle_at() -> datetime | None:
    row = (
        models.InspectionBundle.objects.filter(state=models.InspectionBundle.State.BUILT).order_by("-built_at").first()
    )
    return row.built_at if row is not None else None
