"""Health of the recorder, without a picture: recording yes or no from durable bytes, and how full the disks are."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from beffroi.governance.queries import mail
from beffroi.kernel.clock import from_us, to_us
from beffroi.media.core.answers import RecorderStatus
from beffroi.media.core.sight import Trouble
from beffroi.people.core.roles import Role
from beffroi.sites import queries as sites
from beffroi.web.desk.telling import LABELS, sentence_of
from beffroi.web.desk.words import VOLUME_NOTES
from beffroi.web.shared.camera_states import StateKind, own_clock_off, states_of
from beffroi.web.shared.camera_words import TROUBLES
from beffroi.web.shared.disk_words import disk_lines
from beffroi.web.shared.mail_words import MAILBOX_TROUBLES
from beffroi.web.shared.office_disk import office_disk
from beffroi.web.shared.recorder import status_or_none
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.served import served

LOOKED_OF_LATE = timedelta(minutes=3)
"""After so long without a look, nobody can say how a picture is (I9)."""


APART_US = 2_000_000
"""The answer's way is in it: a second of R-31, and one for that."""


def _apart(status: RecorderStatus | None, now: datetime) -> str:
    """How far the recorder's clock is from the office's, where that matters: they may be two machines."""
    off_us = status.at_us - to_us(now) if status else 0
    return f"{off_us / 1_000_000:+.1f} s" if abs(off_us) > APART_US else ""


def health(request: OfficeRequest) -> HttpResponse:
    """The page; asked by htmx it is the table alone."""
    status = status_or_none()
    whole = Role.TECHNICIAN in request.person.roles  # keeps every camera of the centre going, and sees no picture
    cameras = sites.cameras() if whole else sites.cameras_visible_to(request.person)
    states = states_of(cameras, status, request.now)
    kinds = [state.kind for _camera, state in states]
    lines = [
        {
            "camera": camera,
            "state": state,
            "label": LABELS[state.kind],
            "sentence": sentence_of(state),
            "trouble": TROUBLES[state.trouble] if state.trouble else "",
            "asked": state.trouble is Trouble.TURNED,
            "looked": state.looked_at is not None and request.now - state.looked_at < LOOKED_OF_LATE,
        }
        for camera, state in states
    ]
    volumes = [
        {
            "volume": volume,
            "used": round(100 * (1 - volume.free_bytes / volume.total_bytes))
            if volume.total_bytes and volume.free_bytes is not None
            else None,
            "full_at": from_us(volume.full_at_us) if volume.full_at_us else None,
            "names": ", ".join(disk.name for disk in volume.disks or ()),
        }
        for volume in (status.volumes if status else ())
    ]
    box = mail.mailbox()
    context = {
        "mailbox": box,
        "mailbox_trouble": MAILBOX_TROUBLES.get(box.trouble, box.trouble) if box else "",
        "lines": lines,
        "certificates": [
            {"served": one, "days": one.days_left(request.now), "well": one.well(request.now)} for one in served()
        ],
        "volumes": volumes,
        "notes": _notes(status),
        "disks": disk_lines(status),
        "office": office_disk(),
        "clocks": {
            "own": own_clock_off(status),
            "off": [(camera.number, state.clock_off) for camera, state in states if state.clock_off],
            "apart": _apart(status, request.now),
        },
        "known": status is not None,
        "recorded": kinds.count(StateKind.RECORDING),
        "troubled": sum(state.trouble not in (None, Trouble.TURNED) for _camera, state in states),
        "silent": kinds.count(StateKind.SILENT) + kinds.count(StateKind.WAITING),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "desk/health_table.html" if fragment else "desk/health.html", context)


def _notes(status: RecorderStatus | None) -> list[Promise]:
    """What needs a person, each said once: a clock that is not trusted is a note of every volume."""
    codes = dict.fromkeys(note for volume in (status.volumes if status else ()) for note in volume.notes)
    return [VOLUME_NOTES[code] for code in codes if code in VOLUME_NOTES]
