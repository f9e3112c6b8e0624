"""What a disk tells of its own health, read from ``smartctl --json`` (smartmontools 7), ATA, NVMe and SCSI. Pure.

A disk is called well, failing or worn by what it says and by nothing else: one that says nothing is *not readable*,
with the reason, and neither green nor red (I9). Nothing is forecast: many disks die without a sign.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json

MOST_BYTES = 256 * 1024
_TEXT = 60
_DIGITS = re.compile(r"\s*(\d{1,15})")
_ATTRIBUTES = {5: "reallocated", 187: "reported", 197: "pending", 198: "uncorrectable"}
_HOT_C = 60  # most makers name 60 °C as the end of what a disk is built for
_WORN_PERCENT = 90


class Unreadable(StrEnum):
    """Why nothing is known of a disk."""

    VIRTUAL = "virtual"  # of a virtual machine or a network: its own machine knows
    NO_TOOL = "no-tool"
    NOT_PERMITTED = "not-permitted"
    ASLEEP = "asleep"
    NO_ANSWER = "no-answer"  # not within its time, or nothing of use
    NOT_TOLD = "not-told"  # the disk, or what it is plugged into, has no such readings
    GONE = "gone"


class Sign(StrEnum):
    """What is wrong with a disk, the worst first."""

    FAILING = "failing"  # it says so itself
    LOST = "lost"  # sectors that it could not read
    READ_ONLY = "read-only"
    SPARE = "spare"  # its spare is below what its maker calls enough
    ERRORS = "errors"  # the kernel counts failed calls, again and again
    MOVED = "moved"  # sectors that it gave up and replaced
    WORN = "worn"
    HOT = "hot"


GRAVE = frozenset({Sign.FAILING, Sign.LOST, Sign.READ_ONLY, Sign.SPARE})


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """One disk beneath a volume. ``unreadable`` empty: its readings are in ``figures``, as far as it has them."""

    name: str  # of the kernel: sda, nvme0n1
    unreadable: str = ""
    model: str = ""
    serial: str = ""
    asked_us: int = 0  # when it said so
    figures: tuple[tuple[str, int], ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """``good`` only where the disk itself says so; ``unknown`` where nothing is known."""
        if any(sign in GRAVE for sign in self.signs):
            return "bad"
        if self.signs:
            return "warn"
        return "unknown" if self.unreadable else "good"


def read_smart(name: str, data: bytes, *, asked_us: int) -> DiskHealth:
    """What ``smartctl --json -a`` wrote of a disk. Whatever cannot be read is no answer."""
    if len(data) > MOST_BYTES:
        return DiskHealth(name, Unreadable.NO_ANSWER)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return DiskHealth(name, Unreadable.NO_ANSWER)
    if not isinstance(found, dict):
        return DiskHealth(name, Unreadable.NO_ANSWER)
    passed = _part(found, "smart_status").get("passed")
    figures = _ata(found) or _nvme(found) or _scsi(found)
    if not isinstance(passed, bool) and not figures:
        return DiskHealth(name, _why(found))
    figures |= _shared(found)
    return DiskHealth(
        name,
        model=_text(found.get("model_name") or found.get("scsi_model_name")),
        serial=_text(found.get("serial_number")),
        asked_us=asked_us,
        figures=tuple(sorted(figures.items())),
        signs=_signs(figures, passed=passed is not False),
    )


def _why(found: Mapping[str, Any]) -> Unreadable:
    said = _part(found, "smartctl")
    messages = said.get("messages")
    lines = (
        [str(one.get("string", "")) for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    )
    text = " ".join(lines).lower()
    if "permission denied" in text or "not permitted" in text:
        return Unreadable.NOT_PERMITTED
    if "standby mode" in text or "sleep mode" in text:
        return Unreadable.ASLEEP
    if "no such device" in text or "no such file" in text:
        return Unreadable.GONE
    if said.get("exit_status") == 2:  # the device could not be opened, or it sleeps: older versions do not say which
        return Unreadable.NO_ANSWER
    return Unreadable.NOT_TOLD if "smartctl" in found else Unreadable.NO_ANSWER


def _ata(found: Mapping[str, Any]) -> dict[str, int]:
    table = _part(found, "ata_smart_attributes").get("table")
    figures: dict[str, int] = {}
    for one in table if isinstance(table, list) else ():
        id_ = one.get("id") if isinstance(one, dict) else None
        name = _ATTRIBUTES.get(id_) if isinstance(id_, int) else None
        raw = _raw(one.get("raw")) if name else None
        if name and raw is not None:
            figures[name] = raw
    return figures


def _raw(raw: object) -> int | None:
    """The first number of how smartctl prints it: the value itself may bear more in its upper words (``8 (0 3)``)."""
    if not isinstance(raw, dict):
        return None
    begun = _DIGITS.match(str(raw.get("string", "")))
    return int(begun[1]) if begun else _count(raw.get("value"))


def _nvme(found: Mapping[str, Any]) -> dict[str, int]:
    log = _part(found, "nvme_smart_health_information_log")
    names = {
        "critical_warning": "warning",
        "percentage_used": "used",
        "media_errors": "media_errors",
        "available_spare": "spare",
        "available_spare_threshold": "spare_least",
    }
    return {name: count for key, name in names.items() if (count := _count(log.get(key))) is not None}


def _scsi(found: Mapping[str, Any]) -> dict[str, int]:
    grown = _count(found.get("scsi_grown_defect_list"))
    return {} if grown is None else {"reallocated": grown}


def _shared(found: Mapping[str, Any]) -> dict[str, int]:
    both = {
        "hours": _count(_part(found, "power_on_time").get("hours")),
        "celsius": _count(_part(found, "temperature").get("current")),
    }
    return {name: count for name, count in both.items() if count is not None}


def _signs(figures: Mapping[str, int], *, passed: bool) -> tuple[str, ...]:
    warning = figures.get("warning", 0)  # bits of the NVMe specification, 5.16.1.3
    lost = ("pending", "uncorrectable", "reported", "media_errors")
    holds = {
        Sign.FAILING: not passed or warning & 0b1_0100,  # degraded; its memory could not be backed up
        Sign.LOST: any(figures.get(name) for name in lost),
        Sign.READ_ONLY: warning & 0b1000,
        Sign.SPARE: warning & 0b0001 or figures.get("spare", 100) < figures.get("spare_least", 0),
        Sign.MOVED: figures.get("reallocated", 0),
        Sign.WORN: figures.get("used", 0) >= _WORN_PERCENT,
        Sign.HOT: warning & 0b0010 or ("warning" not in figures and figures.get("celsius", 0) >= _HOT_C),
    }
    return tuple(sign.value for sign, is_so in holds.items() if is_so)


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return value if is_count else None  # type: ignore[return-value]


def _text(value: object) -> str:
    """A name that the disk's maker typed: shown, never trusted."""
    return "".join(each for each in str(value or "") if each.isprintable())[:_TEXT].strip()


def disk_to_json(disk: DiskHealth) -> Json:
    """One disk."""
    return {
        "name": disk.name,
        "unreadable": disk.unreadable,
        "model": disk.model,
        "serial": disk.serial,
        "asked_us": disk.asked_us,
        "figures": dict(disk.figures),
        "signs": list(disk.signs),
    }


def disks_from_json(data: Sequence[Mapping[str, Any]] | None) -> tuple[DiskHealth, ...] | None:
    """What ``disk_to_json`` wrote of each; ``None``: nobody has looked."""
    if data is None:
        return None
    return tuple(
        DiskHealth(**{**one, "figures": tuple(sorted(one["figures"].items())), "signs": tuple(one["signs"])})
        for one in data
    )
