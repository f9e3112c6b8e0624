"""How much one request may bring, asked before and while its bytes arrive.

Django writes a body of any size to a temporary file before a view is asked. So this stands before Django: what is
larger than its address allows is refused by its ``Content-Length``, and in the middle of the stream where that lies or
is missing; a large one comes from somebody who is signed in, onto a disk that has the room. The refused request still
reaches Django, with nothing in it, so that the answer is the page that ``web.shared.sizes`` makes.
"""

import re
import shutil
import tempfile
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from beffroi.config.heartbeat import App, Receive, Scope, Send
from beffroi.governance.core.intake import MAX_BYTES, SPARE_BYTES
from beffroi.web.shared.sizes import REFUSED, Refusal

ORDINARY_BYTES = 64 * 1024 * 1024
LARGE_BYTES = MAX_BYTES + 1024 * 1024  # the fields of the form beside the file
LARGE = re.compile(r"/desk/requisitions/[^/]+/exports/")
"""The one form that takes a file of gigabytes."""
COPIES = 3
"""A form's file stands three times on the disk for a moment: as it came, taken out of the form, and taken in."""
LOOK_EVERY_BYTES = 16 * 1024 * 1024


def with_bounds(application: App) -> App:
    """``application`` behind these bounds; while it serves, temporary files lie in the data folder."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            tempfile.tempdir = str(_emptied(settings.BEFFROI_DATA_DIR / "uploads" / "spool"))
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        said = _length(scope)
        most = await _most(scope, said)
        body = _Body(scope, receive, most)
        if said > most:
            body.refuse(Refusal.TOO_LARGE)
        elif said > ORDINARY_BYTES and not _room(COPIES * said):
            body.refuse(Refusal.NO_ROOM)
        await application(scope, body.receive, send)

    return bounded


class _Body:
    """A body counted as it comes. Once it is refused it is over for Django, and what still comes is thrown away."""

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        self._scope, self._receive, self._most = scope, receive, most
        self._seen = self._looked_at = 0
        self._told = False  # Django has heard that the body is over

    def refuse(self, why: Refusal) -> None:
        """Say why; ``web.shared.sizes`` answers."""
        self._scope[REFUSED] = why

    async def receive(self) -> MutableMapping[str, Any]:
        """The next message for Django."""
        while not (REFUSED in self._scope and not self._told):
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            if not self._told:
                self._count(len(message.get("body", b"")))
                if REFUSED not in self._scope:
                    self._told = not message.get("more_body", False)
                    return message
        self._told = True
        return {"type": "http.request", "body": b"", "more_body": False}

    def _count(self, more: int) -> None:
        self._seen += more
        if self._seen > self._most:
            self.refuse(Refusal.TOO_LARGE)
        elif self._seen - self._looked_at >= LOOK_EVERY_BYTES:
            self._looked_at = self._seen
            if not _room(0):
                self.refuse(Refusal.NO_ROOM)


def _length(scope: Scope) -> int:
    """What the request says of its own length; 0 where it says nothing that can be read."""
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() and len(said) < 20 else 0


async def _most(scope: Scope, said: int) -> int:
    """The bound of this address; asks who is there only where more than the ordinary is announced."""
    if said <= ORDINARY_BYTES or LARGE.fullmatch(scope["path"]) is None:
        return ORDINARY_BYTES
    return LARGE_BYTES if await sync_to_async(_signed_in)(scope) else ORDINARY_BYTES


def _signed_in(scope: Scope) -> bool:
    from beffroi.people import queries as people
    from beffroi.web.shared.middleware import SESSION_KEY

    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie.load(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return False
    name = cookie.get(settings.SESSION_COOKIE_NAME)
    if name is None:
        return False
    close_old_connections()
    session = import_module(settings.SESSION_ENGINE).SessionStore(name.value)
    sign_in, account = session.get(SESSION_KEY), session.get("_auth_user_id")
    alive = bool(sign_in and account) and people.live_session(sign_in, int(account)) is not None
    close_old_connections()
    return alive


def _room(wanted: int) -> bool:
    return shutil.disk_usage(settings.BEFFROI_DATA_DIR).free >= wanted + SPARE_BYTES


def _emptied(folder: Path) -> Path:
    """The folder, without what a killed office left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
