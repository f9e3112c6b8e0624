"""Files of another video system that were taken in for a requisition."""

from django.db import models

from beffroi.governance.models.requisitions import Requisition


class Intake(models.Model):
    """One file as it was handed over: where it lies, its digest, what the probe found, what the officer stated."""

    id = models.CharField(primary_key=True, max_length=36)  # also the name of its file in ``DATA/intake``
    requisition = models.ForeignKey(Requisition, on_delete=models.PROTECT, related_name="intakes")
    camera = models.CharField(max_length=36)
    name = models.CharField(max_length=200)  # as it was called
    system = models.CharField(max_length=120)  # maker, product, export tool
    handed_by = models.CharField(max_length=160)
    clock = models.CharField(max_length=200, blank=True)  # what is stated of the clock of the pictures
    footage_from = models.DateTimeField()
    footage_until = models.DateTimeField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    probe = models.JSONField()
    taken_by = models.CharField(max_length=36)
    taken_by_name = models.CharField(max_length=160)
    taken_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)  # its file was destroyed; digest and names stay
    dropped_why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=["requisition", "taken_at"], name="intake_of_requisition"),)

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"


class Upload(models.Model):
    """A file on its way in, of one person for one requisition; its bytes so far lie in ``DATA/uploads``."""

    id = models.CharField(primary_key=True, max_length=36)
    requisition = models.ForeignKey(Requisition, on_delete=models.PROTECT, related_name="uploads")
    person = models.CharField(max_length=36)
    name = models.CharField(max_length=200)
    bytes = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    chain = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["person", "requisition"], name="upload_of_person"),)

    def __str__(self) -> str:
        return f"{self.name} {self.received}/{self.bytes}"
