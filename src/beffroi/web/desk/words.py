"""Words of the room in the user's language: gap causes, purposes, states."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    "clock-not-trusted": _(
        "The recorder’s clock is not synchronised: until it is, nothing is deleted at its term and no hold runs out. "
        "Have the technician set up a time service (NTP)."
    ),
    "volume-absent": _("A disk of the archive is not there. What is recorded goes to another one meanwhile."),
    "volume-foreign": _("Another disk stands where one of the archive belongs. Nothing was written to it."),
    "volume-old": _("An old copy of a disk of the archive stands in its place. Nothing was written to it."),
    "volume-failing": _("A disk of the archive cannot be written. What is recorded goes to another one meanwhile."),
    "volume-hanging": _(
        "The archive’s disk does not answer, and there is no other to record to: pictures wait in memory for a moment, "
        "then they are lost. Look at the disk, its cable or its network now. A disk named emergency_volume in the "
        "configuration would have taken over."
    ),
    "emergency-in-use": _(
        "The emergency disk is in use: no other can be written. Mend the archive’s disk; what was recorded goes home "
        "by itself."
    ),
    "disk-read-only": _(
        "A disk of the archive has turned read-only: the system found errors on it. Save what is on it, and replace it."
    ),
    "mirror-degraded": _(
        "The mirror of the archive’s disks lacks one: until it is replaced, the next failure loses all."
    ),
    "nothing-to-free": _("The disk is full, and all that is left is held. Recording ends soon: act now."),
}
"""What a volume needs a person for, by its code."""

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
    "no_such_mail": _("There is no such message."),
    "mail_settled": _("Somebody has settled this message meanwhile."),
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
    "crisis_unexplained": _("Say who declared it, and why."),
    "crisis_declared": _("A crisis was declared on this incident already."),
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
