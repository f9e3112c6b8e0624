"""``beffroi up``: all parts on this machine, under one supervisor."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import Options, load_options
from beffroi.config.ports import must_be_free
from beffroi.config.setup import (
    environment,
    inner_tls,
    only_instance,
    prepare,
    prepare_database,
    start_django,
    typed_url,
)
from beffroi.config.supervisor import Part, Supervisor, beffroi_command
from beffroi.config.worker import log_as_json
from beffroi.kernel.clock import SystemClock

PARTS = ("recorder", "office", "front", "worker")


def command(
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="data folder")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port of the pages")] = None,
) -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    options = load_options(config, data=data, port=port)
    with only_instance(options.data):
        ports_must_be_free(options)
        run = prepare(options)
        start_django(options, run)
        prepare_database()
        parts = [name for name in PARTS if options.recording or name != "recorder"]
        supervise(options, run, [Part(name, part_command(name, options)) for name in parts])


def ports_must_be_free(options: Options) -> None:
    """Raise ``Conflict`` for the first port that is taken, whichever face it is of."""
    must_be_free(options.host, options.port)
    if options.outer is not None:
        must_be_free(options.outer.host, options.outer.port)
    if options.plain_port:
        must_be_free(options.host, options.plain_port)


def part_command(name: str, options: Options) -> list[str]:
    """The command of one part; its options travel in the environment."""
    return beffroi_command(name, "--data", str(options.data))


def supervise(
    options: Options, run: Path, parts: Sequence[Part], *, ready: Callable[[str], None] | None = None
) -> None:
    """Run ``parts`` until SIGINT or SIGTERM and say once that the pages answer."""
    url, tls = typed_url(options), inner_tls(options)
    host = "127.0.0.1" if options.host in ("0.0.0.0", "localhost") else options.host  # noqa: S104  compared, not bound
    inner = f"{'http' if tls is None else 'https'}://{f'[{host}]' if ':' in host else host}:{options.port}"

    def announce() -> None:
        typer.echo(f"Beffroi is ready: {url}   (Ctrl-C stops it)")
        if ready is not None:
            ready(url)

    supervisor_of = Supervisor(
        parts,
        environment=environment(options, run),
        run=run,
        logs=options.data / "logs",
        clock=SystemClock(),
        url=inner,
        certificate=tls.chain if tls is not None else None,
        ready=announce,
        told=lambda text: typer.echo(f"beffroi: {text}", err=True),
    )
    with (options.data / "logs" / "supervisor.log").open("a", buffering=1) as log:
        log_as_json(log)
        asyncio.run(supervisor_of.run())
    typer.echo("Beffroi has stopped.")
