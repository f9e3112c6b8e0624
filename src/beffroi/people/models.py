"""Tables of persons: who they are, what they may hold, from when to when, signed by whom. Nothing here is deleted."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from beffroi.people.core.roles import Force, Quality, Role


def _choices(closed: type[Force] | type[Quality] | type[Role]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in closed]


class Organisation(models.Model):
    """A commune, a gendarmerie company, a prefecture, a school …"""

    id = models.CharField(primary_key=True, max_length=36)
    name = models.CharField(max_length=200)
    force = models.CharField(max_length=20, choices=_choices(Force))
    insee = models.CharField(max_length=5, blank=True, help_text="commune, where it is one")


class Unit(models.Model):
    """A unit of an organisation: a brigade, a police station, a service."""

    id = models.CharField(primary_key=True, max_length=36)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, help_text="the unit's own mailbox, by which guests are verified")


class Person(models.Model):
    """A named person; never deleted, her duty ends."""

    id = models.CharField(primary_key=True, max_length=36)
    name = models.CharField(max_length=200)
    rank = models.CharField(max_length=80, blank=True)
    matricule = models.CharField(max_length=40, blank=True)
    quality = models.CharField(max_length=40, blank=True, choices=_choices(Quality))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="persons")
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField()
    duty_ended_at = models.DateTimeField(null=True)


class Dated(models.Model):
    """Something a person holds from ``start`` (in it) until ``until`` (not in it; null: until withdrawn)."""

    id = models.CharField(primary_key=True, max_length=36)
    start = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ends_after_start", condition=Q(until=None) | Q(until__gt=F("start"))
            ),
        )


class RoleGrant(Dated):
    """A role of a person, for a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=40, choices=_choices(Role))
    withdrawn_at = models.DateTimeField(null=True)


class Clearance(Dated):
    """An individual clearance (habilitation): issued by an authority for communes (R-11, R-14)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="clearances")
    reference = models.CharField(max_length=120)
    issuer = models.CharField(max_length=200)
    territory = models.JSONField(help_text="INSEE codes")
    withdrawn_at = models.DateTimeField(null=True)


class Approval(Dated):
    """A prefectoral approval (agrément, R-12)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="approvals")
    reference = models.CharField(max_length=120)
    issuer = models.CharField(max_length=200)
    department = models.CharField(max_length=3)
    reviewed_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)


class Training(Dated):
    """A training certificate (R-13)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    reference = models.CharField(max_length=200)


class Account(AbstractBaseUser):
    """What a person signs in with. ``is_active`` is false once her duty ended."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    username = models.CharField(max_length=150, unique=True)
    language = models.CharField(max_length=5, default="fr")
    is_active = models.BooleanField(default=True)

    objects = BaseUserManager["Account"]()

    USERNAME_FIELD = "username"


class SignIn(models.Model):
    """One session of one account on one device, from sign-in to its end."""

    id = models.CharField(primary_key=True, max_length=36)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="sign_ins")
    device = models.CharField(max_length=200, blank=True, help_text="the browser's own words")
    address = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, help_text="signed-out | idle | other-session | duty-ended")
    factor = models.CharField(max_length=20, default="password", help_text="what proved it was she: FactorKind")
    proved_at = models.DateTimeField(null=True, help_text="the last proof, for acts that ask for a fresh one")
    locked_at = models.DateTimeField(null=True, help_text="locked since, until she proves it is she")
    seen_lived_us = models.BigIntegerField(null=True, help_text="seen_at by the centre's own count (audit.core.lived)")
    proved_lived_us = models.BigIntegerField(null=True, help_text="proved_at by the same count")


class Factor(models.Model):
    """A second factor: an authenticator app (its secret sealed) or a passkey (its public key)."""

    id = models.CharField(primary_key=True, max_length=36)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=20, help_text="totp | passkey")
    label = models.CharField(max_length=80)
    sealed = models.TextField(blank=True, help_text="of an app: its secret, sealed")
    last_step = models.BigIntegerField(default=0, help_text="of an app: the last half minute whose code was used")
    credential = models.CharField(max_length=1400, null=True, unique=True, help_text="of a passkey: its id")
    public = models.TextField(blank=True, help_text="of a passkey: its public credential")
    domain = models.CharField(max_length=253, blank=True, help_text="of a passkey: the name it was made for")
    uses = models.BigIntegerField(default=0, help_text="of a passkey: its own counter")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """A paper code for the day the telephone is lost: its digest, used once."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="people_recoverycode_once", fields=["account", "digest"]),)


class Refusals(models.Model):
    """Refusals counted against guessing, by what they were tried on; not a record of persons (facts are)."""

    key = models.CharField(primary_key=True, max_length=120)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    since_lived_us = models.BigIntegerField(null=True)  # by the centre's own count (audit.core.lived)


class SignInRuleVersion(models.Model):
    """A version of the centre's sign-in rule; the latest holds."""

    id = models.CharField(primary_key=True, max_length=36)
    forces = models.JSONField()
    roles = models.JSONField()
    step_up_minutes = models.PositiveIntegerField()
    lock_minutes = models.PositiveIntegerField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=200)


class Invitation(models.Model):
    """A one-time, dated link by which a person sets her password: its digest, never itself."""

    id = models.CharField(primary_key=True, max_length=36)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    until = models.DateTimeField()
    ends_lived_us = models.BigIntegerField(null=True)  # when it is over by the centre's own count (audit.core.lived)
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class IdentityProvider(models.Model):
    """A provider of OpenID Connect that the centre trusts; its client secret sealed."""

    id = models.CharField(primary_key=True, max_length=36)
    name = models.CharField(max_length=80)
    issuer = models.CharField(max_length=255, unique=True)
    client = models.CharField(max_length=255)
    sealed = models.TextField(blank=True)
    acr = models.CharField(max_length=255, blank=True, help_text="levels of assurance asked for; one must come back")
    strong = models.BooleanField(default=False, help_text="asks for two factors itself")
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()


class ExternalIdentity(models.Model):
    """Who a person is at a provider; made by herself while signed in."""

    id = models.CharField(primary_key=True, max_length=36)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="identities")
    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="identities")
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="people_externalidentity_one", fields=["provider", "subject"], condition=Q(removed_at=None)
            ),
        )
