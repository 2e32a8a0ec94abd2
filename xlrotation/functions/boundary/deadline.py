"""How long a call may go on, where whoever asked does not wait longer than that."""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator

from xlrotation.errors import BadArgument

_UNTIL: contextvars.ContextVar[float | None] = contextvars.ContextVar("until", default=None)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the calls of this thread go on for so long."""
    token = _UNTIL.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def over() -> bool:
    """Whether the time of the call is over."""
    until = _UNTIL.get()
    return until is not None and time.monotonic() > until


def check() -> None:
    """Go on, or end a call whose time is over; asked between the cells of a range.

    Raises:
        BadArgument: It is.
    """
    if over():
        raise BadArgument("the range took longer than anybody waits for it; give fewer cells")
