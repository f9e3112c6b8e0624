"""The table of holds: what was asked, and what the recorder is known to have."""

from django.db import models

from beffroi.governance.core.holds import HoldReference, HoldState
from beffroi.governance.models.requisitions import Requisition


class Hold(models.Model):
    """Footage of one camera that must not expire (I6). ``state`` is confirmed only when the recorder has it on disk."""

    id = models.CharField(max_length=36, primary_key=True)
    camera = models.CharField(max_length=36)
    camera_name = models.CharField(max_length=160, blank=True)
    start = models.DateTimeField()  # of footage, half-open
    end = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=[(word.value, word.value) for word in HoldReference])
    reference = models.CharField(max_length=64)  # id of the incident, requisition, notice, request or alert
    label = models.CharField(max_length=80, blank=True)  # how people call it: 2026-0007
    requisition = models.ForeignKey(Requisition, null=True, on_delete=models.PROTECT, related_name="holds")
    judicial_reference = models.CharField(max_length=80, blank=True)  # non-empty: beats the legal maximum
    reason = models.CharField(max_length=300)
    requester_key = models.CharField(max_length=80, blank=True)  # unit whose cap it counts against
    over_cap = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=36)
    placed_by_name = models.CharField(max_length=160)
    regularised_at = models.DateTimeField(null=True, blank=True)  # accepted requisition or incident: no term runs
    release_at = models.DateTimeField(null=True, blank=True)  # when an unregularised hold goes
    state = models.CharField(
        max_length=16, choices=[(word.value, word.value) for word in HoldState], default=HoldState.PENDING
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    covered = models.JSONField(default=list)  # [[from_us, to_us]…] the recorder really holds
    kept_by = models.CharField(max_length=160, blank=True)  # keeper of another system who confirmed that it is saved
    failure = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)
    release_asked_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(start__lt=models.F("end")), name="hold_ends_after_it_starts"),
        )
        indexes = (
            models.Index(fields=["state", "retry_at"], name="hold_to_reconcile"),
            models.Index(fields=["kind", "reference"], name="hold_of_reference"),
            models.Index(fields=["requester_key", "state"], name="hold_of_requester"),
        )

    def __str__(self) -> str:
        return f"{self.camera_name or self.camera} {self.state}"


class ElsewhereKeeper(models.Model):
    """Who keeps the video system that records instead of this centre; one row at most."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    name = models.CharField(max_length=160)
    email = models.CharField(max_length=254)

    def __str__(self) -> str:
        return self.name
