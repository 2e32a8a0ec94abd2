"""What parts of workbooks say, found once in a process: many exports are of the same few workbooks.

A batch fills one workbook for many dates, a server for many readers. What depends on nothing but the bytes of a part,
such as where its cells stand, is found by the first that asks and shared by all who bring the same bytes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

LARGEST = 2 * 2**20
"""Bytes of the largest part of which anything is kept."""

MOST = 8 * 2**20
"""Bytes of all parts of which something is kept; what is found takes some ten times as much."""


class Held(NamedTuple, Generic[T]):
    """A value of a store, and how much it counts."""

    value: T
    size: int


class Store(Generic[T]):
    """Values by keys, within bounds: those that were longest not asked for are forgotten first. Threads may share it.

    Args:
        most: What all values may count together.
        many: The number of values.
    """

    def __init__(self, most: int, many: int | None = None) -> None:
        self.most, self.many = most, many
        self.size = 0
        self._held: dict[Hashable, Held[T]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Held[T] | None:
        """What is held by a key."""
        with self._lock:
            held = self._held.pop(key, None)
            if held is not None:
                self._held[key] = held  # the last one asked for stands last
            return held

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Hold a value, in the place of another by the same key; one that alone counts too much is not held."""
        with self._lock:
            self._drop(key)
            if size > self.most:
                return
            self._held[key] = Held(value, size)
            self.size += size
            while self.size > self.most or (self.many is not None and len(self._held) > self.many):
                self._drop(next(iter(self._held)))

    def drop(self, key: Hashable) -> None:
        """Forget what is held by a key."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        held = self._held.pop(key, None)
        self.size -= 0 if held is None else held.size

    def forget(self) -> None:
        """Forget all values."""
        with self._lock:
            self._held.clear()
            self.size = 0

    def begin_anew(self) -> None:
        """In a process that was forked: be empty, also where a thread that does not go on there had the lock."""
        self._lock = threading.Lock()
        self.forget()

    def unlocked(self) -> None:
        """The same where a thread had the lock, and may have been in the middle of a change; else hold what it held."""
        if self._lock.locked():
            self.begin_anew()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held


class Shared:
    """Findings of parts by their bytes.

    Args:
        most: Bytes of the parts of which findings are kept.
        largest: Bytes of the largest of them.
    """

    def __init__(self, most: int = MOST, largest: int = LARGEST) -> None:
        self._largest = largest
        self.store: Store[Any] = Store(most)

    def once(self, find: Callable[[bytes], T], data: bytes) -> T:
        """``find(data)``, found once for the same bytes.

        What is found must never change, as others may hold it, on other threads too. An error is not kept.

        Args:
            find: Finds it; a function of a module, or a class, which tells findings of different kinds apart.
            data: The bytes.
        """
        if len(data) > self._largest:
            return find(data)
        held: Held[T] | None = self.store.get((find, data))
        if held is not None:
            return held.value
        found = find(data)  # two threads may find the same, and one of the findings is kept
        self.store.put((find, data), found, len(data))
        return found


_SHARED = Shared()
once, forget = _SHARED.once, _SHARED.store.forget
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SHARED.store.unlocked)
