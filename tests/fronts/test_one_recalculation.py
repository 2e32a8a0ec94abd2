"""Calls of a spreadsheet program that belong together see one state of the data."""

from __future__ import annotations

import io
import json
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import FixedSource, panel_of
from xlrotation.errors import CellError, NoData
from xlrotation.fronts.excel import calls
from xlrotation.fronts.libreoffice import worker
from xlrotation.functions.boundary.recalculation import LONGEST, QUIET, Recalculation
from xlrotation.functions.boundary.session import Session


class Restless(FixedSource):
    """A source that differs each time that it is looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def panel(self):
        self.looks += 1
        return panel_of({"A": [100.0 + self.looks], "B": [200.0 + self.looks]})


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recalculation(clock) -> Recalculation:
    return Recalculation(Session(Restless(), lang="en"), clock)


def ask(recalculation: Recalculation, symbol: str = "A") -> object:
    with recalculation.call() as here:
        return here.call("PX_CLOSE", symbol)


def test_calls_that_follow_each_other_closely_see_one_state(recalculation, clock):
    first = ask(recalculation)
    for _ in range(20):
        clock.now += QUIET * 0.9
        assert ask(recalculation) == first
        assert ask(recalculation, "B") == first + 100
    clock.now += QUIET
    assert ask(recalculation) > first


def test_a_call_that_takes_long_does_not_end_it(recalculation, clock):
    with recalculation.call() as here:
        first = here.call("PX_CLOSE", "A")
        clock.now += 10 * QUIET
        assert ask(recalculation) == first  # from another thread, meanwhile
        assert here.call("PX_CLOSE", "A") == first
    clock.now += QUIET * 0.9
    assert ask(recalculation) == first


def test_cells_that_never_rest_get_new_data_at_last(recalculation, clock):
    first, began = ask(recalculation), clock.now
    while (found := ask(recalculation)) == first:
        clock.now += QUIET / 2
    assert found > first
    assert LONGEST <= clock.now - began < LONGEST + QUIET


def test_refresh_ends_it(recalculation):
    first = ask(recalculation)
    recalculation.end()
    assert ask(recalculation) > first


def test_data_that_cannot_be_read_are_tried_again_at_once(recalculation):
    real = recalculation.session.source.panel

    def away():
        raise NoData("away")

    recalculation.session.source.panel = away
    assert ask(recalculation) is CellError.NA
    recalculation.session.source.panel = real
    assert ask(recalculation) == 101.0


def test_threads_of_a_server_see_one_state(monkeypatch):
    """As xlwings Server asks: calls in threads of a pool, at the same time, the first of them too."""
    monkeypatch.setattr("xlrotation.functions.boundary.session.open_source", lambda *_: Restless())
    calls.session.cache_clear()
    monkeypatch.setattr(calls, "_recalculation", None)
    together = threading.Barrier(8)

    def cell(place: int) -> object:
        if place < 8:
            together.wait(60)
        return calls.call("PX_CLOSE", "A" if place % 2 else "B", None)

    try:
        held = calls.recalculation()
        held._clock = Clock()  # the calls of a machine under load may come late
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(cell, range(200)))
        assert set(found[1::2]) == {found[1]}
        assert set(found[::2]) == {found[1] + 100.0}
        calls.reload()
        assert calls.call("PX_CLOSE", "A", None) > found[1]
        assert len(held.session.failures) == 0
        calls.call("PX_CLOSE", "NONE", None)
        assert len(held.session.failures) == 1
    finally:
        calls.session.cache_clear()


def test_the_first_calls_of_two_threads_share_a_session(monkeypatch):
    opened: list[Session] = []
    together = threading.Barrier(8)

    class Slow(Session):
        def __init__(self) -> None:
            opened.append(self)
            super().__init__(Restless())

    monkeypatch.setattr("xlrotation.functions.boundary.session.Session", Slow)
    calls.session.cache_clear()
    monkeypatch.setattr(calls, "_recalculation", None)

    def first(_: int) -> Recalculation:
        together.wait(60)
        return calls.recalculation()

    try:
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(first, range(8)))) == 1
        assert len(opened) == 1
    finally:
        calls.session.cache_clear()


def test_libreoffice_sees_one_state(monkeypatch):
    monkeypatch.setattr("xlrotation.functions.boundary.recalculation.QUIET", 1e6)

    def message(content: object) -> bytes:
        data = json.dumps(content).encode()
        return struct.pack("<I", len(data)) + data

    outward = io.BytesIO()
    asked = [["PX_CLOSE", ["A"]], ["PX_CLOSE", ["B"]], ["PX_CLOSE", ["A"]]]
    worker.serve(io.BytesIO(b"".join(map(message, asked))), outward, Session(Restless()))
    answers, data = [], outward.getvalue()
    while data:
        (length,) = struct.unpack("<I", data[:4])
        answers.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    assert answers == [101.0, 201.0, 101.0]
