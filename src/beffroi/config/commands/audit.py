"""``beffroi audit verify|checkpoint|consistency``: is the log whole, did it grow from what was kept, what to keep.

Exit codes: 0 whole, 1 broken, 2 it could not be checked (no log, no key, unreadable).
"""

import json
import os
import sqlite3
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import environment, prepare
from beffroi.kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from beffroi.audit.core.checkpoints import NoteKey
    from beffroi.audit.core.verify import Report

app = typer.Typer(no_args_is_help=True, help="The audit log: verify it, take a checkpoint with you.")

GOOD, BAD, UNCHECKED = 0, 1, 2
COPY = "copy"
UNSIGNED = (
    "No signature was checked: give the centre's public key with --key.",
    "Aucune signature n’a été vérifiée : donnez la clé publique du centre avec --key.",
)

Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]


@app.command()
def verify(
    config: Config = None,
    data: Data = None,
    database: Annotated[Path | None, typer.Option(help="a copy of the office's SQLite file instead")] = None,
    key: Annotated[str, typer.Option(help="the centre's public key, name+id+base64, or a file with it")] = "",
    checkpoint: Annotated[list[Path] | None, typer.Option(help="a checkpoint that somebody kept")] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole log and say where it first breaks."""
    using = _open(config, data, database)
    from beffroi.audit import queries

    known = _key(key, foreign=database is not None)
    notes = [_text(path) for path in checkpoint or []]
    if database is None:
        from beffroi.audit.files import last_checkpoint

        notes += [note] if (note := last_checkpoint()) else []
    report = queries.verify(now=None, key=known, checkpoints=notes, using=using)
    _tell(report, as_json=as_json)
    if report.breaks:
        raise typer.Exit(BAD)
    if not report.signatures_checked:
        raise typer.Exit(UNCHECKED)


@app.command()
def checkpoint(config: Config = None, data: Data = None, as_json: AsJson = False) -> None:
    """Print the newest signed checkpoint: whoever keeps it is a witness."""
    _open(config, data, None)
    from beffroi.audit import queries
    from beffroi.audit.files import log_key

    newest = queries.latest_checkpoint()
    if newest is None:
        raise NotFound("There is no checkpoint yet.", hint="It comes a second after the first act, with beffroi up.")
    if as_json:
        said = {"size": newest.size, "root": newest.root.hex(), "note": newest.note, "key": log_key().to_text()}
        typer.echo(json.dumps(said))
    else:
        typer.echo(newest.note, nl=False)


@app.command()
def consistency(
    earlier: Annotated[str, typer.Option("--from", help="a kept checkpoint: file, inspection bundle, or its size")],
    config: Config = None,
    data: Data = None,
    database: Annotated[Path | None, typer.Option(help="a copy of the office's SQLite file instead")] = None,
    key: Annotated[str, typer.Option(help="the centre's public key, name+id+base64, or a file with it")] = "",
    language: Annotated[str, typer.Option(envvar="LANG", help="fr or en")] = "en",
    as_json: AsJson = False,
) -> None:
    """Prove that today's log begins, unchanged, with the log of an earlier signed checkpoint."""
    using = _open(config, data, database)
    from beffroi.audit import queries
    from beffroi.audit.core.growth import Growth, pasted

    known = _key(key, foreign=database is not None)
    note = queries.kept_checkpoint(int(earlier), using=using) if earlier.isdecimal() else _kept(Path(earlier))
    found = queries.grown_from(pasted(note), key=known, using=using)
    old = found.earlier.size if found.earlier is not None else 0
    if as_json:
        said = {"growth": found.growth.value, "from": old, "to": found.size, "root": found.root.hex()}
        typer.echo(json.dumps(said | {"proof": [one.hex() for one in found.proof], "signatures_checked": bool(known)}))
    else:
        typer.echo(f"{old} -> {found.size}: {found.words(language)}")
        if known is None:
            typer.echo(UNSIGNED[language.startswith("fr")])
    if found.growth is Growth.UNREADABLE:
        raise typer.Exit(UNCHECKED)
    if found.growth is not Growth.CONTAINED:
        raise typer.Exit(BAD)
    if known is None:
        raise typer.Exit(UNCHECKED)


@app.command("verify-bundle")
def verify_bundle(
    path: Annotated[Path, typer.Argument(help="bundle.zip of an inspection, or the folder it was unpacked to")],
    key: Annotated[str, typer.Option(help="the centre's public key, name+id+base64, or a file with it")] = "",
    authority: Annotated[Path | None, typer.Option(help="PEM file of the time-stamping authority to believe")] = None,
    as_json: AsJson = False,
) -> None:
    """Check an inspection bundle without database or network: files, stamp, drawn entries, a log that only grew."""
    from beffroi.governance.files.inspection_check import check_bundle
    from beffroi.governance.files.verifier.stamp import pem_certificates

    try:
        roots = pem_certificates(_text(authority).encode()) if authority is not None else None
    except ValueError as error:
        raise Unavailable(f"{authority} is no PEM file: {error}.") from error
    report = check_bundle(path, key=_key(key, foreign=True), roots=roots)
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"good": not report.faults}))
    else:
        typer.echo(f"{report.files} files, stamped {report.stamped_at or 'never'} by {report.stamped_by or 'nobody'}")
        typer.echo(f"{report.sampled} drawn entries lie in a log of {report.log_size}")
        if report.earlier:
            typer.echo(f"{report.earlier} checkpoints of earlier days: the log begins with each of theirs, unchanged")
        for fault in report.faults:
            typer.echo(f"BAD {fault.file}: {fault.why}")
        if not report.faults:
            typer.echo(
                "The bundle is whole." + ("" if report.key_given else " Compare log/key.txt with a printed key.")
            )
    if report.faults:
        raise typer.Exit(BAD)


