"""What parts of workbooks say, found once in a process: many exports are of the same few workbooks.

A batch fills one workbook for many dates, a server for many readers. What depends on nothing but the bytes of a part,
such as where its cells stand, is found by the first that asks and shared by all who bring the same bytes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

LARGEST = 2 * 2**20
"""Bytes of the largest part of which anything is kept."""

MOST = 8 * 2**20
"""Bytes of all parts of which something is kept; what is found takes some seven times as much."""


class Shared:
    """Findings of parts by their bytes; those that were longest not asked for are forgotten first.

    Args:
        most: Bytes of the parts of which findings are kept.
        largest: Bytes of the largest of them.
    """

    def __init__(self, most: int = MOST, largest: int = LARGEST) -> None:
        self._most, self._largest = most, largest
        self._held = 0
        self._found: dict[tuple[Callable[[bytes], Any], bytes], Any] = {}
        self._lock = threading.Lock()

    def once(self, find: Callable[[bytes], T], data: bytes) -> T:
        """``find(data)``, found once for the same bytes.

        What is found must never change, as others may hold it, on other threads too. An error is not kept.

        Args:
            find: Finds it; a function of a module, or a class, which tells findings of different kinds apart.
            data: The bytes.
        """
        if len(data) > self._largest:
            return find(data)
        key = find, data
        with self._lock:
            if key in self._found:
                known: T = self._found.pop(key)
                self._found[key] = known  # the last one asked for stands last
                return known
        found = find(data)  # outside of the lock: two may find the same, and one of them is kept
        with self._lock:
            if key not in self._found:
                self._found[key] = found
                self._held += len(data)
            while self._held > self._most:
                self._held -= len(next(iter(self._found))[1])
                del self._found[next(iter(self._found))]
        return found

    def unlocked(self) -> None:
        """In a process that was forked: free, also where a thread that does not go on there had the lock."""
        if self._lock.locked():
            self._lock = threading.Lock()
            self.forget()  # that thread may have been in the middle of a change

    def forget(self) -> None:
        """Forget all findings."""
        with self._lock:
            self._found.clear()
            self._held = 0


_SHARED = Shared()
once, forget = _SHARED.once, _SHARED.forget
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SHARED.unlocked)
