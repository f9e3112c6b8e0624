"""Reader of what surrounds a plan: its versions, drawings, validations, reminders, and what of it a person sees."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from beffroi.kernel.errors import NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.safety import models
from beffroi.safety.core.plan_json import plan_from_json
from beffroi.safety.core.plan_views import open_part, sees_all
from beffroi.safety.core.plans import Due, Finding, Plan, check, dues
from beffroi.safety.core.words import ACTIVE, Nature
from beffroi.safety.documents.pack import PackFacts


@dataclass(frozen=True, slots=True)
class ValidationFacts:
    """Who validated a version for which party."""

    party: str
    person_name: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version with its state and the validations of its present content."""

    plan: Plan
    state: str
    digest: str
    imported_at: datetime
    validations: tuple[ValidationFacts, ...]

    @property
    def draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == "draft"

    @property
    def validated(self) -> tuple[str, ...]:
        """The parties that validated it here."""
        return tuple(one.party for one in self.validations)

    @property
    def findings(self) -> list[Finding]:
        """Everything wrong with it."""
        return check(self.plan, self.validated)


@dataclass(frozen=True, slots=True)
class DrawingFacts:
    """A drawing as it is served."""

    digest: str
    media_type: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Something owed by a building's plan."""

    building: str
    what: str
    due: date | None
    raised_at: datetime
    subject: str = ""  # under which its mails stand in the outbox


def version(building: str, number: int) -> VersionFacts:
    """One version; ``NotFound``."""
    row = models.PlanVersion.objects.filter(building=building, version=number).first()
    if row is None:
        raise NotFound("There is no such plan.", code="no_such_plan")
    given = row.validations.filter(digest=row.digest).order_by("at")
    return VersionFacts(
        plan_from_json(row.document),
        row.state,
        row.digest,
        row.imported_at,
        tuple(ValidationFacts(one.party, one.person_name, one.reference, one.at) for one in given),
    )


def drawing(building: str, digest: str) -> DrawingFacts:
    """A kept drawing of a building; ``NotFound``."""
    row = models.PlanDrawing.objects.filter(building=building, digest=digest).first()
    if row is None:
        raise NotFound("There is no such drawing.", code="no_such_drawing")
    return DrawingFacts(row.digest, row.media_type, bytes(row.data), row.width, row.height)


def drawings(building: str, digests: set[str]) -> dict[str, DrawingFacts]:
    """Several drawings of a building by digest; unknown ones are left out."""
    rows = models.PlanDrawing.objects.filter(building=building, digest__in=digests)
    return {
        row.digest: DrawingFacts(row.digest, row.media_type, bytes(row.data), row.width, row.height) for row in rows
    }


def seen_by(person: PersonFacts, building: str, plan: Plan) -> tuple[Plan, bool]:
    """The plan as this person sees it now, and whether that is all of it (need to know)."""
    states = [state.value for state in ACTIVE]
    alert = models.Alert.objects.filter(building=building, state__in=states).exclude(nature=Nature.TEST.value).exists()
    answers = models.BuildingStaff.objects.filter(building=building, person=person.id, until=None).exists()
    whole = answers or sees_all(person.roles, alert=alert)
    return (plan, True) if whole else (open_part(plan), False)


def reminders(buildings: frozenset[str]) -> list[ReminderFacts]:
    """What is owed now, the oldest first."""
    rows = models.PlanReminder.objects.filter(building__in=buildings, settled_at=None).order_by("raised_at", "what")
    return [ReminderFacts(row.building_id, row.what, row.due, row.raised_at, f"plan-reminder:{row.pk}") for row in rows]


def reminded(building: str, now: datetime) -> list[PersonFacts]:
    """Who hears by mail of what this building's plan owes: whoever answers for it, and the commune's chief."""
    insee = models.Building.objects.values_list("insee", flat=True).get(id=building)
    staff = models.BuildingStaff.objects.filter(building=building, until=None).values_list("person", flat=True)
    heads = [one for one in people.persons(now=now) if one.id in set(staff)]
    chiefs = [one for one in people.persons(now=now, role=Role.CHIEF) if insee in one.territory]
    return list({one.id: one for one in (*heads, *chiefs)}.values())


def owed(building: str, today: date) -> list[Due]:
    """What the school year owes, from the drills held and the plans handed over, and when the plan in force ends.

    The winter holidays differ by zone and year: the earliest start (1 February) is taken, so that nobody is told a day
    too late.
    """
    held = [
        timezone.localtime(row.opened_at).date()
        for row in models.Alert.objects.filter(building=building, nature=Nature.DRILL.value)
    ]
    sent = models.PlanSending.objects.filter(plan__building=building).values_list("on", flat=True)
    winter = date(today.year + 1 if today.month >= 9 else today.year, 2, 1)
    row = models.PlanVersion.objects.filter(building=building, state="in_force").first()
    ends = plan_from_json(row.document).valid_until if row else None
    return dues(held, sent=list(sent), today=today, winter_holidays=winter, valid_until=ends)


def pack_facts(building: str, plan: Plan) -> PackFacts:
    """What the paper pack is made of: the building, the whole plan, its drawings."""
    row = models.Building.objects.get(id=building)
    wanted = {level.drawing for level in plan.levels if level.drawing}
    files = {one.digest: (one.media_type, one.data) for one in drawings(building, wanted).values()}
    return PackFacts(row.name, row.address, row.phone, str(settings.BEFFROI_CENTRE), plan, files)


def pack(building: str) -> tuple[bytes, int, datetime] | None:
    """The paper pack of last night with its version and the time it was made."""
    row = models.PlanPack.objects.filter(building=building).first()
    return (bytes(row.data), row.version, row.made_at) if row else None


def without_pack(night: date) -> list[str]:
    """Buildings with a plan in force whose pack of this night is not made."""
    done = models.PlanPack.objects.filter(night=night).values("building")
    rows = models.PlanVersion.objects.filter(state="in_force").exclude(building__in=done)
    return list(rows.order_by("building").values_list("building_id", flat=True))


def planned() -> list[str]:
    """Buildings with a plan in force."""
    rows = models.PlanVersion.objects.filter(state="in_force").order_by("building")
    return list(rows.values_list("building_id", flat=True))
