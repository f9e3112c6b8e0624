"""``beffroi decisions``: take the gates' stored decisions again from what they saw, and list those that differ.

Exit codes: 0 every one agrees, 1 one does not (its row was changed, or cannot be read), 2 it could not be told for one:
another engine, or a law pack that is no longer shipped.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beffroi.config.options import load_options
from beffroi.config.setup import environment, prepare
from beffroi.kernel.errors import NotFound

if TYPE_CHECKING:
    from beffroi.governance.models import Decision
    from beffroi.governance.queries.decisions import Difference

BAD, UNCHECKED = 1, 2
WORDS = {
    "answer": "the answer is another, by the same engine and law pack: the row was changed",
    "unreadable": "its inputs cannot be read",
    "engine": "the answer is another, and so is the engine",
    "pack": "the law pack it was taken by is not here any more",
}


def command(
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="data folder")] = None,
    gate: Annotated[str, typer.Option(help="A (requisitions) or B (access to pictures); both by default")] = "",
    subject: Annotated[str, typer.Option(help="only those on access:ID or requisition:NUMBER")] = "",
    since: Annotated[datetime | None, typer.Option(help="from this moment on (UTC)")] = None,
    until: Annotated[datetime | None, typer.Option(help="before this moment (UTC)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Take every stored decision of the gates again from its stored inputs; list those that come out otherwise."""
    _open(config, data)
    from beffroi.governance.queries.decisions import Difference, difference, stored

    count = 0
    found: list[tuple[Decision, Difference]] = []
    for row in stored(gate=gate.upper(), subject=subject, since=_utc(since), until=_utc(until)):
        count += 1
        if (why := difference(row)) is not None:
            found.append((row, why))
    _tell(count, found, as_json=as_json)
    reasons = {why for _row, why in found}
    if reasons & {Difference.ANSWER, Difference.UNREADABLE}:
        raise typer.Exit(BAD)
    if reasons:
        raise typer.Exit(UNCHECKED)


def _tell(count: int, found: "list[tuple[Decision, Difference]]", *, as_json: bool) -> None:
    if as_json:
        differ = [
            {"id": row.id, "gate": row.gate, "subject": row.subject, "at": row.at.isoformat(), "why": why.value}
            for row, why in found
        ]
        typer.echo(json.dumps({"decisions": count, "agree": count - len(found), "differ": differ}))
        return
    for row, why in found:
        typer.echo(f"{row.at:%Y-%m-%d %H:%M:%S} gate {row.gate} {row.subject}: {WORDS[why.value]}")
        typer.echo(f"  decision {row.id}, engine {row.engine}, law pack {row.pack} {row.pack_digest}")
    typer.echo(f"{count} decisions taken again: {count - len(found)} agree, {len(found)} do not.")


def _open(config: Path | None, data: Path | None) -> None:
    import django

    options = load_options(config, data=data)
    if not options.database_url and not (options.data / "office.sqlite3").exists():
        raise NotFound(f"There is no office in {options.data}.", hint="Name its data folder with --data.")
    os.environ.update(environment(options, prepare(options)))
    django.setup()


def _utc(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given is not None and given.tzinfo is None else given
