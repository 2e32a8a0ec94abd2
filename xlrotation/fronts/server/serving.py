"""uvicorn, within bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlrotation.fronts.server.protocol import MAX_HEAD, BoundedProtocol

KEEP_ALIVE_SECONDS = 5
"""How long a connection without a request stays open."""


def serve(app: Any, host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve until stopped."""
    import uvicorn

    uvicorn.run(
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
