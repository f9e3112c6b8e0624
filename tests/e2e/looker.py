"""Somebody who looks at live pictures from elsewhere, as a program: ``python -m tests.e2e.looker`` with its orders as
JSON on standard input. It says ``looking`` when pictures flow and, once they no longer do, when the last byte came.

It speaks to an address of its own choice under the product's name, so that it may stand in another network namespace.
The times are of the machine's monotonic clock, which namespaces share.
"""

import asyncio
import json
import sys
import time
from typing import Any

import aiohttp

STALL_S = 8.0
"""Longer without a byte than this is an end too: said as such, with close code 0."""


async def _ticket(session: aiohttp.ClientSession, orders: dict[str, Any], headers: dict[str, str]) -> str:
    async with session.get(f"{orders['at']}/door/session", headers=headers) as answer:
        binding = (await answer.json())["binding"]
    body = {"binding": binding, "camera": orders["camera"]}
    asking = {**headers, "X-CSRFToken": orders["cookies"]["beffroi_csrf"], "Accept": "application/json"}
    async with session.post(f"{orders['at']}/tickets/{orders['grant']}", json=body, headers=asking) as answer:
        assert answer.status == 200, (answer.status, await answer.text())
        ticket: str = (await answer.json())["ticket"]
        return ticket


async def look(orders: dict[str, Any]) -> dict[str, Any]:
    """Watch until the door closes; what was seen."""
    headers = {"Host": orders["host"], "Origin": f"http://{orders['host']}", "Referer": f"http://{orders['host']}/"}
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, cookies=orders["cookies"]) as session:
        ticket = await _ticket(session, orders, headers)
        async with session.ws_connect(f"{orders['at']}/door/live", headers=headers) as socket:
            await socket.send_json({"ticket": ticket, "camera": orders["camera"]})
            pictures, last_ns = 0, 0
            while True:
                try:
                    message = await socket.receive(timeout=STALL_S)
                except TimeoutError:
                    return {"pictures": pictures, "last_ns": last_ns, "code": 0}
                if message.type is aiohttp.WSMsgType.BINARY:
                    pictures, last_ns = pictures + 1, time.monotonic_ns()
                    if pictures == 10:
                        print("looking", flush=True)
                elif message.type is not aiohttp.WSMsgType.TEXT:
                    return {"pictures": pictures, "last_ns": last_ns, "code": socket.close_code}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look(json.loads(sys.stdin.read())))), flush=True)
