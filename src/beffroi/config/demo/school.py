"""The demonstration's school: twelve classes, three safety zones, a plan in force with its regimes; invented people."""

import secrets
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from beffroi.audit.core.facts import SYSTEM
from beffroi.audit.files import office_key
from beffroi.config.demo import school_plan
from beffroi.config.demo.people import INSEE
from beffroi.edge.contact_settings import ContactSettings
from beffroi.edge.settings import EdgeSettings, code_digest, load, save, signing_key
from beffroi.kernel.canonical import b64
from beffroi.kernel.spans import Span
from beffroi.people import queries as people
from beffroi.safety import actions, queries
from beffroi.safety.actions import drills
from beffroi.safety.actions import plans as plan_acts
from beffroi.safety.core.drills import DrillState
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.plans import (
    TEACHER,
    VALIDATORS,
    Group,
    Holder,
    Instruction,
    MissionKind,
    Plan,
    Regime,
    Room,
    Zone,
    ZoneKind,
)
from beffroi.safety.core.words import Hazard, Posture
from beffroi.safety.documents.drawings import read_drawing
from beffroi.sites import queries as sites

NAME = "École des Tilleuls"
_CLASSES = (
    ("tps", "TPS-PS, Mme Aubry", 21, 2),
    ("ms", "MS, M. Bellanger", 24, 2),
    ("gs-a", "GS A, Mme Corbin", 22, 2),
    ("gs-b", "GS B, Mme Delorme", 20, 2),
    ("cp-a", "CP A, M. Estève", 19, 1),
    ("cp-b", "CP B, Mme Fournier", 18, 1),
    ("ce1-a", "CE1 A, Mme Garnier", 23, 1),
    ("ce1-b", "CE1 B, M. Hamelin", 22, 1),
    ("ce2", "CE2, Mme Ilbert", 26, 1),
    ("cm1-a", "CM1 A, Mme Jacquet", 24, 1),
    ("cm1-b", "CM1 B, M. Kermarec", 23, 1),
    ("cm2", "CM2, Mme Lambert", 27, 1),
)
_WEEK = frozenset({0, 1, 3, 4})  # Monday, Tuesday, Thursday, Friday
_EVERY_DAY = frozenset(range(7))


