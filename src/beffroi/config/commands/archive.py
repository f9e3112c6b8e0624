"""``beffroi archive``: prove an archive, make its catalogue again, say what is in it."""

import json as json_format
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from beffroi.kernel.clock import SystemClock, from_us, iso
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.check import Finding, check_volume
from beffroi.media.archive.moving import move_all
from beffroi.media.archive.rebuild import rebuild_catalogue, repair_volume
from beffroi.media.archive.settings_file import archive_key
from beffroi.media.archive.stat import Statistics, statistics

app = typer.Typer(help="Archive volumes.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The archive's folder.")]
Keys = Annotated[
    Path | None, typer.Option("--keys", help="Folder of archive.key; by default beside the archive: DATA/keys.")
]
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
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend first what can be mended. Stop the recorder before.")
    ] = False,
    seen: Annotated[
        bool, typer.Option("--holds-complete", help="With --repair: no hold is missing, destruction may go on.")
    ] = False,
    keys: Keys = None,
    json: Json = False,
) -> None:
    """Prove the numbered invariants of the format note. Exit 0: all hold; 1: some do not, and here is where; 2: it
    cannot be checked.

    --repair deletes no byte that could be evidence: what nothing names is taken in, what is torn is cut after its last
    whole second, what is lost of the journal is named in a signed line.
    """
    key = _key(folder, keys)
    mended: list[str] = []
    if repair:
        mended = repair_volume(folder, SystemClock(), key=key, seen=seen, progress=_progress("taking in"))
    findings = check_volume(folder, quick=quick, key=key, progress=_progress("checking"))
    bad = [each for each in findings if not each.told]
    if json:
        found = [_finding(each) for each in findings]
        typer.echo(json_format.dumps({"good": not bad, "findings": found, "mended": mended}))
    else:
        for sentence in mended:
            typer.echo(f"mended: {sentence}")
        for each in findings:
            typer.echo(f"{each.invariant} {each.where}: {each.what}{' (told)' if each.told else ''}")
        typer.echo("The archive is good." if not bad else f"{len(bad)} findings. {_advice(repaired=repair)}")
    raise typer.Exit(1 if bad else 0)


def _advice(*, repaired: bool) -> str:
    if repaired:
        return "They cannot be mended: keep the disk as it is."
    return "Stop the recorder, then: beffroi archive check --repair"


def _key(folder: Path, keys: Path | None) -> SigningKey | None:
    """The key that signs destructions: of the data folder in which the archive stands, or where it was said to be."""
    return archive_key(keys if keys is not None else folder.absolute().parent / "keys")


@app.command()
def rebuild(folder: Folder, keys: Keys = None, json: Json = False) -> None:
    """Make the catalogue again from media files and journal: holds and gaps included, unknown files taken in, nothing
    deleted. Stop the recorder first."""
    made = rebuild_catalogue(folder, SystemClock(), key=_key(folder, keys), progress=_progress("reading"))
    if json:
        typer.echo(json_format.dumps({"segments": made.segments, "recovered": made.recovered, "adopted": made.adopted}))
    else:
        typer.echo(f"{made.segments} segments; {made.recovered} recovered, {made.adopted} taken in that nothing named.")


@app.command()
def move(
    folder: Folder,
    to: Annotated[Path, typer.Argument(help="The folder that takes it: a volume, or empty.")],
    keys: Keys = None,
    json: Json = False,
) -> None:
    """Move all footage of an archive to another volume, holds first: copied, read back, journalled on both, then
    deleted here. Stop the recorder first; name the new folder under ``volumes``. Exit 1: something stayed."""
    moved, left = move_all(folder, to, SystemClock(), key=_key(folder, keys), progress=_progress("moving"))
    if json:
        typer.echo(json_format.dumps({"moved": moved, "left": left}))
    else:
        typer.echo(f"{moved} files moved, {left} left where they are.")
    raise typer.Exit(1 if left else 0)


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


def _finding(each: Finding) -> dict[str, str | bool]:
    return {"invariant": each.invariant, "where": each.where, "what": each.what, "told": each.told}
