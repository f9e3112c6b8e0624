"""Files that this plane reads: two keys of the data folder, and the drawings of communes that ship with it."""

import json
from importlib import resources
from typing import Any

from beffroi.kernel.signing import SigningKey
from beffroi.people.files import read_key
from beffroi.sites.core.coverage import Position


def secrets_key() -> bytes:
    """The AES-256 key that seals camera addresses and passwords; ``Unavailable`` when it is missing or damaged."""
    return read_key("secrets.key")


def office_key() -> SigningKey:
    """The office's Ed25519 key; ``Unavailable`` when it is missing or damaged."""
    return SigningKey(read_key("office.key"))


def shipped_plan(insee: str) -> dict[str, Any]:
    """The drawing that ships for a commune (GeoJSON, WGS 84): boundary, water, streets, buildings, and ``spot`` points
    where its cameras stand. Empty for a commune without one."""
    path = resources.files("beffroi.sites").joinpath("data", f"{insee}.geojson")
    if not path.is_file():
        return {}
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plan


def boundary_of(plan: dict[str, Any]) -> list[Position]:
    """The commune's boundary in a drawing, as latitude and longitude; empty when it has none."""
    rings = [
        feature["geometry"]["coordinates"][0]
        for feature in plan.get("features", ())
        if feature["properties"].get("kind") == "boundary"
    ]
    return [(latitude, longitude) for longitude, latitude in rings[0][:-1]] if rings else []
