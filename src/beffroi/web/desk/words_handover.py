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
}
