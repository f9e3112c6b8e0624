"""Where a camera may be: addresses in declared networks only, and no user or password in an address."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from beffroi.kernel.errors import Invalid

SCHEMES = {"rtsp": 554, "rtsps": 322}
DEVICE_SCHEMES = {"http": 80}
"""ONVIF is asked by HTTP."""


@dataclass(frozen=True, slots=True)
class Address:
    """A camera's address, taken apart and allowed. ``host`` is an IP address: what was checked is what is called."""

    scheme: str
    name: str
    host: str
    port: int
    path: str

    def url(self, username: str = "", password: str = "") -> str:
        """The URL for FFmpeg. Never log it."""
        user = f"{quote(username, safe='')}:{quote(password, safe='')}@" if username else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{user}{host}:{self.port}{self.path}"


def allowed_address(url: str, networks: Sequence[str], schemes: Mapping[str, int] = SCHEMES) -> Address:
    """The address in ``url`` if one of ``networks`` (CIDR) has it; ``schemes`` with their usual ports.

    ``Invalid`` with code ``address_malformed``, ``address_unknown`` (no such host) or ``address_outside``.
    """
    malformed = Invalid(
        "This is not a camera address.", code="address_malformed", hint="It looks like rtsp://192.168.1.20/stream1"
    )
    try:
        parts = urlsplit(url)
        port = parts.port or schemes.get(parts.scheme, 0)
    except ValueError:
        raise malformed from None
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
        raise malformed
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise malformed
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Invalid(
            f"There is no host named {parts.hostname}.", code="address_unknown", hint="Is the name spelled right?"
        ) from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    declared = [ipaddress.ip_network(each, strict=False) for each in networks]
    for *_, place in found:
        host = str(place[0])
        if any(ipaddress.ip_address(host) in network for network in declared):
            return Address(parts.scheme, parts.hostname, host, port, path)
    raise Invalid(
        f"{parts.hostname} is not in a network declared for cameras.",
        code="address_outside",
        hint="Declare the network in the recorder's settings, or correct the address.",
    )
