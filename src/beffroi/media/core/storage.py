"""What an installation says once about its disks (the one TOML file): read by the writer, which keeps to it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log

from beffroi.kernel.digest import sha256

GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Storage:
    """Where footage goes and how much of it. A quota of 0 is none."""

    keep_free_bytes: int = 2 * GB  # never more than a twentieth of the disk
    volume_quota_bytes: int = 0
    camera_quota_bytes: int = 0
    volumes: tuple[str, ...] = ()  # further folders, beside DATA/archive
    emergency: str = ""  # takes over where none of them can be written

    def to_json(self) -> str:
        """For a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Storage":
        """What ``to_json`` wrote; ``ValueError`` or ``TypeError`` for anything else."""
        fields = json.loads(text)
        return cls(**{**fields, "volumes": tuple(fields.get("volumes", ()))})


def preferred(camera: str, volumes: Mapping[str, int]) -> str:
    """Of volumes (identifier and size), the one that takes this camera: always the same while they are the same, and
    as many cameras to each as it is large (rendezvous hashing). Where one goes, only its cameras move."""

    def weight(uuid: str) -> float:
        drawn = (int.from_bytes(sha256(f"{camera} {uuid}".encode())[:8], "big") + 1) / 2**64
        return max(1, volumes[uuid]) / -log(min(drawn, 1 - 2**-53))

    return max(sorted(volumes), key=weight)


def short_of(storage: Storage, *, used_bytes: int, free_bytes: int, total_bytes: int) -> tuple[int, int]:
    """How many bytes must go: by the quota of the volume, and because the disk is too full."""
    over = used_bytes - storage.volume_quota_bytes if storage.volume_quota_bytes else 0
    kept_free = min(storage.keep_free_bytes, total_bytes // 20)
    return max(0, over), max(0, kept_free - free_bytes)
