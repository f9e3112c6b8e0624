"""Requests of persons for images of themselves (R-39), with no more of a person than the answer needs."""

from django.db import models
from django.db.models import F, Q

from beffroi.governance.core.rights import RefusalGround, RightsState, Wish


class RightsRequest(models.Model):
    """One request. Name, contact and words are blanked a year after the answer; the rest stays for the register."""

    id = models.CharField(primary_key=True, max_length=36)
    number = models.CharField(max_length=14, unique=True)  # what the person keeps; cannot be guessed
    wish = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Wish])
    place = models.CharField(max_length=200)  # in her words, or the name of a filmed place
    cameras = models.JSONField(default=list)  # ids: by the place named, then by the officer
    span_from = models.DateTimeField()
    span_until = models.DateTimeField()
    description = models.TextField(blank=True)
    name = models.CharField(max_length=160, blank=True)
    contact = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=2, default="fr")
    source = models.CharField(max_length=32, blank=True)  # keyed digest of the address, for the rate; blanked in a day
    received_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(db_index=True)
    state = models.CharField(
        max_length=16, choices=[(one.value, one.value) for one in RightsState], default=RightsState.RECEIVED
    )
    identity_kind = models.CharField(max_length=80, blank=True)  # what was shown; never a copy of it
    identified_at = models.DateTimeField(null=True)
    identified_by_name = models.CharField(max_length=160, blank=True)
    ground = models.CharField(max_length=16, choices=[(one.value, one.value) for one in RefusalGround], blank=True)
    words = models.CharField(max_length=1000, blank=True)  # of the answer
    appointment_at = models.DateTimeField(null=True)
    appointment_place = models.CharField(max_length=160, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=160, blank=True)
    answer_fact = models.CharField(max_length=64, blank=True)
    paper_sha256 = models.CharField(max_length=64, blank=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(span_from__lt=F("span_until")), name="rights_span_not_empty"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(ground=""), name="rights_refused_has_a_ground"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.state}"
