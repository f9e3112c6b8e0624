"""Where cameras may be: networks that a person declared, in CIDR. The recorder calls no address outside them. Pure.

A declared network is a wall: whoever may type a camera's address could else make the recorder call any machine. Private
networks may be wide (a /8); public addresses only a handful, for a camera behind the commune's own line.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TypeVar

LOOPBACK = ("127.0.0.0/8", "::1/128")
"""What holds until something is declared: the demonstration's cameras, and nothing outside this machine."""
_K = TypeVar("_K")
_WIDEST_PRIVATE = {4: 8, 6: 48}
_WIDEST_PUBLIC = {4: 28, 6: 64}


def network_problem(text: str) -> str:
    """Why ``text`` cannot be declared (a stable code), or an empty text."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return "network_unreadable"
    if network.is_multicast or network.is_unspecified or network.is_reserved:
        return "network_unreadable"
    widest = _WIDEST_PRIVATE if network.is_private or network.is_loopback else _WIDEST_PUBLIC
    return "network_too_wide" if network.prefixlen < widest[network.version] else ""


def written(text: str) -> str:
    """The one way to write a network that ``network_problem`` found good."""
    return str(ipaddress.ip_network(text))


def holds(network: str, host: str) -> bool:
    """Whether a literal address lies in the network; a name never does here: the recorder resolves it."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network)
    except ValueError:
        return False


def cut_off(hosts: Mapping[_K, str], before: Sequence[str], after: Sequence[str]) -> list[_K]:
    """Whose host lies in ``before`` and no more in ``after``. A name is left out: the recorder resolves it."""
    return [
        one
        for one, host in hosts.items()
        if any(holds(network, host) for network in before) and not any(holds(network, host) for network in after)
    ]


def is_literal(host: str) -> bool:
    """Whether ``host`` is an address in numbers and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
