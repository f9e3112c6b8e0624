"""The front's side of a connection that can be cut (I12): a stop ends it at once, however slowly the other end reads.

An ordinary close delivers what was written before it: megabytes in the kernel's buffer, for a reader behind a slow
line many seconds of them. So little is kept unsent, and a cut (``RST``) throws that away too.
"""

import asyncio
import os
import socket
import struct

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from beffroi.media.door.asgi import CUT

UNSENT_BYTES = 128 * 1024
"""So much may wait in the kernel for one connection; a fast line empties it before it is missed."""
_NOT_SENT_LOW_WATER = getattr(socket, "TCP_NOTSENT_LOWAT", 25)
_AT_ONCE = struct.pack("ii", 1, 0)


class CutProtocol(HttpToolsProtocol):
    """uvicorn's own, whose requests carry the extension ``beffroi.cut``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A caller."""
        _set(transport, socket.IPPROTO_TCP, _NOT_SENT_LOW_WATER, UNSENT_BYTES)
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """A request."""
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"now": self._cut}}

    def _cut(self) -> None:
        _set(self.transport, socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()


def _set(transport: asyncio.Transport, level: int, option: int, value: int | bytes) -> None:
    """Set an option of a caller's socket; the office's own is of another family and has no slow line."""
    found = transport.get_extra_info("socket")
    if found is None or found.family not in {socket.AF_INET, socket.AF_INET6} or found.fileno() < 0:
        return
    with socket.socket(fileno=os.dup(found.fileno())) as same:  # uvloop lends no socket that can be set
        same.setsockopt(level, option, value)
