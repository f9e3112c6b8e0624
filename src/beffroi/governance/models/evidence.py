"""Tables of extractions, the packages they become, and how those were handed over."""

from django.db import models
from django.db.models import F, Q

from beffroi.governance.core.evidence import Channel, HandoverState, StampKind, State
from beffroi.governance.models.requisitions import Requisition


def _choices(words: type) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]  # type: ignore[attr-defined]  # every caller gives a StrEnum


class Extraction(models.Model):
    """Exactly this span of these cameras, to be packed for a requisition: asked, being built, built or failed."""

    id = models.CharField(primary_key=True, max_length=36)
    package = models.CharField(max_length=40, unique=True)  # <insee>-<year>-<seq>: name of bag, folder and download
    requisition = models.ForeignKey(Requisition, on_delete=models.PROTECT, related_name="extractions")
    grant = models.CharField(max_length=36)  # access grant of mode extract: its ticket opens the recorder
    cameras = models.JSONField()  # camera ids, as granted
    intake = models.JSONField(default=list)  # ids of files taken in; empty: the recorder's own pictures
    footage_from = models.DateTimeField()
    footage_until = models.DateTimeField()
    language = models.CharField(max_length=2, default="fr")  # of the papers inside
    state = models.CharField(max_length=16, choices=_choices(State), default=State.REQUESTED, db_index=True)
    requested_by = models.CharField(max_length=36)
    requested_by_name = models.CharField(max_length=160)
    requested_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)  # a builder that is alive moves it on
    lease_key = models.CharField(max_length=36, blank=True)  # which builder has it
    bytes_total = models.PositiveBigIntegerField(default=0)  # 0: not known yet
    bytes_done = models.PositiveBigIntegerField(default=0)
    failure = models.CharField(max_length=60, blank=True)  # stable code
    failure_detail = models.CharField(max_length=500, blank=True)  # names camera, segment, file
    failed_at = models.DateTimeField(null=True)
    built_at = models.DateTimeField(null=True)
    zip_sha256 = models.CharField(max_length=64, blank=True)
    zip_bytes = models.PositiveBigIntegerField(default=0)
    seal_sha256 = models.CharField(max_length=64, blank=True)  # of tagmanifest-sha256.txt
    stamp = models.CharField(max_length=16, choices=_choices(StampKind), blank=True)
    stamped_at = models.DateTimeField(null=True)
    checkpoint = models.TextField(blank=True)  # signed note of the log, as it stands on the slip
    contents = models.JSONField(default=dict)  # videos and gaps, as the package says them
    fact = models.CharField(max_length=64, blank=True)  # audit fact of the finished package

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(footage_from__lt=F("footage_until")), name="extraction_span_not_empty"),
            models.CheckConstraint(
                condition=~Q(state=State.BUILT) | ~Q(zip_sha256=""), name="extraction_built_has_a_digest"
            ),
        )
        indexes = (models.Index(fields=["requisition", "requested_at"], name="extraction_of_requisition"),)

    def __str__(self) -> str:
        return f"{self.package} {self.state}"


class Handover(models.Model):
    """One way a package leaves: opened for a download or copied to a medium, then received by a named person."""

    id = models.CharField(primary_key=True, max_length=36)
    extraction = models.ForeignKey(Extraction, on_delete=models.PROTECT, related_name="handovers")
    channel = models.CharField(max_length=16, choices=_choices(Channel))
    state = models.CharField(max_length=16, choices=_choices(HandoverState), default=HandoverState.OPEN)
    recipient = models.CharField(max_length=36, blank=True)  # person id; empty for somebody without an account
    recipient_name = models.CharField(max_length=160)
    recipient_unit = models.CharField(max_length=160, blank=True)
    grant = models.CharField(max_length=36, blank=True)  # access grant of mode package, for a download
    until = models.DateTimeField(null=True)  # end of the download
    medium = models.CharField(max_length=200, blank=True)  # folder on the medium
    medium_label = models.CharField(max_length=80, blank=True)  # what is written on the disk or envelope
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=36)
    opened_by_name = models.CharField(max_length=160)
    failure = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(null=True)
    received_name = models.CharField(max_length=160, blank=True)
    received_quality = models.CharField(max_length=80, blank=True)
    received_unit = models.CharField(max_length=160, blank=True)
    received_digest = models.CharField(max_length=64, blank=True)  # as the recipient acknowledged it
    received_entered_by = models.CharField(max_length=36, blank=True)  # who clicked, or typed the signed slip
    fact = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=HandoverState.RECEIVED) | (~Q(received_name="") & ~Q(received_digest="")),
                name="handover_received_is_signed",
            ),
        )
        indexes = (models.Index(fields=["recipient", "opened_at"], name="handover_of_recipient"),)

    def __str__(self) -> str:
        return f"{self.extraction_id} {self.channel} {self.state}"
