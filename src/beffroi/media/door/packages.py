"""Evidence packages leave by the door: opened by a ticket, then one file that resumes (RFC 9110 §14).

A stop cuts the line itself: what waits in buffers for a slow reader is thrown away, not delivered minutes later.
"""

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

from beffroi.kernel.errors import Forbidden, NotFound
from beffroi.kernel.ids import CameraId, is_safe_name
from beffroi.media.core.tickets import HEADER, Mode
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Request, Send, reply, reply_json, stream
from beffroi.media.door.door import Door, OpenedPackage
from beffroi.media.door.looks import Look

OPEN_US = 2 * 3_600 * 1_000_000
"""How long an opened package may be downloaded before the office is asked again."""
FILE_NAME = "package.zip"
_CHUNK_BYTES = 256 * 1024
CHECK_S = 0.25
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


async def open_package(door: Door, request: Request, send: Send, package: str) -> None:
    """``POST /door/packages/<id>/open``: admit, leave the fact, and let this browser download for two hours."""
    request.same_origin()
    binding = binding_in(request)
    ticket = door.admission.admit(request.headers.get(HEADER, ""), binding=binding, modes={Mode.PACKAGE})
    if ticket.package != package:
        raise NotFound("There is nothing here for this ticket.", code="not_found")
    fd, size, _ = await asyncio.to_thread(_open_file, door.vault, package)
    os.close(fd)
    until_us = door.clock.now_us() + OPEN_US
    opened = OpenedPackage(ticket, door.clock.since_boot_us() + OPEN_US)
    look = await _look_of(door, opened, binding)
    door.packages[binding, package] = opened
    await reply_json(send, {"url": f"/door/packages/{package}/file", "size": size, "until_us": until_us})
    look.touched_boot_us = door.clock.since_boot_us()


async def file(door: Door, request: Request, send: Send, package: str) -> None:
    """``GET|HEAD /door/packages/<id>/file``: by cookie, whole or one range."""
    binding = binding_in(request)
    opened = door.packages.get((binding, package))
    if opened is None or opened.until_boot_us <= door.clock.since_boot_us():
        raise NotFound("Open the package first.", code="not_found")
    if not door.beats.keeps(opened.ticket):
        raise _stopped()
    fd, size, tag = await asyncio.to_thread(_open_file, door.vault, package)
    try:
        start, end = _wanted(request, size, tag)
        headers = [
            (b"content-type", b"application/zip"),
            (b"accept-ranges", b"bytes"),
            (b"etag", tag.encode()),
            (b"content-disposition", f'attachment; filename="{package}.zip"'.encode()),
        ]
        if start is None:
            await reply(
                send, 416, b"", kind="application/zip", headers=[(b"content-range", f"bytes */{size}".encode())]
            )
            return
        partial = (start, end) != (0, size)
        if partial:
            headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
        if request.method == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": _head(headers, end - start)})
            await send({"type": "http.response.body", "body": b""})
            return
        look = await _look_of(door, opened, binding)
        look.of_bytes = size
        look.busy += 1
        try:
            sending = stream(
                request.receive, send, _chunks(fd, start, end, door, look), status=206 if partial else 200,
                length=end - start, headers=headers, sent=look.sent_from(start),
            )  # fmt: skip
            await _while_it_holds(door, request, look, sending)
        finally:
            look.busy -= 1
            look.touched_boot_us = door.clock.since_boot_us()
    finally:
        os.close(fd)


async def _while_it_holds(door: Door, request: Request, look: Look, sending: Coroutine[None, None, None]) -> None:
    """Send to the end, or cut the line when the access is stopped, however slowly the other end reads."""
    task = asyncio.ensure_future(sending)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=CHECK_S)
            if not task.done() and not door.beats.keeps(look.ticket):
                request.cut()
                await asyncio.wait({task}, timeout=CHECK_S)
                door.looks.end(look, "access_stopped")
                raise _stopped()
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})


def _stopped() -> Forbidden:
    return Forbidden("This access was stopped.", code="access_stopped", hint="Ask the centre to open it again.")


async def _look_of(door: Door, opened: OpenedPackage, binding: str) -> Look:
    ticket = opened.ticket
    for look in door.looks.of_package(ticket.package, ticket.grant, binding):
        return look
    camera = ticket.cameras[0] if ticket.cameras else CameraId("")
    return await door.looks.begin(ticket, mode=Mode.PACKAGE, camera=camera, span=ticket.span, binding=binding)


def _head(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    return [*headers, (b"content-length", str(length).encode()), (b"cache-control", b"no-store")]


def _open_file(vault: Path, package: str) -> tuple[int, int, str]:
    """Descriptor, size and entity tag of a package; ``NotFound`` for whatever is not a plain file in the vault."""
    absent = NotFound("There is nothing here for this ticket.", code="not_found")
    if not is_safe_name(package):
        raise absent
    try:
        folder = os.open(vault / package, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fd = os.open(FILE_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError:
        raise absent from None
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise absent
    return fd, found.st_size, f'"{found.st_size:x}-{found.st_mtime_ns:x}-{found.st_ino:x}"'


def _wanted(request: Request, size: int, tag: str) -> tuple[int | None, int]:
    """The half-open range asked for; the whole file where the range is none of ours; ``None`` where it cannot be."""
    text = request.headers.get("range", "")
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or match.groups() == ("", "") or request.headers.get("if-range", tag) != tag:
        return 0, size
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else (None, 0)


async def _chunks(fd: int, start: int, end: int, door: Door, look: Look) -> AsyncIterator[bytes]:
    at = start
    while at < end and not door.stopping.is_set():
        data = await asyncio.to_thread(os.pread, fd, min(_CHUNK_BYTES, end - at), at)
        if not data:
            raise NotFound("The package became shorter while it was sent.", code="package_short")
        yield data
        at += len(data)
        look.touched_boot_us = door.clock.since_boot_us()
