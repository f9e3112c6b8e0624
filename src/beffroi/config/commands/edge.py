"""``beffroi edge``: the box in a building."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config import edge_contacts
from beffroi.edge.daemon import assemble, serve
from beffroi.edge.settings import EdgeSettings, code_digest, save, signing_key
from beffroi.kernel.canonical import b64, unb64

app = typer.Typer(
    help="The box in a building: siren, posture, roll-call, on-site key; works alone.", no_args_is_help=True
)
app.add_typer(edge_contacts.app, name="contact")
Data = Annotated[Path, typer.Option("--data", help="The edge's own folder.")]


@app.command()
def pair(
    name: Annotated[str, typer.Argument(help="The edge's name, as the centre knows it.")],
    site: Annotated[str, typer.Argument(help="The building it stands in.")],
    data: Data = Path("edge-data"),
    centre: Annotated[str, typer.Option(help="Address of the centre, https://…")] = "",
    centre_key: Annotated[str, typer.Option(help="The centre's public key, from its page of edges.")] = "",
    ca: Annotated[str, typer.Option(help="File of the authority behind the centre's certificate.")] = "",
    trigger: Annotated[list[str] | None, typer.Option(help="A trigger's name; repeat for each.")] = None,
    help_trigger: Annotated[
        list[str] | None,
        typer.Option(help="A button that calls an adult quietly, raising no alert; repeat for each."),
    ] = None,
    sounder: Annotated[str, typer.Option(help="Program that plays a WAV from standard input, e.g. 'aplay -q -'.")] = "",
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Set an edge up: keys, secrets of its triggers, code of the on-site key. Prints what must be written down."""
    if (data / "edge.toml").exists():
        typer.echo(f"{data}/edge.toml exists already: this edge is paired. Choose another folder.", err=True)
        raise typer.Exit(1)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    code = f"{secrets.randbelow(10**6):06d}"
    duress = f"{secrets.randbelow(10**6):06d}"
    while duress == code:
        duress = f"{secrets.randbelow(10**6):06d}"
    devices = {one: secrets.token_bytes(32) for one in [*(trigger or []), *(help_trigger or [])]}
    settings = EdgeSettings(
        id=name,
        site=site,
        data=data,
        centre_url=centre,
        centre_key=unb64(centre_key),
        centre_ca=ca,
        language=language,
        key_code=code_digest(code),
        duress_code=code_digest(duress),
        devices=devices,
        assistance=tuple(help_trigger or ()),
        sounder_command=tuple(sounder.split()),
    )
    save(settings, data / "edge.toml")
    typer.echo(f"Edge {name} is set up in {data}.")
    typer.echo(f"Code of the on-site key (shown once, keep it in the key box): {code}")
    typer.echo(f"Code of duress (shown once, known by heart by who holds the key): {duress}")
    typer.echo(f"Public key, to be entered at the centre: {b64(signing_key(data).public_bytes)}")
    for one, secret in devices.items():
        typer.echo(f"Secret of trigger {one}: {b64(secret)}")


@app.command()
def run(data: Data = Path("edge-data"), host: str = "127.0.0.1", port: int = 8090) -> None:
    """Run the edge until Ctrl-C."""
    serve(data, host=host, port=port)


@app.command()
def check(data: Data = Path("edge-data")) -> None:
    """Walk the journal's chain; exit code 1 where it is broken."""
    box = assemble(data)
    count = len(box.edge.journal.events())
    box.edge.journal.close()
    typer.echo(f"{count} events, chain whole.")
