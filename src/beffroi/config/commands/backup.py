"""``beffroi backup`` and ``beffroi restore``: the centre in one file, while it runs; back again, and proved whole.

Exit codes of restore: 0 restored (or with ``--check`` restorable), 1 the backup is bad, 2 it could not be tried.
"""

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import Options, load_options
from beffroi.config.setup import environment, run_folder
from beffroi.kernel.clock import SystemClock
from beffroi.kernel.errors import Corrupt, Unavailable

Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]
Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="file with the passphrase of the keys; else it is asked for")
]
AsJson = Annotated[bool, typer.Option("--json", help="for machines")]


def register(cli: typer.Typer) -> None:
    """Add both commands."""
    cli.command("backup")(backup)
    cli.command("restore")(restore)


def backup(
    to: Annotated[Path, typer.Option("--to", help="file to write, on another disk")],
    passphrase_file: Passphrase = None,
    without_packages: Annotated[bool, typer.Option("--without-packages", help="leave sealed packages out")] = False,
    config: Config = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Save everything but footage into one file, while the centre runs. The keys in it are sealed with a passphrase."""
    from beffroi.config.backup.packing import pack

    options = load_options(config, data=data)
    words = _passphrase(passphrase_file, twice=True)
    manifest = pack(
        options.data,
        to.absolute(),
        words,
        packages=not without_packages,
        now=SystemClock().now(),
        database_url=options.database_url,
    )
    count, size = len(manifest["files"]), to.stat().st_size
    if as_json:
        typer.echo(json.dumps({"file": str(to), "bytes": size, "files": count, "made_at": manifest["made_at"]}))
    else:
        typer.echo(f"{to}: {count} files, {size / 1e6:.1f} MB, keys sealed. Footage is not in it.")
        typer.echo(f"Prove that it can be restored: beffroi restore {to} --check")


def restore(
    file: Annotated[Path, typer.Argument(help="the backup")],
    passphrase_file: Passphrase = None,
    check: Annotated[bool, typer.Option("--check", help="try it in a folder that is thrown away")] = False,
    config: Config = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty data folder, every byte checked, the audit log verified."""
    from beffroi.config.backup import postgres

    if not file.is_file():
        raise Unavailable(f"There is no file {file}.", hint="Check the path.")
    words = _passphrase(passphrase_file, twice=False)
    options = load_options(config, data=data)
    try:
        if check:
            with ExitStack() as drill:
                folder = drill.enter_context(tempfile.TemporaryDirectory(prefix="beffroi-drill-"))
                url = options.database_url and drill.enter_context(postgres.scratch(options.database_url))
                told = _restored(
                    file, options.model_copy(update={"data": Path(folder) / "data", "database_url": url}), words
                )
        else:
            told = _restored(file, options, words)
    except Corrupt as error:
        typer.echo(f"beffroi: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(told))
    else:
        done = "can be restored" if check else f"is restored into {told['data']}"
        typer.echo(f"The backup of {told['made_at']} {done}: {told['files']} files, {told['facts']} facts, log whole.")


def _restored(file: Path, options: Options, words: str) -> dict[str, object]:
    from beffroi.config.backup.unpacking import unpack

    manifest = unpack(file, options.data, words, database_url=options.database_url)
    return {
        "data": str(options.data),
        "made_at": manifest["made_at"],
        "files": len(manifest["files"]),
        "facts": _verified(options),
    }


def _verified(options: Options) -> int:
    """The number of facts in the restored log. ``Corrupt`` where it is broken."""
    import django

    os.environ.update(environment(options, run_folder(options)))
    django.setup()
    from django.db import connections

    from beffroi.audit import queries
    from beffroi.audit.files import last_checkpoint, log_key

    note = last_checkpoint()
    report = queries.verify(now=None, key=log_key(), checkpoints=[note] if note else [])
    connections.close_all()
    if report.breaks:
        raise Corrupt(f"The restored log is broken: {report.first}.", hint="Look with: beffroi audit verify")
    return report.entries


def _passphrase(file: Path | None, *, twice: bool) -> str:
    if file is None:
        said: str = typer.prompt("Passphrase of the keys", hide_input=True, confirmation_prompt=twice)
        return said
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise Unavailable(f"{file}: {error.strerror}.", hint="Check --passphrase-file.") from error
