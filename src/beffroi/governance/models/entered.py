"""Prefect's orders as somebody entered them from the paper: a draft until it was confirmed."""

from django.db import models


class EnteredOrder(models.Model):
    """One paper of the prefecture: what was typed of it, its digest, and what came into force by it."""

    class State(models.TextChoices):
        """Where it stands. What is in force is computed from the dates."""

        DRAFT = "draft"
        CONFIRMED = "confirmed"
        DROPPED = "dropped"

    class Follows(models.TextChoices):
        """How it follows an earlier order."""

        NOTHING = ""
        RENEWS = "renews"
        REPLACES = "replaces"

    id = models.CharField(primary_key=True, max_length=36)
    reference = models.CharField(max_length=64)  # the number on the paper
    entry = models.JSONField(default=dict)  # core.entered_orders.OrderEntry
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    follows = models.CharField(max_length=12, choices=Follows.choices, blank=True)
    predecessor = models.CharField(max_length=80, blank=True)  # number of the order that it renews or replaces
    document_name = models.CharField(max_length=160)  # as shown; never used as a path
    document_type = models.CharField(max_length=60)
    document_sha256 = models.CharField(max_length=64)  # the bytes lie in DATA/documents
    document_bytes = models.PositiveIntegerField()
    authorisation = models.CharField(max_length=36, blank=True)  # what it put into force
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=36)
    drafted_by_name = models.CharField(max_length=160)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=36, blank=True)
    confirmed_by_name = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["reference"], condition=models.Q(state="confirmed"), name="entered_order_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.state}"
