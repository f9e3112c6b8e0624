"""The invented people of the demonstration: an account for each role, one password for all, printed on the banner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beffroi.audit.core.facts import SYSTEM
from beffroi.people import queries
from beffroi.people.actions import accounts, holdings, persons, rules
from beffroi.people.core.roles import Force, Quality, Role

INSEE, DEPARTMENT = "99123", "99"
PASSWORD = "le-beffroi-veille"  # noqa: S105  printed on every page of the demonstration
PREFECTURE = "Préfecture du département 99"


@dataclass(frozen=True, slots=True)
class Villager:
    """Somebody who can sign in. ``unit`` is looked up in ``UNITS``."""

    username: str
    name: str
    rank: str
    matricule: str
    unit: str
    role: Role
    quality: Quality = Quality.NONE
    cleared: bool = True


UNITS: dict[str, tuple[str, Force]] = {
    "Police municipale": ("Commune de Saint-Aubin-du-Beffroi", Force.PM),
    "Mairie": ("Commune de Saint-Aubin-du-Beffroi", Force.MAIRE),
    "Délégation à la protection des données": ("Pays du Beffroi", Force.DPO),
    "École des Tilleuls": ("École publique de Saint-Aubin-du-Beffroi", Force.SCHOOL),
    "Maintenance vidéo": ("Voulzette Réseaux", Force.TECH),
    "Brigade de Saint-Aubin-du-Beffroi": ("Compagnie de gendarmerie de Saint-Aubin-du-Beffroi", Force.GN),
    "Centre d'opérations de la gendarmerie": ("Compagnie de gendarmerie de Saint-Aubin-du-Beffroi", Force.GN),
    "Cabinet du préfet": (PREFECTURE, Force.PREF),
}

VILLAGERS: tuple[Villager, ...] = (
    Villager("garde", "Nadia Roussel", "Brigadier-chef principal", "PM-99-011", "Police municipale", Role.DUTY_OFFICER),
    Villager("astreinte", "Hugo Lemaire", "Gardien-brigadier", "PM-99-014", "Police municipale", Role.DUTY_OFFICER),
    Villager("referent", "Claire Vasseur", "Brigadier-chef", "PM-99-009", "Police municipale", Role.VIDEO_OFFICER),
    Villager("chef", "Marc Delattre", "Chef de service", "PM-99-001", "Police municipale", Role.CHIEF),
    Villager("maire", "Solange Perrin", "Maire", "", "Mairie", Role.MAYOR, cleared=False),
    Villager("opj", "Julien Morel", "Adjudant", "GN-204417", "Brigade de Saint-Aubin-du-Beffroi", Role.INVESTIGATOR,
             Quality.OPJ),
    Villager("corg", "Inès Caron", "Maréchale des logis-chef", "GN-198820", "Centre d'opérations de la gendarmerie",
             Role.OPERATIONS_CENTRE, Quality.APJ),
    Villager("prefecture", "Benoît Lacroix", "Attaché", "PREF-0042", "Cabinet du préfet", Role.PREFECTURE_DUTY),
    Villager("dpo", "Amina Keller", "Déléguée", "", "Délégation à la protection des données",
             Role.DPO, cleared=False),
    Villager("ecole", "Thomas Arnaud", "Directeur", "", "École des Tilleuls", Role.SCHOOL_HEAD, cleared=False),
    Villager("technicien", "Farid Benali", "Technicien", "", "Maintenance vidéo", Role.TECHNICIAN, cleared=False),
    Villager("secretariat", "Odile Marchand", "Secrétaire générale", "", "Mairie", Role.ADMINISTRATOR, cleared=False),
)  # fmt: skip


def settle(founded: datetime, now: datetime) -> dict[str, str]:
    """Enter everybody who is not there yet, as of ``founded``; returns person ids by user name."""
    there = {person.name: person for person in queries.persons(now=now)}
    units = _units(founded) if not there else {person.unit: person.unit_id for person in there.values()}
    if not queries.sign_in_rule().version:
        _easy_sign_in(founded)
    found: dict[str, str] = {}
    for villager in VILLAGERS:
        known = there.get(villager.name)
        found[villager.username] = known.id if known else _enter(villager, units[villager.unit], founded, now)
    return found


def _easy_sign_in(founded: datetime) -> None:
    """Nobody of the village needs a second factor, and a proof counts all day: the banner says so."""
    rules.set_sign_in_rule(forces=(), roles=(), step_up_minutes=12 * 60, lock_minutes=4 * 60, actor=SYSTEM, now=founded)


def _units(founded: datetime) -> dict[str, str]:
    organisations: dict[tuple[str, Force], str] = {}
    units = {}
    for unit, (organisation, force) in UNITS.items():
        if (organisation, force) not in organisations:
            organisations[organisation, force] = persons.create_organisation(
                name=organisation,
                force=force,
                insee=INSEE if force in (Force.PM, Force.MAIRE) else "",
                actor=SYSTEM,
                now=founded,
            )
        units[unit] = persons.create_unit(
            organisation=organisations[organisation, force], name=unit, actor=SYSTEM, now=founded
        )
    return units


def _enter(villager: Villager, unit: str, founded: datetime, now: datetime) -> str:
    person = persons.create_person(
        name=villager.name,
        unit=unit,
        rank=villager.rank,
        matricule=villager.matricule,
        quality=villager.quality,
        email=f"{villager.username}@saint-aubin.invalid",
        actor=SYSTEM,
        now=founded,
    )
    holdings.grant_role(person=person, role=villager.role, actor=SYSTEM, now=founded)
    force = UNITS[villager.unit][1]
    number = villager.matricule or villager.username.upper()
    if villager.cleared:
        holdings.grant_clearance(
            person=person,
            reference=f"HAB-{number}",
            issuer="Maire de Saint-Aubin-du-Beffroi" if force is Force.PM else PREFECTURE,
            territory=[INSEE],
            until=now + timedelta(days=700),
            actor=SYSTEM,
            now=founded,
        )
    if force is Force.PM:
        holdings.grant_approval(
            person=person,
            reference=f"AGR-{number}",
            issuer=PREFECTURE,
            department=DEPARTMENT,
            reviewed_at=founded,
            actor=SYSTEM,
            now=founded,
        )
        holdings.enter_training(person=person, reference=f"FORM-{number}", actor=SYSTEM, now=founded)
    accounts.open_account(person=person, username=villager.username, password=PASSWORD, actor=SYSTEM, now=founded)
    return person
