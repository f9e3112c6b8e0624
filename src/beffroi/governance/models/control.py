"""What a control asks for: papers of compliance, and inspection bundles."""

from django.db import models


class CompliancePaper(models.Model):
    """A dated paper that the law wants and the program does not make: impact assessment, panel on a place."""

    class Kind(models.TextChoices):
        """Which paper."""

        DPIA = "dpia"
        PANEL = "panel"

    id = models.CharField(primary_key=True, max_length=36)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reference = models.CharField(max_length=160)
    site = models.CharField(max_length=120, blank=True)  # of a panel: the place it stands at
    dated = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=36)
    entered_by_name = models.CharField(max_length=160)

    class Meta:
        indexes = (models.Index(fields=["kind", "dated"], name="compliance_by_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class InspectionBundle(models.Model):
    """One bundle asked for: what is wanted, how far it is, and what came of it."""

    class State(models.TextChoices):
        """Where it stands."""

        REQUESTED = "requested"
        BUILT = "built"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=36)
    name = models.CharField(max_length=60, unique=True)  # its folder in the vault
    seed = models.CharField(max_length=80)  # of the sample of the log
    sample = models.PositiveIntegerField()
    language = models.CharField(max_length=2)
    for_whom = models.CharField(max_length=160)
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED, db_index=True)
    requested_by = models.CharField(max_length=36)
    requested_by_name = models.CharField(max_length=160)
    requested_at = models.DateTimeField()
    steps_total = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)
    built_at = models.DateTimeField(null=True)
    zip_sha256 = models.CharField(max_length=64, blank=True)
    zip_bytes = models.PositiveBigIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True)  # the file is gone from the vault; what was in it stays told

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~models.Q(state="built") | ~models.Q(zip_sha256=""), name="bundle_digest"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
