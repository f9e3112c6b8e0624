"""Words of the room in the user's language: gap causes, purposes, states."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.words import GapCause
from beffroi.sites.core.purposes import Purpose

GAP_CAUSES: dict[GapCause, Promise] = {
    GapCause.CAMERA: _("the camera does not answer"),
    GapCause.NETWORK: _("the network is down"),
    GapCause.POWER: _("the power is off"),
    GapCause.STORAGE: _("the disk does not take it"),
    GapCause.CLOCK: _("the camera’s clock jumped"),
    GapCause.SCHEDULE: _("recording is off at this hour"),
    GapCause.PRIVACY: _("a dwelling mask is missing"),
    GapCause.RETENTION: _("its term has passed"),
    GapCause.ORDER: _("destroyed by order"),
    GapCause.MAINTENANCE: _("works under way"),
    GapCause.RECORDER: _("the recorder was stopped"),
    GapCause.UNKNOWN: _("the cause is not known"),
}

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
}
"""What the recorder found when it tried, by its code: finer than the cause of the gap."""

VOLUME_NOTES: dict[str, Promise] = {
    "journal-broken": _(
        "Lines of the archive’s journal are lost. They were set aside; the pictures were taken in. Have the technician "
        "check the archive."
    ),
    "holds-unknown": _(
        "A hold may be among what is lost: nothing is destroyed until the technician has checked the archive."
    ),
    "destroyed-early": _(
        "In the last 24 hours pictures were destroyed before their term to make room. Give the archive a larger disk, "
        "or keep fewer days."
    ),
    "nothing-to-free": _("The disk is full, and all that is left is held. Recording ends soon: act now."),
}
"""What a volume needs a person for, by its code."""

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
    "mask_review_old": _("its dwelling mask was reviewed more than a year ago"),
    "retention_outside_order": _("it is kept longer or shorter than the order says"),
}

MODES: dict[str, Promise] = {
    "live": _("Live"),
    "relay": _("Live relay"),
    "replay": _("Replay"),
    "still": _("Still"),
    "extract": _("Extraction"),
    "package": _("Package"),
    "ptz": _("Steering"),
}

SENTENCES: dict[str, str | Promise] = {
    "no_such_camera": _("There is no such camera."),
    "no_such_incident": _("There is no such incident."),
    "no_such_shift": _("There is no such shift."),
    "reason_empty": _("Say in a few words why: “surveillance” alone is not a reason."),
    "on_duty_already": _("You are on duty already."),
    "shift_ended": _("This shift has ended."),
    "shift_over": _("A shift ends after it begins."),
    "reasons_due": _("Before the shift ends, say why you looked back."),
    "incident_closed": _("This incident is closed: open a new one."),
    "incident_span": _("An incident begins in the last month, and not in the future."),
    "incident_unexplained": _("Say why it was opened and how it ended."),
    "closing_empty": _("Say how it ended."),
    "note_empty": _("There is nothing to write."),
    "note_long": _("A line has 2,000 characters at most."),
    "bookmark_future": _("This instant has not come yet."),
    "recorder_silent": _("The recorder does not answer. Recording does not depend on this page."),
    "json_expected": _("This request cannot be read."),
    "binding_form": _("This request cannot be read."),
    "camera_form": _("This request cannot be read."),
}
