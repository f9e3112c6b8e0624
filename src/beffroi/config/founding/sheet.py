"""The founding file: what a commune says once, checked as a whole before anything is entered.

YAML without aliases and of bounded size; every fault names its place. Passwords do not belong in it: accounts get one
that is shown once, cameras take theirs from the environment variable the file names.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from beffroi.kernel.errors import Invalid
from beffroi.people.core.roles import Force, Quality, Role
from beffroi.sites.core.networks import LOOPBACK, holds, is_literal, network_problem
from beffroi.sites.core.purposes import Purpose

MAX_BYTES = 512 * 1024
Text = Annotated[str, Field(min_length=1, max_length=200)]
Insee = Annotated[str, Field(pattern=r"^[0-9AB]{5}$")]
UserName = Annotated[str, Field(pattern=r"^[a-z0-9._-]{2,40}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Commune(_Strict):
    """The commune itself; ``latitude`` and ``longitude`` are its middle (WGS 84)."""

    insee: Insee
    name: Text
    department: Annotated[str, Field(pattern=r"^[0-9AB]{2,3}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Unit(_Strict):
    """A unit and the organisation it belongs to."""

    name: Text
    organisation: Text
    force: Force
    email: str = ""


class Person(_Strict):
    """Somebody of the centre. ``clearance`` is the reference of the individual habilitation, if she has one."""

    name: Text
    unit: Text
    roles: Annotated[list[Role], Field(min_length=1)]
    account: UserName
    rank: str = ""
    matricule: str = ""
    quality: Quality = Quality.NONE
    clearance: str = ""
    clearance_issuer: str = ""


class Camera(_Strict):
    """One camera. ``password_env`` names the environment variable that holds its password while the file is read."""

    number: Annotated[int, Field(ge=1, le=9_999)]
    name: Text
    site: Text
    site_kind: Literal["public_road", "school", "building"] = "public_road"
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    bearing: Annotated[float, Field(ge=0, lt=360)]
    angle: Annotated[float, Field(gt=0, le=360)]
    range_m: Annotated[float, Field(gt=0, le=5_000)]
    public_road: bool = True
    purposes: Annotated[list[Purpose], Field(min_length=1)]
    retention_days: Annotated[int, Field(ge=1, le=31)]
    tags: list[str] = []
    url: Annotated[str, Field(pattern=r"^(rtsps?://[^@\s]+)?$")] = ""  # empty: of another video system, only named here
    username: str = ""
    password_env: Annotated[str, Field(pattern=r"^[A-Z0-9_]*$")] = ""


class Network(_Strict):
    """A network in which cameras may be (CIDR); the recorder calls no address outside those declared."""

    network: Text
    reason: Text = "Caméras"

    @field_validator("network")
    @classmethod
    def _declarable(cls, value: str) -> str:
        if network_problem(value):
            raise ValueError(f"{value} cannot be declared: write it as 192.168.10.0/24, no wider than cameras need")
        return value


class Authorisation(_Strict):
    """The prefect's order on the system."""

    reference: Text
    purposes: Annotated[list[Purpose], Field(min_length=1)]
    retention_max_days: Annotated[int, Field(ge=1, le=31)]
    retention_min_days: Annotated[int, Field(ge=0, le=31)] = 0
    valid_from: date
    valid_to: date


class Masks(_Strict):
    """Who drew and who reviewed the dwelling masks of cameras that see no dwelling (R-05: two persons)."""

    drawn_by: UserName
    reviewed_by: UserName


class Sheet(_Strict):
    """The whole file."""

    commune: Commune
    units: Annotated[list[Unit], Field(min_length=1)]
    persons: Annotated[list[Person], Field(min_length=1)]
    networks: list[Network] = []
    cameras: list[Camera] = []
    authorisation: Authorisation | None = None
    masks: Masks | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> "Sheet":
        units = {unit.name for unit in self.units}
        accounts = {person.account for person in self.persons}
        for person in self.persons:
            if person.unit not in units:
                raise ValueError(f"persons: {person.name} is of the unit {person.unit!r}, which is not in units")
        if len(accounts) < len(self.persons):
            raise ValueError("persons: two of them have the same account")
        if len({camera.number for camera in self.cameras}) < len(self.cameras):
            raise ValueError("cameras: two of them have the same number")
        declared = [one.network for one in self.networks] or list(LOOPBACK)
        for camera in self.cameras:
            host = urlsplit(camera.url).hostname or ""
            if is_literal(host) and not any(holds(network, host) for network in declared):
                raise ValueError(f"networks: camera {camera.number} at {host} is in no declared network")
        if self.masks and not {self.masks.drawn_by, self.masks.reviewed_by} <= accounts:
            raise ValueError("masks: drawn_by and reviewed_by are accounts of persons in this file")
        if self.masks and self.masks.drawn_by == self.masks.reviewed_by:
            raise ValueError("masks: whoever draws does not review (R-05)")
        if not any(Role.ADMINISTRATOR in person.roles or Role.CHIEF in person.roles for person in self.persons):
            raise ValueError("persons: nobody is chief or administrator")
        return self


def read_sheet(path: Path) -> Sheet:
    """The checked file. Raises ``Invalid`` naming each faulty place."""
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}.", hint="Check the path and that it is a text file.") from error
    if text is None:
        raise Invalid(f"{path} is larger than {MAX_BYTES // 1024} kB.")
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text)):
            raise Invalid(f"{path} uses YAML anchors or aliases.", hint="Write the value out.")
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{path} is not YAML: {error}") from error
    try:
        return Sheet.model_validate(data)
    except ValidationError as error:
        wrong = [f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}" for item in error.errors()]
        raise Invalid(
            f"{path} is not a founding file: " + "; ".join(wrong[:12]), hint="See docs/guide/founding."
        ) from None
