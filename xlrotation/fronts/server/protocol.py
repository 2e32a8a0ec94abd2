"""The HTTP protocol of the server, within bounds: uvicorn sets none for the time in which a head must come."""

from __future__ import annotations

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 5.0
"""A connection on which nothing but a part of a head came within one to two times this is closed."""

MAX_HEAD = 32 << 10
"""Bytes of a head: address and headers."""

MAX_CONNECTIONS = 500


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol on h11, which bounds the size of a head; one that does not come closes the connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
            return
        self._waiting: tuple[Any] | None = None
        self._look()

    def _look(self) -> None:
        """Close where no request began since the last look, and none is being answered."""
        if self.transport.is_closing():
            return
        waiting = (self.cycle,) if self.conn.their_state is h11.IDLE else None
        if waiting is not None and self._waiting is not None and waiting[0] is self._waiting[0]:
            self.transport.abort()
            return
        self._waiting = waiting
        self._timer = self.loop.call_later(HEAD_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if (timer := getattr(self, "_timer", None)) is not None:
            timer.cancel()
        super().connection_lost(exc)
