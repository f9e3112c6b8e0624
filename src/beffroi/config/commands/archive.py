"""``beffroi archive``: prove an archive, make its catalogue again, say what is in it."""

import json as json_format
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from beffroi.kernel.clock import SystemClock, from_us, iso
from beffroi.media.archive.check import Finding, check_volume
from beffroi.media.archive.rebuild import rebuild_catalogue
from beffroi.media.archive.stat import Statistics, statistics

app = typer.Typer(help="Archive volumes.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The archive's folder.")]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]


def _progress(label: str) -> Callable[[int, int], None]:
    """A line that counts, on a terminal only."""

    def tell(done: int, of: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{label} {done}/{of}", nl=done >= of, err=True)

    return tell


@app.command()
def check(
    folder: Folder,
    quick: Annotated[bool, typer.Option("--quick", help="Sizes only: do not read every byte again.")] = False,
    json: Json = False,
) -> None:
    """Prove the numbered invariants of the format note. Exit 0: all hold; 1: some do not, and here is where; 2: it
    cannot be checked."""
    findings = check_volume(folder, quick=quick, progress=_progress("checking"))
    if json:
        typer.echo(json_format.dumps({"good": not findings, "findings": [_finding(each) for each in findings]}))
    else:
        for each in findings:
            typer.echo(f"{each.invariant} {each.where}: {each.what}")
        typer.echo(
            "The archive is good." if not findings else f"{len(findings)} findings. Try: beffroi archive rebuild"
        )
    raise typer.Exit(1 if findings else 0)


@app.command()
def rebuild(folder: Folder, json: Json = False) -> None:
    """Make the catalogue again from media files and journal: holds and gaps included, unknown files taken in, nothing
    deleted. Stop the recorder first."""
    made = rebuild_catalogue(folder, SystemClock(), progress=_progress("reading"))
    if json:
        typer.echo(json_format.dumps({"segments": made.segments, "recovered": made.recovered, "adopted": made.adopted}))
    else:
        typer.echo(f"{made.segments} segments; {made.recovered} recovered, {made.adopted} taken in that nothing named.")


@app.command()
def stat(folder: Folder, json: Json = False) -> None:
    """What is in an archive: streams, times, sizes, gaps, holds."""
    found = statistics(folder)
    if json:
        typer.echo(json_format.dumps(found.as_json()))
        return
    _tell(found)


def _tell(found: Statistics) -> None:
    typer.echo(f"volume {found.uuid}, generation {found.generation}, {found.total_bytes / 1e9:.3f} GB")
    for each in found.streams:
        first, last = (iso(from_us(at)) if at else "-" for at in (each.oldest_us, each.newest_us))
        typer.echo(
            f"{each.camera} {each.stream}: {first} to {last}, {each.recorded_us / 1e6:.1f} s in {each.segments} files "
            f"({each.total_bytes / 1e6:.1f} MB), {each.frames} frames, {each.gaps} gaps, {each.holds} holds"
        )


def _finding(each: Finding) -> dict[str, str]:
    return {"invariant": each.invariant, "where": each.where, "what": each.what}
