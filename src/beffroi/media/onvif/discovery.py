"""WS-Discovery: which ONVIF devices answer on the networks declared for cameras.

A probe goes to the multicast group from every address of this machine that lies in a declared network. Whatever answers
is listed under the address its answer came from, and only if that lies in a declared network: a device cannot name
another machine. Nothing found here is called before somebody chose it.
"""

import ipaddress
import selectors
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psutil

from beffroi.media.onvif.documents import every, parse, text
from beffroi.media.onvif.failures import OnvifFailed

GROUP, PORT = "239.255.255.250", 3702
MAX_FOUND = 256
_DATAGRAM = 65_536
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header>'
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>'
    "<a:MessageID>urn:uuid:{id}</a:MessageID>"
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body>'
    '<Probe xmlns="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
    '<d:Types xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:{prefix}="{namespace}">{prefix}:{name}</d:Types>'
    "</Probe></s:Body></s:Envelope>"
)
_KINDS = (
    ("dn", "http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("tds", "http://www.onvif.org/ver10/device/wsdl", "Device"),
)
"""What is asked for, a probe each, since a device must be all that one probe names: older cameras are only the first,
some only the second. Some compare the prefix as it is written, so these are the usual ones."""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that answered. Name and hardware are what it says of itself."""

    url: str  # http://<address it answered from>:<port><path>
    host: str
    name: str
    hardware: str


def discover(networks: Sequence[str], *, for_s: float = 2.0) -> list[FoundDevice]:
    """The devices that answered within ``for_s``, by address. Empty where no address of ours is in a network."""
    declared = [ipaddress.ip_network(each, strict=False) for each in networks]
    sockets = [each for each in map(_prober, _own_addresses(declared)) if each is not None]
    found: dict[str, FoundDevice] = {}
    try:
        for each in sockets:
            for prefix, namespace, name in _KINDS:
                probe = _PROBE.format(id=uuid.uuid4(), prefix=prefix, namespace=namespace, name=name)
                with suppress(OSError):
                    each.sendto(probe.encode(), (GROUP, PORT))
        for data, host in _answers(sockets, for_s):
            if any(ipaddress.ip_address(host) in network for network in declared):
                for device in devices_in(data, host):
                    found.setdefault(device.url, device)
            if len(found) >= MAX_FOUND:
                break
    finally:
        for each in sockets:
            each.close()
    return sorted(found.values(), key=lambda one: (ipaddress.ip_address(one.host), one.url))


def _answers(sockets: Sequence[socket.socket], for_s: float) -> Iterator[tuple[bytes, str]]:
    """Datagrams and who sent them, as they come within ``for_s``."""
    until = time.monotonic() + for_s
    with selectors.DefaultSelector() as ready:
        for each in sockets:
            ready.register(each, selectors.EVENT_READ, each)
        while sockets and (left := until - time.monotonic()) > 0:
            for key, _ in ready.select(left):
                data, sender = key.data.recvfrom(_DATAGRAM)
                yield data, str(sender[0])


def devices_in(data: bytes, host: str) -> list[FoundDevice]:
    """What an answer from ``host`` says; nothing for what is no answer."""
    try:
        root = parse(data)
    except OnvifFailed:
        return []
    found = []
    for match in every(root, "ProbeMatch"):
        addresses = [url for url in text(match, "XAddrs").split() if url.startswith("http://")]
        parts = _parts(next((url for url in addresses if (_parts(url) or ("",))[0] == host), "")) or _parts(
            next(iter(addresses), "")
        )
        if parts is None:
            continue
        scopes = text(match, "Scopes").split()
        port = f":{parts[1]}" if parts[1] != 80 else ""
        found.append(
            FoundDevice(f"http://{host}{port}{parts[2]}", host, _scope(scopes, "name"), _scope(scopes, "hardware"))
        )
    return found


def _parts(url: str) -> tuple[str, int, str] | None:
    """Host, port and path of a service address; ``None`` for one that cannot be called."""
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    good = parts.scheme == "http" and parts.path.isascii() and parts.path.isprintable() and len(parts.path) < 200
    return (parts.hostname or "", port, parts.path or "/onvif/device_service") if good else None


def _scope(scopes: Sequence[str], kind: str) -> str:
    head = f"onvif://www.onvif.org/{kind}/"
    said = next((unquote(one[len(head) :]) for one in scopes if one.startswith(head)), "")
    return "".join(letter for letter in said if letter.isprintable())[:80]


def _own_addresses(declared: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> list[str]:
    own = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET
    ]
    return [one for one in own if any(ipaddress.ip_address(one) in network for network in declared)]


def _prober(address: str) -> socket.socket | None:
    """A socket that sends to the group from ``address``; ``None`` where the interface cannot."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
        sender.bind((address, 0))
    except OSError:
        with closing(sender):
            return None
    return sender
