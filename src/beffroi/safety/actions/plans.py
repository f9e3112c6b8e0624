"""Drafts of plans and what surrounds them: drawings, validations, handing over, reminders, the nightly paper pack."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions.notices import remind
from beffroi.governance.core.telling import Channel, Occasion, Recipient
from beffroi.kernel.canonical import Json
from beffroi.kernel.digest import digest_of, sha256
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.safety import models
from beffroi.safety.core.plan_json import plan_from_json, plan_to_json
from beffroi.safety.core.plans import VALIDATORS, Plan
from beffroi.safety.core.reminding import owed_by_mail, words
from beffroi.safety.documents.drawings import Drawing
from beffroi.safety.queries.plans import ReminderFacts, reminded

MAX_DRAWINGS = 60
_PARTY_OF = {
    "edu_authority": frozenset({Role.SCHOOL_HEAD}),
    "commune": frozenset({Role.MAYOR}),
    "security": frozenset({Role.CHIEF, Role.VIDEO_OFFICER}),
}
"""Who writes down which party's validation (code de l'éducation L411-4): each its own, three persons."""


def parties_of(person: PersonFacts) -> list[str]:
    """The parties this person validates for."""
    return [party for party in VALIDATORS if _PARTY_OF[party] & person.roles]


@transaction.atomic
def start_draft(*, actor: Actor, building: str, now: datetime) -> int:
    """A draft with the content of the version in force, or of the newest; returns its number.

    Its validations begin anew. ``Conflict`` while another draft is open, ``NotFound`` without any plan to begin from.
    """
    rows = models.PlanVersion.objects.select_for_update().filter(building=building)
    base = rows.filter(state="in_force").first() or rows.order_by("-version").first()
    if base is None:
        raise NotFound("There is no plan to begin from.", code="no_such_plan")
    if rows.filter(state="draft", version__gte=base.version).exists():
        raise Conflict("A draft is open already.", code="draft_open", hint="Finish it, or let it take effect.")
    number = (rows.aggregate(top=Max("version"))["top"] or 0) + 1
    kept: dict[str, Json] = {**base.document, "version": number, "validated_by": []}
    models.PlanVersion.objects.create(
        building_id=building, version=number, document=kept, digest=digest_of(kept), imported_at=now
    )
    body: dict[str, Json] = {"version": number, "from": base.version}
    record(actor=actor, name="plan:draft", subject=f"building:{building}", body=body, at=now)
    return number


@transaction.atomic
def amend_draft(*, actor: Actor, building: str, version: int, seen: str, plan: Plan, what: str, now: datetime) -> str:
    """Replace the content of a draft; returns its new digest. What was validated before counts no more.

    ``seen`` is the digest the change was made from: ``Conflict`` when somebody else changed it meanwhile.
    """
    row = _draft(building, version)
    if row.digest != seen:
        raise Conflict("Somebody changed this draft in the meantime.", code="draft_moved")
    kept: dict[str, Json] = {**plan_to_json(plan), "version": version, "validated_by": []}
    plan_from_json(kept)
    row.document, row.digest = kept, digest_of(kept)
    row.save(update_fields=["document", "digest"])
    body: dict[str, Json] = {"version": version, "what": what, "digest": row.digest}
    record(actor=actor, name="plan:amend", subject=f"building:{building}", body=body, at=now)
    return row.digest


@transaction.atomic
def keep_drawing(*, actor: Actor, building: str, drawing: Drawing, now: datetime) -> str:
    """Keep a drawing that was read; returns its digest. The same drawing twice is one."""
    rows = models.PlanDrawing.objects.filter(building=building)
    if rows.filter(digest=drawing.digest).exists():
        return drawing.digest
    if rows.count() >= MAX_DRAWINGS:
        raise Invalid("This building has too many drawings.", code="plan_too_much")
    models.PlanDrawing.objects.create(
        building_id=building,
        digest=drawing.digest,
        media_type=drawing.media_type,
        data=drawing.data,
        width=drawing.width,
        height=drawing.height,
        added_at=now,
    )
    body: dict[str, Json] = {"digest": drawing.digest, "bytes": len(drawing.data), "left_out": drawing.left_out}
    record(actor=actor, name="plan:drawing", subject=f"building:{building}", body=body, at=now)
    return drawing.digest


@transaction.atomic
def validate_plan(
    *, actor: Actor, person: PersonFacts, building: str, version: int, party: str, reference: str, now: datetime
) -> None:
    """A party validates a draft as it stands. ``Forbidden`` for another's party or a second party by one person."""
    if party not in parties_of(person):
        raise Forbidden("This validation is another's to give.", code="validation_not_yours")
    row = _draft(building, version)
    given = models.PlanValidation.objects.filter(plan=row, digest=row.digest)
    if given.filter(person=person.id).exists():
        raise Forbidden("Each party validates by a person of its own.", code="validation_same_person")
    if given.filter(party=party).exists():
        raise Conflict("This party has validated it already.", code="validated_already")
    models.PlanValidation.objects.create(
        plan=row,
        digest=row.digest,
        party=party,
        person=person.id,
        person_name=person.called,
        reference=reference[:200],
        at=now,
    )
    body: dict[str, Json] = {"version": version, "party": party, "digest": row.digest, "reference": reference[:200]}
    record(actor=actor, name="plan:validate", subject=f"building:{building}", body=body, at=now)


