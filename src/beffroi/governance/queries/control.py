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
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import NotFound
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import RecorderStatus
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.sites import queries as sites
from beffroi.sites.core.cameras import CameraFacts

YEAR = timedelta(days=365)
FORGET_SLACK = timedelta(days=2)
"""The job that forgets runs every hour; a body that outlives its term by two days was missed."""


def rule_table(status: RecorderStatus | None, now: datetime) -> tuple[RuleLine, ...]:
    """Every rule of the pack in force with where it stands; ``status`` is ``None`` when the recorder is silent."""
    return table(law.law_pack(now), installation(status, now), now)


def installation(status: RecorderStatus | None, now: datetime) -> Installation:
    """This installation at ``now``."""
    cameras = tuple(sites.cameras())
    persons = tuple(people.persons(now=now))
    conventions = ((one.reference, one.force_span(now)) for one in law.conventions() if one.in_force(now))
    return Installation(
        cameras=cameras,
        authorisations=tuple(sites.authorisations()),
        orders=tuple((one.number, one.valid.end) for one in law.orders_for_gates(now) if one.in_force(now)),
        conventions=tuple((name, span.end) for name, span in conventions if span is not None),
        persons=persons,
        streams=streams(status),
        holds=_holds(),
        grants=_grants(cameras, persons, now),
        breakglass_late=_breakglass(now),
        unreceipted=_unreceipted(),
        consents=law.consents(now),
        papers=tuple(PaperFacts(one.kind, one.reference, one.site, one.dated) for one in papers()),
        rights=_rights(now),
        log=_log(now),
        bundle_at=_bundle_at(),
        decisions=tuple(
            (gate, models.Decision.objects.filter(gate=gate, at__gte=now - YEAR).count()) for gate in ("A", "B")
        ),
    )


def streams(status: RecorderStatus | None) -> tuple[StreamFacts, ...] | None:
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
    )


def papers() -> list[models.CompliancePaper]:
    """Papers of compliance, the newest first."""
    return list(models.CompliancePaper.objects.order_by("-dated", "reference"))


def bundles(limit: int = 20) -> list[models.InspectionBundle]:
    """Inspection bundles, the newest first."""
    return list(models.InspectionBundle.objects.order_by("-requested_at")[:limit])


def bundles_to_build() -> list[models.InspectionBundle]:
    """What waits to be made, the oldest first."""
    rows = models.InspectionBundle.objects.filter(state=models.InspectionBundle.State.REQUESTED)
    return list(rows.order_by("requested_at", "id"))


def bundles_to_delete(now: datetime, kept: timedelta) -> list[str]:
    """Ids of bundles whose file has lain long enough."""
    rows = models.InspectionBundle.objects.filter(deleted_at=None, built_at__lte=now - kept)
    return list(rows.values_list("id", flat=True))


def bundle(bundle_id: str) -> models.InspectionBundle:
    """One bundle; ``NotFound``."""
    row = models.InspectionBundle.objects.filter(pk=bundle_id).first()
    if row is None:
        raise NotFound("There is no such bundle.", code="no-such-bundle")
    return row


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """The proof of one camera: its oldest footage against the day it dies; ``unknown``: the recorder is silent."""

    camera: str
    days: int
    authorised_days: int | None
    oldest: datetime | None
    unknown: bool


def retention(status: RecorderStatus | None, now: datetime) -> list[RetentionLine]:
    """One line a camera, retired ones included: their footage dies too."""
    known = streams(status)
    lines = []
    for one in sites.cameras(retired=True):
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


def _holds() -> tuple[HoldFacts, ...]:
    rows = models.Hold.objects.filter(state__in=LIVE_HOLDS)
    return tuple(
        HoldFacts(row.camera, row.camera_name, Span(row.start, row.end), bool(row.judicial_reference)) for row in rows
    )


def _grants(
    cameras: tuple[CameraFacts, ...], persons: tuple[PersonFacts, ...], now: datetime
) -> tuple[GrantFacts, ...]:
    communes = {str(one.id): one.insee for one in cameras}
    known = {str(one.id): one for one in persons}
    found = []
    for row in models.AccessGrant.objects.filter(state=models.AccessGrant.State.ACTIVE):
        person = known.get(row.person)
        asked = {communes[one] for one in row.cameras if one in communes}
        cleared = person is not None and all(person.clearance_for(insee, now) is not None for insee in asked)
        found.append(GrantFacts(row.person, row.person_name, row.force, row.mode, row.until, cleared))
    return tuple(found)


def _breakglass(now: datetime) -> tuple[tuple[str, datetime], ...]:
    rows = models.AccessGrant.objects.filter(regularise_by__lt=now, regularised_by="").order_by("-regularise_by")[:50]
    return tuple((row.person_name, row.regularise_by) for row in rows if row.regularise_by is not None)


def _unreceipted() -> tuple[tuple[str, datetime], ...]:
    rows = models.Handover.objects.filter(state__in=(HandoverState.OPEN, HandoverState.DELIVERED)).select_related(
        "extraction"
    )
    return tuple((row.extraction.package, row.opened_at) for row in rows.order_by("opened_at")[:200])


def _rights(now: datetime) -> tuple[RightsFacts, ...]:
    rows = models.RightsRequest.objects.filter(received_at__gte=now - YEAR).exclude(state=RightsState.WITHDRAWN)
    return tuple(RightsFacts(row.number, row.due_at, row.answered_at) for row in rows.order_by("received_at"))


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
