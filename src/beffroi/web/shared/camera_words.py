"""Words about cameras for every surface, in the user's language: purposes, rules, what the recorder found."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.device_events import Heard
from beffroi.media.core.sight import Trouble
from beffroi.media.core.words import GapCause
from beffroi.sites.core.purposes import Purpose

FAILURES: dict[str, Promise] = {
    "password_refused": _("the camera refuses the user name or the password"),
    "password_wanted": _("the camera asks for a user name and a password"),
    "password_unreadable": _("its password cannot be read: enter it again"),
    "no_stream": _("the camera has no stream at this address"),
    "unreadable": _("what answers at its address sends no video"),
    "rtsp_malformed": _("what answers at its address sends no video"),
    "rtsp_garbage": _("what answers at its address sends no video"),
    "unit_too_large": _("what answers at its address sends no video"),
    "no_video": _("it sends no H.264, H.265 or MJPEG: set one of them in the camera"),
    "no_tcp": _("it does not send over TCP: allow that in the camera"),
    "refused_stream": _("it refuses to send its stream: is another recorder connected?"),
    "fault": _("the recorder fell over what it sent, and tries again"),
    "redirected": _("the camera sends the recorder elsewhere, which is not followed"),
    "refused": _("nothing listens at its address"),
    "unreachable": _("its address does not answer"),
    "silent": _("the camera went silent"),
    "broken_off": _("the connection to the camera broke off"),
    "ended": _("the camera ended its stream"),
    "volume-hanging": _(
        "the archive’s disk does not answer, and there is no other: look at it, its cable, its network"
    ),
    "hangs": _("the archive’s disk does not answer"),
}
"""What the recorder found when it tried, by its code: finer than the cause of the gap."""

GAP_CAUSES: dict[GapCause, Promise] = {
    GapCause.CAMERA: _("the camera does not answer"),
    GapCause.NETWORK: _("the network is down"),
    GapCause.POWER: _("the power is off"),
    GapCause.STORAGE: _("the disk does not take it"),
    GapCause.CLOCK: _("the camera’s clock jumped"),
    GapCause.SCHEDULE: _("recording is off at this hour"),
    GapCause.PRIVACY: _("its dwelling mask is missing or not reviewed"),
    GapCause.RETENTION: _("its term has passed"),
    GapCause.ORDER: _("no prefect’s order covers it"),
    GapCause.MAINTENANCE: _("works under way"),
    GapCause.RECORDER: _("the recorder was stopped"),
    GapCause.UNKNOWN: _("the cause is not known"),
}

TROUBLES: dict[Trouble, Promise] = {
    Trouble.FROZEN: _("The picture is frozen"),
    Trouble.BLACK: _("The picture is black"),
    Trouble.WHITE: _("The picture is white"),
    Trouble.TURNED: _("Another view than usual for hours: does the camera still look where it should?"),
    Trouble.COVERED: _("The picture is covered or out of focus"),
}
"""What is wrong with pictures that come."""

MASK, CLOCK, OWN_CLOCK = "mask", "clock", "own-clock"
PICTURE_ALARMS: dict[str, Promise] = {
    **{trouble.value: words for trouble, words in TROUBLES.items()},
    MASK: _(
        "The camera does not hide the dwellings as the reviewed mask says: they may be seen. It is not recorded until "
        "it does: its own page here says what to do"
    ),
    CLOCK: _("The camera’s clock is wrong: set its time server. Footage keeps the recorder’s time"),
    OWN_CLOCK: _("The cameras agree on another time than the recorder: look at its clock and its time service first"),
    Heard.TAMPER.value: _("The camera says that its view was covered, turned or put out of focus"),
}
"""By the kind that an alarm's key begins with."""

PURPOSES: dict[Purpose, Promise] = {
    Purpose.PUBLIC_BUILDINGS: _("Protection of public buildings (1°)"),
    Purpose.DEFENCE: _("Protection of defence installations (2°)"),
    Purpose.TRAFFIC_FLOW: _("Traffic flow (3°)"),
    Purpose.TRAFFIC_OFFENCES: _("Traffic offences (4°)"),
    Purpose.SAFETY_OF_PERSONS: _("Safety of persons and property (5°)"),
    Purpose.TERRORISM: _("Prevention of terrorism (6°)"),
    Purpose.RISKS: _("Natural or technological risks (7°)"),
    Purpose.RESCUE: _("Rescue and fire (8°)"),
    Purpose.AMUSEMENT_PARKS: _("Amusement parks (9°)"),
    Purpose.MOTOR_INSURANCE: _("Motor insurance (10°)"),
    Purpose.FLY_TIPPING: _("Fly-tipping (11°)"),
}

RULE_NAMES: dict[str, Promise] = {
    "R-01": _("A prefectoral order in force covers it"),
    "R-03": _("Its purposes are among the order’s"),
    "R-05": _("A second person reviewed its dwelling mask"),
    "R-08": _("It is kept as long as the order says"),
}

BROKEN: dict[str, Promise] = {
    "no_authorisation": _("no prefectoral order covers it"),
    "authorisation_future": _("the prefect’s order is not in force yet"),
    "authorisation_expired": _("the prefect’s order has expired"),
    "authorisation_withdrawn": _("the prefect’s order was withdrawn"),
    "no_purpose": _("it has no purpose"),
    "purpose_not_authorised": _("the order does not allow its purpose"),
    "mask_not_reviewed": _("its dwelling mask awaits a second person’s review"),
    "mask_reviewed_by_author": _("its dwelling mask was reviewed by its author"),
    "mask_review_before_move": _("it was moved: its dwelling mask must be reviewed again"),
    "mask_lost": _("the camera does not burn in its dwelling mask: dwellings may be seen"),
    "mask_review_old": _("its dwelling mask was reviewed more than a year ago"),
    "retention_outside_order": _("it is kept longer or shorter than the order says"),
}
