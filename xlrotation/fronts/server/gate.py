"""What stands before the server: nothing is passed on that is not known to be needed and allowed.

xlwings Server joins paths of files without looking where they lead, reads a body before it asks for the token, and does
not look at the ``Host`` header. So a request comes in here only

1. for a host that is ours (:mod:`xlrotation.fronts.server.hosts`);
2. for a route that is listed below, by its plain path: one with ``%``, a backslash, ``..``, a name that begins with a
   dot or anything else that could be read in two ways is not there;
3. with the token, where it is a call; not from a page of another web site;
4. with a body that is no longer than a call can be, that arrives in time, and only after all that.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from xlrotation.fronts.server.hosts import Hosts

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CALL = "/xlwings/custom-functions-call"
SCRIPT = "/xlwings/custom-scripts-call/refresh_market_data"

_READ = ("GET", "HEAD")
ROUTES: dict[str, tuple[str, ...]] = {
    "/": _READ,
    "/favicon.ico": _READ,
    "/manifest": _READ,
    "/manifest.xml": _READ,
    "/manifest/download": _READ,
    "/taskpane": _READ,
    "/taskpane.html": _READ,
    "/xlwings/alert": _READ,
    "/xlwings/custom-functions-code": _READ,
    "/xlwings/custom-functions-code.js": _READ,
    "/xlwings/custom-functions-meta": _READ,
    "/xlwings/custom-functions-meta.json": _READ,
    "/xlwings/custom-scripts-meta": _READ,
    "/xlwings/custom-scripts-meta.json": _READ,
    CALL: ("POST",),
    SCRIPT: ("POST",),
}
"""Every path that is answered, beside files below ``/static/``. What is posted needs the token."""

STATIC = "/static/"

MAX_BODY = {CALL: 16 << 20, SCRIPT: 32 << 20}
"""Bytes of a body. 250,000 numbers with all their digits are 5 MB; with the script Excel sends the workbook's cells."""

MAX_HELD = 128 << 20
"""Bytes of all bodies that are held at once."""

MAX_QUERY = 4096

MAX_HEADERS = 32 << 10
"""Bytes of all headers; a browser sends less than 2 KB."""

BODY_SECONDS = 30.0
"""Within this time a body must have arrived."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is passed on to a server.

    Attributes:
        routes: Every path that is answered, with its methods. What is posted needs the token.
        bodies: Bytes of a body, by the path that takes one.
        static: What begins so can be read, too; None where there is nothing.
        no_token: What is said where the token is missing.
    """

    routes: Mapping[str, tuple[str, ...]]
    bodies: Mapping[str, int]
    static: str | None
    no_token: str


EXCEL = Rules(ROUTES, MAX_BODY, STATIC, "the token is missing or wrong; give it in the add-in's task pane")
"""Of xlwings Server."""

_NAME = rb"[A-Za-z0-9_@-](?:[A-Za-z0-9_@.-]*[A-Za-z0-9_@-])?"
_PLAIN = re.compile(rb"/(?:" + _NAME + rb"(?:/" + _NAME + rb")*)?")
_LINGER_SECONDS, _LINGER_BYTES = 2.0, 64 << 20


