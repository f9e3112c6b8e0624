"""How persons sign in: accounts, sessions, second factors, the centre's rule."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet

from beffroi.audit.queries import lived_us
from beffroi.kernel.canonical import unb64
from beffroi.kernel.errors import NotFound
from beffroi.people import files, models
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.roles import Force, Role
from beffroi.people.core.sign_in_rule import NONE, Limit, SignInRule, Tally, closed_until, name_digest


@dataclass(frozen=True, slots=True)
class Session:
    """One session of an account."""

    id: str
    device: str
    address: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    ended_by: str
    factor: FactorKind
    proved_at: datetime | None
    locked_at: datetime | None
    lived_since_seen: timedelta = NONE
    lived_since_proof: timedelta = NONE


@dataclass(frozen=True, slots=True)
class FactorFacts:
    """A second factor as its owner sees it: never its secret."""

    id: str
    kind: FactorKind
    label: str
    created_at: datetime
    used_at: datetime | None


def live_session(session: str, account: int) -> Session | None:
    """The session, if it is this account's, has not ended and the account still works."""
    row = models.SignIn.objects.filter(id=session, account_id=account, ended_at=None, account__is_active=True).first()
    if row is None:
        return None
    lived = lived_us()
    return replace(
        _session(row),
        lived_since_seen=_lived_since(row.seen_lived_us, lived),
        lived_since_proof=_lived_since(row.proved_lived_us, lived),
    )


def sessions(person_id: str, *, limit: int = 20) -> list[Session]:
    """A person's latest sessions, newest first."""
    rows = models.SignIn.objects.filter(account__person_id=person_id).order_by("-started_at")[:limit]
    return [_session(row) for row in rows]


def _session(row: models.SignIn) -> Session:
    return Session(
        row.id, row.device, row.address, row.started_at, row.seen_at, row.ended_at, row.ended_by,
        FactorKind(row.factor), row.proved_at, row.locked_at,
    )  # fmt: skip


def language_of(person_id: str) -> str:
    """The language a person reads in, the centre's where she has not chosen; empty for one without account."""
    chosen = chosen_language(person_id)
    return "" if chosen is None else chosen or settings.LANGUAGE_CODE[:2]


def chosen_language(person_id: str) -> str | None:
    """The language a person chose; empty where she has not, ``None`` for one without account."""
    return models.Account.objects.filter(person_id=person_id).values_list("language", flat=True).first()


def username_of(person_id: str) -> str:
    """The name a person signs in with; ``NotFound`` for one without account."""
    row = models.Account.objects.filter(person_id=person_id).values_list("username", flat=True).first()
    if row is None:
        raise NotFound("This person has no account.", code="account_unknown")
    return row


def person_of(username: str) -> str:
    """Whose account this is; ``NotFound`` for nobody's."""
    row = models.Account.objects.filter(username=username.strip().lower()).values_list("person_id", flat=True).first()
    if row is None:
        raise NotFound("There is no account of this name.", code="account_unknown")
    return row


def account_of(person_id: str) -> models.Account | None:
    """The working account of a person, for Django's own sign-in; ``None`` where there is none."""
    return models.Account.objects.filter(person_id=person_id, is_active=True).first()


def factors(person_id: str) -> list[FactorFacts]:
    """The second factors a person may use now, oldest first."""
    rows = _factors(person_id).exclude(confirmed_at=None).order_by("created_at", "id")
    return [FactorFacts(row.id, FactorKind(row.kind), row.label, row.created_at, row.used_at) for row in rows]


def has_factor(person_id: str) -> bool:
    """Whether a person has a second factor."""
    return _factors(person_id).exclude(confirmed_at=None).exists()


def proposed_app(person_id: str) -> models.Factor | None:
    """The authenticator app that is being set up: shown as a QR code until its first code was typed."""
    return _factors(person_id).filter(kind=FactorKind.TOTP.value, confirmed_at=None).order_by("created_at").last()


def passkeys(person_id: str, domain: str) -> list[str]:
    """The ids of a person's passkeys for this name of the centre."""
    rows = _factors(person_id).filter(kind=FactorKind.PASSKEY.value, domain=domain)
    return [str(one) for one in rows.values_list("credential", flat=True)]


def secret_of(row: models.Factor) -> bytes:
    """The secret of an authenticator app, unsealed."""
    return unb64(files.unseal(row.sealed, owner=row.id))


def proposed_secret(person_id: str) -> bytes | None:
    """The secret of the app being set up; ``None`` where none is."""
    row = proposed_app(person_id)
    return secret_of(row) if row is not None else None


def recovery_codes_left(person_id: str) -> int:
    """How many recovery codes have not been used."""
    return models.RecoveryCode.objects.filter(account__person_id=person_id, used_at=None).count()


def _factors(person_id: str) -> QuerySet[models.Factor]:
    return models.Factor.objects.filter(account__person_id=person_id, removed_at=None)


def sign_in_rule() -> SignInRule:
    """The rule in force: the centre's latest, else what ``settings.BEFFROI_SIGN_IN_RULE`` says."""
    row = models.SignInRuleVersion.objects.order_by("set_at", "id").last()
    given = settings.BEFFROI_SIGN_IN_RULE
    if row is None:
        return SignInRule(
            frozenset(Force(one) for one in given["forces"]),
            frozenset(Role(one) for one in given["roles"]),
            given["step_up_minutes"],
            given["lock_minutes"],
        )
    return SignInRule(
        frozenset(Force(one) for one in row.forces),
        frozenset(Role(one) for one in row.roles),
        row.step_up_minutes,
        row.lock_minutes,
        row.id,
    )


def locked_until(username: str, address: str) -> datetime | None:
    """Until when django-axes hears nothing of this name from this address; ``None`` where it listens."""
    rows = AccessAttempt.objects.filter(username=name_digest(username), ip_address=address)
    last = rows.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).aggregate(last=Max("attempt_time"))[
        "last"
    ]
    return last + timedelta(hours=settings.AXES_COOLOFF_TIME) if last is not None else None


def refused_until(key: str, limit: Limit, now: datetime) -> datetime | None:
    """Until when nothing is heard of what was refused too often; ``None`` where one may try."""
    row = models.Refusals.objects.filter(key=key).first()
    return closed_until(limit, tally_of(row), now)


def tally_of(row: models.Refusals | None) -> Tally | None:
    """What was counted, with the time that has passed since the first of it."""
    return None if row is None else Tally(row.count, row.since, _lived_since(row.since_lived_us, lived_us()))


def _lived_since(then: int | None, lived: int) -> timedelta:
    """What the centre has lived since; nothing where that was not kept."""
    return NONE if then is None else max(NONE, timedelta(microseconds=lived - then))
