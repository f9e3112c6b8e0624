"""``beffroi account``: the way back in for whoever is root on the machine, when nobody else can open a page."""

from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import run_folder, start_django
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable

app = typer.Typer(help="Accounts, for whoever keeps the machine; all of it is recorded.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]


@app.callback()
def group() -> None:
    """Accounts, for whoever keeps the machine; all of it is recorded."""


@app.command()
def reset_factors(
    username: Annotated[str, typer.Argument(help="account name")],
    reason: Annotated[str, typer.Option("--reason", help="why, for the log")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Take all second factors of an account away, because they are lost. Its sessions end; the password stays."""
    options = load_options(config, data=data)
    if not (options.data / "keys").is_dir():
        raise Unavailable(f"{options.data} is no data folder of Beffroi.", hint="Name it with --data.")
    start_django(options, run_folder(options))
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.people import actions, queries

    person = queries.person_of(username)
    gone = actions.reset_factors(person=person, reason=reason, actor=SYSTEM, now=SystemClock().now())
    typer.echo(f"{username}: {gone} second factors taken away; the next sign-in asks for the password alone.")
