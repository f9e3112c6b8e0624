"""Sentences for the error codes of packages and hand-overs, in the user's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "extraction_state": _("The package is not in a state for this: look at it again."),
    "extraction_running": _("A package of this requisition is being made."),
    "requisition_not_accepted": _("The requisition is not accepted: decide on it first."),
    "no_such_extraction": _("There is no such package."),
    "no_such_handover": _("There is no such package."),
    "handover_fields": _("Something in what you entered is not right."),
    "handover_open": _("This person may download it already."),
    "handover_closed": _("This hand-over is closed."),
    "handover_not_ready": _("The copy is not finished yet."),
    "no_pictures": _(
        "There is no picture in the span asked for: answer the requisition as negative; the gaps say why."
    ),
    "disk_full": _("The disk of the vault has no room for it. Make room in the data folder, then try again."),
    "vault_unwritable": _("The vault cannot be written. See the disk and its rights, then try again."),
    "segment_missing": _("A file is missing from the archive. Have the technician check the archive."),
    "segment_changed": _("A file of the archive is not what was recorded. Have the technician check the archive."),
    "fragment_changed": _("What the recorder sent is not what was recorded. Have the technician check the archive."),
    "extraction_broken": _("The recorder broke off. Try again."),
    "package_not_valid": _("The finished package did not pass its own check. Try again, and have the disk checked."),
    "package_changed": _("The stored package was changed on disk. Bring it back from the backup."),
    "stamp_unreachable": _("The time-stamping authority does not answer. Try again, or go on with the centre’s own."),
    "stamp_refused": _("The time-stamping authority sent a stamp that does not hold. Ask the authority."),
    "stamp_key_unreadable": _("The centre’s time-stamping key cannot be read. Restore it from the backup."),
    "intake_missing": _("This centre has no recorder of its own: first take the exports of the video system in."),
    "intake_camera": _("This camera was not granted."),
    "intake_no_video": _("There is no picture in this file."),
    "intake_no_length": _("This file does not say how long it lasts: export it again as MP4, MKV or AVI."),
    "intake_outside": _("This file lies outside of the span asked for: look at the time of its first picture."),
    "intake_too_wide": _("This file reaches more than ten minutes beyond the span asked for (R-20): cut the export."),
    "intake_unreadable": _("This file is no video that can be read: export it again as MP4, MKV, AVI or MPEG."),
    "intake_too_large": _("This file is larger than 8 GB."),
    "intake_dropped": _("This file was destroyed already."),
    "intake_gone": _("An export is not in the data folder any more: take it in again."),
    "intake_changed": _("An export was changed on disk since it was taken in: take it in again, and look at the disk."),
    "no_such_intake": _("There is no such file."),
    "probe_unavailable": _("Files cannot be examined safely on this machine: the kernel must allow seccomp filters."),
}
