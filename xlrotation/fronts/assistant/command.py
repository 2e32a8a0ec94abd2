"""The command ``xlrotation mcp``: the tools over standard input and output, or over HTTP on this computer alone."""

from __future__ import annotations

import argparse
import contextlib
import hmac
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.fronts.assistant.worker import Opened, Worker
from xlrotation.market.dates import read_date

HOST = "127.0.0.1"
PATH = "/mcp"

_PROBLEMS, _SIGNALLED = 1, 128

MOST_BYTES = 1 << 20
"""Of a request."""


def run(options: argparse.Namespace) -> int:
    """Serve until whoever asked goes away, or it is stopped; returns the exit status."""
    if not 1.0 <= options.seconds <= 3600.0:
        raise RotationError(f"--seconds {options.seconds:g}: give a time from 1 to 3600")
    if not 0 < options.port < 65536:
        raise RotationError(f"--port {options.port}: give one from 1 to 65535")
    if options.new_token and not options.http:
        raise RotationError("--new-token belongs to --http; over standard input there is no token")
    try:
        from xlrotation.fronts.assistant import application
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "xlrotation":
            raise
        raise RotationError(f"xlrotation mcp needs {error.name}; run: pip install 'xlrotation[mcp]'") from None
    asof = read_date(options.asof) if options.asof else None
    worker = Worker(Opened(options.source, options.lang, asof, options.exchange), options.seconds)
    server = application.build(worker)
    try:
        if options.http:
            _over_http(server, options.port, options.new_token)
        else:
            _over_stdio(server)
    finally:
        worker.close()
    return 0


def _over_stdio(server: Any) -> None:
    import anyio
    from mcp.server.stdio import stdio_server

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    with _ended_at_once():
        anyio.run(serve)


@contextlib.contextmanager
def _ended_at_once() -> Iterator[None]:
    """End this process on the spot where a signal asks for it: a thread that reads the standard input cannot be woken.

    Nothing is lost by that, for nothing is written; the process that computes ends with this one.
    """

    def end(number: int, _frame: object) -> None:
        os._exit(_PROBLEMS if number == signal.SIGINT else _SIGNALLED + number)

    heard = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in heard}
    chosen = [number for number in heard if before[number] is not signal.SIG_IGN]
    for number in chosen:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in chosen:
            signal.signal(number, before[number])


def _over_http(server: Any, port: int, new_token: bool) -> None:
    from xlrotation.fronts.server import kept, serving
    from xlrotation.fronts.server.gate import Gate, Rules
    from xlrotation.fronts.server.hosts import Hosts
    from xlrotation.market.places import data_folder

    data = data_folder().resolve()
    token = kept.secret(kept.folder_of(data / "assistant", data), "token", new_token)
    expected = f"Bearer {token}".encode()
    serving.check(HOST, port, None, None)
    app = server.streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, max_request_body_size=MOST_BYTES
    )
    rules = Rules(
        routes={PATH: ("POST",)},
        bodies={PATH: MOST_BYTES},
        static=None,
        no_token="the token is missing or wrong; send it as Authorization: Bearer TOKEN",
    )
    gate = Gate(app, Hosts(HOST, port, "http"), lambda given: hmac.compare_digest(given, expected), rules=rules)
    print(f"serving http://{HOST}:{port}{PATH} to programs of this computer")
    print(f"token, sent as Authorization: Bearer TOKEN: {token}", flush=True)
    print("whoever has the token can read the data in use, and nothing more", file=sys.stderr)
    serving.serve(gate, HOST, port, None, None)
