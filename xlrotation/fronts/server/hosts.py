"""Who may be addressed, and from where: the ``Host`` and ``Origin`` headers that the server answers to.

A web page whose name is made to point at this computer (DNS rebinding) reaches every server on it, but cannot change
the ``Host`` header that the browser sends: the page's own name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from xlrotation.errors import RotationError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
WILDCARDS = ("0.0.0.0", "::", "")

_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_])){0,252})(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def read_host(text: str) -> tuple[str, int | None] | None:
    """Name (an IPv6 address without its brackets) and port of a ``Host`` header; None where it is none."""
    match = _HOST.fullmatch(text.lower()) if text.isascii() else None
    if match is None or int(match[2] or 1) not in range(1, 65536):
        return None
    name = match[1]
    if name.startswith("["):
        try:
            name = str(ipaddress.IPv6Address(name[1:-1]))
        except ValueError:
            return None
    return name, int(match[2]) if match[2] else None


class Hosts:
    """The hosts that the server answers to.

    Args:
        host: The address that it listens on.
        port: Its port.
        scheme: ``http`` or ``https``.
        more: Further names, ``NAME`` or ``NAME:PORT``; a name alone holds for the server's port and for the standard
            port, as a proxy in front would be addressed.

    Raises:
        RotationError: One of *more* is no host.
    """

    def __init__(self, host: str, port: int, scheme: str, more: Iterable[str] = ()) -> None:
        self.port = port
        self.scheme = scheme
        self._names = {*LOOPBACK, *([] if host in WILDCARDS else [_plain(host)])}
        self._pairs: set[tuple[str, int]] = set()
        for text in more:
            found = read_host(text if text.count(":") < 2 or text.startswith("[") else f"[{text}]")
            if found is None:
                raise RotationError(f"--allow-host {text}: no host; give a name such as server.example or NAME:PORT")
            name, given = found
            self._pairs |= {(name, given)} if given else {(name, port), (name, 80), (name, 443)}

    def known(self, text: str, own: str | None = None) -> bool:
        """Whether a ``Host`` header names this server.

        Args:
            text: The header.
            own: The address at which the connection came in. A page cannot be at it unless this server gave it out.
        """
        found = read_host(text)
        return found is not None and self._is_known(found[0], found[1] or _DEFAULT_PORTS[self.scheme], own)

    def own_origin(self, text: str, own: str | None = None) -> bool:
        """Whether an ``Origin`` header is that of a page of this server."""
        scheme, mark, host = text.lower().partition("://")
        found = read_host(host) if mark and scheme in _DEFAULT_PORTS else None
        return found is not None and self._is_known(found[0], found[1] or _DEFAULT_PORTS[scheme], own)

    def _is_known(self, name: str, port: int, own: str | None) -> bool:
        if (name, port) in self._pairs:
            return True
        return port == self.port and (name in self._names or (own is not None and name == _plain(own)))


def beyond_this_computer(host: str) -> bool:
    """Whether a server that listens on *host* can be reached from other computers."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() != "localhost"


def origins(listed: Sequence[str]) -> tuple[str, ...]:
    """Origins of other web sites that may call.

    Raises:
        RotationError: One of them stands for all, or is none.
    """
    for text in listed:
        scheme, mark, host = text.lower().partition("://")
        if not mark or scheme not in _DEFAULT_PORTS or read_host(host) is None:
            raise RotationError(
                f"XLWINGS_CORS_ALLOW_ORIGINS has {text!r}; name each origin that may call, such as https://desk.example"
            )
    return tuple(text.lower() for text in listed)


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        return host.lower()
