"""``beffroi evidence``: check a package, by the very code that travels in it; write that code out for a stranger."""

from pathlib import Path
from typing import Annotated

import typer

from beffroi.governance.files.verifier.command import default_language, main
from beffroi.governance.files.verifier.standalone import standalone

app = typer.Typer(help="Evidence packages.", no_args_is_help=True)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="The package: a folder or a zip file.")],
    json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    lang: Annotated[str, typer.Option(help="fr or en; by the system's language when not given.")] = "",
    authority: Annotated[str, typer.Option(help="PEM file of the time-stamping authority to believe.")] = "",
    sha256: Annotated[str, typer.Option(help="Digest of the zip file, as printed on the slip.")] = "",
) -> None:
    """Exit 0: every byte is the one that was sealed; 1: it is not, and here is where; 2: it cannot be checked."""
    arguments = [str(path), "--lang", lang if lang in ("fr", "en") else default_language()]
    arguments += ["--json"] if json else []
    arguments += ["--authority", authority] if authority else []
    arguments += ["--sha256", sha256] if sha256 else []
    raise typer.Exit(main(arguments))


@app.command()
def verifier(
    to: Annotated[Path, typer.Argument(help="File to write, e.g. verify.py")] = Path("verify.py"),
) -> None:
    """Write the standalone verifier: one file, Python 3.8 or later, no dependency."""
    to.write_bytes(standalone())
    typer.echo(str(to))
