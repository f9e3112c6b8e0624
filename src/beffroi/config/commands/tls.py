"""``beffroi tls``: the centre's own authority for HTTPS on a network without Internet."""

import json
from pathlib import Path
from typing import Annotated

import typer

from beffroi.config.options import Options, load_options
from beffroi.config.tls import authority
from beffroi.config.tls.store import OwnStore, read_certificate, serving_of
from beffroi.kernel.clock import Clock, SystemClock, iso
from beffroi.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="HTTPS: an authority of the centre's own, and its certificates.")

Config = Annotated[Path | None, typer.Option("--config", help="TOML file")]
Data = Annotated[Path | None, typer.Option("--data", help="data folder")]
Names = Annotated[list[str], typer.Option("--name", help="host name that people type; may be repeated")]
Addresses = Annotated[list[str] | None, typer.Option("--address", help="IP address that people type; may be repeated")]


@app.command()
def init(
    name: Names,
    address: Addresses = None,
    domain: Annotated[
        list[str] | None, typer.Option("--domain", help="a domain for which it may give certificates later")
    ] = None,
    centre: Annotated[str, typer.Option("--centre", help="name of the commune, shown by devices")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="each device must then trust the new one")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make the authority, limited to these names and addresses, and a first certificate."""
    options = load_options(config, data=data)
    store = OwnStore(options.data)
    names = [authority.host_name(one) for one in name]
    store.make(
        centre=centre or names[0],
        names=names,
        domains=[authority.host_name(one) for one in domain or []],
        addresses=[authority.host_address(one) for one in address or []],
        replace=replace,
        now=SystemClock().now(),
    )
    typer.echo(f"Made: {store.root}   valid for ten years, for {_reach(store)} and nothing else")
    typer.echo(f"      {store.server}   for {', '.join(authority.names_of(read_certificate(store.server)))}")
    typer.echo(f"SHA-256 of the authority: {authority.fingerprint(read_certificate(store.root))}")
    typer.echo('Next: certificate = "own" in beffroi.toml, start again, and install the authority on each device:')
    typer.echo(f"      https://{names[0]}:{options.port}/authority/ (docs/guide/https.en.md)")


@app.command()
def issue(name: Names, address: Addresses = None, config: Config = None, data: Data = None) -> None:
    """A new certificate from the authority, for these names; a running front takes it within a minute."""
    store = _store(load_options(config, data=data))
    store.issue(
        names=[authority.host_name(one) for one in name],
        addresses=[authority.host_address(one) for one in address or []],
        now=SystemClock().now(),
    )
    typer.echo(f"Made: {store.server}   for {', '.join(authority.names_of(read_certificate(store.server)))}")


@app.command()
def show(
    config: Config = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """What is served, until when, and the authority's fingerprint. Exit code 1 when the certificate has ended."""
    options = load_options(config, data=data)
    told = _told(options, SystemClock())
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for label, value in told.items():
            typer.echo(f"{label:<12}{', '.join(value) if isinstance(value, list) else value}")
    raise typer.Exit(1 if int(str(told["days_left"])) < 0 else 0)


def _told(options: Options, clock: Clock) -> dict[str, object]:
    serving = serving_of(options.data, options.certificate or "own", options.certificate_key)
    assert serving is not None  # a certificate was named
    certificate = serving.certificate()
    told: dict[str, object] = {
        "file": str(serving.chain),
        "names": list(authority.names_of(certificate)),
        "until": iso(certificate.not_valid_after_utc),
        "days_left": (certificate.not_valid_after_utc - clock.now()).days,
    }
    if serving.own is not None:
        root = read_certificate(serving.own.root)
        told |= {
            "authority": str(serving.own.root),
            "good_for": [*authority.limits_of(root).domains, *map(str, authority.limits_of(root).networks)],
            "sha256": authority.fingerprint(root),
            "root_until": iso(root.not_valid_after_utc),
        }
    return told


def _reach(store: OwnStore) -> str:
    limits = authority.limits_of(read_certificate(store.root))
    return ", ".join([*limits.domains, *map(str, limits.networks)])


def _store(options: Options) -> OwnStore:
    store = OwnStore(options.data)
    if not store.root.exists():
        raise NotFound(
            f"There is no authority in {store.folder}.", code="no_authority", hint="Make one: beffroi tls init --name …"
        )
    return store
