"""Cases, access grants and the gates' decisions. Persons, cameras, incidents are named by id: other planes own them."""

from django.db import models
from django.db.models import F, Q


class Case(models.Model):
    """What a replay or an extraction hangs on: an inquiry with its procedure number, legal basis, cameras and span."""

    id = models.CharField(primary_key=True, max_length=36)
    number = models.CharField(max_length=64)  # unit/number/year, as the unit writes it
    title = models.CharField(max_length=200, blank=True)
    legal_basis = models.CharField(max_length=32)
    force = models.CharField(max_length=16)
    unit = models.CharField(max_length=64)
    cameras = models.JSONField(default=list)  # camera ids
    footage_from = models.DateTimeField()
    footage_until = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=36)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=36, blank=True)
    requisition = models.CharField(max_length=36, blank=True)  # requisition id
    incident = models.CharField(max_length=36, blank=True)  # incident id

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["unit", "number"], name="case_number_once_per_unit"),
            models.CheckConstraint(condition=Q(footage_from__lt=F("footage_until")), name="case_span_not_empty"),
        )

    def __str__(self) -> str:
        return self.number


class AlertGround(models.Model):
    """A real alert of an equipped building, as the gates see it: which cameras, since when, until when. The bell writes
    it through ``actions.alert_access``; a drill cannot be one (I8): the table itself says no."""

    alert = models.CharField(primary_key=True, max_length=80)
    label = models.CharField(max_length=120)  # the building, as shown
    cameras = models.JSONField(default=list)  # camera ids, exterior first, in the order of the call-up
    opened_at = models.DateTimeField()
    taken_by = models.CharField(max_length=36, blank=True)  # who of the room took it
    closes_at = models.DateTimeField(null=True)  # the hard stop; null while the alert goes on

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(alert__startswith="REEL-"), name="only_a_real_alert_opens_pictures"),
        )

    def __str__(self) -> str:
        return self.alert


class AccessGrant(models.Model):
    """One person's access in one mode to these cameras until then: asked, decided, looked at, stopped, ended.

    ``state`` moves requested → active → stopped | ended, or requested → refused | withdrawn; never back.
    """

    class State(models.TextChoices):
        """Where a grant stands."""

        REQUESTED = "requested"
        ACTIVE = "active"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        STOPPED = "stopped"
        ENDED = "ended"

    id = models.CharField(primary_key=True, max_length=36)
    person = models.CharField(max_length=36, db_index=True)
    person_name = models.CharField(max_length=120)
    force = models.CharField(max_length=16)
    unit = models.CharField(max_length=64, blank=True)
    mode = models.CharField(max_length=16)  # media.core.tickets.Mode
    cameras = models.JSONField(default=list)  # camera ids, in the order asked for
    footage_from = models.DateTimeField(null=True)  # null: live
    footage_until = models.DateTimeField(null=True)
    basis_kind = models.CharField(max_length=16)  # duty | incident | case | requisition | alert
    basis_reference = models.CharField(max_length=64)  # id of the shift, incident, case, requisition or alert
    basis_label = models.CharField(max_length=120, blank=True)  # as shown: number of the case, of the incident
    legal_basis = models.CharField(max_length=32)
    purpose = models.CharField(max_length=16)
    reason = models.CharField(max_length=500)
    emergency = models.BooleanField(default=False)
    article = models.CharField(max_length=120, blank=True)
    refusal = models.CharField(max_length=64, blank=True)  # stable code of the reason
    obligations = models.JSONField(default=list)
    trace = models.JSONField(default=list)
    heartbeat = models.BooleanField(default=True)
    watermark = models.CharField(max_length=200, blank=True)
    package = models.CharField(max_length=64, blank=True)  # evidence package id, mode package only
    state = models.CharField(max_length=16, choices=State.choices, db_index=True)
    requested_at = models.DateTimeField()
    requested_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, db_index=True)
    ends_lived_us = models.BigIntegerField(null=True)  # the same by the centre's own count (audit.core.lived)
    looked_at = models.DateTimeField(null=True)  # when the door last said that pictures flowed
    decided_by = models.CharField(max_length=36, blank=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    second_by = models.CharField(max_length=36, blank=True)  # where the convention wants two approvals
    second_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=500, blank=True)
    regularise_by = models.DateTimeField(null=True)
    regularised_by = models.CharField(max_length=36, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=36, blank=True)
    stopped_by_name = models.CharField(max_length=120, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["state", "until"], name="grant_by_state_and_end"),)
        constraints = (
            models.CheckConstraint(condition=~Q(person=F("decided_by")), name="grant_requester_is_not_approver"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(until__isnull=False, opened_at__isnull=False),
                name="grant_active_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mode} {self.person_name} {self.state}"


class Decision(models.Model):
    """What a gate answered, with the inputs it saw: taken again from them, the answer is the same."""

    id = models.CharField(primary_key=True, max_length=36)
    gate = models.CharField(max_length=1)  # A | B
    subject = models.CharField(max_length=80, db_index=True)  # access:<id>, requisition:<id>
    at = models.DateTimeField()
    engine = models.CharField(max_length=16)
    pack = models.CharField(max_length=40)  # id and version of the law pack
    pack_digest = models.CharField(max_length=64)
    inputs = models.JSONField()
    outcome = models.JSONField()

    def __str__(self) -> str:
        return f"{self.gate} {self.subject}"
