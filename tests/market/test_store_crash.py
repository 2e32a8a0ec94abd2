"""A writer that is killed again and again while others read: no state is ever torn, and none goes back."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import panel_of
from xlrotation.market.chains import Chain
from xlrotation.market.panel import Panel
from xlrotation.market.store.store import Store

KILLS = 200
SYMBOLS = ("A", "B", "C")
SESSIONS = 40
DAY = dt.date(2026, 2, 13)


def whole(number: int) -> dict[str, object]:
    """A state all of whose values say *number*: prices, a chain, a series; day-on-day moves stay within the bounds."""
    value = 1e6 + number
    closes = {symbol: [value] * SESSIONS for symbol in SYMBOLS}
    days = np.array(["2026-01-01"], "datetime64[D]")
    one, expiry = np.array([value]), np.array(["2026-03-20"], "datetime64[D]")
    chain = Chain("A", DAY, expiry, one, one > 0, one, one, one < 0, np.array(["NaT"], "datetime64[D]"), value, value)
    return {
        "panel": panel_of(closes, volume=closes, dividend=closes),
        "whole": SYMBOLS,  # else an old day that changes would be held back, which is another test's subject
        "chains": [chain],
        "series": {"N": (days, one)},
    }


def number_of(panel: Panel) -> int:
    """The number that all of a panel says.

    Raises:
        AssertionError: Its parts say several.
    """
    found = {float(value) for values in panel.fields.values() for value in np.unique(values)}
    chain = panel.chains.chain("A", DAY)
    assert chain is not None
    found |= {chain.spot, chain.rate, *chain.strike.tolist(), *chain.bid.tolist(), *panel.series["N"][1].tolist()}
    assert len(found) == 1, found
    assert panel.fields["close"].shape == (SESSIONS, len(SYMBOLS))
    assert not panel.quarantine
    return int(found.pop() - 1e6)


def write_on(number: int) -> None:
    while True:
        number += 1
        Store("s").write_together(**whole(number))  # type: ignore[arg-type]


def read_on(stop: Path, answer: Connection) -> None:
    reads, states, last = 0, 0, 0
    try:
        parent = multiprocessing.parent_process()
        while not stop.exists() and parent is not None and parent.is_alive():
            number = number_of(Store("s").read())
            assert number >= last, f"state {number} after {last}"
            states += number > last
            reads, last = reads + 1, number
            assert Store("s").origin("A", DAY) is not None
            time.sleep(0.002)  # leave the writer its share of two cores
        answer.send((reads, states, ""))
    except BaseException as error:
        answer.send((reads, states, f"{type(error).__name__}: {error}"))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(sys.platform == "win32", reason="forks and SIGKILL are of POSIX")
def test_two_hundred_kills_leave_no_torn_read(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a killed process wrote is not lost, and disks may be busy
    Store("s").write_together(**whole(1))  # type: ignore[arg-type]
    Store("s").read()  # imports what the children need
    start = time.perf_counter()
    Store("s").write_together(**whole(2))  # type: ignore[arg-type]
    longest = min(0.4, max(0.08, 2 * (time.perf_counter() - start)))
    folder, stop = Store("s").folder, tmp_path / "stop"
    fork = multiprocessing.get_context("fork")
    readers = []
    for _ in range(2):
        mine, theirs = fork.Pipe(duplex=False)
        reader = fork.Process(target=read_on, args=(stop, theirs), daemon=True)
        reader.start()
        readers.append((reader, mine))
    chance = random.Random(6)
    cut_short = 0
    number = 2
    for kill in range(KILLS):
        if number < 2 + kill / 4:
            longest = min(1.0, 1.1 * longest)  # a busy machine needs longer for a writing
        writer = fork.Process(target=write_on, args=(number,), daemon=True)
        writer.start()
        time.sleep(chance.uniform(0.0, longest))
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        cut_short += _left_behind(folder)
        number = number_of(Store("s").read())
    stop.touch()
    print(f"{number} states written, {cut_short} of {KILLS} kills amid a writing")
    for reader, answer in readers:
        assert answer.poll(60), "a reader hangs"
        reads, states, trouble = answer.recv()
        reader.join()
        print(f"{reads} reads, of {states} states")
        assert trouble == ""
        assert reads >= KILLS / 10
        assert states >= KILLS / 20
    assert number > KILLS / 10  # the writer got somewhere
    assert cut_short >= KILLS / 10  # and was often killed amid its work
    Store("s").write_together(**whole(number + 1))  # type: ignore[arg-type]
    assert number_of(Store("s").read()) == number + 1
    assert not _left_behind(folder)


def _left_behind(folder: Path) -> bool:
    """Whether there are files that no state names, or states that were never current."""
    from xlrotation.market.store import states

    every = states.names(folder)
    current = states.current(folder)
    named = {file for name in every for file in states.load(folder, name).files}
    stamped = {path.name for path in folder.iterdir() if path.name.startswith(("prices-", "chains-", "series-"))}
    return bool(list(folder.rglob(".writing-*")) or stamped - named or every[-1] != current)
