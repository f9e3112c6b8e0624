"""``beffroi secrets``: change the key that seals camera addresses and passwords."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import prepare, start_django
from beffroi.kernel.clock import SystemClock

app = typer.Typer(help="Secrets at rest: addresses and passwords of the cameras.", no_args_is_help=True)
_PATIENCE_S = 15


@app.callback()
def secrets() -> None:
    """A group, so that ``rotate`` keeps its name when others join it."""


@app.command()
def rotate(
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="data folder")] = None,
) -> None:
    """Seal every camera secret with a fresh key and destroy the old one. The centre may run meanwhile."""
    options = load_options(config, data=data)
    start_django(options, prepare(options))
    from beffroi.audit.core.facts import SYSTEM
    from beffroi.media.archive.disk import Disk
    from beffroi.media.archive.settings_file import SettingsFile, office_keys
    from beffroi.sites.actions.sealing import change_camera_key, forget_old_keys

    clock, keys = SystemClock(), options.data / "keys"
    taken_in = SettingsFile(options.data / "recorder" / "cameras.json", lambda: office_keys(keys), Disk())
    count = change_camera_key(actor=SYSTEM, now=clock.now())
    typer.echo(f"{count} cameras are sealed with a fresh key.")
    pause = threading.Event()
    for _ in range(_PATIENCE_S * 2):
        if forget_old_keys(recorder=taken_in.read(), actor=SYSTEM, now=clock.now()):
            typer.echo("The old key is destroyed. Back up keys/camera.key now: older backups need their own keys.")
            return
        pause.wait(0.5)
    typer.echo(
        "The recorder has not taken the new settings in yet: the old key stays beside the new one. "
        "Start the centre (beffroi up) and run this again.",
        err=True,
    )
    raise typer.Exit(1)
