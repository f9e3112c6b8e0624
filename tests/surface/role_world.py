"""Two communes in one office: everything of the village, and a person of every role on both sides of the border.

The village has one of each object a page can name. The strangers have the same roles and are cleared for their own
commune only; they hold nothing here. The world is built once for a whole module; each request is undone after it.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings

from beffroi.audit import jobs as audit_jobs
from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM
from beffroi.governance import models
from beffroi.governance.actions import access, control, guests, handover, notices, orders, requisitions, rights
from beffroi.governance.actions.cases import open_case
from beffroi.governance.core.guests import Method
from beffroi.governance.core.requisition_decisions import Ground
from beffroi.governance.core.requisitions import Act, Channel
from beffroi.governance.core.rights import Wish
from beffroi.governance.core.telling import Occasion
from beffroi.governance.files.stamps import CA_CERTIFICATE, CERTIFICATE, KEY
from beffroi.governance.jobs import reconcile_extractions
from beffroi.governance.queries import notices as told
from beffroi.governance.queries import requisitions as requisition_queries
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.clock import ManualClock
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import actions as operations
from beffroi.operations.core.calls import PeriodKind
from beffroi.operations.core.words import RotaLine
from beffroi.people import actions as people
from beffroi.people import queries as people_queries
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Quality, Role
from beffroi.people.queries import actor_of
from beffroi.safety import actions as safety
from beffroi.safety.actions.drills import plan_drill
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.words import Hazard
from beffroi.sites import actions as sites
from beffroi.sites import queries as site_queries
from beffroi.sites.core.coverage import View
from beffroi.sites.core.purposes import Purpose
from tests.conftest import _FORCE_OF, INSEE, NOW, PASSWORD
from tests.plane.governance.conftest import FOUNDED, adopt, text_of
from tests.requisition_world import CHIEF, SECOND, RecorderMemory, entry, make_keys, make_village
from tests.surface.role_exports import brought, decided, keep_plan, send_exports, take_export, take_mail, type_order
from tests.unit.governance import evidence_packages
from tests.unit.safety.test_plans import PLAN

ELSEWHERE = "99124"
CAMERA_PASSWORD = "mot-de-passe-de-camera"
HOUR = timedelta(hours=1)


@dataclass
class World:
    """Ids of the village's objects by the name of the route's argument, and a signed-in client of every person."""

    home: dict[Role, PersonFacts] = field(default_factory=dict)
    strangers: dict[Role, PersonFacts] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    own: dict[tuple[Role, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    handlers: dict[bool, Any] = field(default_factory=dict)

    def client(self, person: PersonFacts | None, **given: Any) -> Client:
        """A fresh browser signed in as the person; of nobody when ``None``. A fault of a view is a 500, as outside."""
        client = Client(raise_request_exception=False, **given)
        handler = client.handler
        if handler.enforce_csrf_checks not in self.handlers:
            handler.load_middleware()
            self.handlers[handler.enforce_csrf_checks] = handler
        client.handler = self.handlers[handler.enforce_csrf_checks]  # reads the folders of static files only once
        if person is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person.id]
        return client

    def value(self, role: Role, route: str, argument: str) -> str:
        """What stands in the route for this role of the village."""
        for key in ((role, f"{route}.{argument}"), (role, argument)):
            if key in self.own:
                return self.own[key]
        return self.objects.get(f"{route}.{argument}") or self.objects[argument]


@contextlib.contextmanager
def built(folder: Path) -> Iterator[World]:
    """The world, taken down at the end. Needs an unblocked database."""
    changed = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        BEFFROI_CLOCK=ManualClock(NOW),
        BEFFROI_DATA_DIR=folder,
        BEFFROI_TSA_URL="",
        BEFFROI_RECORDER="tests.surface.desk.recorder.nobody",
    )
    with changed, transaction.atomic():
        world = World()
        _keys(folder)
        cameras = _places(world)
        _people(world)
        _invitation(world)
        _room(world, cameras)
        _trials(world)
        _requisition(world, cameras)
        _duty(world)
        _bell(world)
        _control(world)
        _sessions(world)
        yield world
        transaction.set_rollback(True)


def _keys(folder: Path) -> None:
    (folder / "keys").mkdir()
    make_keys(folder, settings)
    authority = evidence_packages.authority_folder()
    for name in (CA_CERTIFICATE, CERTIFICATE, KEY):
        (folder / "keys" / name).write_bytes((authority / name).read_bytes())


def _places(world: World) -> tuple[str, str]:
    cameras = make_village()
    for camera in cameras:
        sites.set_source(
            actor=CHIEF, camera=camera, main_url="rtsp://127.0.0.1:8554/one", sub_url="", username="camera",
            password=CAMERA_PASSWORD, now=FOUNDED,
        )  # fmt: skip
    sites.enter_commune(actor=SYSTEM, insee=ELSEWHERE, name="Couvry", department="99", centre=(48.6, 2.6), now=FOUNDED)
    site = sites.enter_site(actor=SYSTEM, insee=ELSEWHERE, name="Gare", kind="public_road", now=FOUNDED)
    foreign = sites.add_camera(
        actor=SYSTEM, site=site, number=21, name="Gare de Couvry", view=View(48.6, 2.6, 0, 90, 100), public_road=True,
        purposes={Purpose.SAFETY_OF_PERSONS}, retention_days=30, now=FOUNDED,
    )  # fmt: skip
    sites.set_source(actor=SYSTEM, camera=foreign, main_url="rtsp://127.0.0.1:8554/far", now=FOUNDED)
    sites.draw_mask(actor=SYSTEM, camera=foreign, polygons=[], now=FOUNDED)
    sites.review_mask(actor=SECOND, camera=foreign, version=1, now=FOUNDED)
    sites.enter_authorisation(
        actor=SYSTEM, reference="AP-99-2026-021", department="99", purposes={Purpose.SAFETY_OF_PERSONS},
        retention_max_days=30, valid_from=FOUNDED, valid_to=NOW + timedelta(days=900), cameras=[foreign], now=FOUNDED,
    )  # fmt: skip
    sites.commission_camera(actor=SYSTEM, camera=foreign, now=FOUNDED)
    world.objects |= {
        "camera": cameras[0],
        "token": "unknown",
        "provider": "none",
        "identity": "none",
        "factor": "019a0000-0000-7000-8000-000000000000",
    }
    world.names |= {"camera": "Place de la Halle"}
    return cameras


def _people(world: World) -> None:
    units: dict[tuple[Force, str], str] = {}
    for role in Role:
        force, quality = _FORCE_OF.get(role, (Force.PM, Quality.NONE))
        for insee, there in ((INSEE, world.home), (ELSEWHERE, world.strangers)):
            if (force, insee) not in units:
                far = "" if insee == INSEE else " de Couvry"
                organisation = people.create_organisation(
                    name=f"Organisation {force}{far}", force=force, insee=insee, actor=SYSTEM, now=FOUNDED
                )
                units[force, insee] = people.create_unit(
                    organisation=organisation, name=f"Unit {force}{far}", actor=SYSTEM, now=FOUNDED
                )
            there[role] = _person(role, quality, units[force, insee], insee)
    world.objects["person"] = world.home[Role.SCHOOL_HEAD].id
    world.names["person"] = "School Head Saint-Aubin"


def _invitation(world: World) -> None:
    """Somebody of the village who was invited and has not come yet."""
    chief = world.home[Role.CHIEF]
    invited = people.invite_new(
        name="Nouvelle Recrue", unit=chief.unit_id, roles=[Role.DUTY_OFFICER], username="recrue", days=3,
        actor=actor_of(chief), now=NOW,
    )  # fmt: skip
    world.objects |= {"person": invited.person, "invitation": invited.id}


def unit_is_police(role: Role) -> bool:
    """Whether the role is held by officers of the municipal police, who extract for an inquiry by their rank."""
    return _FORCE_OF.get(role, (Force.PM, Quality.NONE))[0] is Force.PM


def _person(role: Role, quality: Quality, unit: str, insee: str) -> PersonFacts:
    name = f"{role.value.replace('_', ' ').title()} {'Saint-Aubin' if insee == INSEE else 'Couvry'}"
    person = people.create_person(
        name=name,
        unit=unit,
        rank="Chef de service" if unit_is_police(role) else "Adjudant",
        matricule=f"{role.value}-{insee}",
        quality=quality,
        actor=SYSTEM,
        now=FOUNDED,
    )
    people.grant_role(person=person, role=role, actor=SYSTEM, now=FOUNDED)
    people.grant_clearance(
        person=person, reference=f"HAB-{role}-{insee}", issuer="Maire", territory=[insee], actor=SYSTEM, now=FOUNDED
    )
    people.grant_approval(
        person=person, reference=f"AGR-{role}-{insee}", issuer="Préfet", department="99", actor=SYSTEM, now=FOUNDED
    )
    people.open_account(
        person=person, username=f"{role.value}-{insee}", password=PASSWORD, actor=SYSTEM, now=FOUNDED
    )  # fmt: skip
    return people_queries.person_facts(person, NOW)


def _room(world: World, cameras: tuple[str, str]) -> None:
    """Shifts on both sides, an incident, a relay that is open, requests that wait, a case."""
    order = text_of("saint-aubin")
    orders.register_order(text=order, actor=SYSTEM, now=FOUNDED)
    named = order.replace("PREF-0042", world.home[Role.PREFECTURE_DUTY].matricule).replace("AP-2026-99-0117", "AP-2")
    orders.register_order(text=named, actor=SYSTEM, now=FOUNDED)
    world.objects["convention"] = adopt("petite-commune")
    orders.give_consent(insee=INSEE, reference="Délibération 2026-1", actor=SYSTEM, now=FOUNDED)
    for side in (world.home, world.strangers):
        for role in (Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF):
            operations.begin_shift(
                actor=actor_of(side[role]), person=side[role], purpose=Purpose.SAFETY_OF_PERSONS,
                reason="Soirée du marché", now=NOW,
            )  # fmt: skip
    officer = world.home[Role.DUTY_OFFICER]
    incident = operations.open_incident(
        actor=actor_of(officer), person=officer, camera=site_queries.camera(cameras[0]), title="Rixe devant la mairie",
        reason="Plusieurs personnes se battent", now=NOW,
    )  # fmt: skip
    world.objects["incident"] = incident.id
    world.names["incident"] = "Rixe devant la mairie"
    centre = world.home[Role.OPERATIONS_CENTRE]
    relay = access.offer_relay(
        person=centre.id, incident=incident.id, cameras=[cameras[0]], duration=HOUR, reason="Renfort vers la mairie",
        actor=actor_of(officer), now=NOW,
    )  # fmt: skip
    assert relay.state == "active", (relay.refusal, relay.article)
    pending = _asked(centre, incident.id, cameras[0])
    assert pending.state == "requested", (pending.refusal, pending.article)
    crisis = _asked(world.home[Role.PREFECTURE_DUTY], incident.id, cameras[0], "L251-2:6")
    assert crisis.state == "requested", (crisis.refusal, crisis.article)
    world.own[Role.MAYOR, "duty:decide.grant"] = crisis.id
    world.names["reason"] = "Patrouille en route vers la Halle"
    world.objects |= {"grant": relay.id, "duty:decide.grant": pending.id}
    notices.tell(occasion=Occasion.OPENED, one=relay, capacities=("mayor", "dpo"), now=NOW)
    for role in (Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF, Role.MAYOR, Role.DPO):
        world.own[role, "notice"] = world.objects["notice"] = told.on_page(world.home[role])[0].id
    asker = world.home[Role.INVESTIGATOR]
    case = open_case(
        number="12345/00678/2026", legal_basis="CPP_60_1", unit=asker.unit, force=asker.force.value,
        cameras=[cameras[0]], span=Span(NOW - HOUR, NOW), title="Vol à l’arraché", actor=actor_of(asker), now=NOW,
    )  # fmt: skip
    world.objects["case"] = case.id
    world.names["case"] = "12345/00678/2026"
    for role in (Role.INVESTIGATOR, Role.PREFECTURE_DUTY):
        world.own[role, "grant"] = _asked(world.home[role], incident.id, cameras[0]).id


def _duty(world: World) -> None:
    """An order of call with a turn, two shifts handed over, a requisition that nobody has taken."""
    officer, video, chief = (world.home[role] for role in (Role.DUTY_OFFICER, Role.VIDEO_OFFICER, Role.CHIEF))
    operations.set_rota(actor=SYSTEM, lines=[RotaLine(1, chief.id, chief.called, "0600000001")], now=NOW)
    week = Span(NOW, NOW + timedelta(days=7))
    world.objects["period"] = operations.enter_period(
        actor=SYSTEM, person=chief.id, kind=PeriodKind.TURN, span=week, now=NOW
    )
    for giver, takers in ((officer, (Role.VIDEO_OFFICER, Role.CHIEF)), (video, (Role.DUTY_OFFICER,))):
        left = operations.give_over(
            actor=actor_of(giver), person=giver, note="Rien à signaler", still_open=(), insee=INSEE, now=NOW
        )
        world.own |= {(role, "handover"): left for role in takers}
        world.objects["handover"] = left
        operations.begin_shift(
            actor=actor_of(giver), person=giver, purpose=Purpose.SAFETY_OF_PERSONS, reason="Soirée du marché", now=NOW
        )
    asker = world.home[Role.INVESTIGATOR]
    row = requisitions.submit(
        actor=actor_of(asker), person=asker, entry=entry(channel=Channel.COUNTER), document=None, recorder=None, now=NOW
    )
    world.objects["duty:requisition-take.requisition"] = row.id
    world.objects["visit"] = guests.ask(
        unit=asker.unit_id, name="Paul Invité", rank="Adjudant", matricule="GN-9", quality=Quality.OPJ,
        method=Method.CALL_BACK, language="fr", now=NOW,
    )  # fmt: skip
    world.objects["link"] = "no-such-link"
    world.objects["hold"] = row.holds.first().id


def _asked(person: PersonFacts, incident: str, camera: str, purpose: str = "L251-2:5") -> GrantFacts:
    return access.request_access(
        mode=Mode.RELAY, cameras=[camera], ground_kind="incident", ground=incident, purpose=purpose,
        legal_basis="ADMIN_POLICE", reason="Patrouille en route vers la Halle", duration=HOUR, actor=actor_of(person),
        now=NOW,
    )  # fmt: skip


def _trials(world: World) -> None:
    """A camera being tried by everybody who may."""
    for role in (Role.TECHNICIAN, Role.VIDEO_OFFICER, Role.CHIEF):
        world.own[role, "trial"] = sites.begin_trial(
            actor=actor_of(world.home[role]), main_url="rtsp://127.0.0.1:9/one", password=CAMERA_PASSWORD, now=NOW
        )
    world.objects["trial"] = world.own[Role.TECHNICIAN, "trial"]


def _requisition(world: World, cameras: tuple[str, str]) -> None:
    """Accepted, packaged and opened to who asked."""
    officer, asker = world.home[Role.VIDEO_OFFICER], world.home[Role.INVESTIGATOR]
    recorder = RecorderMemory()
    given = entry(channel=Channel.COUNTER, texts={"offence": "vol à l’arraché de la Halle"})
    row = requisitions.submit(
        actor=actor_of(asker), person=asker, entry=given, document=None, recorder=None, now=NOW
    )  # fmt: skip
    span = requisition_queries.span_of(row)
    assert span is not None
    recorder.has |= {camera: [span.widened(HOUR)] for camera in cameras}
    requisitions.recheck(actor=actor_of(officer), person=officer, requisition=row.id, recorder=recorder, now=NOW)
    requisitions.answer(
        actor=actor_of(officer), person=officer, requisition=row.id, act=Act.ACCEPT, ground=Ground.NONE, now=NOW
    )
    requisitions.assign(actor=actor_of(officer), requisition=row.id, officer=world.home[Role.DUTY_OFFICER], now=NOW)
    audit_jobs.sequence(NOW)
    reconcile_extractions(evidence_packages.MemorySource(), NOW, clock=ManualClock(NOW))
    extraction = models.Extraction.objects.get(requisition=row.id)
    handed = handover.open_download(actor=actor_of(officer), extraction=extraction.id, recipient=asker.id, now=NOW)
    paper = models.StoredDocument.objects.filter(requisition=row.id).first()
    world.objects |= {
        "requisition": row.id,
        "extraction": extraction.id,
        "handover_id": handed.id,
        "intake": take_export(row, cameras[0], officer, span).id,
        "upload": "01a2-upload",
        "document": paper.id if paper is not None else "",
        **take_mail(row, officer),
    }
    world.own |= send_exports(row, world.home)
    world.names |= {"offence": "vol à l’arraché de la Halle", "package": extraction.package}


def _bell(world: World) -> None:
    building = safety.enter_building(
        actor=SYSTEM, insee=INSEE, name="École des Tilleuls", kind="school", cameras=[world.objects["camera"]], now=NOW
    )
    version, _ = safety.import_plan(actor=SYSTEM, building=building, document=plan_to_json(PLAN), now=NOW)
    safety.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=NOW)
    chief = world.home[Role.CHIEF]
    alert = safety.relay_order(
        actor=actor_of(chief), person=chief, building=building, hazard=Hazard.TOXIC_CLOUD, authority="Préfecture",
        key=SigningKey(bytes(range(1, 33))), now=NOW,
    )  # fmt: skip
    drill = plan_drill(
        actor=actor_of(chief), person=chief, building=building, hazard=Hazard.FLOOD,
        window=Span(NOW + timedelta(days=20), NOW + timedelta(days=20, hours=2)), objectives="À l’étage", now=NOW,
    )  # fmt: skip
    world.objects |= {"building": building, "alert": alert, "version": str(version), "drill": drill}
    world.objects |= keep_plan(actor_of(chief), building, version) | decided(chief, alert) | brought(chief)


def _control(world: World) -> None:
    """A person asks for pictures of herself at the Halle; a bundle waits to be made."""
    entry_of = rights.RightsEntry(
        Wish.SEE, "Place de la Halle", Span(NOW - 2 * HOUR, NOW - HOUR), "manteau rouge à capuche", "Camille Test",
        "12 rue du Puits",
    )  # fmt: skip
    asked = rights.receive(entry=entry_of, address="192.0.2.1", now=NOW)
    for role in (Role.DPO, Role.CHIEF, Role.MAYOR):
        row = control.request_bundle(actor=actor_of(world.home[role]), for_whom="CNIL, contrôle 41", now=NOW)
        world.own[role, "bundle"] = row.id
    world.objects |= {"rights": asked.id, "bundle": row.id, "order": type_order(world.home[Role.CHIEF]).id}
    with transaction.atomic():
        late = record(actor=SYSTEM, name="access:late", subject="access:1", body={}, at=NOW)
    world.objects["anomaly"] = f"A-03.{late}"
    world.names |= {"rights": asked.number, "description": "manteau rouge à capuche", "control": "CNIL, contrôle 41"}
    world.names |= {"building": "École des Tilleuls", "alert": world.objects["alert"]}


def _sessions(world: World) -> None:
    """Everybody signs in by the page; twice, so that there is another session to end."""
    for side in (world.home, world.strangers):
        for role, person in side.items():
            given = {"username": people_queries.username_of(person.id), "password": PASSWORD}
            for _ in range(2):
                client = world.client(None)
                answer: Any = client.post("/account/sign-in/", given)
                assert answer.status_code == 302, answer.content.decode()
            world.sessions[person.id] = client.cookies[settings.SESSION_COOKIE_NAME].value
            other = people_queries.sessions(person.id)[-1].id
            if side is world.home:
                world.own[role, "session"] = other
