"""Somebody who fetches a package behind a narrow line, as a program: ``python -m tests.e2e.fetcher`` with its orders
as JSON on standard input. It says ``looking`` when the file flows and, once it no longer does, when the last byte came,
how many came of how many, and what the same address answers afterwards.

The times are of the machine's monotonic clock, which namespaces share.
"""

import asyncio
import json
import socket
import sys
import time
from typing import Any

import aiohttp

PIECE_BYTES, PAUSE_S = 16_384, 0.04
"""About 400 kB a second: the line is narrow, so the reader takes its time."""


def _narrow(address: Any) -> socket.socket:
    """A socket that holds little: what has come is what was read."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE_BYTES)
    return made


async def _opened(session: aiohttp.ClientSession, orders: dict[str, Any], headers: dict[str, str]) -> str:
    async with session.get(f"{orders['at']}/door/session", headers=headers) as answer:
        binding = (await answer.json())["binding"]
    asking = {**headers, "X-CSRFToken": orders["cookies"]["beffroi_csrf"], "Accept": "application/json"}
    async with session.post(f"{orders['at']}{orders['ticket']}", json={"binding": binding}, headers=asking) as answer:
        assert answer.status == 200, (answer.status, await answer.text())
        ticket: str = (await answer.json())["ticket"]
    opening = {**headers, "Beffroi-Ticket": ticket}
    async with session.post(f"{orders['at']}/door/packages/{orders['package']}/open", headers=opening) as answer:
        assert answer.status == 200, (answer.status, await answer.text())
        url: str = (await answer.json())["url"]
        return f"{orders['at']}{url}"


async def fetch(orders: dict[str, Any]) -> dict[str, Any]:
    """Read slowly until the door cuts it or the file is whole; what came, and what is answered then."""
    headers = {"Host": orders["host"], "Origin": f"http://{orders['host']}", "Referer": f"http://{orders['host']}/"}
    cookies = {name: value for name, value in orders["cookies"].items() if name != "beffroi_door"}
    jar = aiohttp.CookieJar(unsafe=True)
    connector = aiohttp.TCPConnector(socket_factory=_narrow)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=jar, cookies=cookies, read_bufsize=PIECE_BYTES
    ) as session:
        url = await _opened(session, orders, headers)
        came, last_ns, cut = 0, 0, False
        async with session.get(url, headers=headers) as answer:
            of_bytes = int(answer.headers["Content-Length"])
            try:
                while data := await answer.content.read(PIECE_BYTES):
                    came, last_ns, before = came + len(data), time.monotonic_ns(), came
                    if before < 8 * PIECE_BYTES <= came:
                        print("looking", flush=True)
                    await asyncio.sleep(PAUSE_S)
            except aiohttp.ClientError:
                cut = True
        async with session.get(url, headers=headers | {"Range": f"bytes={came}-"}) as answer:
            after = [answer.status, (await answer.json()).get("code") if answer.status >= 400 else ""]
    return {"bytes": came, "of_bytes": of_bytes, "last_ns": last_ns, "cut": cut, "after": after}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(fetch(json.loads(sys.stdin.read())))), flush=True)
