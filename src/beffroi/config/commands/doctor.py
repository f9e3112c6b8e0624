"""``beffroi doctor``: is this installation well? 0: yes; 1: something is bad; 2: something could not be looked at."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import run_folder, start_django
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Unavailable

_MARKS = {"good": "ok     ", "bad": "BAD    ", "unknown": "unknown"}


def command(
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="data folder")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port of the pages")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Look at disk, clock, keys, ports, processes, reconcilers and cameras of this machine, and at boxes it hears."""
    options = load_options(config, data=data, port=port)
    if not (options.data / "keys").is_dir():
        raise Unavailable(f"{options.data} is no data folder of Beffroi.", hint="Name it with --data.")
    run = run_folder(options)
    start_django(options, run)
    from beffroi.config import health

    findings = health.examine(options, run, SystemClock().now())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{_MARKS[finding.state.value]}  {finding.name}: {finding.found}")
            if finding.hint and finding.state is not health.State.GOOD:
                typer.echo(f"         → {finding.hint}")
    states = {finding.state for finding in findings}
    raise typer.Exit(1 if health.State.BAD in states else 2 if health.State.UNKNOWN in states else 0)