@dataclass
class Refused(Exception):  # noqa: N818
    """A request that is not passed on: status and a sentence for whoever sent it."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Gate:
    """The server behind its guards, an ASGI application.

    Args:
        app: The server.
        hosts: The hosts that it answers to.
        token_ok: Whether a text is the token.
        origins: Origins of other web sites that may call.
        rules: What is passed on.
    """

    def __init__(
        self,
        app: App,
        hosts: Hosts,
        token_ok: Callable[[bytes], bool],
        origins: Collection[str] = (),
        rules: Rules = EXCEL,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._token_ok = token_ok
        self._origins = frozenset(origins)
        self._rules = rules
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Held(self)
        try:
            path = self._admitted(scope)
            if scope["method"] == "POST":
                body = await self._body(scope, receive, self._rules.bodies[path], held)
                receive = _whole(body, receive)
                del body
            await self._app(scope, receive, send)
        except Refused as refused:
            await _refuse(refused, scope, receive, send)
        finally:
            held.release()

    def _admitted(self, scope: Scope) -> str:
        """The path of a request that may come in.

        Raises:
            Refused: It may not.
        """
        headers = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS:
            raise Refused(431, "the headers are too long")
        own = (scope.get("server") or (None,))[0]
        host = _only(headers, b"host")
        if host is None or not self._hosts.known(host, own):
            raise Refused(421, "this server does not answer to that host name; --allow-host NAME adds one")
        raw = scope.get("raw_path") or b""
        path = raw.decode("ascii", "replace")
        if not _PLAIN.fullmatch(raw) or path != scope["path"] or len(raw) > 300:
            raise Refused(404, "there is nothing here")
        method = scope["method"]
        methods = self._methods(path)
        if methods is None:
            raise Refused(404, "there is nothing here")
        if len(scope.get("query_string", b"")) > MAX_QUERY:
            raise Refused(414, "the address is too long")
        origin = _only(headers, b"origin") if _has(headers, b"origin") else None
        foreign = _has(headers, b"origin") and not (origin is not None and self._hosts.own_origin(origin, own))
        if foreign and (origin or "").lower() in self._origins:
            foreign = False
            if method == "OPTIONS" and _has(headers, b"access-control-request-method"):
                self._no_body(headers)
                return path  # a browser asks before it calls; xlwings Server answers, for the origins that may
        if method not in methods:
            raise Refused(405, f"{path} takes {' and '.join(methods)}", ((b"allow", ", ".join(methods).encode()),))
        if method != "POST":
            self._no_body(headers)
            return path
        if foreign:
            raise Refused(403, "pages of other web sites may not call")
        if not self._token_ok(b"" if (token := _only(headers, b"authorization")) is None else token.encode("latin-1")):
            raise Refused(401, self._rules.no_token)
        return path

    def _methods(self, path: str) -> tuple[str, ...] | None:
        """The methods of a path; None where there is nothing."""
        static = self._rules.static
        return self._rules.routes.get(path) or (_READ if static is not None and path.startswith(static) else None)

    @staticmethod
    def _no_body(headers: list[tuple[bytes, bytes]]) -> None:
        if _has(headers, b"transfer-encoding") or _only(headers, b"content-length") not in (None, "0"):
            raise Refused(400, "a request of this kind has no body")

    async def _body(self, scope: Scope, receive: Receive, most: int, held: _Held) -> bytes:
        """The body, whole.

        Raises:
            Refused: It is too long, comes too slowly, or too much is under way.
        """
        if _has(scope["headers"], b"transfer-encoding") and _has(scope["headers"], b"content-length"):
            raise Refused(400, "a body has one length")  # a proxy in front may have taken the other one
        too_long = Refused(413, f"the request is too long; at most {most >> 20} MB are read")
        if _has(scope["headers"], b"content-encoding"):
            raise Refused(415, "a packed body is not read")
        declared = _only(scope["headers"], b"content-length")
        if declared is not None and (not declared.isdecimal() or len(declared) > 15 or int(declared) > most):
            raise too_long
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refused(400, "the request broke off")
                    part = message.get("body", b"")
                    size += len(part)
                    if size > most:
                        raise too_long
                    held.take(len(part))
                    parts.append(part)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise Refused(408, "the request came too slowly") from None


class _Held:
    """The bytes that one request holds, of those that all may."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._size = 0

    def take(self, size: int) -> None:
        if self._gate._held + size > MAX_HELD:
            raise Refused(503, "too much is under way; ask again", ((b"retry-after", b"1"),))
        self._gate._held += size
        self._size += size

    def release(self) -> None:
        self._gate._held -= self._size
        self._size = 0


def _has(headers: list[tuple[bytes, bytes]], name: bytes) -> bool:
    return any(key == name for key, _ in headers)


def _only(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a header that is there once; None where it is not there, or more than once."""
    found = [value for key, value in headers if key == name]
    return found[0].decode("latin-1").strip() if len(found) == 1 else None


def _whole(body: bytes, receive: Receive) -> Receive:
    """A body that was read, as the server receives it."""
    parts = [body]

    async def received() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return received


async def _refuse(refused: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    text = refused.text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
        *refused.headers,
    ]
    body = b"" if scope["method"] == "HEAD" else text
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await _linger(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _linger(receive: Receive) -> None:
    """Let a client that is still sending read the answer: closing at once would reset its connection. Keeps nothing."""
    left, end = _LINGER_BYTES, time.monotonic() + _LINGER_SECONDS
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0 and time.monotonic() < end:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
