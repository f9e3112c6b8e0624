"""Tables of requisitions, the facts they are about, and what was answered.

Persons and cameras stand here by id and by the name they had at the time: a register must still read right when an
account is gone. Times are UTC.
"""

from django.db import models

from beffroi.governance.core.requisition_facts import AuthorisationKind, Frame
from beffroi.governance.core.requisitions import Act, Channel, Delivery, Helped, Result, State
from beffroi.people.core.roles import Quality
from beffroi.sites.core.coverage import PlaceClass


def _choices(words: type) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]  # type: ignore[attr-defined]  # every caller gives a StrEnum


class RegisterCounter(models.Model):
    """The last number given in a register and year; its row is locked while the next is taken."""

    register = models.CharField(max_length=24)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["register", "year"], name="register_counter_once"),)

    def __str__(self) -> str:
        return f"{self.register} {self.year}: {self.last}"


class Requisition(models.Model):
    """One requisition with every field of research/law.md §2.1. What is empty was not given."""

    id = models.CharField(max_length=36, primary_key=True)
    number = models.CharField(max_length=16, unique=True)  # of the register: 2026-0007
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    entry_key = models.CharField(
        max_length=48, null=True, unique=True
    )  # what may be entered once only: a guest's visit
    state = models.CharField(max_length=24, choices=_choices(State), default=State.RECEIVED)
    result = models.CharField(max_length=16, choices=_choices(Result), blank=True, default=Result.NONE)
    channel = models.CharField(max_length=16, choices=_choices(Channel))
    received_at = models.DateTimeField()  # when it reached the centre
    entered_at = models.DateTimeField()  # when it was typed
    received_by = models.CharField(max_length=36)  # who typed it
    received_by_name = models.CharField(max_length=160)
    requester = models.CharField(max_length=36, blank=True)  # person id, empty when it came on paper
    requester_unit = models.CharField(max_length=36, blank=True)  # unit id in the directory, where known
    unit_name = models.CharField(max_length=160, blank=True)
    unit_code = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=3, blank=True)
    officer_name = models.CharField(max_length=160, blank=True)
    rank = models.CharField(max_length=80, blank=True)
    quality = models.CharField(max_length=24, choices=_choices(Quality), blank=True, default=Quality.NONE)
    matricule = models.CharField(max_length=40, blank=True)
    supervising_opj = models.CharField(max_length=160, blank=True)
    contact = models.CharField(max_length=200, blank=True)  # where the unit is answered
    procedure_number = models.CharField(max_length=60, blank=True)
    legal_basis = models.CharField(max_length=32, blank=True)  # id of the law pack: CPP_60_1 …
    frame = models.CharField(max_length=24, choices=_choices(Frame), blank=True, default=Frame.UNKNOWN)
    magistrate = models.CharField(max_length=160, blank=True)
    authorisation_kind = models.CharField(
        max_length=24, choices=_choices(AuthorisationKind), blank=True, default=AuthorisationKind.NONE
    )
    authorisation_reference = models.CharField(max_length=120, blank=True)
    authorisation_date = models.DateField(null=True, blank=True)
    authorisation_until = models.DateField(null=True, blank=True)
    offence = models.CharField(max_length=200, blank=True)
    natinf = models.CharField(max_length=10, blank=True)
    reuse_of_case = models.CharField(max_length=60, blank=True)  # procedure whose held footage is asked for
    place = models.CharField(max_length=300, blank=True)
    place_class = models.CharField(max_length=16, choices=_choices(PlaceClass), default=PlaceClass.UNKNOWN)
    latitude = models.FloatField(null=True, blank=True)  # WGS 84
    longitude = models.FloatField(null=True, blank=True)
    span_from = models.DateTimeField(null=True, blank=True)  # of footage, half-open
    span_to = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, default="Europe/Paris")  # as the requester wrote the times
    tolerance_seconds = models.PositiveIntegerField(default=0)
    things = models.JSONField(default=list)  # core.requisition_facts.RequestedThing
    delivery = models.CharField(max_length=16, choices=_choices(Delivery), default=Delivery.PLATFORM)
    deadline = models.DateTimeField(null=True, blank=True)
    urgent = models.BooleanField(default=False)
    confidential = models.BooleanField(default=True)  # secret de l'enquête (CPP 11)
    asked = models.TextField(blank=True)  # what completion was asked for
    decided_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # first signed answer or hand-over
    outcome_reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["year", "sequence"], name="requisition_number_once"),
            models.CheckConstraint(
                condition=models.Q(span_from__isnull=True)
                | models.Q(span_to__isnull=True)
                | models.Q(span_from__lt=models.F("span_to")),
                name="requisition_span_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(channel=Channel.COUNTER)
                | models.Q(requester="")
                | ~models.Q(requester=models.F("received_by")),
                name="requisition_typist_is_not_requester",
            ),
        )
        indexes = (
            models.Index(fields=["state", "received_at"], name="requisition_inbox"),
            models.Index(fields=["-received_at"], name="requisition_latest"),
            models.Index(fields=["unit_code", "received_at"], name="requisition_of_unit"),
        )

    def __str__(self) -> str:
        return self.number


