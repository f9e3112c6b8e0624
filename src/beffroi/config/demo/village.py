"""The demonstration village, entered by the same acts as any commune. Each step may be done again."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from math import cos, radians

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.config.demo import people
from beffroi.config.demo.cameras import USERNAME
from beffroi.config.demo.people import DEPARTMENT, INSEE
from beffroi.config.demo.scenes import SCENES
from beffroi.governance.actions import conventions, orders
from beffroi.governance.queries import law
from beffroi.insight import queries as figures
from beffroi.insight.actions import import_series
from beffroi.kernel.errors import Conflict
from beffroi.media.core.secrets import open_secret
from beffroi.operations import queries as operations
from beffroi.operations.actions import shifts
from beffroi.operations.core.words import RotaLine
from beffroi.people import queries as person_queries
from beffroi.sites import queries as sites
from beffroi.sites.actions import cameras as camera_acts
from beffroi.sites.actions import declare_network, places
from beffroi.sites.actions import orders as site_orders
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.files import boundary_of, camera_key, shipped_plan

OWN_NETWORK = "127.0.0.0/8"
AGE = timedelta(days=400)
LAST_MASK_REVIEW = timedelta(days=60)
SYSTEM_ORDER = "AP-99-VIDEO-0088"
PURPOSES = (Purpose.PUBLIC_BUILDINGS, Purpose.SAFETY_OF_PERSONS, Purpose.TERRORISM, Purpose.RISKS, Purpose.RESCUE)
RETENTION_DAYS = 21
ORDER_IN_FORCE = datetime(2026, 2, 1, 8, tzinfo=UTC)
"""First day of the order and the convention that ship with the program."""

SPOTS: Mapping[str, int] = {"mairie": 1, "grande-rue": 2, "pont": 3, "ecole": 4, "gare": 5, "entree": 6, "parking": 9}
"""Which point of the village's drawing each scene stands on; the market hall has a place of its own."""
MARKET_HALL = View(48.49988, 2.49890, 75.0, 90.0, 60.0)
NAMES = {
    "mairie": "Place de la Mairie",
    "grande-rue": "Rue du Beffroi",
    "pont": "Pont de la Voulzette",
    "ecole": "Parvis de l’école",
    "gare": "Gare",
    "entree": "Entrée est, route de Valmont",
    "halle": "Halle, place du Marché",
    "parking": "Salle des fêtes et stade",
}


def found(now: datetime) -> dict[str, str]:
    """Enter the village as it stands for a year: people, places, cameras, orders, convention. Returns person ids."""
    founded = now - AGE
    ids = people.settle(founded, now)
    technician = person_queries.actor(ids["technicien"])
    if not sites.networks():  # declared, so that another one beside it does not cut the village's cameras off
        declare_network(actor=SYSTEM, network=OWN_NETWORK, reason="Caméras de démonstration", now=founded)
    _places(founded)
    _cameras(technician, person_queries.actor(ids["referent"]), founded, now)
    _law(ids)
    if not figures.declared():
        for name in ("declared-2020", "crime-demo"):
            import_series(name=name, text=figures.shipped_series(name), actor=SYSTEM, now=now)
    if not operations.rota():
        lines = [
            RotaLine(rank, person_queries.person_facts(ids[name], now).id, person_queries.actor(ids[name]).name, phone)
            for rank, (name, phone) in enumerate((("astreinte", "01 99 00 00 14"), ("chef", "01 99 00 00 01")), start=1)
        ]
        shifts.set_rota(actor=SYSTEM, lines=lines, now=founded)
    return ids


def _places(founded: datetime) -> None:
    plan = shipped_plan(INSEE)
    if INSEE not in {commune.insee for commune in sites.communes()}:
        places.enter_commune(
            actor=SYSTEM,
            insee=INSEE,
            name="Saint-Aubin-du-Beffroi",
            department=DEPARTMENT,
            centre=(48.5, 2.5),
            boundary=boundary_of(plan),
            plan=plan,
            now=founded,
        )
    there = {site.name for site in sites.sites()}
    for scene in SCENES:
        if NAMES[scene.name] not in there:
            kind = "school" if scene.name == "ecole" else "public_road"
            places.enter_site(actor=SYSTEM, insee=INSEE, name=NAMES[scene.name], kind=kind, now=founded)


def _view(name: str) -> View:
    number = SPOTS.get(name)
    if number is None:
        return MARKET_HALL
    for feature in shipped_plan(INSEE)["features"]:
        properties = feature["properties"]
        if properties.get("kind") == "spot" and properties["number"] == number:
            longitude, latitude = feature["geometry"]["coordinates"]
            return View(
                latitude, longitude, properties["bearing_degrees"], properties["angle_degrees"], properties["range_m"]
            )
    raise ValueError(f"the village's drawing has no spot {number}")


