"""``beffroi commune``: from an empty installation to a running centre."""

from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import prepare, prepare_database, start_django
from beffroi.kernel.clock import SystemClock

app = typer.Typer(help="From an empty installation to a running centre.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="founding file (YAML), see docs/guide/founding")]
Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]


@app.command()
def check(file: File) -> None:
    """Read a founding file and say what is wrong with it; enters nothing."""
    from beffroi.config.founding.sheet import read_sheet

    sheet = read_sheet(file)
    typer.echo(f"{sheet.commune.name}: {len(sheet.persons)} persons, {len(sheet.cameras)} cameras. The file is right.")


@app.command()
def found(file: File, config: Config = None, data: Data = None) -> None:
    """Enter commune, persons, cameras, authorisation. What is there is left; first passwords are shown once."""
    from beffroi.config.founding.sheet import read_sheet

    sheet = read_sheet(file)
    options = load_options(config, data=data)
    start_django(options, prepare(options))
    prepare_database()
    from beffroi.config.founding.found import found as enter

    passwords = enter(sheet, now=SystemClock().now(), say=typer.echo)
    if passwords:
        typer.echo("\nFirst passwords, shown once; each person changes hers on her profile page:")
        for account, password in passwords.items():
            typer.echo(f"  {account:<20} {password}")
    typer.echo("\nStart the centre with: beffroi up")
