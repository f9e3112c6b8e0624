"""One question to gate B that is allowed, and ways to change one thing in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from beffroi.governance.core.context import AccessContext, AccessRequest, CameraInput, Ground, Licence, Viewer
from beffroi.governance.core.convention_text import parse_convention
from beffroi.governance.core.conventions import Convention
from beffroi.governance.core.law import LawPack
from beffroi.governance.core.law_text import parse_pack
from beffroi.governance.core.order_text import parse_order
from beffroi.governance.core.orders import Order
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.people.core.roles import Force, Quality, Role

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DATA = Path(__file__).parents[3] / "src/beffroi/governance/data"
PACK: LawPack = parse_pack((DATA / "law/beffroi-2026-1.yaml").read_text("utf-8"))
ORDER: Order = parse_order((DATA / "orders/saint-aubin.yaml").read_text("utf-8"))
BRIGADE = "Brigade de Saint-Aubin-du-Beffroi"
CENTRE = "Centre d'opérations de la gendarmerie"
PURPOSES = frozenset({"L251-2:5", "L251-2:6", "L251-2:7", "L251-2:8"})


@cache
def convention(name: str = "petite-commune") -> Convention:
    """A model convention."""
    return parse_convention((DATA / f"conventions/{name}.yaml").read_text("utf-8"))


def licence(**changes: Any) -> Licence:
    base = Licence("habilitation", "HAB-7", "Commandant de la compagnie", NOW - 24 * HOUR, NOW + 2400 * HOUR)
    return replace(base, **changes)


def gendarme(**changes: Any) -> Viewer:
    base = Viewer(
        id="p-gn",
        name="Adjudant Nora Delmas",
        matricule="GN-100",
        rank="Adjudant",
        force=Force.GN,
        unit=BRIGADE,
        quality=Quality.OPJ,
        roles=frozenset({Role.INVESTIGATOR}),
        territory=frozenset({"99123"}),
        clearances=(licence(),),
    )
    return replace(base, **changes)


def officer(**changes: Any) -> Viewer:
    base = Viewer(
        id="p-pm",
        name="Brigadier-chef Luc Varin",
        matricule="PM-3",
        rank="Brigadier-chef principal",
        force=Force.PM,
        unit="Police municipale",
        quality=Quality.NONE,
        roles=frozenset({Role.DUTY_OFFICER}),
        territory=frozenset({"99123"}),
        clearances=(licence(issuer="Maire"),),
        training=licence(kind="training"),
        on_duty=True,
    )
    return replace(base, **changes)


def prefect_agent(**changes: Any) -> Viewer:
    base = gendarme(
        id="p-pref",
        name="Claire Aubry",
        matricule="PREF-0042",
        rank="",
        force=Force.PREF,
        unit="Cabinet du préfet",
        quality=Quality.NONE,
        roles=frozenset({Role.PREFECTURE_DUTY}),
    )
    return replace(base, **changes)


def camera(name: str = "c1", **changes: Any) -> CameraInput:
    base = CameraInput(
        id=name,
        number=int(name[1:]),
        insee="99123",
        tags=frozenset({"voie_publique", "centre"}),
        purposes=PURPOSES,
        authorised=Span(NOW - 2400 * HOUR, NOW + 2400 * HOUR),
        authorisation="AP-1",
    )
    return replace(base, **changes)


def incident(**changes: Any) -> Ground:
    base = Ground(
        kind="incident",
        reference="i-1",
        opened_at=NOW - HOUR,
        cameras=frozenset({"c1", "c2"}),
        span=Span(NOW - HOUR, NOW),
        event="incident",
        opened_by="p-pm",
        reason="Rixe devant la mairie",
    )
    return replace(base, **changes)


def case(**changes: Any) -> Ground:
    base = Ground(
        kind="case",
        reference="k-1",
        opened_at=NOW - 24 * HOUR,
        cameras=frozenset({"c1", "c2"}),
        span=Span(NOW - 30 * HOUR, NOW - 26 * HOUR),
        legal_basis="CPP_60_1",
        units=frozenset({BRIGADE}),
    )
    return replace(base, **changes)


def shift(**changes: Any) -> Ground:
    base = Ground("duty", "s-1", NOW - HOUR, until=NOW + 7 * HOUR, reason="Soirée du marché de Noël")
    return replace(base, **changes)


def request(**changes: Any) -> AccessRequest:
    base = AccessRequest(
        mode=Mode.RELAY,
        cameras=("c1",),
        span=None,
        until=NOW + HOUR,
        purpose="L251-2:5",
        legal_basis="ADMIN_POLICE",
        reason="Individu armé signalé place de la mairie",
    )
    return replace(base, **changes)


def relay(**changes: Any) -> AccessContext:
    """A gendarme of the brigade asks for live pictures of an incident: allowed by G1, on approval."""
    base = AccessContext(
        request=request(),
        viewer=gendarme(),
        cameras=(camera(),),
        ground=incident(),
        orders=(ORDER,),
        conventions=(convention(),),
        home=frozenset({"99123"}),
    )
    return replace(base, **changes)


def replay(**changes: Any) -> AccessContext:
    """The same gendarme, an OPJ, asks to look back on his case: allowed by G3, on approval."""
    asked = request(
        mode=Mode.REPLAY,
        span=Span(NOW - 29 * HOUR, NOW - 28 * HOUR),
        purpose="",
        legal_basis="CPP_60_1",
        reason="Vol à main armée, recherche du véhicule",
    )
    return replace(relay(request=asked, ground=case()), **changes)


def duty(**changes: Any) -> AccessContext:
    """An own officer on duty watches live."""
    asked = request(mode=Mode.LIVE, legal_basis="DUTY", reason="Soirée du marché de Noël", until=NOW + 7 * HOUR)
    return replace(relay(request=asked, viewer=officer(), ground=shift(), orders=(), conventions=()), **changes)
