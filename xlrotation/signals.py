"""Signals that ask this process to end: they are raised as Ctrl-C is, so that whatever is under way is put in order."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Protocol


class Listener(Protocol):
    """Somebody who must know of signals whatever the interpreter is held up by."""

    def heard(self) -> None:
        """The interpreter has heard of one."""

    def listen(self) -> None:
        """From now on they are raised."""


LISTENERS: list[Listener] = []

_ORDERLY: list[int] = []
"""Not empty while signals raise :class:`Ended`."""


def raised() -> bool:
    """Whether signals raise :class:`Ended` now."""
    return bool(_ORDERLY)


class Ended(KeyboardInterrupt):
    """A signal asked this process to end; as Ctrl-C, so that whatever is under way is put in order.

    Attributes:
        signal: Its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextlib.contextmanager
def orderly_end() -> Iterator[list[int]]:
    """Raise :class:`Ended` in the main thread where SIGTERM or SIGHUP would end the process at once.

    A signal that is ignored already, as ``nohup`` does, stays so; a second one changes nothing.

    Yields:
        The numbers of the signals that came.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def asked(number: int, _frame: object) -> None:
        came.append(number)
        for listener in LISTENERS:
            listener.heard()
        if len(came) == 1:
            raise Ended(number)

    every = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in every}
    taken = [number for number in every if before[number] not in (signal.SIG_IGN, None)]
    for number in taken:
        signal.signal(number, asked)
    _ORDERLY.append(len(taken))
    for listener in LISTENERS:
        listener.listen()
    try:
        yield came
    finally:
        _ORDERLY.pop()
        with contextlib.suppress(ValueError):
            signal.set_wakeup_fd(-1)
        for number in taken:
            signal.signal(number, before[number])