def plan(language: str = "fr") -> Plan:
    """The plan as it was validated by education, commune and security staff; its steps in the building's language."""
    zones = (
        Zone("zms-1", "ZMS 1, salle de motricité", ZoneKind.SAFETY, capacity=110),
        Zone("zms-2", "ZMS 2, bibliothèque et couloir nord", ZoneKind.SAFETY, capacity=110, confidential=True),
        Zone("zms-3", "ZMS 3, salles de l’étage", ZoneKind.SAFETY, capacity=120),
        Zone("rassemblement", "Point de rassemblement, stade municipal", ZoneKind.ASSEMBLY),
    )
    rooms, groups = [], []
    for number, (key, name, size, adults) in enumerate(_CLASSES, start=1):
        zone = zones[(number - 1) // 4].id
        level = "étage" if number > 8 else "rez-de-chaussée"
        rooms.append(Room(f"salle-{number}", f"Salle {number}", level, zone))
        groups.append(Group(key, name, f"salle-{number}", size, adults))
    rooms.append(Room("bureau", "Bureau de direction", "rez-de-chaussée", "zms-1"))
    rooms.append(Room("cantine", "Restaurant scolaire", "rez-de-chaussée", "zms-1"))
    return Plan(
        site="ecole-des-tilleuls",
        version=1,
        zone_info="Europe/Paris",
        zones=zones,
        rooms=tuple(rooms),
        groups=tuple(groups),
        regimes=_regimes(),
        instructions=_instructions(_STEPS[language]) + _mission_steps(_MISSION_STEPS[language]),
        postures={Hazard.TOXIC_CLOUD: Posture.SEAL_IN, Hazard.FLOOD: Posture.EVACUATE},
        validated_by=VALIDATORS,
    )


def _holders(head: str, cell: str, lead: str, reception: str, cut_offs: str, phone: str) -> tuple[Holder, ...]:
    spare = ("Mme Garnier, adjointe",)
    return (
        Holder(MissionKind.HEAD, head, spare),
        Holder(MissionKind.CRISIS_CELL, cell, spare),
        Holder(MissionKind.ZONE_LEAD, lead, zone="zms-1"),
        Holder(MissionKind.RESPONDER_RECEPTION, reception),
        Holder(MissionKind.CUT_OFFS, cut_offs),
        Holder(MissionKind.PHONE_LINE, phone),
    )


def _regimes() -> tuple[Regime, ...]:
    school = _holders("M. Arnaud, directeur", "M. Arnaud", "Mme Aubry", "M. Rey, agent", "M. Rey, agent", "Mme Ilbert")
    canteen = _holders("Mme Vidal, cantine", "Mme Vidal", "M. Bellanger", "M. Rey, agent", "M. Rey, agent", "Mme Vidal")
    after = _holders("M. Weber, périscolaire", "M. Weber", "M. Weber", "Mme Yvon", "Mme Yvon", "M. Weber")
    house = _holders(
        "Police municipale, astreinte", "Astreinte", "Astreinte", "Astreinte", "Services techniques", "Astreinte"
    )
    return (
        Regime("matin", "Temps scolaire, matin", _WEEK, time(8, 20), time(11, 30), school),
        Regime("cantine", "Cantine", _WEEK, time(11, 30), time(13, 20), canteen),
        Regime("apres-midi", "Temps scolaire, après-midi", _WEEK, time(13, 20), time(16, 30), school),
        Regime("periscolaire", "Accueil périscolaire", _WEEK, time(16, 30), time(18, 30), after),
        Regime("hors-temps", "Hors temps scolaire", _EVERY_DAY, time(0, 0), time(23, 59, 59), house),
    )


def _instructions(steps: tuple[tuple[Posture, Hazard | None, tuple[str, ...]], ...]) -> tuple[Instruction, ...]:
    return tuple(Instruction(hazard, posture, TEACHER, lines) for posture, hazard, lines in steps)


def _mission_steps(steps: tuple[tuple[Posture, MissionKind, tuple[str, ...]], ...]) -> tuple[Instruction, ...]:
    return tuple(Instruction(None, posture, mission.value, lines) for posture, mission, lines in steps)


_STEPS: dict[str, tuple[tuple[Posture, Hazard | None, tuple[str, ...]], ...]] = {
    "fr": (
        (Posture.SHELTER, None, ("Rentrez", "Éloignez-vous des fenêtres", "Faites l’appel")),
        (Posture.SEAL_IN, None, ("Fermez portes et fenêtres", "Coupez la ventilation", "Calfeutrez", "Faites l’appel")),
        (Posture.EVACUATE, None, ("Sortez dans le calme", "Rejoignez le stade municipal", "Faites l’appel")),
        (
            Posture.ESCAPE_OR_HIDE,
            None,
            ("Fuyez si c’est sûr", "Sinon verrouillez, éteignez, silence", "Appel quand c’est sûr"),
        ),
        (Posture.TAKE_COVER, None, ("Sous les tables", "Loin des vitres", "Attendez la fin, puis évacuez")),
        (Posture.SEAL_IN, Hazard.NUCLEAR, ("Confinez", "Attendez l’ordre du préfet pour l’iode")),
    ),
    "en": (
        (Posture.SHELTER, None, ("Go inside", "Keep away from windows", "Call the roll")),
        (Posture.SEAL_IN, None, ("Close doors and windows", "Stop the ventilation", "Seal the gaps", "Call the roll")),
        (Posture.EVACUATE, None, ("Leave calmly", "Go to the municipal stadium", "Call the roll")),
        (
            Posture.ESCAPE_OR_HIDE,
            None,
            ("Flee if it is safe", "If not: lock, lights off, silence", "Call the roll when it is safe"),
        ),
        (Posture.TAKE_COVER, None, ("Under the tables", "Away from glass", "Wait until it stops, then evacuate")),
        (Posture.SEAL_IN, Hazard.NUCLEAR, ("Seal yourselves in", "Wait for the prefect’s order about iodine")),
    ),
}

_MISSION_STEPS: dict[str, tuple[tuple[Posture, MissionKind, tuple[str, ...]], ...]] = {
    "fr": (
        (Posture.SEAL_IN, MissionKind.HEAD, ("Réunissez la cellule de crise", "Écoutez la radio", "Tenez la ligne")),
        (
            Posture.SEAL_IN,
            MissionKind.CRISIS_CELL,
            ("Recueillez les appels", "Notez les heures", "N’ouvrez à personne"),
        ),
        (Posture.SEAL_IN, MissionKind.CUT_OFFS, ("Coupez la ventilation générale", "Coupez le gaz", "Rendez compte")),
        (Posture.ESCAPE_OR_HIDE, MissionKind.HEAD, ("Mettez-vous en sûreté", "Appelez le 17 dès que possible")),
        (Posture.EVACUATE, MissionKind.HEAD, ("Prenez la mallette et les listes", "Recueillez l’appel au stade")),
        (Posture.EVACUATE, MissionKind.RESPONDER_RECEPTION, ("Ouvrez le portail sud", "Guidez les secours")),
    ),
    "en": (
        (Posture.SEAL_IN, MissionKind.HEAD, ("Gather the crisis cell", "Listen to the radio", "Keep the line open")),
        (Posture.SEAL_IN, MissionKind.CRISIS_CELL, ("Take the roll-calls", "Note the times", "Open to nobody")),
        (Posture.SEAL_IN, MissionKind.CUT_OFFS, ("Stop the ventilation", "Cut the gas", "Report back")),
        (Posture.ESCAPE_OR_HIDE, MissionKind.HEAD, ("Make yourself safe", "Call 17 as soon as you can")),
        (Posture.EVACUATE, MissionKind.HEAD, ("Take the case and the lists", "Take the roll at the stadium")),
        (Posture.EVACUATE, MissionKind.RESPONDER_RECEPTION, ("Open the south gate", "Guide the rescuers")),
    ),
}


BOX = "boitier-ecole"
BOX_CODE = "4711"
BOX_DURESS_CODE = "1174"
"""Typed instead of the other, it seems to end the alert and warns the room."""
BOX_TRIGGER = "hall"
BOX_CONTACT = ContactSettings("accueil", simulated=True, place="Accueil")
"""Worked by ``beffroi edge contact press accueil``."""


def pair_box(building: str, data: Path, centre_url: str, now: datetime, language: str = "") -> None:
    """Set the school's box up in ``data`` and enter its key at the centre; its settings follow the centre's address,
    and a language that is asked for is set as its page would set it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / "edge.toml"
    code = load(path).key_code if path.exists() else code_digest(BOX_CODE)
    known = load(path) if path.exists() else None
    settings = EdgeSettings(
        BOX,
        building,
        data,
        centre_url=centre_url,
        centre_key=office_key().public_bytes,
        key_code=code,
        duress_code=known.duress_code if known and known.duress_code else code_digest(BOX_DURESS_CODE),
        devices=known.devices if known and known.devices else {BOX_TRIGGER: secrets.token_bytes(32)},
        contacts=known.contacts if known else (BOX_CONTACT,),
    )
    save(settings, path)
    public_key = b64(signing_key(data).public_bytes)
    if building not in {edge.building for edge in queries.edges()}:
        actions.pair_edge(actor=SYSTEM, building=building, edge=BOX, public_key=public_key, now=now)
    if language and language not in {edge.language for edge in queries.edges() if edge.building == building}:
        actions.choose_language(actor=SYSTEM, building=building, language=language, now=now)


_TOLD = (
    ("Mairie, élue de permanence", "sms", "01 99 00 00 11", 1, True),
    ("Inspection de circonscription", "email", "inspection@academie.example", 1, False),
    ("Cellule de crise du rectorat", "email", "crise@academie.example", 2, False),
    ("Préfecture, protection civile", "email", "permanence@prefecture.example", 2, False),
)
"""Who is told of an alert, by which channel, on which rung, and whether of a drill too."""


def found_school(head: str, now: datetime, language: str = "fr") -> str:
    """Enter the school with its head and let its plan take effect, once; returns the building's id."""
    known = queries.buildings_visible_to(people.person_facts(head, now))
    if known:
        return known[0].id
    cameras = [one.id for one in sites.cameras() if "école" in one.name.lower() or "mairie" in one.name.lower()]
    building = actions.enter_building(
        actor=SYSTEM,
        insee=INSEE,
        name=NAME,
        kind="school",
        address="12 rue des Tilleuls, Saint-Aubin-du-Beffroi",
        phone="01 99 00 00 40",
        latitude=48.4995,
        longitude=2.5012,
        cameras=cameras,
        now=now,
    )
    actions.appoint(actor=SYSTEM, building=building, person=head, now=now)
    digests = {
        name: plan_acts.keep_drawing(
            actor=SYSTEM, building=building, drawing=read_drawing(school_plan.drawing(name)), now=now
        )
        for name in school_plan.names()
    }
    drawn = replace(plan(language), levels=school_plan.levels(digests), directory=school_plan.DIRECTORY)
    for name, channel, address, tier, drill_ok in _TOLD:
        actions.add_contact(
            actor=SYSTEM, building=building, name=name, channel=channel, address=address, tier=tier, drill_ok=drill_ok,
            language=language, now=now,
        )  # fmt: skip
    version, _ = actions.import_plan(actor=SYSTEM, building=building, document=plan_to_json(drawn), now=now)
    actions.put_plan_in_force(actor=SYSTEM, building=building, version=version, now=now)
    return building


def announce_drill(building: str, head: str, now: datetime) -> None:
    """A drill that was planned and announced in time, its window open now for whoever tries the demonstration: two
    keys arm it. Once one was played, or its window has passed, the next start has another."""
    open_now = [one for one in queries.drills_of(building) if now < one.window_to and one.state in _TO_PLAY]
    if open_now:
        return
    planned, person = now - timedelta(days=8), people.person_facts(head, now)
    drill = drills.plan_drill(
        actor=SYSTEM,
        person=person,
        building=building,
        hazard=Hazard.EARTHQUAKE,
        window=Span(now, now + timedelta(hours=8)),
        objectives="Appel complet en moins de cinq minutes",
        devices=(BOX_TRIGGER,),
        now=planned,
    )
    drills.announce_drill(
        actor=SYSTEM, person=person, drill=drill, informed="Maire, gendarmerie, parents d’élèves", now=planned
    )


_TO_PLAY = (DrillState.PLANNED, DrillState.ANNOUNCED, DrillState.ARMED, DrillState.RUNNING)
