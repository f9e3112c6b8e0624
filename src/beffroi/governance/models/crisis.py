"""One-time invitations of persons the prefect's order names, to one access each. Only the digest of a link is kept."""

from django.db import models

from beffroi.governance.models.access import AccessGrant


class CrisisInvitation(models.Model):
    """Who was called back, by whom and at which number; whether the link was used."""

    id = models.CharField(max_length=36, primary_key=True)
    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="invitation")
    secret = models.CharField(max_length=64, blank=True, db_index=True)  # SHA-256 of the link's text; empty: used
    secret_until = models.DateTimeField()
    called_number = models.CharField(max_length=40)
    called_note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=36)
    made_by_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation to {self.grant_id}"
