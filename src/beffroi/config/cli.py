"""The command ``beffroi``. Exit codes: 0 good, 1 the thing checked is bad, 2 it could not be done or checked.

Each module of ``config/commands`` brings its part: ``app`` (a typer group, named as the file), ``command`` (one
command) or ``register(cli)``. Anticipated failures are told in one line, never as a traceback.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

import typer

from beffroi.kernel.errors import BeffroiError

GOOD, BAD, UNCHECKED = 0, 1, 2


def build() -> typer.Typer:
    """The whole command line."""
    from beffroi.config import commands

    cli = typer.Typer(
        name="beffroi",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Beffroi: the watch, the bell and the chest of a commune.",
    )
    for found in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        module = importlib.import_module(f"{commands.__name__}.{found}")
        name = found.replace("_", "-")
        if hasattr(module, "register"):
            module.register(cli)
        elif hasattr(module, "app"):
            cli.add_typer(module.app, name=name)
        else:
            cli.command(name)(module.command)
    return cli


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs one command and leaves with its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.config.settings")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        build()(args=list(arguments) if arguments is not None else None)
    except BeffroiError as error:
        typer.echo(f"beffroi: {error}", err=True)
        return UNCHECKED
    except SystemExit as leaving:  # typer leaves this way, wrong usage included
        return leaving.code if isinstance(leaving.code, int) else GOOD
    return GOOD


if __name__ == "__main__":
    main()
