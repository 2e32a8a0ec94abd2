"""What parts of workbooks say is found once for the same bytes, within bounds, by however many at a time."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbook.books import Fake
from xlrotation.workbook.evaluation import kept
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.export import export_values
from xlrotation.workbook.package import shared as everywhere
from xlrotation.workbook.package.shared import Shared, Store


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
    assert sum(held.size for held in shared.store._held.values()) == shared.store.size <= 10


def test_nothing_is_kept_of_a_large_part() -> None:
    shared, find = Shared(largest=3), Finder()
    shared.once(find, b"part")
    shared.once(find, b"part")
    assert find.asked == [b"part", b"part"]
    assert not len(shared.store)


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
    assert sum(held.size for held in shared.store._held.values()) == shared.store.size <= 64


def test_a_forked_process_does_not_wait_for_a_thread_of_its_parent() -> None:
    shared = Shared()
    shared.once(len, b"kept")
    shared.store.unlocked()
    assert len(shared.store)
    shared.store._lock.acquire()
    shared.store.unlocked()
    assert not len(shared.store)
    assert shared.once(len, b"part") == 4


def test_a_value_that_counts_more_than_all_may_displaces_none() -> None:
    store: Store[str] = Store(10)
    store.put("little", "a", 4)
    store.put("large", "b", 11)
    assert "little" in store
    assert "large" not in store
    store.put("little", "c", 11)
    assert not len(store)
    assert store.size == 0


def test_a_store_holds_no_more_values_than_it_may() -> None:
    store: Store[int] = Store(100, many=2)
    for number in range(5):
        store.put(number, number, 1)
        store.get(0)
    assert len(store) == store.size == 2
    assert 0 in store
    assert 4 in store


def exported(number: int, folder: Path) -> None:
    path = folder / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        for row in range(400):
            sheet.write_row(row, 0, [number * 1000 + row, f"text {row} of {number}"])
            sheet.write_formula(row, 2, f"=A{row + 1}*2", value=(number * 1000 + row) * 2)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=S!$C$1:$C$400"})
        sheet.insert_chart("E1", chart)
    export_values(path, evaluate_workbook(path, Fake()), folder / "copy.xlsx")


def test_many_workbooks_take_bounded_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many times as many workbooks as the store holds, no more is left in memory than of those that fill it."""
    store, most = everywhere._SHARED.store, 2**18
    monkeypatch.setattr(store, "most", most)

    def room(count: int) -> int:
        """Bytes that the store gives free after so many workbooks."""
        store.forget()
        tracemalloc.start()
        for number in range(count):
            exported(number, tmp_path)
            assert 0 < store.size <= most
        kept.forget()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        store.forget()
        gc.collect()
        given = before - tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return given

    exported(0, tmp_path)
    alone, full, many = room(1), room(3), room(9)
    assert alone < 2**20
    assert 2 * alone < full < 16 * most
    assert many < 1.1 * full