def _open(config: Path | None, data: Path | None, database: Path | None) -> str:
    """Set Django up on the live database or on a copy opened for reading only; returns the connection's name."""
    import django

    if database is None:
        options = load_options(config, data=data)
        if not options.database_url and not (options.data / "office.sqlite3").exists():
            raise NotFound(f"There is no log in {options.data}.", hint="Name its data folder with --data.")
        os.environ.update(environment(options, prepare(options)))
        django.setup()
        return "default"
    django.setup()
    _is_log(database)
    from django.db import connections

    given = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _readable(database),
        "OPTIONS": {"uri": True},
    }
    connections.settings = connections.configure_settings({"default": given, COPY: given})
    return COPY


def _readable(database: Path) -> str:
    """The file as SQLite reads it without changing it. What still stands in a write-ahead log beside it counts too."""
    beside = database.with_name(f"{database.name}-wal")
    waiting = beside.exists() and beside.stat().st_size > 0
    return f"{database.resolve().as_uri()}?mode=ro{'' if waiting else '&immutable=1'}"


def _is_log(database: Path) -> None:
    """``NotFound`` where the file is missing, ``Unavailable`` where it holds no log."""
    if not database.is_file():
        raise NotFound(f"There is no file {database}.")
    try:
        with sqlite3.connect(_readable(database), uri=True) as opened:
            opened.execute("SELECT count(*) FROM audit_entry").fetchone()
    except sqlite3.Error as error:
        raise Unavailable(
            f"{database} cannot be read as a log: {error}.", hint="Give a copy of office.sqlite3 made by a backup."
        ) from error


def _key(given: str, *, foreign: bool) -> "NoteKey | None":
    from beffroi.audit.core.checkpoints import NoteKey
    from beffroi.audit.files import log_key

    if not given:
        return None if foreign else log_key()
    path = Path(given)
    text = _text(path) if "+" not in given or path.is_file() else given
    try:
        return NoteKey.from_text(text)
    except ValueError as error:
        raise Unavailable(f"{given!r} is no public key: {error}.", hint="Copy it from the page Audit log.") from error


def _kept(path: Path) -> str:
    """The checkpoint in a file, or the one in an inspection bundle."""
    from beffroi.audit.core.checkpoints import MAX_NOTE_BYTES
    from beffroi.governance.files.inspection import CHECKPOINT

    if not zipfile.is_zipfile(path):
        return _text(path)
    try:
        with zipfile.ZipFile(path) as bundle, bundle.open(CHECKPOINT) as member:
            return member.read(MAX_NOTE_BYTES + 1).decode()
    except (OSError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, UnicodeDecodeError) as error:
        raise Unavailable(f"{path} holds no checkpoint: {error}.") from error


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"{path} cannot be read: {error}.") from error


def _tell(report: "Report", *, as_json: bool) -> None:
    if as_json:
        said = {
            "good": not report.breaks,
            "entries": report.entries,
            "root": report.root.hex(),
            "checkpoints": report.checkpoints,
            "signatures_checked": report.signatures_checked,
            "erased": dict(report.erased),
            "breaks": [
                {"kind": one.kind.value, "entry": one.index, "fact": one.fact, "detail": one.detail}
                for one in report.breaks
            ],
        }
        typer.echo(json.dumps(said))
        return
    typer.echo(f"{report.entries} entries, {report.checkpoints} signed checkpoints, root {report.root.hex()}")
    for fact, rule in report.erased.items():
        typer.echo(f"fact {fact}: erased by {rule}")
    first = report.first
    if first is not None:
        typer.echo(f"BROKEN at entry {first.index}: {first.kind.value.replace('_', ' ')}: {first.detail}")
        typer.echo(f"  fact {first.fact}" if first.fact else "", nl=bool(first.fact))
        if len(report.breaks) > 1:
            typer.echo(f"  and {len(report.breaks) - 1} more (--json lists them)")
        typer.echo("Delete nothing. Compare with the backup and with checkpoints that others kept.")
    elif report.signatures_checked:
        typer.echo("The log is whole.")
    else:
        typer.echo("The chain holds, but no signature was checked: give the centre's public key with --key.")
