"""What parts of workbooks say is found once for the same bytes, within bounds, by however many at a time."""

from __future__ import annotations

import threading

import pytest

from xlrotation.workbook.package.shared import Shared


class Finder:
    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, data: bytes) -> list[bytes]:
        self.asked.append(data)
        return [data]


def test_the_same_bytes_are_looked_at_once() -> None:
    shared, find = Shared(), Finder()
    first = shared.once(find, b"part")
    assert shared.once(find, bytes(bytearray(b"part"))) is first
    assert shared.once(find, b"another") == [b"another"]
    assert find.asked == [b"part", b"another"]


def test_findings_of_different_kinds_are_kept_apart() -> None:
    shared = Shared()
    assert shared.once(len, b"part") == 4
    assert shared.once(bytes.decode, b"part") == "part"
    assert shared.once(len, b"part") == 4


def test_what_was_longest_not_asked_for_is_forgotten_first() -> None:
    shared, find = Shared(most=10), Finder()
    for data in (b"aaaa", b"bbbb", b"aaaa", b"cccc"):
        shared.once(find, data)
    assert find.asked == [b"aaaa", b"bbbb", b"cccc"]
    shared.once(find, b"aaaa")
    assert find.asked == [b"aaaa", b"bbbb", b"cccc"]
    shared.once(find, b"bbbb")
    assert find.asked == [b"aaaa", b"bbbb", b"cccc", b"bbbb"]
    assert sum(len(data) for _, data in shared._found) == shared._held <= 10


def test_nothing_is_kept_of_a_large_part() -> None:
    shared, find = Shared(largest=3), Finder()
    shared.once(find, b"part")
    shared.once(find, b"part")
    assert find.asked == [b"part", b"part"]
    assert not shared._found


def test_an_error_is_not_kept() -> None:
    shared = Shared()
    turns = iter((1, 0))

    def find(data: bytes) -> float:
        return len(data) / (1 - next(turns))

    with pytest.raises(ZeroDivisionError):
        shared.once(find, b"part")
    assert shared.once(find, b"part") == 4.0


def test_all_threads_get_what_they_ask_for() -> None:
    shared, wrong = Shared(most=64), []
    start = threading.Barrier(8)

    def ask(seed: int) -> None:
        start.wait()
        for turn in range(500):
            data = b"%d" % ((turn * seed) % 40)
            if shared.once(bytes.decode, data) != data.decode():
                wrong.append(data)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(len(data) for _, data in shared._found) == shared._held <= 64


def test_a_forked_process_does_not_wait_for_a_thread_of_its_parent() -> None:
    shared = Shared()
    shared.once(len, b"kept")
    shared.unlocked()
    assert shared._found
    shared._lock.acquire()
    shared.unlocked()
    assert shared.once(len, b"part") == 4
