"""``beffroi demo``: the demonstration village, with its cameras, people, law and a year of cases."""

import json
import os
import secrets
import socket
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.commands.up import PARTS, part_command, supervise
from beffroi.config.options import Options, load_options
from beffroi.config.ports import must_be_free
from beffroi.config.setup import only_instance, prepare, prepare_database, run_folder, start_django
from beffroi.config.supervisor import Part, beffroi_command
from beffroi.kernel.clock import SystemClock

Data = Annotated[Path, typer.Option("--data", help="data folder of the demonstration")]
Footage = Annotated[Path | None, typer.Option("--footage", help="folder with your own H.264 or H.265 files")]
FIRST_PICTURE_S = 60
"""Longest wait of the year of cases for the recorder's first picture: cameras that give none keep nothing from it."""


def register(cli: typer.Typer) -> None:
    """Add the command and, hidden, its helpers that the supervisor starts."""
    cli.command("demo")(demo)
    cli.command("demo-cameras", hidden=True)(demo_cameras)
    cli.command("demo-birth", hidden=True)(demo_birth)
    cli.command("demo-history", hidden=True)(demo_history)


def demo(
    data: Data = Path("demo-data"),
    port: Annotated[int | None, typer.Option("--port", help="port of the pages")] = None,
    footage: Footage = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file")] = None,
    lang: Annotated[str, typer.Option("--lang", help="what the school's box speaks: fr or en")] = "",
) -> None:
    """Open the demonstration village: invented place, invented people, drawn pictures."""
    os.environ["BEFFROI_NOTICE"] = "public/demonstration.html"
    if lang not in ("", "fr", "en"):
        raise typer.BadParameter("The box speaks fr or en.", param_hint="--lang")
    options = load_options(config, data=data, port=port, demo=True)
    if footage is not None:
        from beffroi.config.demo.footage import read_folder

        footage = footage.absolute()
        count = len(read_folder(footage)[0])
    with only_instance(options.data):
        must_be_free(options.host, options.port)
        run = prepare(options)
        (options.data / "demo" / "loops").mkdir(mode=0o700, parents=True, exist_ok=True)
        rtsp_port, box_port = _kept_port(options.data, "rtsp"), _kept_port(options.data, "box")
        os.environ["BEFFROI_CAMERA_PASSWORD"] = _camera_password(options.data)
        start_django(options, run)
        prepare_database()
        _found(options, rtsp_port, 0 if footage is None else count, lang)
        if _first(options.data):
            _say_first(drawn=footage is None)
        typer.echo(f"The school's box: http://127.0.0.1:{box_port}/cell (code 4711)")
        supervise(options, run, _parts(options, rtsp_port, box_port, footage))


def _parts(options: Options, rtsp_port: int, box_port: int, footage: Path | None) -> list[Part]:
    data = str(options.data)
    streets = ["demo-cameras", "--data", data, "--port", str(rtsp_port)]
    if footage is not None:
        streets += ["--footage", str(footage)]
    parts = [Part("cameras", beffroi_command(*streets))]
    waits: tuple[str, ...] = ()
    if footage is None:
        parts.append(Part("birth", beffroi_command("demo-birth", "--data", data), once=True))
        waits = ("birth",)
    parts += [Part(name, part_command(name, options), after=waits if name == "recorder" else ()) for name in PARTS]
    parts.append(Part("box", beffroi_command("edge", "run", "--data", f"{data}/edge", "--port", str(box_port))))
    parts.append(Part("history", beffroi_command("demo-history", "--data", data), once=True, after=waits))
    if footage is None:
        rest = beffroi_command("demo-birth", "--data", data, "--rest")
        parts.append(Part("drawing", rest, once=True, after=("history",)))
    return parts