def _cameras(technician: Actor, reviewer: Actor, founded: datetime, now: datetime) -> None:
    known = {camera.number for camera in sites.cameras(retired=True)}
    site_ids = {site.name: site.id for site in sites.sites()}
    added = []
    for scene in SCENES:
        if scene.number in known:
            continue
        camera = camera_acts.add_camera(
            actor=technician,
            site=site_ids[NAMES[scene.name]],
            number=scene.number,
            name=NAMES[scene.name],
            view=_view(scene.name),
            public_road=True,
            purposes=PURPOSES,
            retention_days=RETENTION_DAYS,
            tags=("voie_publique", *(("ecole",) if scene.name == "ecole" else ())),
            now=founded,
        )
        for at in (founded, now - LAST_MASK_REVIEW):  # at the start, and again within the year
            version = site_orders.draw_mask(actor=technician, camera=camera, polygons=(), now=at)
            site_orders.review_mask(actor=reviewer, camera=camera, version=version, now=at)
        added.append(camera)
    if added and not sites.authorisations():
        site_orders.enter_authorisation(
            actor=SYSTEM,
            reference=SYSTEM_ORDER,
            department=DEPARTMENT,
            purposes=PURPOSES,
            retention_max_days=30,
            valid_from=founded,
            valid_to=founded + timedelta(days=5 * 365),
            cameras=added,
            now=founded,
        )


def connect(technician: Actor, addresses: Mapping[int, str], password: str, *, since: datetime, now: datetime) -> None:
    """Give each camera (by number) its address, and let it record. ``since`` is when the commissioning is dated on the
    first day; a changed address is dated ``now``."""
    sources = sites.sources()
    for camera in sites.cameras():
        url = addresses.get(camera.number)
        if url is None:
            continue
        source = sources[camera.id]
        new = camera.commissioned_at is None
        if source.main_url == "" or not _same(source, camera.id, url):
            camera_acts.set_source(
                actor=technician,
                camera=camera.id,
                main_url=url,
                username=USERNAME,
                password=password,
                synthetic=True,
                now=since if new else now,
            )
        if new:
            camera_acts.commission_camera(actor=technician, camera=camera.id, now=since)


def _same(source: sites.Source, camera: str, url: str) -> bool:
    return open_secret(camera_key(), source.main_url, camera=camera) == url


def _law(ids: Mapping[str, str]) -> None:
    """The prefect's order on recipients and the convention, signed by all parties."""
    folder = resources.files("beffroi.governance").joinpath("data")
    with contextlib.suppress(Conflict):  # registered already
        text = folder.joinpath("orders", "saint-aubin.yaml").read_text(encoding="utf-8")
        orders.register_order(text=text, actor=SYSTEM, now=ORDER_IN_FORCE)
    if law.conventions():
        return
    clerk = person_queries.actor(ids["secretariat"])
    text = folder.joinpath("conventions", "petite-commune.yaml").read_text(encoding="utf-8")
    draft = conventions.draft_convention(text=text, actor=clerk, now=ORDER_IN_FORCE)
    signatories = {
        "commune": ("Solange Perrin", "Maire"),
        "prefecture": ("Hélène Fabre", "Préfète"),
        "GN": ("Paul Garnier", "Commandant de compagnie"),
    }
    for party in draft.missing:
        key = next((key for key in signatories if party.startswith(key)), "commune")
        name, quality = signatories[key]
        conventions.sign_convention(
            convention=draft.id, party=party, signatory=name, quality=quality, actor=clerk, now=ORDER_IN_FORCE
        )
    conventions.bring_into_effect(convention=draft.id, at=ORDER_IN_FORCE, actor=clerk, now=ORDER_IN_FORCE)


def on_duty(ids: Mapping[str, str], now: datetime) -> None:
    """Put the guard on duty where nobody is, so that the wall opens at once."""
    if operations.on_duty(now):
        return
    person = person_queries.person_facts(ids["garde"], now)
    shifts.begin_shift(
        actor=person_queries.actor(ids["garde"]),
        person=person,
        purpose=Purpose.SAFETY_OF_PERSONS,
        reason="Vacation de démonstration : surveillance du centre et des entrées de ville",
        station="Poste de démonstration",
        now=now,
    )


def metres_east(latitude: float, metres: float) -> float:
    """Degrees of longitude that ``metres`` are at ``latitude``."""
    return metres / (111_320 * cos(radians(latitude)))
