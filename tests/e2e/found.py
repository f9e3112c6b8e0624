"""Run in a process of its own before the start: a commune with its people, law and cameras, by the acts of the planes.

``python -m tests.e2e.found DATA PORT CAMERAS``: CAMERAS is a JSON list of ``{number, name, url, user, password,
moved_by}``. Where one is moved by a device, the convention lets the gendarmerie move it.
Prints the ids of cameras by number and of persons by user name as JSON.
"""

import json
import sys
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from beffroi.config.options import load_options
from beffroi.config.setup import prepare, prepare_database, start_django
from beffroi.kernel.clock import SystemClock

AGE = timedelta(days=120)
INSEE = "99123"


def main(data: Path, port: int, cameras: list[dict[str, Any]]) -> None:
    """Enter everything and print the ids."""
    options = load_options(None, data=data, port=port)
    start_django(options, prepare(options))
    prepare_database()
    from beffroi.config.demo import people
    from beffroi.people import queries

    now = SystemClock().now()
    persons = people.settle(now - AGE, now)
    numbers = _places(cameras, queries.actor(persons["technicien"]), queries.actor(persons["referent"]), now - AGE)
    steered = any("moved_by" in one for one in cameras)
    _law(queries.actor(persons["secretariat"]), now - AGE, steered=steered)
    print(json.dumps({"persons": persons, "cameras": numbers}))


def _places(cameras: list[dict[str, Any]], technician: Any, reviewer: Any, founded: datetime) -> dict[int, str]:
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.sites.actions import cameras as acts
    from beffroi.sites.actions import orders, places
    from beffroi.sites.core.cameras import Device
    from beffroi.sites.core.coverage import View
    from beffroi.sites.core.purposes import Purpose
    from beffroi.sites.files import boundary_of, shipped_plan

    plan = shipped_plan(INSEE)
    spots = [one for one in plan["features"] if one["properties"].get("kind") == "spot"]
    places.enter_commune(
        actor=SYSTEM, insee=INSEE, name="Saint-Aubin-du-Beffroi", department="99", centre=(48.5, 2.5),
        boundary=boundary_of(plan), plan=plan, now=founded,
    )  # fmt: skip
    purposes = (Purpose.PUBLIC_BUILDINGS, Purpose.SAFETY_OF_PERSONS, Purpose.RISKS, Purpose.RESCUE)
    entered: dict[int, str] = {}
    for camera, spot in zip(cameras, spots, strict=False):
        site = places.enter_site(actor=SYSTEM, insee=INSEE, name=camera["name"], kind="public_road", now=founded)
        (longitude, latitude), drawn = spot["geometry"]["coordinates"], spot["properties"]
        view = View(latitude, longitude, drawn["bearing_degrees"], drawn["angle_degrees"], drawn["range_m"])
        entered[camera["number"]] = acts.add_camera(
            actor=technician, site=site, number=camera["number"], name=camera["name"], view=view, public_road=True,
            purposes=purposes, retention_days=21, tags=("voie_publique",), now=founded,
        )  # fmt: skip
    orders.enter_authorisation(
        actor=SYSTEM, reference="AP-99-VIDEO-0088", department="99", purposes=purposes, retention_max_days=30,
        valid_from=founded, valid_to=founded + timedelta(days=1_800), cameras=list(entered.values()), now=founded,
    )  # fmt: skip
    for camera in cameras:
        one = entered[camera["number"]]
        acts.set_source(
            actor=technician, camera=one, main_url=camera["url"], username=camera.get("user", ""),
            password=camera.get("password", ""), now=founded,
            device=Device(camera["moved_by"], "main", moves=True) if "moved_by" in camera else None,
        )  # fmt: skip
        version = orders.draw_mask(actor=technician, camera=one, polygons=(), now=founded)
        orders.review_mask(actor=reviewer, camera=one, version=version, now=founded)
        acts.commission_camera(actor=technician, camera=one, now=founded)
    return entered


def _law(clerk: Any, founded: datetime, *, steered: bool) -> None:
    """The prefect's order and the first convention, as shipped; signed by each party that must."""
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.governance.actions import conventions, orders

    folder = resources.files("beffroi.governance").joinpath("data")
    text = folder.joinpath("orders", "saint-aubin.yaml").read_text(encoding="utf-8")
    orders.register_order(text=text, actor=SYSTEM, now=founded)
    text = folder.joinpath("conventions", "petite-commune.yaml").read_text(encoding="utf-8")
    if steered:
        text = text.replace("what: {mode: live_view}", "what: {mode: live_view, ptz: true}", 1)
    draft = conventions.draft_convention(text=text, actor=clerk, now=founded)
    for party in draft.missing:
        conventions.sign_convention(
            convention=draft.id, party=party, signatory="Paul Garnier", quality="Signataire", actor=clerk, now=founded
        )
    conventions.bring_into_effect(convention=draft.id, at=founded, actor=clerk, now=founded)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
