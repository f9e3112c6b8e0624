"""Prefect's orders and conventions as rows. Their texts are kept as they were signed; what is in force is computed."""

from django.db import models


class OrderRow(models.Model):
    """A prefect's order naming recipients (CSI L252-3), as the YAML text that was registered."""

    number = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=36)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=36, blank=True)
    revoke_reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.number


class ConventionVersion(models.Model):
    """One version of a convention: draft until every party signed, then in force from a date, suspended or ended."""

    class State(models.TextChoices):
        """What its parties said; dates are checked besides."""

        DRAFT = "draft"
        SIGNED = "signed"
        SUSPENDED = "suspended"
        ENDED = "ended"

    id = models.CharField(primary_key=True, max_length=36)
    reference = models.CharField(max_length=64, db_index=True)
    version = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    parties = models.JSONField(default=list)  # what each signature must name
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    effective_from = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=36)
    changed_at = models.DateTimeField(null=True)
    changed_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["reference", "version"], name="convention_version_once"),)

    def __str__(self) -> str:
        return f"{self.reference} v{self.version}"


class ConventionSignature(models.Model):
    """One party's signature under exactly this text."""

    convention = models.ForeignKey(ConventionVersion, on_delete=models.PROTECT, related_name="signatures")
    party = models.CharField(max_length=120)
    signatory = models.CharField(max_length=120)
    quality = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    entered_by = models.CharField(max_length=36)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["convention", "party"], name="convention_party_signs_once"),)

    def __str__(self) -> str:
        return f"{self.party} {self.signed_at:%Y-%m-%d}"


class CommuneConsent(models.Model):
    """A commune's agreement that its cameras be seen from this centre (CSI L132-14, R-14, R-43)."""

    insee = models.CharField(max_length=5, db_index=True)
    reference = models.CharField(max_length=120)  # the council's decision
    given_at = models.DateTimeField()
    entered_by = models.CharField(max_length=36)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.insee
