"""What cameras hang on, and who took an alarm up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beffroi.kernel.ids import CameraId
from beffroi.sites.core.topology import Equipment, EquipmentKind
from beffroi.sites.models import (
    Acknowledgement,
    Camera,
)
from beffroi.sites.models import Equipment as EquipmentRow


@dataclass(frozen=True, slots=True)
class AcknowledgementFacts:
    """Who took an alarm up, when, with what words."""

    key: str
    person_name: str
    note: str
    at: datetime


def equipment() -> list[Equipment]:
    """What cameras hang on, by name."""
    rows = EquipmentRow.objects.order_by("name")
    return [Equipment(row.id, row.name, EquipmentKind(row.kind), row.parent_id or "") for row in rows]


def hangs_on() -> dict[CameraId, str]:
    """What each camera hangs on; empty where nothing is entered."""
    return {CameraId(id_): found or "" for id_, found in Camera.objects.values_list("id", "hangs_on_id")}


def taken_up(key: str) -> list[AcknowledgementFacts]:
    """Who took an alarm up and with what words, in order: what was tried."""
    rows = Acknowledgement.objects.filter(key=key).order_by("at")
    return [AcknowledgementFacts(row.key, row.person_name, row.note, row.at) for row in rows]


def acknowledged(keys: Iterable[str]) -> dict[str, AcknowledgementFacts]:
    """The latest acknowledgement of each alarm."""
    rows = Acknowledgement.objects.filter(key__in=list(keys)).order_by("at")
    return {row.key: AcknowledgementFacts(row.key, row.person_name, row.note, row.at) for row in rows}
