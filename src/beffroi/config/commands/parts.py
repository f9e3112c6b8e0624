"""``beffroi office|front|recorder|worker``: one part, in the foreground, until SIGTERM."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import Options, load_options
from beffroi.config.setup import environment, inner_tls, outer_tls, prepare, typed_url

Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]


def register(cli: typer.Typer) -> None:
    """Add the four commands."""
    for command in (office, front, recorder, worker):
        cli.command(command.__name__)(command)


def _ready(config: Path | None, data: Path | None) -> tuple[Options, Path]:
    options = load_options(config, data=data)
    run = prepare(options)
    os.environ.update(environment(options, run))
    return options, run


def office(config: Config = None, data: Data = None) -> None:
    """The pages, on a socket in the run folder."""
    options, run = _ready(config, data)
    import uvicorn

    socket = run / "office.sock"
    socket.unlink(missing_ok=True)
    uvicorn.run(
        "beffroi.config.asgi:application",
        uds=str(socket),
        log_level=options.log_level,
        access_log=False,
        lifespan="auto",
        timeout_graceful_shutdown=3,
        forwarded_allow_ips="*",  # only the front reaches the socket
    )


def front(config: Config = None, data: Data = None) -> None:
    """The door and the one origin, on the public port."""
    options, run = _ready(config, data)
    from beffroi.config.front import run_front
    from beffroi.config.listening import Face, Kind

    others = []
    if options.outer is not None:
        others.append(Face(Kind.OUTER, options.outer.host, options.outer.port, outer_tls(options)))
    tls = inner_tls(options)
    if options.plain_port and tls is not None:
        others.append(Face(Kind.PLAIN, options.host, options.plain_port))
    run_front(options.data, run, host=options.host, port=options.port, tls=tls, others=others, url=typed_url(options))


def recorder(config: Config = None, data: Data = None) -> None:
    """The archive's writer, the ingest workers and what looks after the cameras."""
    options, run = _ready(config, data)
    where = ["--data", str(options.data), "--run", str(run), "--storage", options.storage.to_json()]
    workers = ["--workers", str(options.ingest_workers)] if options.ingest_workers else []
    # In this process, but without what the command line has loaded: the recorder's parts are forked from it.
    os.execv(sys.executable, [sys.executable, "-m", "beffroi.media.daemon", *where, *workers])  # noqa: S606  our own


def worker(config: Config = None, data: Data = None) -> None:
    """The reconcilers: what must be done again and again."""
    options, run = _ready(config, data)
    from beffroi.config.setup import start_django

    start_django(options, run)
    from beffroi.config.worker import run_worker

    run_worker(run)
