"""A camera's state in words: for badges of the server and for the tiles' island, the same sentence in both."""

from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.kernel.clock import to_us
from beffroi.media.core.hours import CLOCK_UNSURE
from beffroi.media.core.words import GapCause
from beffroi.web.shared.camera_states import CameraState, StateKind
from beffroi.web.shared.camera_words import BROKEN, FAILURES, GAP_CAUSES

LABELS: dict[StateKind, Promise] = {
    StateKind.RECORDING: gettext_lazy("Recording"),
    StateKind.SILENT: gettext_lazy("No picture"),
    StateKind.WAITING: gettext_lazy("Waiting for its first picture"),
    StateKind.SUSPENDED: gettext_lazy("Suspended"),
    StateKind.UNLAWFUL: gettext_lazy("Kept off by law"),
    StateKind.RESTING: gettext_lazy("Off at this hour"),
    StateKind.UNCOMMISSIONED: gettext_lazy("Not in service"),
    StateKind.UNKNOWN: gettext_lazy("Unknown"),
}


def sentence_of(state: CameraState) -> str:
    """What stands in the tile when there is no picture: since when, and why."""
    if state.kind is StateKind.SILENT:
        cause = str(FAILURES.get(state.detail) or GAP_CAUSES[state.cause or GapCause.UNKNOWN])
        if state.since is None:
            return _("No picture: %(cause)s.") % {"cause": cause}
        local = timezone.localtime(state.since)
        shown = formats.date_format(local, "d/m/Y H:i:s")
        return _("No picture since %(since)s: %(cause)s.") % {"since": shown, "cause": cause}
    if state.kind is StateKind.RESTING:
        if state.detail == CLOCK_UNSURE:
            return _("Inside a building, and the recorder’s clock is not sure: not recorded, but in a real alert.")
        return _("Inside a building: not recorded at this hour, but in a real alert.")
    if state.kind is StateKind.WAITING:
        return _("The recorder has had no picture of this camera yet.")
    if state.kind is StateKind.SUSPENDED:
        return _("Recording is suspended: %(note)s.") % {"note": state.note}
    if state.kind is StateKind.UNLAWFUL:
        return _("This camera is kept off: %(rule)s.") % {"rule": BROKEN.get(state.rule, state.rule)}
    if state.kind is StateKind.UNCOMMISSIONED:
        return _("This camera is not in service.")
    if state.kind is StateKind.UNKNOWN:
        return _("The recorder does not answer: nobody can say now whether this camera records.")
    return ""


def told(state: CameraState) -> dict[str, Any]:
    """The state as the island takes it."""
    return {
        "kind": state.kind.value,
        "level": state.level,
        "label": str(LABELS[state.kind]),
        "sentence": sentence_of(state),
        "since_us": to_us(state.since) if state.since else None,
    }
