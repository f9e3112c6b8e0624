"""Visits of guests at the counter. Only digests of links and codes are kept."""

from django.db import models

from beffroi.governance.core.guests import Method, VisitState
from beffroi.governance.models.requisitions import Requisition


class GuestVisit(models.Model):
    """One investigator without an account, for one requisition."""

    id = models.CharField(max_length=36, primary_key=True)
    unit = models.CharField(max_length=36, db_index=True)  # id of the registered unit
    unit_name = models.CharField(max_length=200)
    force = models.CharField(max_length=16)
    insee = models.CharField(max_length=5, blank=True)  # whose room calls back; empty: the centre has one commune
    name = models.CharField(max_length=200)
    rank = models.CharField(max_length=80)
    matricule = models.CharField(max_length=40)
    quality = models.CharField(max_length=40)
    method = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Method])
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in VisitState])
    asked_at = models.DateTimeField()
    secret = models.CharField(max_length=64, blank=True, db_index=True)  # SHA-256 of the link's or code's text
    secret_until = models.DateTimeField(null=True)
    secret_at = models.DateTimeField(null=True)  # when it was made
    attempts = models.PositiveSmallIntegerField(default=0)
    called_number = models.CharField(max_length=40, blank=True)
    called_by = models.CharField(max_length=36, blank=True)
    called_by_name = models.CharField(max_length=200, blank=True)
    called_note = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True)  # by telephone, that a package is there: the unit has no mailbox
    verified_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    requisition = models.OneToOneField(Requisition, null=True, on_delete=models.PROTECT, related_name="guest")

    def __str__(self) -> str:
        return f"{self.unit_name} {self.state}"
