"""Room for an evaluation: a deep stack, and a collector of memory that does not walk over the workbook again and again.

A formula that nests, or a LAMBDA that calls itself, takes many frames of the interpreter. The stack that a program
gives its threads differs from system to system and is left without a word where it ends, so an evaluation runs on one
of its own, which the limit of frames never fills.
"""

from __future__ import annotations

import contextvars
import gc
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_FRAMES = 30_000
"""Frames of the interpreter that a formula may take: one that nests 100 deep, with LAMBDA calling itself."""

_STACK = 64 * 2**20
"""Bytes of the stack; 30,000 frames were seen to take less than two million."""

_COLLECTED = 100_000
"""New objects after which the collector looks for rings among them; a workbook is made of many, and none is a ring."""

_Found = TypeVar("_Found")
_lock = threading.Lock()
_within = threading.local()


class _Settings:
    """Settings of the whole process, as they were before the first of the evaluations that are under way."""

    def __init__(self) -> None:
        self._users = 0
        self._frames = 0
        self._collected: tuple[int, int, int] = (0, 0, 0)

    def take(self) -> None:
        """Set them, for one evaluation more."""
        with _lock:
            if self._users == 0:
                self._frames, self._collected = sys.getrecursionlimit(), gc.get_threshold()
                sys.setrecursionlimit(max(self._frames, _FRAMES))
                gc.set_threshold(max(self._collected[0], _COLLECTED) if self._collected[0] else 0)
            self._users += 1

    def leave(self) -> None:
        """Put them back, after the last."""
        with _lock:
            self._users -= 1
            if self._users == 0:
                sys.setrecursionlimit(self._frames)
                gc.set_threshold(*self._collected)


_settings = _Settings()


def with_room(work: Callable[[], _Found]) -> _Found:
    """What *work* gives, or raises, on a thread with room for deep formulas."""
    if getattr(_within, "it", False):
        return work()
    found: list[_Found] = []
    raised: list[BaseException] = []

    def run() -> None:
        _within.it = True
        try:
            found.append(work())
        except BaseException as error:
            raised.append(error)

    here = contextvars.copy_context()
    thread = threading.Thread(target=here.run, args=(run,), name="xlrotation evaluation", daemon=True)
    _settings.take()
    try:
        started = _started(thread)
        if started:
            thread.join()
    finally:
        _settings.leave()
    if not started:  # a browser has no threads; what nests deeper than the usual frames is refused there
        return work()
    if raised:
        raise raised.pop()
    return found[0]


def _started(thread: threading.Thread) -> bool:
    """Whether it could be started, with a stack of the size that is needed; in a browser none can."""
    with _lock:
        before = threading.stack_size(_STACK)
        try:
            thread.start()
        except RuntimeError:
            if sys.platform != "emscripten":  # elsewhere memory is short
                raise
            return False
        finally:
            threading.stack_size(before)
    return True
