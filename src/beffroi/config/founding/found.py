"""Enters a founding file by the same acts as any page; what is there already is left as it is."""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, time

from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.config.founding.sheet import Camera, Sheet
from beffroi.kernel.errors import Invalid
from beffroi.people import queries as people
from beffroi.people.actions import accounts, holdings, persons
from beffroi.sites import queries as sites
from beffroi.sites.actions import cameras as camera_acts
from beffroi.sites.actions import networks, orders, places
from beffroi.sites.core.coverage import View
from beffroi.sites.core.networks import written

Say = Callable[[str], None]


def found(sheet: Sheet, *, now: datetime, say: Say) -> dict[str, str]:
    """Enter everything that is not there yet; returns new accounts with their first passwords (shown once)."""
    passwords = _persons(sheet, now, say)
    _commune(sheet, now, say)
    for one in sheet.networks:
        if written(one.network) not in {known.network for known in sites.networks()}:
            networks.declare_network(actor=SYSTEM, network=one.network, reason=one.reason, now=now)
    added = [_camera(sheet, camera, now, say) for camera in sheet.cameras if camera.number not in _numbers()]
    _authorise(sheet, added, now, say)
    for camera in added:
        camera_acts.commission_camera(actor=_actor(sheet, 0, now), camera=camera, now=now)
    if added:
        say(f"{len(added)} cameras record from now on.")
    return passwords


def _persons(sheet: Sheet, now: datetime, say: Say) -> dict[str, str]:
    there = {person.name for person in people.persons(now=now)}
    organisations: dict[str, str] = {}
    units: dict[str, str] = {person.unit: person.unit_id for person in people.persons(now=now)}
    own = sheet.commune.insee
    passwords: dict[str, str] = {}
    for unit in sheet.units:
        if unit.name in units:
            continue
        if unit.organisation not in organisations:
            insee = own if unit.force.value in ("PM", "MAIRE") else ""
            organisations[unit.organisation] = persons.create_organisation(
                name=unit.organisation, force=unit.force, insee=insee, actor=SYSTEM, now=now
            )
        units[unit.name] = persons.create_unit(
            organisation=organisations[unit.organisation], name=unit.name, email=unit.email, actor=SYSTEM, now=now
        )
    for person in sheet.persons:
        if person.name in there:
            continue
        made = persons.create_person(
            name=person.name,
            unit=units[person.unit],
            rank=person.rank,
            matricule=person.matricule,
            quality=person.quality,
            actor=SYSTEM,
            now=now,
        )
        for role in person.roles:
            holdings.grant_role(person=made, role=role, actor=SYSTEM, now=now)
        if person.clearance:
            holdings.grant_clearance(
                person=made,
                reference=person.clearance,
                issuer=person.clearance_issuer or f"Maire de {sheet.commune.name}",
                territory=[own],
                actor=SYSTEM,
                now=now,
            )
        passwords[person.account] = secrets.token_urlsafe(12)
        accounts.open_account(
            person=made, username=person.account, password=passwords[person.account], actor=SYSTEM, now=now
        )
        say(f"{person.name}: entered, account {person.account}.")
    return passwords


def _commune(sheet: Sheet, now: datetime, say: Say) -> None:
    commune = sheet.commune
    if commune.insee not in {one.insee for one in sites.communes()}:
        places.enter_commune(
            actor=SYSTEM,
            insee=commune.insee,
            name=commune.name,
            department=commune.department,
            centre=(commune.latitude, commune.longitude),
            now=now,
        )
        say(f"{commune.name}: entered.")


def _camera(sheet: Sheet, camera: Camera, now: datetime, say: Say) -> str:
    technician, reviewer = _actor(sheet, 0, now), _actor(sheet, 1, now)
    site_ids = {site.name: site.id for site in sites.sites()}
    site = site_ids.get(camera.site) or places.enter_site(
        actor=SYSTEM, insee=sheet.commune.insee, name=camera.site, kind=camera.site_kind, now=now
    )
    made = camera_acts.add_camera(
        actor=technician,
        site=site,
        number=camera.number,
        name=camera.name,
        view=View(camera.latitude, camera.longitude, camera.bearing, camera.angle, camera.range_m),
        public_road=camera.public_road,
        purposes=camera.purposes,
        retention_days=camera.retention_days,
        tags=camera.tags or (["voie_publique"] if camera.public_road else []),
        now=now,
    )
    if camera.url:
        camera_acts.set_source(
            actor=technician,
            camera=made,
            main_url=camera.url,
            username=camera.username,
            password=_password(camera),
            now=now,
        )
    if sheet.masks is not None:
        version = orders.draw_mask(actor=technician, camera=made, polygons=(), now=now)
        orders.review_mask(actor=reviewer, camera=made, version=version, now=now)
    say(f"Camera {camera.number}, {camera.name}: entered.")
    return made


def _authorise(sheet: Sheet, added: list[str], now: datetime, say: Say) -> None:
    order = sheet.authorisation
    if order is None or not added:
        return
    known = {one.reference: one.id for one in sites.authorisations()}
    if order.reference in known:
        orders.cover_cameras(actor=SYSTEM, authorisation=known[order.reference], cameras=added, now=now)
        return
    orders.enter_authorisation(
        actor=SYSTEM,
        reference=order.reference,
        department=sheet.commune.department,
        purposes=order.purposes,
        retention_max_days=order.retention_max_days,
        retention_min_days=order.retention_min_days,
        valid_from=datetime.combine(order.valid_from, time(0), UTC),
        valid_to=datetime.combine(order.valid_to, time(0), UTC),
        cameras=added,
        now=now,
    )
    say(f"Authorisation {order.reference}: entered.")


def _actor(sheet: Sheet, position: int, now: datetime) -> Actor:
    """Who draws (0) and who reviews (1); the program itself where the file names nobody."""
    if sheet.masks is None:
        return SYSTEM
    account = (sheet.masks.drawn_by, sheet.masks.reviewed_by)[position]
    name = next(person.name for person in sheet.persons if person.account == account)
    found = next((one for one in people.persons(now=now) if one.name == name), None)
    return people.actor(found.id) if found else SYSTEM


def _numbers() -> set[int]:
    return {camera.number for camera in sites.cameras(retired=True)}


def _password(camera: Camera) -> str:
    if not camera.password_env:
        return ""
    try:
        return os.environ[camera.password_env]
    except KeyError:
        raise Invalid(
            f"The environment variable {camera.password_env} with the password of camera {camera.number} is not set.",
            hint="Set it for this one command; it is kept encrypted and never shown.",
        ) from None
