"""Tables of the bell. Events are append-only; the state of an alert is their fold, ``Alert`` its projection for lists.

The nature of an alert stands in its identifier and is checked by the database itself (I8): no row can say *drill*
under an identifier that says *real*.
"""

from django.db import models
from django.db.models import Q

from beffroi.safety.core.words import AlertState, Hazard, Nature


class Building(models.Model):
    """An equipped building: a school, a crèche, the town hall."""

    class Kind(models.TextChoices):
        SCHOOL = "school"
        NURSERY = "nursery"
        TOWN_HALL = "town_hall"
        GYMNASIUM = "gymnasium"
        OTHER = "other"

    id = models.CharField(max_length=36, primary_key=True)
    insee = models.CharField(max_length=5, db_index=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)  # the line that is answered during an event
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)


class BuildingCamera(models.Model):
    """A camera that is called up when this building raises an alert, and in which order."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="cameras")
    camera = models.CharField(max_length=36)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["building", "camera"], name="camera_once_a_building"),)


class BuildingStaff(models.Model):
    """Somebody who answers for a building without being cleared for pictures: the head of a school."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="staff")
    person = models.CharField(max_length=36, db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["building", "person"], name="staff_once_a_building"),)


class PlanVersion(models.Model):
    """One version of a building's plan, as it was imported."""

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_FORCE = "in_force"
        REPLACED = "replaced"

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    imported_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["building", "version"], name="plan_version_once"),
            models.UniqueConstraint(fields=["building"], condition=Q(state="in_force"), name="one_plan_in_force"),
        )


class PlanDrawing(models.Model):
    """A drawing of a level as it is served: sanitised, named by its digest. Kept as long as a version may name it."""

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="drawings")
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    data = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["building", "digest"], name="drawing_once_a_building"),)


class PlanValidation(models.Model):
    """One party validated one version with this very content (L411-4); another content needs another validation."""

    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="validations")
    digest = models.CharField(max_length=64)
    party = models.CharField(max_length=20)
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=200)
    reference = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["plan", "digest", "party"], name="validated_once_a_party"),)


class PlanSending(models.Model):
    """A version was handed to the forces and to rescue (due by 15 July)."""

    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="sendings")
    recipients = models.CharField(max_length=300)
    on = models.DateField()


class PlanReminder(models.Model):
    """Something a building's plan owes: a mission nobody holds now, a drill, the yearly transmission."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="reminders")
    what = models.CharField(max_length=60)
    due = models.DateField(null=True)
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["building", "what"], condition=Q(settled_at=None), name="reminded_once_at_a_time"
            ),
        )


class PlanPack(models.Model):
    """The paper pack of a building as it was last made: for the drawer of the crisis cell."""

    building = models.OneToOneField(Building, on_delete=models.CASCADE, related_name="pack")
    version = models.PositiveIntegerField()
    night = models.DateField(help_text="the day it was made for, local")
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    made_at = models.DateTimeField()


class Edge(models.Model):
    """The box in a building: its key, and when it was last heard."""

    id = models.CharField(max_length=80, primary_key=True)
    building = models.OneToOneField(Building, on_delete=models.PROTECT, related_name="edge")
    public_key = models.BinaryField(max_length=32)
    paired_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    agreement_key = models.BinaryField(max_length=32, null=True)  # its half of the secret behind telephone codes
    devices = models.JSONField(default=list)  # the triggers it knows, as it said last
    contacts = models.JSONField(default=list)  # those wired to it, and what is wrong with each, as it said last
    language = models.CharField(max_length=2, blank=True)  # of its screens; empty: as it was set up on site


class PhoneCode(models.Model):
    """A telephone code that was read out: for what, by whom, on whose order. The code itself is kept nowhere."""

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="phone_codes")
    reference = models.CharField(max_length=6)  # of the alert, as the box shows it
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=8)
    zone = models.CharField(max_length=80)
    authority = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=120)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["building", "reference", "number"], name="phone_code_once"),)


class Event(models.Model):
    """One fact of an alert, signed by its origin. Never changed, never removed while its alert is kept."""

    arrived = models.BigAutoField(primary_key=True)
    origin = models.CharField(max_length=80)
    boot = models.CharField(max_length=80)
    sequence = models.BigIntegerField()
    alert = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=20)
    order_us = models.BigIntegerField()
    document = models.TextField()  # canonical JSON, as signed
    signature = models.BinaryField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["origin", "boot", "sequence"], name="event_once"),)


class Alert(models.Model):
    """What lists need of an alert: a projection of its events, rebuilt with each."""

    id = models.CharField(max_length=80, primary_key=True)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="alerts")
    nature = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Nature])
    hazard = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Hazard])
    state = models.CharField(max_length=16, choices=[(one.value, one.value) for one in AlertState], db_index=True)
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, null=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="nature_stands_in_the_identifier",
                condition=Q(nature="reel", id__startswith="REEL-")
                | Q(nature="exercice", id__startswith="EXERCICE-")
                | Q(nature="essai", id__startswith="ESSAI-"),
            ),
        )


class Counter(models.Model):
    """The centre's own numbering of events: one row, locked while the next number is taken."""

    name = models.CharField(max_length=20, primary_key=True)
    last = models.BigIntegerField(default=0)
    order_us = models.BigIntegerField(default=0)