def _found(options: Options, rtsp_port: int, files: int, lang: str) -> None:
    """Enter the village, and connect its cameras to the addresses of today."""
    from datetime import timedelta

    from beffroi.config.demo import school, village
    from beffroi.config.demo.scenes import SCENES
    from beffroi.people import queries

    now = SystemClock().now()
    ids = village.found(now)
    base = f"rtsp://127.0.0.1:{rtsp_port}"
    if files:
        addresses = {scene.number: f"{base}/file-{n % files + 1}" for n, scene in enumerate(SCENES)}
    else:
        addresses = {scene.number: f"{base}/{scene.name}" for scene in SCENES}
    village.connect(
        queries.actor(ids["technicien"]),
        addresses,
        os.environ["BEFFROI_CAMERA_PASSWORD"],
        since=now - village.AGE + timedelta(days=1),
        now=now,
    )
    village.on_duty(ids, now)
    building = school.found_school(ids["ecole"], now - village.AGE, lang or "fr")
    school.pair_box(building, options.data / "edge", f"http://127.0.0.1:{options.port}", now, lang)
    school.announce_drill(building, ids["ecole"], now)


def _first(data: Path) -> bool:
    return not (data / "demo" / "past.json").exists() and not _recorded(data)


def _recorded(data: Path) -> bool:
    """Whether the archive holds any picture."""
    return any((data / "archive").glob("**/*.mp4"))


def _say_first(*, drawn: bool) -> None:
    """What a first start does, and how long it takes."""
    if drawn:
        typer.echo("First start: drawing the village and its last six hours, one to a few minutes.")
        typer.echo("The pages open meanwhile; until then they say that the recorder does not answer.")
    else:
        typer.echo("First start: your files are the cameras. They are recorded from now on; no hours before are made.")
        typer.echo("A year of closed requests is entered while you work, in less than a minute.")


def _kept_port(data: Path, name: str) -> int:
    """A port of the demonstration's own: the one of last time where it is free, so that addresses stay."""
    path = data / "demo" / f"{name}-port.json"
    last = int(json.loads(path.read_text())) if path.exists() else 0
    for wanted in (last, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            path.write_text(json.dumps(port))
            return port
    raise AssertionError("port 0 is always free")


def _camera_password(data: Path) -> str:
    path = data / "demo" / "camera-password"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(18))
    return path.read_text()


def demo_cameras(data: Data, port: Annotated[int, typer.Option("--port")], footage: Footage = None) -> None:
    """The drawn streets (or the given files) as RTSP cameras."""
    from beffroi.config.demo.cameras import run_cameras
    from beffroi.config.worker import log_as_json

    log_as_json()
    run_cameras(data, port=port, footage=footage)


def demo_birth(data: Data, rest: Annotated[bool, typer.Option("--rest", help="what nobody waits for")] = False) -> None:
    """Draw the loops and write the hours before."""
    from beffroi.config.demo import birth
    from beffroi.config.worker import log_as_json

    log_as_json()
    options = load_options(None, data=data, demo=True)
    start_django(options, run_folder(options))
    from beffroi.sites import queries

    if rest:
        os.nice(10)
        birth.draw_rest(options.data)
        return
    birth.draw_needed(options.data, SystemClock())
    birth.remember(options.data, {camera.number: camera.id for camera in queries.cameras()}, SystemClock())


def demo_history(data: Data) -> None:
    """Enter a year of closed requisitions, slowly: the pages and the recorder come first."""
    from threading import Event

    from beffroi.config.worker import log_as_json

    log_as_json()
    options = load_options(None, data=data, demo=True)
    start_django(options, run_folder(options))
    from beffroi.config.demo import history
    from beffroi.config.demo.people import VILLAGERS
    from beffroi.people import queries

    clock, pause = SystemClock(), Event().wait  # nothing sets it: SIGTERM ends the process in the middle of a pause
    patient_until_ns = clock.monotonic_ns() + FIRST_PICTURE_S * 1_000_000_000
    while not _recorded(options.data) and clock.monotonic_ns() < patient_until_ns:
        pause(0.5)
    now = clock.now()
    by_name = {person.name: person.id for person in queries.persons(now=now)}
    history.write({one.username: by_name[one.name] for one in VILLAGERS}, now, clock=clock, rest=pause)
