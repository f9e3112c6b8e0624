"""Tables of the room: shifts, rota, incidents, logbook, bookmarks. Persons and cameras are named by their ids."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.db.models.base import ModelBase

from beffroi.operations.core.finds import FindKind


class Shift(models.Model):
    """A person on duty. ``ended_at`` is null until it was ended by hand; it expires by itself."""

    id = models.CharField(max_length=36, primary_key=True)
    person = models.CharField(max_length=36, db_index=True)
    person_name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    station = models.CharField(max_length=60, blank=True)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ends_lived_us = models.BigIntegerField(null=True)  # when it is over by the centre's own count (audit.core.lived)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at__isnull=True), name="one_shift_at_a_time"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("begun_at")), name="shift_has_a_term"),
        )


class RotaEntry(models.Model):
    """Who is called in which order (astreinte)."""

    rank = models.PositiveSmallIntegerField(unique=True)
    person = models.CharField(max_length=36, unique=True)
    person_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=30, blank=True)


class RotaPeriod(models.Model):
    """A turn (called first) or an absence (not called) of a person of the rota."""

    id = models.CharField(max_length=36, primary_key=True)
    person = models.CharField(max_length=36)
    person_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)  # core.calls.PeriodKind
    start = models.DateTimeField()
    until = models.DateTimeField()
    entered_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(until__gt=F("start")), name="rota_period_has_a_length"),)


class StaffingChoice(models.Model):
    """Which preset holds since when; the latest counts."""

    preset = models.CharField(max_length=16)
    since = models.DateTimeField()
    by = models.CharField(max_length=36)
    by_name = models.CharField(max_length=200)


class ShiftHandover(models.Model):
    """What one shift leaves to the next: words of whoever leaves, and what was open then."""

    id = models.CharField(max_length=36, primary_key=True)
    insee = models.CharField(max_length=5, db_index=True)
    given_by = models.CharField(max_length=36)
    given_by_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    note = models.CharField(max_length=2_000, blank=True)
    still_open = models.JSONField(default=list)  # [[kind, id, label]…] as it stood then
    taken_by = models.CharField(max_length=36, blank=True)
    taken_by_name = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(given_by=F("taken_by")), name="handover_is_between_two"),)


class Incident(models.Model):
    """Something that happens; numbered within its year."""

    id = models.CharField(max_length=36, primary_key=True)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    reason = models.CharField(max_length=300, blank=True)
    reason_due_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    insee = models.CharField(max_length=5, db_index=True)
    occurred_from = models.DateTimeField()
    occurred_to = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=36)
    opened_by_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=500, blank=True)
    crisis_at = models.DateTimeField(null=True)
    crisis_by = models.CharField(max_length=120, blank=True)  # the authority that declared it, in words

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["year", "number"], name="incident_number_once_a_year"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
                name="incident_closed_with_a_time",
            ),
            models.CheckConstraint(
                condition=Q(occurred_to__isnull=True) | Q(occurred_to__gt=F("occurred_from")), name="incident_span"
            ),
        )


class IncidentCamera(models.Model):
    """A camera that an incident is about, in the order in which they were linked."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    camera = models.CharField(max_length=36)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "camera"], name="camera_linked_once"),)


class LogEntry(models.Model):
    """A line of the logbook: written once, never changed or removed."""

    id = models.CharField(max_length=36, primary_key=True)
    at = models.DateTimeField(db_index=True)
    author = models.CharField(max_length=36)
    author_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    text = models.TextField(max_length=2_000)
    insee = models.CharField(max_length=5, db_index=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="entries")
    camera = models.CharField(max_length=36, blank=True)

    def save(  # the signature is Django's
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Insert only: an update is refused."""
        if force_update or update_fields is not None or not self._state.adding:
            raise TypeError("a line of the logbook is written once")
        super().save(force_insert=True, using=using)

    def delete(self, *_args: object, **_kwargs: object) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise TypeError("a line of the logbook stays")


class Bookmark(models.Model):
    """An instant of a camera's footage, kept with an incident."""

    id = models.CharField(max_length=36, primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="bookmarks")
    camera = models.CharField(max_length=36)
    at = models.DateTimeField()
    label = models.CharField(max_length=120, blank=True)
    author = models.CharField(max_length=36)
    author_name = models.CharField(max_length=200)


class Find(models.Model):
    """Something an agent of the commune found in an incident of her own; read beside the requisitions."""

    id = models.CharField(max_length=36, primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="finds")
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in FindKind])
    what = models.CharField(max_length=300)
    told = models.CharField(max_length=200, blank=True)  # whom it was passed on to
    found_by = models.CharField(max_length=36)
    found_by_name = models.CharField(max_length=200)
    found_at = models.DateTimeField(db_index=True)
