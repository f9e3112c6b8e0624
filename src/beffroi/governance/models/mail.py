"""The centre's mailbox and what came in by it. Messages are named by UIDVALIDITY and UID: none is taken in twice."""

from django.db import models

from beffroi.governance.core.mail_in import MailState, Thread
from beffroi.governance.models.requisitions import Requisition


class Mailbox(models.Model):
    """The one mailbox that is read, how far, and how it fares."""

    id = models.CharField(max_length=36, primary_key=True)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField()
    starttls = models.BooleanField(default=False)
    user = models.CharField(max_length=254)
    sealed = models.TextField(blank=True)  # the password
    folder = models.CharField(max_length=120, default="INBOX")
    validity = models.PositiveBigIntegerField(null=True)  # UIDVALIDITY; None: never opened
    last_uid = models.PositiveBigIntegerField(default=0)
    insee = models.CharField(max_length=5, blank=True)  # the commune whose mailbox it is; empty: the whole centre's
    since = models.DateField()  # nothing that arrived before is looked at
    read_at = models.DateTimeField(null=True)  # last time that all went well
    trouble = models.CharField(max_length=40, blank=True)  # code of the error; pages have its words
    trouble_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} at {self.host}"


class IncomingMail(models.Model):
    """One message. Its bytes lie sealed in DATA/documents under their digest; what it says stands here."""

    id = models.CharField(max_length=36, primary_key=True)
    mailbox = models.CharField(max_length=36)
    insee = models.CharField(max_length=5, blank=True)  # of its mailbox
    validity = models.PositiveBigIntegerField()
    uid = models.PositiveBigIntegerField()
    arrived_at = models.DateTimeField()  # when it was read here
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)  # of the message as it came; of its head where too large
    trouble = models.CharField(max_length=24, blank=True)  # mail_too_large, mail_unreadable
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    left_out = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in MailState])
    thread = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Thread], blank=True)
    requisition = models.ForeignKey(Requisition, null=True, on_delete=models.PROTECT, related_name="mails")
    settled_at = models.DateTimeField(null=True)  # assigned or dismissed by an officer, or taken note of
    settled_by = models.CharField(max_length=36, blank=True)
    settled_by_name = models.CharField(max_length=160, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="mail_taken_in_once"),)
        indexes = (models.Index(fields=["state", "settled_at", "arrived_at"], name="mail_to_settle"),)

    def __str__(self) -> str:
        return f"{self.sender} {self.subject}"


class IncomingPart(models.Model):
    """One attachment, named and typed by its content; ``trouble`` says why it is not taken as a paper."""

    id = models.CharField(max_length=36, primary_key=True)
    mail = models.ForeignKey(IncomingMail, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=60, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    trouble = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name
