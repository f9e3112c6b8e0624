"""``beffroi edge contact``: the contacts wired to a box, or simulated: declare, list, and act as a simulated one."""

import threading
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from beffroi.edge.contact_settings import ContactSettings, checked
from beffroi.edge.lines import simulate
from beffroi.edge.settings import EdgeSettings, load, save
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Conflict, NotFound
from beffroi.safety.core.words import Hazard

app = typer.Typer(help="Contacts wired to the box: buttons, or the alarm box already in place.", no_args_is_help=True)
Data = Annotated[Path, typer.Option("--data", help="The edge's own folder.")]
Name = Annotated[str, typer.Argument(help="The contact's name.")]


class Normally(StrEnum):
    """How it rests."""

    OPEN = "open"
    CLOSED = "closed"


class Means(StrEnum):
    """What a press means, or a cut wire."""

    ALERT = "alert"
    HELP = "help"
    FAULT = "fault"


@app.command()
def add(
    name: Name,
    data: Data = Path("edge-data"),
    chip: Annotated[str, typer.Option(help="GPIO chip, e.g. /dev/gpiochip0.")] = "",
    line: Annotated[int, typer.Option(help="Number of the line on that chip.")] = -1,
    bias: Annotated[
        str, typer.Option(help="pull-up (contact to ground), pull-down (contact to plus) or none.")
    ] = "pull-up",
    simulated: Annotated[bool, typer.Option("--simulate", help="No wire: worked by the commands below.")] = False,
    normally: Annotated[Normally, typer.Option(help="How it rests.")] = Normally.OPEN,
    cut: Annotated[Means, typer.Option(help="A normally closed loop that stays open: alert or fault.")] = Means.ALERT,
    kind: Annotated[Means, typer.Option(help="alert, or help: calls an adult quietly.")] = Means.ALERT,
    hazard: Annotated[Hazard, typer.Option(help="What a press means.")] = Hazard.INTRUSION,
    place: Annotated[str, typer.Option(help="Where it is, as the room reads it.")] = "",
) -> None:
    """Declare a contact in edge.toml; the box listens to it from its next start."""
    settings = load(data / "edge.toml")
    if name in settings.devices or any(one.name == name for one in settings.contacts):
        raise Conflict(f"{name} is declared already in {data}/edge.toml.", hint="Choose another name.")
    made = ContactSettings(
        name,
        chip=chip,
        line=line,
        bias=bias,
        simulated=simulated,
        normally=normally.value,
        cut=cut.value,
        kind=kind.value,
        hazard=hazard,
        place=place,
    )
    save(replace(settings, contacts=(*settings.contacts, checked(made))), data / "edge.toml")
    if simulated and made.normally == "closed":
        simulate(made.path(data), True, SystemClock())  # a loop that nobody has cut
    typer.echo(
        f"Contact {name} is declared. Start the box anew; try it in a drill armed for it: any other press is real."
    )


@app.command("list")
def list_contacts(data: Data = Path("edge-data")) -> None:
    """What is declared; how each is now stands on the box's tablet and in its /healthz."""
    for one in load(data / "edge.toml").contacts:
        where = "simulated" if one.simulated else f"{one.chip} line {one.line}"
        cut = f", cut: {one.cut}" if one.normally == "closed" else ""
        typer.echo(f"{one.name}: {where}, normally {one.normally}{cut}, {one.kind}, {one.hazard.value}, {one.place}")


@app.command()
def press(
    name: Name,
    data: Data = Path("edge-data"),
    seconds: Annotated[float, typer.Option(help="How long it is held.", min=0.0, max=600.0)] = 0.5,
) -> None:
    """Press a simulated contact and let it go."""
    contact, settings = _simulated(name, data)
    clock = SystemClock()
    path, rests_closed = contact.path(settings.data), contact.normally == "closed"
    simulate(path, not rests_closed, clock)
    threading.Event().wait(seconds)
    simulate(path, rests_closed, clock)


@app.command()
def close(name: Name, data: Data = Path("edge-data")) -> None:
    """Close a simulated contact and leave it so."""
    contact, settings = _simulated(name, data)
    simulate(contact.path(settings.data), True, SystemClock())


@app.command("open")
def open_contact(name: Name, data: Data = Path("edge-data")) -> None:
    """Open a simulated contact and leave it so: of a normally closed one, cut its wire."""
    contact, settings = _simulated(name, data)
    simulate(contact.path(settings.data), False, SystemClock())


def _simulated(name: str, data: Path) -> tuple[ContactSettings, EdgeSettings]:
    settings = load(data / "edge.toml")
    found = next((one for one in settings.contacts if one.name == name and one.simulated), None)
    if found is None:
        raise NotFound(f"{data}/edge.toml has no simulated contact {name}.", hint="beffroi edge contact list")
    return found, settings
