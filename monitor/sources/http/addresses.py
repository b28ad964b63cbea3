"""Which addresses may be connected to: public ones, whatever they are written as. Pure but for `resolve`.

An address inside another (NAT64, 6to4, Teredo, ISATAP, v4-mapped and v4-compatible) leads where the inner one leads,
so the inner one is judged too: Python's `is_global` alone is True for 64:ff9b::169.254.169.254 and 2002:7f00:1::.
`::ffff:8.8.8.8` is 8.8.8.8 in other clothes, and allowed.
"""

from __future__ import annotations

import os
import queue
import re
import socket
import threading
import unicodedata
from collections import deque
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import idna

Address = IPv4Address | IPv6Address

#: Not for the open internet though `is_global` says so in some Python or other. IANA special-purpose registries.
_REFUSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared address space of providers; 100.100.100.200 is a cloud's metadata
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # NAT64 inside one's own network
        "100::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",  # site-local, deprecated and still routed
        "ff00::/8",
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the first half of the interface identifier
_DOTS = re.compile("[\u3002\uff0e\uff61]")


def is_public(address: Address) -> bool:
    """May this address be connected to from a server that others give addresses to?"""
    inner = embedded(address)
    if inner:
        translated = isinstance(address, IPv6Address) and (address.ipv4_mapped is not None or address in _NAT64)
        return all(_is_public(one) for one in inner) and (translated or _is_public(address))
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _REFUSED):
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses inside an IPv6 one: where packets to it end up."""
    if isinstance(address, IPv4Address):
        return ()
    bits = int(address)
    low = IPv4Address(bits & 0xFFFFFFFF)
    found: list[IPv4Address] = []
    if address.ipv4_mapped is not None:
        found.append(address.ipv4_mapped)
    elif address in _COMPATIBLE or address in _NAT64 or (bits >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(low)
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)  # the server and the client
    return tuple(found)


def plain_host(host: str) -> str:
    """A host as it is resolved: compatibility letters (`①②⑦`, full width) folded, all dots one dot, IDNA, lower case.

    Raises ValueError if it is no host's name.
    """
    folded = _DOTS.sub(".", unicodedata.normalize("NFKC", host)).strip().rstrip(".").lower()
    if not folded or len(folded) > 253:
        raise ValueError(host)
    if folded.isascii():
        if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", folded):
            raise ValueError(host)
        return folded
    try:
        return idna.encode(folded, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(host) from None


def resolve(host: str, port: int, timeout: float) -> list[Address]:
    """Every address of a host, in the resolver's order, each once. Raises OSError if there is none, or TimeoutError.

    The resolver also reads `127.1`, `0x7f000001` and `2130706433`. It has no timeout of its own, so it runs in a
    thread that is left to itself when time is up. Names below .localhost are this machine and are asked of no server
    (RFC 6761, section 6.3); not every resolver knows that.
    """
    if host.endswith(".localhost"):
        return [IPv4Address("127.0.0.1")]
    with suppress(ValueError):
        return [ip_address(host)]  # an address stands for itself
    answers: _Answers = queue.SimpleQueue()
    try:
        asked = _idle.pop()
    except IndexError:
        asked = _Lookups()
        asked.start()
    asked.questions.put((host, port, answers))
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(host) from None
    if isinstance(answer, OSError):
        raise answer
    if not answer:
        raise OSError(host)
    return answer


_Answers = queue.SimpleQueue[list[Address] | OSError]


class _Lookups(threading.Thread):
    """Looks up one name after the other. Starting a thread for each cost a fifth of what an unchanged feed costs."""

    def __init__(self) -> None:
        super().__init__(name="resolve", daemon=True)  # one that hangs must not keep the process from ending
        self.questions: queue.SimpleQueue[tuple[str, int, _Answers]] = queue.SimpleQueue()

    def run(self) -> None:
        while True:
            host, port, answers = self.questions.get()
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                answers.put(list(dict.fromkeys(ip_address(str(row[4][0]).partition("%")[0]) for row in rows)))
            except (OSError, UnicodeError, ValueError) as error:
                answers.put(error if isinstance(error, OSError) else OSError(str(error)))
            _idle.append(self)


#: Threads without a question. There are never more than there were names asked for at once.
_idle: deque[_Lookups] = deque()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # a worker is a copy of its process, without that one's threads


def network_address(address: Address) -> str:
    """How the socket is given it: a mapped address as the IPv4 one that it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
