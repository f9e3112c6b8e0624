"""Words of the technician's room in the user's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.media.core.words import GapCause
from beffroi.web.shared.camera_states import CameraState
from beffroi.web.shared.camera_words import FAILURES, GAP_CAUSES

TRIAL_FAILURES: dict[str, Promise] = {
    "address_outside": _("its address is in no network declared for cameras"),
    "address_unknown": _("no machine has this name"),
    "address_malformed": _("this is not a camera’s address"),
    "onvif_html": _("it answers with a web page and not by ONVIF"),
    "onvif_empty": _("it answers ONVIF with nothing"),
    "onvif_unreadable": _("its ONVIF answer cannot be read"),
    "onvif_too_long": _("its ONVIF answer is too long"),
    "onvif_absent": _("it has no ONVIF service at this address"),
    "onvif_fault": _("it answers that it cannot say which streams it has"),
    "onvif_unsupported": _("it has no ONVIF stream service"),
    "onvif_no_stream": _("it offers no stream that can be recorded"),
    "onvif_clock": _("its clock says a time that there is not"),
}
"""What only a trial can find; the rest is in ``camera_words.FAILURES``."""

TRIAL_HINTS: dict[str, Promise] = {
    "password_refused": _("Check user name and password on the camera’s own page. Several wrong tries can lock it."),
    "password_wanted": _("Enter the user name and the password of the camera."),
    "no_stream": _("The camera is there. The end of the address is wrong: look it up in its manual."),
    "refused": _("The machine is there and has no camera service on this port: is it the camera’s address?"),
    "unreachable": _("Is the camera powered and on the network of the recorder?"),
    "unknown": _("Is the name spelled right?"),
    "address_outside": _("Declare the network first, or correct the address."),
    "address_unknown": _("Is the name spelled right? An address in numbers always works."),
    "address_malformed": _("It looks like rtsp://192.168.1.20/stream1"),
    "onvif_html": _("ONVIF may have to be switched on in the camera, or a bitrate in it is badly set: restart it."),
    "onvif_absent": _("Switch ONVIF on in the camera, or enter the address of its stream (rtsp://…)."),
    "onvif_fault": _("Enter the address of its stream (rtsp://…)."),
    "onvif_unsupported": _("Enter the address of its stream (rtsp://…)."),
    "unreadable": _("Something answers there, but it is no video the recorder can read."),
    "silent": _("The camera answers and sends no picture: restart it, or choose another stream."),
}

MASK_FAULTS: dict[str, Promise] = {
    "mask_points": _("an area has three to sixty-four corners."),
    "mask_outside": _("areas lie inside the picture, from 0 to 100."),
    "mask_flat": _("it is too small to hide anything."),
    "mask_crossed": _("its sides cross each other."),
    "mask_many": _("a mask has thirty-two areas at most."),
}
"""Why an area cannot be hidden (``media.core.masking.fault_of``)."""

SENTENCES: dict[str, str | Promise] = {
    "source_invalid": _("This address cannot be a camera’s."),
    "number_taken": _("This number is taken or was used before: choose another."),
    "no_such_site": _("There is no such place."),
    "no_such_trial": _("This trial is over: test the camera again."),
    "trial_forgotten": _("This trial is over: test the camera again."),
    "trials_busy": _("Several cameras are being tested: try again in a minute."),
    "streams_unknown": _("This camera never said which streams it has: test it until it answers."),
    "trial_other": _("This trial was for another camera."),
    "site_twice": _("There is a place of this name already: choose it in the list."),
    "camera_outside": _("Only cameras inside buildings have hours."),
    "camera_retired": _("This camera is out of service."),
    "camera_invalid": _("This camera cannot be entered so."),
    "no_source": _("This camera has no address yet."),
    "equipment_twice": _("There is equipment of this name already."),
    "equipment_ring": _("It would hang on itself."),
    "equipment_used": _("Cameras or other equipment hang on it: hang them elsewhere first."),
    "no_such_equipment": _("There is no such equipment."),
    "no_such_alarm": _("This alarm is over."),
    "network_invalid": _("This network cannot be declared."),
    "network_twice": _("This network is declared already."),
    "no_such_network": _("This network is not declared."),
    "no_such_mask": _("There is no such mask."),
    "mask_reviewed_by_author": _("Whoever drew the mask does not review it: a second person must (R-05)."),
    **MASK_FAULTS,
    "no_such_authorisation": _("There is no such order."),
}

FIELD_PROBLEMS: dict[str, Promise] = {
    "address_missing": _("Enter the camera’s address."),
    "address_unreadable": _("This is not a camera’s address. It looks like rtsp://192.168.1.20/stream1"),
    "address_scheme": _("Enter 192.168.1.20, or an address that begins with rtsp:// or rtsps://"),
    "address_with_password": _("User name and password have fields of their own."),
    "equipment_name": _("Give it a name."),
    "network_unreadable": _("Write the network as 192.168.10.0/24."),
    "network_too_wide": _("This network is too wide: declare only where cameras are."),
    "network_reason_missing": _("Say what this network is."),
    "reason_missing": _("Say why."),
    "no_purpose": _("Choose one purpose at least."),
    "retention_outside_law": _("Pictures are kept for 1 to 31 days."),
    "sub_longer_than_main": _("The small stream is kept at most as long as the main one."),
    "quota_out_of_range": _("One gigabyte at least."),
}


def failure_words(code: str) -> str:
    """Why a trial came to nothing."""
    return str(FAILURES.get(code) or TRIAL_FAILURES.get(code) or FAILURES["unreadable"])


def found_of(state: CameraState) -> str:
    """What the recorder found when a camera's pictures stopped; empty when it found nothing."""
    cause = state.cause if state.cause is not GapCause.UNKNOWN else None
    return str(FAILURES.get(state.detail) or (GAP_CAUSES[cause] if cause else ""))