@transaction.atomic
def send_plan(*, actor: Actor, building: str, recipients: str, on: date, now: datetime) -> None:
    """Write down that the plan in force was handed to the forces and to rescue. ``Invalid``, ``NotFound``."""
    if not recipients.strip():
        raise Invalid("Say to whom.", code="recipients_missing", fields={"recipients": "missing"})
    if on > now.date():
        raise Invalid("This day is yet to come.", code="day_to_come", fields={"on": "to come"})
    row = models.PlanVersion.objects.filter(building=building, state="in_force").first()
    if row is None:
        raise NotFound("No plan is in force.", code="no_such_plan")
    models.PlanSending.objects.create(plan=row, recipients=recipients.strip()[:300], on=on)
    body: dict[str, Json] = {"version": row.version, "recipients": recipients.strip()[:300], "on": on.isoformat()}
    record(actor=actor, name="plan:send", subject=f"building:{building}", body=body, at=now)


@transaction.atomic
def note_reading(*, actor: Actor, building: str, version: int, what: str, now: datetime) -> None:
    """Somebody read confidential parts of a plan, or took its paper pack."""
    body: dict[str, Json] = {"version": version, "what": what}
    record(actor=actor, name="plan:read", subject=f"building:{building}", body=body, at=now)


@transaction.atomic
def settle_reminders(*, building: str, owed: dict[str, date | None], now: datetime) -> int:
    """Raise what is owed and not said yet, settle what is owed no more or by another day; returns how many changed."""
    there = {row.what: row for row in models.PlanReminder.objects.filter(building=building, settled_at=None)}
    over = sorted(what for what, row in there.items() if what not in owed or owed[what] != row.due)
    for what in over:
        row = there.pop(what)
        row.settled_at = now
        row.save(update_fields=["settled_at"])
        record(actor=SYSTEM, name="plan:settled", subject=f"building:{building}", body={"what": what}, at=now)
    new = sorted(owed.keys() - there.keys())
    for what in new:
        models.PlanReminder.objects.create(building_id=building, what=what, due=owed[what], raised_at=now)
        body: dict[str, Json] = {"what": what, "due": _iso(owed[what])}
        record(actor=SYSTEM, name="plan:remind", subject=f"building:{building}", body=body, at=now)
    return len(over) + len(new)


@transaction.atomic
def mail_reminder(*, reminder: ReminderFacts, today: date, now: datetime) -> int:
    """Write the mail that is owed about a reminder, to whoever has none of it yet; returns how many. The centre's
    outbox hands it over, and says how far each has come."""
    occasion = owed_by_mail(reminder.what, reminder.due, today)
    if not occasion or reminder.due is None:
        return 0
    name = models.Building.objects.values_list("name", flat=True).get(id=reminder.building)
    link = str(settings.BEFFROI_LINKS["building"]).format(reminder.building)
    made = 0
    for person in reminded(reminder.building, now):
        language = people.language_of(person.id) or "fr"
        title, text = words(reminder.what, reminder.due, occasion=occasion, building=name, link=link, language=language)
        to = Recipient("building", person.id, person.called, Channel.EMAIL, person.email, language)
        made += remind(subject=reminder.subject, occasion=Occasion(occasion), to=to, title=title, text=text, now=now)
    if made:
        body: dict[str, Json] = {"what": reminder.what, "occasion": occasion, "notices": made}
        record(actor=SYSTEM, name="notice:plan", subject=f"building:{reminder.building}", body=body, at=now)
    return made


@transaction.atomic
def keep_pack(*, building: str, version: int, night: date, data: bytes, now: datetime) -> None:
    """Keep the paper pack of a night in place of the one before."""
    digest = sha256(data).hex()
    models.PlanPack.objects.update_or_create(
        building_id=building,
        defaults={"version": version, "night": night, "sha256": digest, "data": data, "made_at": now},
    )
    body: dict[str, Json] = {"version": version, "night": night.isoformat(), "sha256": digest}
    record(actor=SYSTEM, name="plan:pack", subject=f"building:{building}", body=body, at=now)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _draft(building: str, version: int) -> models.PlanVersion:
    row = models.PlanVersion.objects.select_for_update().filter(building=building, version=version).first()
    if row is None:
        raise NotFound("There is no such plan.", code="no_such_plan")
    if row.state != "draft":
        raise Conflict("Only a draft is changed.", code="not_a_draft", hint="Begin a draft from this version.")
    return row
