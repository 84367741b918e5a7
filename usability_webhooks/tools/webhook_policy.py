# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which addresses a webhook may reach: those of the public internet, and those an
administrator lists.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: IPv4 that is not a host of the public internet, or not only that. Python's
#: ``is_global`` says otherwise of some.
_DENIED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers; a metadata service of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by number, a cloud's own services in fact
        "169.254.0.0/16",  # link local; metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; a metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
)
#: All IPv6 that is given to hosts. Outside: loopback, mapped IPv4, NAT64, unique
#: local, link and site local, multicast, and whatever is not thought of yet.
_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_DENIED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarks and other assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which leads to any IPv4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What an administrator allows.

    :param private_networks: networks that may be called although they are not
        public, on any port and without encryption.
    :param allow_http: whether public addresses may be called without encryption.
    """

    private_networks: tuple[Network, ...] = ()
    https_ports: frozenset[int] = frozenset({443, 8443})
    http_ports: frozenset[int] = frozenset({80, 8080})
    allow_http: bool = False

    def is_listed(self, address: Address) -> bool:
        """Tell whether it is in a network an administrator allows."""
        return any(address in network for network in self.private_networks)


def make_policy(
    networks: Iterable[str] = (),
    https_ports: Iterable[str | int] = (443, 8443),
    http_ports: Iterable[str | int] = (80, 8080),
    allow_http: bool = False,
) -> Policy:
    """Return the policy that texts of an administrator stand for.

    :raises ValueError: one of them is neither network nor port.
    """
    return Policy(
        tuple(ipaddress.ip_network(text.strip()) for text in networks),
        frozenset(map(_read_port, https_ports)),
        frozenset(map(_read_port, http_ports)),
        allow_http,
    )


def _read_port(text: str | int) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError(text)
    return port


def is_public(address: Address) -> bool:
    """Tell whether it is the address of a host of the public internet."""
    if not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _DENIED_V4)
    return address in _UNICAST_V6 and not any(
        address in network for network in _DENIED_V6
    )
