"""The words that live and replay players show, in the user's language: given to each island with its data.

Words in braces are filled in by the player: ``{time}``, ``{cause}``, ``{code}``, ``{from}`` …
"""

from django.utils.translation import gettext as _


def player_texts() -> dict[str, str]:
    """Every text of ``live``, ``replay``, ``package`` and the timeline, by key."""
    return {**_live_texts(), **_replay_texts(), **_package_texts(), **_cause_texts()}


def _live_texts() -> dict[str, str]:
    return {
        "connecting": _("Connecting…"),
        "live": _("Live"),
        "late": _("Late: last picture at {time}"),
        "none": _("No picture since {time}: {cause}"),
        "none_yet": _("No picture: {cause}"),
        "stopped": _("Stopped"),
        "stopped.stopped": _("Stopped by the room"),
        "stopped.refused": _("Not shown: your access does not cover this camera now"),
        "stopped.codec": _("This browser cannot show this camera’s pictures"),
        "converted": _("Converted for this screen"),
        "synthetic": _("Demonstration footage"),
        "look_back": _("Two minutes back"),
        "back_to_live": _("Back to live"),
        "look_back_refused": _("The look back was refused ({code})."),
    }


def _replay_texts() -> dict[str, str]:
    return {
        "loading": _("Loading the recording…"),
        "play": _("Play"),
        "pause": _("Pause"),
        "back_10": _("10 seconds back"),
        "forward_10": _("10 seconds on"),
        "frame_back": _("One frame back"),
        "frame_forward": _("One frame on"),
        "speed": _("Speed"),
        "still": _("Save a still"),
        "still_loading": _("These pictures still load; the others go on."),
        "conversions_full": _(
            "Too many pictures are being converted for screens now. Close another one, or try again in a moment."
        ),
        "reverse": _("Backwards"),
        "keys": _("Keys"),
        "keys_note": _(
            "Space: play or pause · J, K, L: backwards, pause, onwards; J or L again: faster · , and .: one frame · "
            "← and →: to the next key frame · with Shift: 10 seconds · on the timeline, ← and → are 10 seconds too, "
            "and with Ctrl they show a small picture first: Enter goes there"
        ),
        "end": _("End of the span you may see"),
        "nothing_recorded": _("Nothing is recorded here; the timeline says why."),
        "refused": _("This recording is not open to you now."),
        "no_answer": _("The recorder does not answer. Try again in a moment."),
        "still_failed": _("The still could not be made."),
        "timeline": _("Moment shown"),
        "preview_none": _("{at}: no picture"),
        "timeline_table": _("The timeline as a table"),
        "zoom_in": _("Closer"),
        "zoom_out": _("Wider"),
        "recorded": _("Recorded"),
        "gap": _("No picture from {from} to {to}: {cause}"),
        "hold": _("Held for {reference}"),
        "held": _("Held"),
        "column_from": _("From"),
        "column_to": _("To"),
        "column_what": _("What there is"),
        **_movement_texts(),
    }


def _movement_texts() -> dict[str, str]:
    return {
        "movement": _("Search for movement"),
        "movement_note": _(
            "Looks for change between key frames in a zone: of anything, by anything. Persons and objects are not "
            "recognised. Draw the zone on the picture, or choose one. The search is written to the log."
        ),
        "zone": _("Zone"),
        "zone_whole": _("Whole picture"),
        "zone_left": _("Left half"),
        "zone_right": _("Right half"),
        "zone_top": _("Upper half"),
        "zone_bottom": _("Lower half"),
        "zone_drawn": _("As drawn"),
        "search_movement": _("Search"),
        "moved_none": _("No change was found in this zone."),
        "moved_count": _("Changes found: {count}"),
        "unexamined": _("Not examined, no key frame: {from} to {to}"),
        "search_busy": _("Another search is going on. Wait for it to end."),
        "search_ground": _("Movement is searched inside an open incident or case only."),
        "search_broken": _("The search broke off. Start it again."),
    }


def _package_texts() -> dict[str, str]:
    return {
        "download": _("Download the package"),
        "download_started": _("The download has begun ({size} MB). If it breaks off, start it again: it goes on."),
        "download_refused": _("The package is not open to you now ({code})."),
    }


def _cause_texts() -> dict[str, str]:
    """Why there are no pictures (I5)."""
    return {
        "cause.camera": _("the camera gives no picture"),
        "cause.network": _("the link to the camera is cut"),
        "cause.power": _("no power"),
        "cause.storage": _("the storage failed"),
        "cause.clock": _("the clock could not be trusted"),
        "cause.schedule": _("not recorded at these hours"),
        "cause.privacy": _("not recorded for privacy: dwelling mask missing or not reviewed"),
        "cause.retention": _("deleted at the end of its term"),
        "cause.order": _("not recorded: no prefect’s order covers it"),
        "cause.maintenance": _("maintenance"),
        "cause.recorder": _("the recorder does not answer"),
        "cause.unknown": _("cause unknown"),
    }


def steering_texts() -> dict[str, str]:
    """What the controls of a camera that moves say."""
    return {
        "take": _("Take the controls"),
        "taking": _("Asking the camera…"),
        "ready": _("Hold a direction to move. Arrow keys move, + and - zoom, Home goes home."),
        "mine": _("You steer this camera."),
        "held": _("{by} steers this camera. You can take over when the hand rests."),
        "taken": _("{by} took over the controls."),
        "failed": _("The camera did not follow."),
        "refused": _("You may not steer this camera now."),
        "gone": _("The controls are closed. The camera stands still."),
        "up": _("Up"),
        "down": _("Down"),
        "left": _("Left"),
        "right": _("Right"),
        "closer": _("Closer"),
        "wider": _("Wider"),
        "home": _("Home position"),
        "presets": _("Positions"),
        "pad": _("Directions of the camera"),
    }