class RequisitionCamera(models.Model):
    """One camera asked for, with what the decision said of it."""

    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="cameras")
    camera = models.CharField(max_length=36)  # sites camera id
    number = models.PositiveIntegerField(null=True)  # as known at the time
    name = models.CharField(max_length=160, blank=True)
    granted = models.BooleanField(null=True)  # None: not decided

    class Meta:
        constraints = (models.UniqueConstraint(fields=["requisition", "camera"], name="requisition_camera_once"),)
        ordering = (
            "number",
            "camera",
        )

    def __str__(self) -> str:
        return f"{self.requisition_id}/{self.number or self.camera}"


class RequisitionOfficer(models.Model):
    """An officer of the centre who may see a confidential requisition (CPP 11)."""

    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="officers")
    person = models.CharField(max_length=36)
    name = models.CharField(max_length=160)
    assigned_at = models.DateTimeField()
    assigned_by = models.CharField(max_length=36)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["requisition", "person"], name="requisition_officer_once"),)
        ordering = ("assigned_at",)

    def __str__(self) -> str:
        return f"{self.requisition_id}/{self.name}"


class RecordedFact(models.Model):
    """A fact (fait constaté) that requisitions are about; the two are many to many.

    The year's figures are computed from here: the place class gives the denominator, ``helped`` the numerator, and
    ``unknown`` is shown beside them.
    """

    id = models.CharField(max_length=36, primary_key=True)
    requisitions = models.ManyToManyField(Requisition, related_name="facts", blank=True)
    reference = models.CharField(max_length=80, blank=True)  # the unit's own, or the incident's number
    nature = models.CharField(max_length=200)
    natinf = models.CharField(max_length=10, blank=True)
    committed_on = models.DateField(null=True, blank=True)  # None: date not known
    place = models.CharField(max_length=300, blank=True)
    insee = models.CharField(max_length=5, blank=True)
    place_class = models.CharField(max_length=16, choices=_choices(PlaceClass), default=PlaceClass.UNKNOWN)
    helped = models.CharField(max_length=8, choices=_choices(Helped), default=Helped.UNKNOWN)
    helped_recorded_at = models.DateTimeField(null=True, blank=True)
    helped_recorded_by = models.CharField(max_length=36, blank=True)
    helped_note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["committed_on", "place_class"], name="fact_by_day_and_place"),)

    def __str__(self) -> str:
        return f"{self.nature} ({self.place_class})"


class StoredDocument(models.Model):
    """A paper of a requisition: what came in, and what the centre signed. The bytes lie in DATA/documents."""

    id = models.CharField(max_length=36, primary_key=True)
    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=24)  # request, authorisation, acknowledgement, partial, negative, refusal
    name = models.CharField(max_length=160)  # as shown; never used as a path
    media_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    pages = models.PositiveIntegerField(default=0)
    signed = models.BooleanField(default=False)
    fact = models.CharField(max_length=64, blank=True)  # audit fact printed in its QR
    stored_at = models.DateTimeField()
    stored_by = models.CharField(max_length=36)

    class Meta:
        ordering = ("stored_at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class RequisitionEvent(models.Model):
    """One step of the table: what the pages show as history. Its signed twin is the audit fact."""

    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="events")
    position = models.PositiveIntegerField()
    act = models.CharField(max_length=24)  # Act, or "receive", "hold", "first-answer", "document"
    state_before = models.CharField(max_length=24, blank=True)
    state_after = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = models.CharField(max_length=36)
    actor_name = models.CharField(max_length=160)
    note = models.TextField(blank=True)
    to_requester = models.BooleanField(default=True)  # False: seen by the centre only
    fact = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["requisition", "position"], name="requisition_event_once"),)
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.requisition_id} {self.act}"


class FirstAnswer(models.Model):
    """The answer without pictures: covered or not, recorded or not, kept until when. ``lines``: ``AnswerLine``s."""

    id = models.CharField(max_length=36, primary_key=True)
    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="first_answers")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=16)  # core.answers.Verdict
    kept_until = models.DateTimeField(null=True)  # the earliest of the lines
    lines = models.JSONField()
    fact = models.CharField(max_length=64)  # printed in the QR of its paper
    document = models.ForeignKey(StoredDocument, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.requisition_id} {self.verdict}"


class RequisitionDecision(models.Model):
    """What a person decided, and which answer of gate A lay before that person."""

    id = models.CharField(max_length=36, primary_key=True)
    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="decisions")
    act = models.CharField(max_length=24, choices=_choices(Act))
    result = models.CharField(max_length=16, choices=_choices(Result), blank=True)
    ground = models.CharField(max_length=60)  # stable code: not-covered, overwritten, no-authorisation …
    words = models.TextField(blank=True)  # of the person, printed on the paper
    article = models.CharField(max_length=160, blank=True)
    gate_ok = models.BooleanField()  # what the rules said; the person may have decided otherwise
    override_reason = models.TextField(blank=True)
    gate_decision = models.CharField(max_length=36)  # governance.Decision: the trace, and the inputs that replay it
    by = models.CharField(max_length=36)
    by_name = models.CharField(max_length=160)
    at = models.DateTimeField()
    fact = models.CharField(max_length=64)
    document = models.ForeignKey(StoredDocument, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.requisition_id} {self.act}"
