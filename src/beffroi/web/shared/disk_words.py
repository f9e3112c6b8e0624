"""Disks of the recorder in the user's language: what they say of themselves, or why that is not known."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.answers import RecorderStatus
from beffroi.media.core.disk_health import DiskHealth, Sign, Unreadable

UNREADABLE: dict[str, Promise] = {
    Unreadable.VIRTUAL: _("it is a virtual disk: the machine that lends it knows"),
    Unreadable.NO_TOOL: _("smartctl is not installed on the recorder’s machine (package smartmontools)"),
    Unreadable.NOT_PERMITTED: _("the recorder may not ask it: set up the hourly reading (guide “The archive’s disks”)"),
    Unreadable.ASLEEP: _("it sleeps, and is not woken for this"),
    Unreadable.NO_ANSWER: _("it gave no answer that can be read: it may sleep"),
    Unreadable.NOT_TOLD: _("it, or what it is plugged into, gives no such readings"),
    Unreadable.GONE: _("it is not there any more"),
}

SIGNS: dict[str, Promise] = {
    Sign.FAILING: _("The disk itself says that it is failing: replace it now"),
    Sign.LOST: _("The disk could not read some of its sectors: pictures may be lost. Replace it soon"),
    Sign.READ_ONLY: _("The disk takes no more writes: replace it now"),
    Sign.SPARE: _("The disk has used up its spare: replace it now"),
    Sign.ERRORS: _("Calls to the disk fail again and again: look at its cable, its power, then the disk"),
    Sign.MOVED: _("The disk has replaced sectors that went bad: if the number grows, replace it"),
    Sign.WORN: _("The disk has nearly written what its maker built it for: plan its replacement"),
    Sign.HOT: _("The disk is too hot: look at its fans and filters"),
}

FIGURES: dict[str, Promise] = {
    "reallocated": _("sectors replaced"),
    "pending": _("sectors in doubt"),
    "uncorrectable": _("sectors unreadable"),
    "reported": _("reads that failed"),
    "media_errors": _("reads that failed"),
    "used": _("% worn"),
    "spare": _("% spare left"),
    "celsius": _("°C"),
    "hours": _("hours in use"),
    "kernel_errors": _("calls failed or refused, since its start"),
}


@dataclass(frozen=True, slots=True)
class DiskLine:
    """One disk as pages and papers show it."""

    disk: DiskHealth
    signs: tuple[str, ...]
    figures: str
    why: str  # nothing is known of it

    @property
    def called(self) -> str:
        """How whoever replaces it finds it."""
        return " · ".join(each for each in (self.disk.name, self.disk.model, self.disk.serial) if each)

    @property
    def words(self) -> str:
        """Its state in one sentence."""
        if self.signs:
            return ". ".join(self.signs)
        return now_("Not readable, because %(why)s") % {"why": self.why} if self.why else now_("Says that it is well")


def disk_lines(status: RecorderStatus | None) -> list[DiskLine]:
    """Each disk beneath a volume once, the troubled first."""
    known = {disk.name: disk for volume in (status.volumes if status else ()) for disk in volume.disks or ()}
    order = {"bad": 0, "warn": 1, "unknown": 2, "good": 3}
    return [_line(disk) for disk in sorted(known.values(), key=lambda disk: (order[disk.state], disk.name))]


def _line(disk: DiskHealth) -> DiskLine:
    return DiskLine(
        disk,
        tuple(str(SIGNS[sign]) for sign in disk.signs if sign in SIGNS),
        " · ".join(_figures(disk.figures)),
        str(UNREADABLE.get(disk.unreadable, disk.unreadable)),
    )


def _figures(figures: Iterable[tuple[str, int]]) -> list[str]:
    known = dict(figures)
    return [f"{known[name]} {words}" for name, words in FIGURES.items() if name in known]
