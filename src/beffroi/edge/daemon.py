"""Puts an edge together from its data folder and runs it until it is told to stop."""

import json
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvicorn

from beffroi.edge.access import Access
from beffroi.edge.app import EdgeApp
from beffroi.edge.assistance import Assistance
from beffroi.edge.contact_watch import Watches
from beffroi.edge.engine import Edge
from beffroi.edge.journal import Journal
from beffroi.edge.settings import EdgeSettings, load, signing_key
from beffroi.edge.sounder import CommandSounder, ScreenSounder, Sounder
from beffroi.edge.sync import Sync
from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import Unavailable
from beffroi.kernel.ids import new_id
from beffroi.safety.core.plan_json import plan_from_json
from beffroi.safety.core.plans import Plan

log = structlog.get_logger("beffroi.edge.daemon")


@dataclass(slots=True)
class Box:
    """A running edge and its parts."""

    edge: Edge
    sync: Sync
    app: EdgeApp
    contacts: Watches

    def close(self) -> None:
        """Stop listening, stop the exchange and let go of the journal."""
        self.contacts.stop()
        self.sync.stop()
        self.edge.journal.close()


def assemble(data: Path, clock: Clock | None = None) -> Box:
    """The parts over one data folder. Raises ``Invalid`` when it is not set up."""
    clock = clock or SystemClock()
    settings = load(data / "edge.toml")
    key = signing_key(data)
    journal = Journal(data / "edge.sqlite3", origin=settings.id, key=key, boot=new_id(clock.now_us()))
    journal.check()
    edge = Edge(settings, journal, clock, _sounder(settings), _plan(settings, journal))
    if not settings.centre_url:
        edge.on_change(lambda: _forget(edge))
        _forget(edge)
    assistance = Assistance(journal, clock)
    contacts = Watches(edge, assistance)
    sync = Sync(edge, key, contacts.standings)
    app = EdgeApp(edge, Access(journal, clock), assistance, link=sync.link, contacts=contacts.standings)
    return Box(edge, sync, app, contacts)


def serve(data: Path, *, host: str, port: int) -> None:
    """Run until SIGTERM or Ctrl-C."""
    box = assemble(data)
    box.contacts.start()
    if box.edge.settings.centre_url:
        box.sync.start()
    try:
        uvicorn.run(box.app.asgi, host=host, port=port, log_level="warning", server_header=False)
    finally:
        box.close()


def _forget(edge: Edge) -> None:
    """A box without centre: what is over is read by nobody here, so nothing about pupils outlives it."""
    try:
        edge.drop_pupils(None)
    except Unavailable as error:  # tried again at the next event and the next start
        log.error("words about pupils are still there", reason=str(error))  # noqa: TRY400  the reason is enough


def _sounder(settings: EdgeSettings) -> Sounder:
    if settings.sounder_command:
        return CommandSounder(settings.sounder_command, settings.data / "voices")
    return ScreenSounder()


def _plan(settings: EdgeSettings, journal: Journal) -> Plan:
    kept = journal.setting("plan")
    if kept:
        return plan_from_json(json.loads(kept))
    path = settings.data / "plan.json"
    if path.exists():
        return plan_from_json(json.loads(path.read_text()))
    # Without a plan the siren still works: one building, no zones, usual postures.
    return Plan(settings.site, 0, "Europe/Paris", (), (), (), (), ())
