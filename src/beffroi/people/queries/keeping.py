"""What whoever manages accounts sees: persons of the communes she answers for, how they sign in, their invitations."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from beffroi.audit.queries import lived_us
from beffroi.kernel.errors import NotFound
from beffroi.people import models
from beffroi.people.core.factors import FactorKind
from beffroi.people.core.facts import PersonFacts
from beffroi.people.queries.persons import home_of, person_facts


@dataclass(frozen=True, slots=True)
class Keeping:
    """One person as whoever manages accounts sees her."""

    person: PersonFacts
    username: str
    factors: frozenset[FactorKind]
    seen_at: datetime | None
    open_sessions: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """An invitation: never its link."""

    id: str
    made_at: datetime
    made_by: str
    until: datetime
    used_at: datetime | None
    withdrawn_at: datetime | None
    outlived: bool = False  # its days have passed, whatever the clock says

    def open(self, now: datetime) -> bool:
        """Whether its link still opens."""
        return self.used_at is None and self.withdrawn_at is None and now < self.until and not self.outlived


def _communes(keeper: PersonFacts) -> frozenset[str]:
    return frozenset({home_of(keeper.id), *keeper.territory} - {""})


def _kept(keeper: PersonFacts) -> list[models.Person]:
    """Persons of the keeper's communes: by organisation, else by clearance; in a centre of one commune everybody."""
    communes = _communes(keeper)
    rows = models.Person.objects.select_related("unit__organisation").prefetch_related("clearances").order_by("name")
    elsewhere = models.Organisation.objects.exclude(insee="").exclude(insee__in=communes).exists()
    return [
        row
        for row in rows
        if row.unit.organisation.insee in communes
        or (
            not row.unit.organisation.insee
            and (not elsewhere or any(communes & set(one.territory) for one in row.clearances.all()))
        )
    ]


def kept_by(keeper: PersonFacts, now: datetime) -> list[Keeping]:
    """Everybody whose account this person manages, by name; those whose duty ended last."""
    rows = _kept(keeper)
    people = [row.id for row in rows]
    accounts = dict(models.Account.objects.filter(person__in=people).values_list("person_id", "username"))
    live = models.Factor.objects.filter(account__person__in=people, removed_at=None).exclude(confirmed_at=None)
    kinds: dict[str, set[FactorKind]] = {}
    for person, kind in live.values_list("account__person_id", "kind"):
        kinds.setdefault(person, set()).add(FactorKind(kind))
    seen = dict(
        models.SignIn.objects.filter(account__person__in=people)
        .values_list("account__person_id")
        .annotate(Max("seen_at"))
    )
    found = [
        Keeping(
            person=person_facts(row.id, now),
            username=accounts.get(row.id, ""),
            factors=frozenset(kinds.get(row.id, ())),
            seen_at=seen.get(row.id),
            open_sessions=models.SignIn.objects.filter(account__person=row, ended_at=None).count(),
            ended_at=row.duty_ended_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.ended_at is not None, one.person.name))


def kept_one(keeper: PersonFacts, person: str, now: datetime) -> Keeping:
    """One of them; ``NotFound`` for anybody else, there or not."""
    one = next((one for one in kept_by(keeper, now) if one.person.id == person), None)
    if one is None:
        raise NotFound("There is no such person.", code="person_unknown")
    return one


def units_of(keeper: PersonFacts) -> list[tuple[str, str]]:
    """Units that a new person may belong to: of the keeper's communes, and of bodies without a commune of their own."""
    rows = models.Unit.objects.select_related("organisation").filter(
        Q(organisation__insee__in=_communes(keeper)) | Q(organisation__insee="", id__in=_known_units(keeper))
    )
    return [(row.id, f"{row.name} — {row.organisation.name}") for row in rows.order_by("name")]


def _known_units(keeper: PersonFacts) -> set[str]:
    return {row.unit_id for row in _kept(keeper)}


def invitations_of(person: str) -> list[InvitationFacts]:
    """A person's invitations, newest first."""
    rows = models.Invitation.objects.filter(account__person_id=person).order_by("-made_at", "-id")[:10]
    lived = lived_us()
    return [
        InvitationFacts(
            r.id, r.made_at, r.made_by, r.until, r.used_at, r.withdrawn_at,
            r.ends_lived_us is not None and r.ends_lived_us <= lived,
        )
        for r in rows
    ]  # fmt: skip


def invited_person(keeper: PersonFacts, invitation: str) -> str:
    """Whom an invitation is for; ``NotFound`` where there is none, or none that this person manages."""
    found = models.Invitation.objects.filter(id=invitation).values_list("account__person_id", flat=True).first()
    if found is None or found not in {row.id for row in _kept(keeper)}:
        raise NotFound("There is no such invitation.", code="invitation_unknown")
    return found


def open_invitation(digest: str, now: datetime) -> models.Invitation | None:
    """The invitation of this link while it opens."""
    rows = models.Invitation.objects.filter(Q(ends_lived_us=None) | Q(ends_lived_us__gt=lived_us())).filter(
        digest=digest, used_at=None, withdrawn_at=None, until__gt=now, account__is_active=True
    )
    return rows.select_related("account__person").first()
