"""Tables of the log: append-only by triggers (``audit.triggers``), but for lists of work."""

from django.db import models


class Fact(models.Model):
    """One act or look. ``body`` and ``salt`` are null, and the persons' columns empty, once erased by rule (R-27)."""

    id = models.CharField(primary_key=True, max_length=36)
    at = models.DateTimeField(db_index=True)
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=200, blank=True, db_index=True)
    actor_id = models.CharField(max_length=64, blank=True, db_index=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_force = models.CharField(max_length=20, blank=True)
    actor_unit = models.CharField(max_length=200, blank=True)
    actor_station = models.CharField(max_length=200, blank=True)
    body = models.TextField(null=True)  # null is "erased", an empty body is "{}"
    salt = models.BinaryField(max_length=32, null=True)
    commitment = models.BinaryField(max_length=32)
    erased_rule = models.CharField(max_length=20, blank=True)
    erased_by = models.CharField(max_length=36, blank=True, help_text="the fact:erase that says so")

    class Meta:
        indexes = (models.Index(fields=["name", "at"], name="fact_name_at"),)


class Pending(models.Model):
    """A fact that the sequencer has not chained yet: written with the fact, removed with its entry."""

    id = models.BigAutoField(primary_key=True)
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, related_name="pending")


class Entry(models.Model):
    """A place in the log: written by the sequencer alone. ``index`` counts from 0 without holes."""

    index = models.PositiveBigIntegerField(primary_key=True)
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, related_name="entry")
    leaf = models.BinaryField(max_length=32, help_text="RFC 6962 leaf hash of the fact's entry bytes")
    head = models.BinaryField(max_length=32, help_text="chain head up to and with this entry")


class Tip(models.Model):
    """The log as it stands: one row, replaced with every batch. What appending needs, and the newest checkpoint."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField(help_text="hashes of the full subtrees from left to right, 32 bytes each")
    note = models.TextField(help_text="the signed note, as handed to witnesses")


class Checkpoint(models.Model):
    """A signed statement of the tree that is kept for ever: at most one an hour, or one in ten thousand entries."""

    size = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    note = models.TextField(help_text="C2SP checkpoint in a signed note")


class JournalSource(models.Model):
    """How far a recorder's signed journal has been taken in, and by which key it is signed."""

    id = models.CharField(primary_key=True, max_length=100)
    key = models.CharField(max_length=64, help_text="the door's public key, hex, pinned at the first pull")
    position = models.PositiveBigIntegerField(default=0, help_text="number of the last line taken in")
    head = models.CharField(max_length=64, blank=True, help_text="hex digest of that line")
    pulled_at = models.DateTimeField()
    broken = models.CharField(max_length=120, blank=True, help_text="why pulling stopped, told once in the log")


class Lived(models.Model):
    """How long the centre has lived, as last kept: one row. What accesses are measured by beside the wall clock."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    us = models.BigIntegerField()
    boot = models.CharField(max_length=64)
    since_boot_us = models.BigIntegerField()
    wall_us = models.BigIntegerField()
