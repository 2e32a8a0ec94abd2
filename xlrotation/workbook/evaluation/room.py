"""Room for an evaluation: a deep stack, and a collector of memory that does not walk over the workbook again and again.

A formula that nests, or a LAMBDA that calls itself, takes many frames of the interpreter. The stack that a program
gives its threads differs from system to system and is left without a word where it ends, so an evaluation runs on one
of its own, which the limit of frames never fills.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

_FRAMES = 30_000
"""Frames of the interpreter that a formula may take: one that nests 100 deep, with LAMBDA calling itself."""

_STACK = 64 * 2**20
"""Bytes of the stack; 30,000 frames were seen to take less than two million."""

_COLLECTED = 100_000
"""New objects after which the collector looks for rings among them; few of a workbook are in one."""

_Found = TypeVar("_Found")
_Set = TypeVar("_Set")
_lock = threading.Lock()
_within = threading.local()


class _Setting(Generic[_Set]):
    """A setting of the whole process that is another one while anybody needs that.

    Args:
        now: Gives what it is.
        put: Sets it.
        wanted: What it is to be, of what it was.
    """

    def __init__(self, now: Callable[[], _Set], put: Callable[[_Set], object], wanted: Callable[[_Set], _Set]) -> None:
        self._now, self._put, self._wanted = now, put, wanted
        self._before: list[_Set] = []
        self._users = 0

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """While it lasts, and others do that began with it, the setting is as it is wanted."""
        with _lock:
            if self._users == 0:
                self._before = [self._now()]
                self._put(self._wanted(self._before[0]))
            self._users += 1
        try:
            yield
        finally:
            with _lock:
                self._users -= 1
                if self._users == 0:
                    self._put(self._before[0])


def _rarer(counts: tuple[int, int, int]) -> tuple[int, int, int]:
    first, second, third = counts
    return (max(first, _COLLECTED) if first else 0, second, third)


_frames: _Setting[int] = _Setting(sys.getrecursionlimit, sys.setrecursionlimit, lambda before: max(before, _FRAMES))
_collector: _Setting[tuple[int, int, int]] = _Setting(
    gc.get_threshold, lambda counts: gc.set_threshold(*counts), _rarer
)


def seldom_collected() -> contextlib.AbstractContextManager[None]:
    """While it lasts, the collector of memory looks seldom for rings: for the work on a workbook from end to end."""
    return _collector.taken()


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
    with _frames.taken(), seldom_collected():
        started = _started(thread)
        if started:
            thread.join()
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
            if sys.platform not in ("emscripten", "wasi"):  # elsewhere memory is short
                raise
            return False
        finally:
            threading.stack_size(before)
    return True
