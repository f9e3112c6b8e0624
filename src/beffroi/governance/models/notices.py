"""Messages about accesses and requisitions: one row a recipient and channel, with how far it has come (I9)."""

from django.db import models

from beffroi.kernel.delivery import Delivery


class Notice(models.Model):
    """One message. Written in the transaction of what it tells; handed over by the worker, or shown by a page."""

    id = models.CharField(max_length=36, primary_key=True)
    subject = models.CharField(max_length=80)  # access:<id>
    occasion = models.CharField(max_length=16)
    capacity = models.CharField(max_length=16)  # as what this person is told: room, chief, mayor, dpo, unit
    person = models.CharField(max_length=36, blank=True)  # empty: a unit's mailbox
    person_name = models.CharField(max_length=200)
    channel = models.CharField(max_length=8)  # page | email
    address = models.CharField(max_length=254, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    state = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Delivery])
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=40, blank=True)  # code of the error; pages have its words
    made_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["subject", "occasion", "person", "channel", "address"], name="notice_told_once"
            ),
        )
        indexes = (
            models.Index(fields=["state", "channel", "next_at"], name="notice_to_hand_over"),
            models.Index(fields=["person", "channel", "state"], name="notice_of_page"),
        )

    def __str__(self) -> str:
        return f"{self.occasion} {self.person_name} {self.state}"
