"""How pages reach the recorder. What they read there is never a picture."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from beffroi.governance.queries import access
from beffroi.kernel.errors import Unavailable
from beffroi.media.client import RecorderClient
from beffroi.media.core.answers import LookSession, RecorderStatus


def client() -> RecorderClient:
    """The client of the recorder of this centre."""
    return cast(RecorderClient, import_string(settings.BEFFROI_RECORDER)())


def say_what_is_open(now: datetime) -> bool:
    """Tell the door which accesses are open, at once, and have it written down there: after something was ended, and
    before a shift lease is handed out. Whether it heard; where not, the heartbeat says it again each second."""
    try:
        client().beat(lambda: access.heartbeat(now), kept=True)
    except Unavailable:
        return False
    return True


def status_or_none() -> RecorderStatus | None:
    """The recorder's state; ``None`` when it does not answer: shown as unknown, never as nothing (I9)."""
    try:
        return client().status()
    except Unavailable:
        return None


def sessions_or_none() -> list[LookSession] | None:
    """Who is looking now, as the door says; ``None`` when it does not answer."""
    try:
        return client().sessions()
    except Unavailable:
        return None
