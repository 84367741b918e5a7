# Copyright 2026 The usability_webhooks authors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a webhook may go: one parser for its URL, one judge of its addresses.

Whoever may type a URL can have this server call it. So nothing is reachable that the
public internet is not, unless an administrator lists the network. What is called is
what was parsed here: a URL that two programs could read in two ways is refused.
"""

# Terms, said later in the language of whoever reads them.
# pylint: disable=prefer-env-translation
from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
from urllib.parse import quote

import idna

from odoo.tools.translate import LazyTranslate

from .sentence import SOURCE_LANG, Sentence, say
from .webhook_policy import Address, Policy, is_public

_lt = LazyTranslate(__name__)

MAX_URL_LENGTH = 2_000  # characters
MAX_HOST_LENGTH = 253  # characters, as in DNS
DEFAULT_PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(?::(?P<port>.*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: A name that ends so is a number to some resolvers (inet_aton).
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Controls, blanks of any script, backslash: read differently by different programs.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\\s\u200b-\u200f\u2028-\u202f\ufeff]")
#: Left as they are in path and query; everything else is percent-encoded.
_SENT_AS_IS = "%/:?[]@!$&'()*+,;=-._~"


class TargetRefused(Exception):
    """A webhook may not go there.

    :ivar code: ``invalid_url``, ``scheme_refused``, ``port_refused`` or
        ``address_refused``; only the last can change without the URL.
    """

    def __init__(self, code: str, message: Sentence) -> None:
        super().__init__(say(message, SOURCE_LANG))
        self.message = message
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A URL, read once.

    :param host: lower case, ASCII; an IPv6 address without its brackets.
    :param path: path and query as they are sent.
    :param address: the host, where it is an address itself.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None = None

    @property
    def netloc(self) -> str:
        """Host and, where it is not the usual one, port: a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == DEFAULT_PORTS[self.scheme]
        return host if is_usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def parse(url: str, policy: Policy) -> Target:
    """Read a URL.

    :raises TargetRefused: it is not one, not one that has a single meaning, or one
        that ``policy`` refuses whatever the host's addresses are.
    """
    if not url or len(url) > MAX_URL_LENGTH:
        raise _invalid(_lt("it is empty or longer than 2000 characters"))
    if _AMBIGUOUS.search(url):
        raise _invalid(_lt("it holds blanks, control characters or backslashes"))
    match = _URL.fullmatch(url)
    if not match:
        raise _invalid(_lt("it does not begin with https://"))
    scheme = match["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise TargetRefused("scheme_refused", _lt("Only https URLs are called."))
    if match["fragment"] is not None:
        raise _invalid(_lt("it has a fragment (#), which is never sent"))
    host, port = _read_authority(match["authority"], DEFAULT_PORTS[scheme])
    path = quote(f"{match['path'] or '/'}{match['query'] or ''}", safe=_SENT_AS_IS)
    target = Target(scheme, host, port, path, _read_address(host))
    if target.address:
        check_address(target, target.address, policy)
    elif not policy.private_networks:
        _check_public(target, policy)
    return target


def _invalid(reason: Sentence) -> TargetRefused:
    return TargetRefused(
        "invalid_url", _lt("This is no URL to call: %(reason)s.", reason=reason)
    )


def _read_authority(authority: str, default_port: int) -> tuple[str, int]:
    """Return host and port."""
    if "@" in authority:
        raise _invalid(_lt("it holds a user name"))
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise _invalid(_lt("its host cannot be read"))
    port = default_port
    if match["port"] is not None:
        if not _PORT.fullmatch(match["port"]) or int(match["port"]) > 65535:
            raise _invalid(_lt("its port is no number from 1 to 65535"))
        port = int(match["port"])
    return _read_host(match["host"]), port


def _read_host(text: str) -> str:
    """Return the host as it is looked up and named to the receiver."""
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise _invalid(_lt("its host is no IPv6 address")) from None
    host = text.lower()
    if not host.isascii():
        try:
            # Without UTS 46, which would make "127" of circled digits.
            host = idna.encode(host).decode()
        except (idna.IDNAError, UnicodeError):
            raise _invalid(_lt("its host is no international domain name")) from None
    labels = host.split(".")
    if len(host) > MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
        raise _invalid(_lt("its host is no domain name"))
    if _NUMERIC_LABEL.fullmatch(labels[-1]) and not _read_address(host):
        raise _invalid(_lt("its host is an address in an unusual notation"))
    return host


def _read_address(host: str) -> Address | None:
    """Return the host as an address; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def resolve(target: Target, policy: Policy) -> list[Address]:
    """Look the host up and return its addresses, each of them allowed.

    May take as long as the system's resolver takes.

    :raises TargetRefused: one of the addresses is not allowed; a name that leads to
        a public and a private address is no honest one.
    :raises OSError: there is no such name, or nobody to ask.
    """
    addresses = [target.address] if target.address else look_up(target.host)
    for address in addresses:
        check_address(target, address, policy)
    return addresses


def look_up(host: str) -> list[Address]:
    """Return the addresses of a name, in the system's order.

    :raises OSError: see ``resolve``.
    """
    # Bytes, which Python hands on as they are; text it would encode once more.
    found = socket.getaddrinfo(host.encode(), None, type=socket.SOCK_STREAM)
    # A link-local address comes with its interface: "fe80::1%eth0".
    texts = dict.fromkeys(info[4][0].partition("%")[0] for info in found)
    if not texts:
        raise OSError("the name has no address")
    return [ipaddress.ip_address(text) for text in texts]


def check_address(target: Target, address: Address, policy: Policy) -> None:
    """Check one address of a target.

    :raises TargetRefused:
    """
    if policy.is_listed(address):
        return
    if not is_public(address):
        named = "" if target.address else f"{target.host}: "
        message = _lt(
            "%(address)s is not on the public internet. An administrator can list its"
            " network in webhook.private_networks.",
            address=f"{named}{address}",
        )
        raise TargetRefused("address_refused", message)
    _check_public(target, policy)


def _check_public(target: Target, policy: Policy) -> None:
    """Check scheme and port of a target on the public internet.

    :raises TargetRefused:
    """
    is_http = target.scheme == "http"
    if is_http and not policy.allow_http:
        raise TargetRefused("scheme_refused", _lt("Only https URLs are called."))
    ports = policy.http_ports if is_http else policy.https_ports
    if target.port not in ports:
        allowed = ", ".join(map(str, sorted(ports)))
        message = _lt(
            "Port %(port)s is not called; allowed: %(allowed)s.",
            port=target.port,
            allowed=allowed,
        )
        raise TargetRefused("port_refused", message)
