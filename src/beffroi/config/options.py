"""The one configuration file: TOML, 25 keys at most, each overridable as ``BEFFROI_<KEY>`` in the environment.

Everything else is data of the office, changed by audited acts. Documented in ``docs/reference/configuration.md``.
"""

import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from beffroi.kernel.errors import Invalid
from beffroi.media.core.storage import GB, Storage


def _listed(value: object) -> object:
    """The environment writes lists with commas, or as JSON where a comma may stand in what is listed."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


Surface = Literal["counter", "building", "duty", "office", "api"]


class OuterFace(BaseModel):
    """A second port on which only some surfaces answer: what may face the Internet."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("0.0.0.0", description="address it listens on")  # noqa: S104  facing the outside is its purpose
    port: int = Field(ge=1, le=65535, description="port it listens on")
    surfaces: list[Surface] = Field(default=["counter"], min_length=1, description="what answers there")
    certificate: str = Field("", description="as the key certificate; empty: the same")
    certificate_key: Path | None = Field(None, description="as the key certificate_key")


class Options(BaseSettings):
    """What an installation says once. Paths are made absolute; unknown keys are refused."""

    model_config = SettingsConfigDict(env_prefix="BEFFROI_", extra="forbid", validate_default=True)
    source: ClassVar[Path | None] = None

    data: Path = Field(Path("data"), description="folder of everything that is kept")
    run: Path | None = Field(None, description="short folder for sockets; made from the data folder's path when empty")
    host: str = Field("127.0.0.1", description="address the front listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the front listens on")
    public_url: str = Field("", description="address people type; empty: http://localhost:PORT")
    hosts: Annotated[list[str], NoDecode, BeforeValidator(_listed)] = Field(
        default_factory=list, description="further host names that are answered"
    )
    certificate: str = Field(
        "", description="HTTPS: own (the centre's authority, beffroi tls init) or a PEM file; empty: plain HTTP"
    )
    certificate_key: Path | None = Field(None, description="private key of that file, where it is not in it")
    plain_port: int = Field(
        0, ge=0, le=65535, description="port of plain HTTP that sends to HTTPS and gives the authority; 0: none"
    )
    outer: OuterFace | None = Field(None, description="a second port on which only some surfaces answer")
    database_url: str = Field("", description="postgresql://… ; empty: SQLite in the data folder")
    recording: bool = Field(
        True, description="false: the chest alone, no recorder starts; packages are made of another system's exports"
    )
    ingest_workers: int = Field(0, ge=0, le=64, description="recording processes; 0: by number of cameras and cores")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe line that is kept"
    )
    language: Literal["fr", "en"] = Field("fr", description="language of pages before sign-in and of papers")
    tsa_url: str = Field(
        "", description="RFC 3161 time-stamping authority; empty: the centre's own, which proves little"
    )
    smtp_url: str = Field("", description="mail server for notices: smtp://user:password@host:port; empty: no mail")
    mail_from: str = Field("", description="sender of the notices, an address of the commune")
    sms_url: str = Field("", description="HTTP gateways for SMS, number and text are added; empty: no SMS")
    keep_free_gb: float = Field(
        2.0, ge=0, description="the oldest footage that nothing holds goes to keep so much free"
    )
    volume_quota_gb: float = Field(0, ge=0, description="most footage on the archive's disk; 0: as much as fits")
    camera_quota_gb: float = Field(0, ge=0, description="most footage of one camera; 0: as much as its days need")
    volumes: Annotated[list[str], NoDecode, BeforeValidator(_listed)] = Field(
        default_factory=list, description="further folders for footage, each on a disk of its own, beside DATA/archive"
    )
    emergency_volume: str = Field("", description="folder that takes footage where none of the others can be written")
    demo: bool = Field(False, description="banner and passwords of the demonstration; never set by hand")

    @property
    def storage(self) -> Storage:
        """What the recorder is told about its disks."""
        return Storage(
            keep_free_bytes=int(self.keep_free_gb * GB),
            volume_quota_bytes=int(self.volume_quota_gb * GB),
            camera_quota_bytes=int(self.camera_quota_gb * GB),
            volumes=tuple(str(Path(each).absolute()) for each in self.volumes),
            emergency=str(Path(self.emergency_volume).absolute()) if self.emergency_volume else "",
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line first, then environment, then the file."""
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        if cls.source is not None:
            sources += (TomlConfigSettingsSource(settings_cls, cls.source),)
        return sources


def load_options(file: Path | None = None, **overrides: object) -> Options:
    """Read the configuration. ``file`` defaults to ``$BEFFROI_CONFIG`` or ``beffroi.toml`` here, if there is one.

    Raises ``Invalid`` naming each wrong key.
    """
    named = file or (Path(os.environ["BEFFROI_CONFIG"]) if os.environ.get("BEFFROI_CONFIG") else None)
    path = named or Path("beffroi.toml")
    if named is not None and not named.is_file():
        raise Invalid(f"There is no configuration file {named}.", hint="Check the path after --config.")
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        Options.source = path if path.is_file() else None
        options = Options(**given)  # type: ignore[arg-type]  # pydantic checks them
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path} is not TOML: {error}.", hint="See docs/reference/configuration.md.") from error
    except ValidationError as error:
        wrong = {".".join(str(part) for part in item["loc"]): item["msg"] for item in error.errors()}
        said = "; ".join(f"{key}: {message}" for key, message in wrong.items())
        raise Invalid(
            f"The configuration is wrong: {said}.",
            fields=wrong,
            hint=f"Correct it in {path if path.is_file() else 'the environment or on the command line'}.",
        ) from error
    return options.model_copy(update={"data": options.data.absolute()})
