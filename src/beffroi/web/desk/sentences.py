"""What the islands of the room say: handed to them with the page, never written in their code."""

from django.utils.translation import gettext as _


def wall_words() -> dict[str, str]:
    """Words of the wall."""
    return {
        "back": _("Looking back"),
        "refused": _("The pictures of your shift could not be opened."),
        "outsidePurpose": _("This camera does not serve the purpose of your shift: its picture stays closed."),
        "officeDown": _("The office does not answer. Live pictures go on with your shift’s lease; acts wait."),
        "incidentOpened": _("Incident opened:"),
        "lookBackFailed": _("The look back could not be opened."),
        "incidentFailed": _("The incident could not be opened."),
        "noSuchNumber": _("No camera has this number:"),
        "calling": _("Camera number:"),
        "called": _("Called:"),
        "no_answer": _("The office does not answer."),
        "not_on_duty": _("You are not on duty: begin your shift first."),
        "no_camera_for_purpose": _("No camera serves the purpose of your shift."),
        "duty_look_stopped": _("Somebody stopped your pictures. A new shift opens them again."),
    }
