"""uvicorn, within bounds."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.fronts.server.protocol import MAX_HEAD, BoundedProtocol

KEEP_ALIVE_SECONDS = 5
"""How long a connection without a request stays open."""


def check(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Refuse, before anything is begun, what the server could not listen with.

    Raises:
        RotationError: The address is taken, not ours or none, or the certificate does not fit its key.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.create_server(found[0][4][:2], family=found[0][0]):
            pass
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RotationError(f"cannot listen on {host}, port {port} ({reason}); give another --host or --port") from None
    if certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        names = " and ".join(str(path) for path in (certificate, key) if path)
        raise RotationError(f"{names}: no certificate with its private key in PEM ({error})") from None


def serve(app: Any, host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve until stopped.

    Raises:
        RotationError: The server did not start.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_level="error",  # anybody can cause warnings, as many as they like
        access_log=False,
        http=BoundedProtocol,
        h11_max_incomplete_event_size=MAX_HEAD,
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = uvicorn.Server(config)
    with _hung_up(server):
        server.run()
    if not server.started:
        raise RotationError("the server did not start")


@contextlib.contextmanager
def _hung_up(server: Any) -> Iterator[None]:
    """Let *server* end as it does on SIGTERM, which it hears, where it is hung up; then let that be known."""
    hangs_up = getattr(signal, "SIGHUP", None)
    if hangs_up is None or signal.getsignal(hangs_up) in (signal.SIG_IGN, None):
        yield
        return
    came: list[int] = []

    def end(number: int, _frame: object) -> None:
        came.append(number)
        server.should_exit = True

    before = signal.signal(hangs_up, end)
    try:
        yield
    finally:
        signal.signal(hangs_up, before)
    if came:
        signal.raise_signal(hangs_up)
