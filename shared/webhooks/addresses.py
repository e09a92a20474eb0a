"""Which addresses may be called. An institution names a URL, and our own network must not be reachable through it (SSRF).

A name is resolved once for each attempt, every address it has is checked, and the connection goes to the one that was checked: what
DNS answers a moment later changes nothing.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from shared.webhooks.rules import Failure

Network = IPv4Network | IPv6Network
_NAT64 = ip_network("64:ff9b::/96")


class Unusable(Exception):
    """The address is not called; `failure` says why in a code, the text in English."""

    def __init__(self, failure: Failure, why: str) -> None:
        self.failure = failure
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and the name to ask for there."""

    url: httpx.URL
    host: str
    netloc: str


def checked_syntax(text: str) -> httpx.URL:
    """The URL, or `Unusable` when no address could make it acceptable."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Unusable(Failure.ADDRESS_REFUSED, "it is not a URL") from error
    if url.scheme not in ("https", "http") or not url.host:
        raise Unusable(Failure.ADDRESS_REFUSED, "only https is called")
    if url.userinfo or url.fragment:
        raise Unusable(Failure.ADDRESS_REFUSED, "it holds a user name or a fragment")
    return url


async def target(text: str, own_networks: Sequence[Network]) -> Target:
    """Where to send to now; `Unusable` for what must not be called. `own_networks` are allowed besides public ones, there also by plain http."""
    url = checked_syntax(text)
    addresses = await _resolved(url)
    inside = all(any(address in network for network in own_networks) for address in addresses)
    if not inside:
        if not all(_is_public(address) for address in addresses):
            raise Unusable(Failure.ADDRESS_REFUSED, "an IP address of it is not public")
        if url.scheme != "https" or url.port is not None:  # httpx drops the scheme's own port
            raise Unusable(Failure.ADDRESS_REFUSED, "only https on port 443 is called")
    return Target(url.copy_with(host=str(addresses[0])), url.host, url.netloc.decode("ascii"))


async def _resolved(url: httpx.URL) -> list[IPv4Address | IPv6Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode("ascii"), url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unusable(Failure.NAME_NOT_FOUND, "the name is not known to DNS") from error
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is on the public internet, also when it is an IPv4 address in IPv6 clothes."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None)
        if inner:
            return _is_public(inner)
        if address.sixtofour or address.teredo or address.scope_id:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