class Contact(models.Model):
    """One way to reach somebody when a building raises an alert. ``drill_ok`` must be said (I8).

    Either somebody of a building, on the rung that ``tier`` names; or a person of ours (her own telephone), for every
    building she answers for, on the rung where she stands at that moment.
    """

    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"
        PUSH = "push"

    id = models.CharField(max_length=36, primary_key=True)
    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="contacts", null=True)
    person = models.CharField(max_length=36, blank=True, db_index=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address = models.CharField(max_length=500)
    keys = models.JSONField(default=dict)  # Web Push: p256dh and auth of the subscription
    tier = models.PositiveSmallIntegerField(default=1)
    drill_ok = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="fr")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="contact_of_a_building_or_a_person",
                condition=Q(building__isnull=False, person="") | (Q(building__isnull=True) & ~Q(person="")),
            ),
        )


class Notice(models.Model):
    """One message of an alert to one contact, and how far it has come. Kept with the alert."""

    id = models.CharField(max_length=80, primary_key=True)  # begins with the nature, as its alert's does
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="notices")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=200)  # the event it tells: origin/boot/sequence
    order = models.PositiveIntegerField()
    text = models.TextField()
    state = models.CharField(max_length=12)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["alert", "contact", "event"], name="told_once"),)


class Drill(models.Model):
    """A drill: planned, announced, armed by two persons inside a window, run as an alert of nature *exercice* (I8)."""

    id = models.CharField(max_length=80, primary_key=True)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="drills")
    hazard = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Hazard])
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    state = models.CharField(max_length=12)
    objectives = models.CharField(max_length=500, blank=True)
    informed = models.CharField(max_length=500, blank=True)
    armed_by = models.JSONField(default=list)  # [[person, party], …]
    alert = models.CharField(max_length=80, blank=True)  # reserved when it is armed, so that a button can begin it
    devices = models.JSONField(default=list)  # triggers of the building that raise it while it is armed
    planned_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(name="a_drill_says_so", condition=Q(id__startswith="EXERCICE-")),
            models.CheckConstraint(name="drill_window_in_order", condition=Q(window_from__lt=models.F("window_to"))),
        )


class Observation(models.Model):
    """Something noticed in an alert or a drill, said when it was over."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="observations")
    text = models.CharField(max_length=1_000)
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=200)
    at = models.DateTimeField()


class Measure(models.Model):
    """Something decided after an alert or a drill: what, whose, by when; done once a person has said so."""

    id = models.CharField(max_length=36, primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="measures")
    what = models.CharField(max_length=500)
    owner = models.CharField(max_length=36, blank=True)  # empty: somebody who has no account here
    owner_name = models.CharField(max_length=200)
    due = models.DateField()
    decided_by = models.CharField(max_length=36)
    decided_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=36, blank=True)
    done_by_name = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="a_person_says_that_it_is_done", condition=Q(done_at=None) | ~Q(done_by_name="")
            ),
        )


class Bulletin(models.Model):
    """An alert from outside, as a commune received it (CAP). Never changed: what it is worth is worked out anew."""

    id = models.CharField(max_length=36, primary_key=True)
    insee = models.CharField(max_length=5, db_index=True)
    name = models.CharField(max_length=64)  # SHA-256 of sender and identifier: the same one twice is one
    sha256 = models.CharField(max_length=64)
    document = models.BinaryField()
    concerns = models.JSONField()  # of each of its blocks, whether it is about here
    received_at = models.DateTimeField(db_index=True)
    brought_by = models.CharField(max_length=36)
    brought_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["insee", "name"], name="bulletin_once_a_commune"),)


class BulletinDecision(models.Model):
    """What a person decided about a bulletin for one building: relayed, or set aside with a reason."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="decisions")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="bulletin_decisions")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, related_name="bulletin_decisions")
    reason = models.CharField(max_length=500, blank=True)
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["bulletin", "building"], name="decided_once_a_building"),
            models.CheckConstraint(name="set_aside_with_a_reason", condition=Q(alert__isnull=False) | ~Q(reason="")),
        )
