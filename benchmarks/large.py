"""A market of 5,000 symbols x 30 years: a workbook on 50 of them, exported by one process, and by workers.

Memory is that of all processes together, a page that several share counted once.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import xlsxwriter
from harness import Bench, main, part
from harness.measuring import timed
from harness.memory import measured

from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.store import blocks, states
from xlrotation.market.store.stateformat import State
from xlrotation.market.store.storage import Files
from xlrotation.market.store.store import Store

SYMBOLS, YEARS = 5_000, 30
HELD = 50
JOBS = 8
LAST = "2026-02-13"
COMMAND = [sys.executable, "-m", "xlrotation"]


def make_store(name: str, symbols: int, years: int) -> int:
    """A store of bars as traded, written a year at a time; gives the megabytes of the numbers in it."""
    chance = np.random.default_rng(18)
    tickers = tuple(f"S{place:04}" for place in range(symbols))
    days = XNYS.sessions()
    days = days[
        (days > np.datetime64(LAST) - np.timedelta64(round(365.25 * years), "D")) & (days <= np.datetime64(LAST))
    ]
    folder = Store(name).folder
    states.begin(folder)
    files = Files(folder, {})
    stamp = states.next_name(folder, dt.datetime(2026, 2, 13, 22, tzinfo=dt.UTC))
    level, prices, numbers = np.full(symbols, 100.0), {}, 0
    for block, rows in blocks.spans(days):
        shape = (rows.stop - rows.start, symbols)
        close = level * np.exp(np.cumsum(chance.normal(0.0002, 0.015, shape), axis=0))
        split = np.where(chance.random(shape) < 1 / 2500, 2.0, np.nan)
        close /= np.cumprod(np.where(split == 2.0, 2.0, 1.0), axis=0)
        level = close[-1]
        moves = (chance.normal(0, 0.004, shape), np.abs(chance.normal(0, 0.008, shape)))
        fields = {"close": close, "open": close * (1 + moves[0])}
        fields |= {"high": close * (1 + moves[1]), "low": close * (1 - moves[1])}
        fields = {key: np.maximum(np.round(values, 2), 0.01) for key, values in fields.items()}
        fields["volume"] = np.round(chance.lognormal(14.0, 1.0, shape), -2)
        fields["dividend"] = np.where(chance.random(shape) < 4 / 252, np.round(close * 0.004, 2), 0.0)
        fields["split"] = split
        prices[block] = f"prices-{block}-{stamp}.parquet"
        data, tail = blocks.encode(Panel(days[rows], tickers, fields), slice(0, shape[0]))
        files.put(prices[block], data, tail)
        numbers += sum(values.nbytes for values in fields.values())
    names = ("open", "high", "low", "close", "volume", "dividend", "split")
    state = replace(State(stamp), symbols=tickers, fields=names, first=days[0].item(), last=days[-1].item())
    states.publish(folder, replace(state, prices=prices, sums=files.sums))
    return numbers // 1_000_000


def make_book(path: Path, symbols: int) -> None:
    """A row for each of 50 symbols from all over the market."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write(0, 1, 46066)
        book.define_name("asof", "=S!$B$1")
        for row, place in enumerate(np.linspace(0, symbols - 1, HELD).astype(int).tolist(), 2):
            sheet.write(row - 1, 0, f"S{place:04}")
            for column, formula in enumerate(
                (
                    f"=PX_CLOSE(A{row},asof)",
                    f'=PX_RET(A{row},"1M",asof)',
                    f'=PX_RET(A{row},"1Y",asof,"total")',
                    f'=PX_PCTRANK(A{row},"MAX",asof)',
                    f'=PX_DRAWDOWN(A{row},"5Y",asof)',
                    f"=RS_RATIO(A{row},A$2,asof)",
                ),
                1,
            ):
                sheet.write_formula(row - 1, column, formula)


@part(long=True)
def export(bench: Bench) -> None:
    what = f"{SYMBOLS:,} symbols x {YEARS} years"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XLROTATION_HOME"] = str(folder)
        numbers = make_store("large", SYMBOLS, YEARS)
        book = folder / "book.xlsx"
        make_book(book, SYMBOLS)
        one = measured([*COMMAND, "eval", "--source", "store:large", '=PX_RET("S2500","1D")'])
        bench.figure(f"{what}, one number", one.seconds, kind="process")
        bench.figure(f"{what}, one number: memory", one.megabytes, "MB", {"the numbers": numbers}, kind="process")
        found = measured([*COMMAND, "export", str(book), "-o", str(folder / "out"), "--source", "store:large"])
        bench.figure(f"{what}, export of a book of {HELD}", found.seconds, kind="process")
        bench.figure(
            f"{what}, export of a book of {HELD}: memory", found.megabytes, "MB", kind="process", at_most=600.0
        )
        days = XNYS.sessions_between(dt.date(2025, 6, 2), dt.date(2026, 2, 13))[-JOBS:]
        batches = []
        for workers in (1, 2):
            plan = folder / f"plan{workers}.toml"
            dates = ", ".join(map(str, days))
            plan.write_text(
                f'output = "out{workers}"\nsource = "store:large"\n[[job]]\nbooks = "book.xlsx"\nasof = [{dates}]\n'
            )
            batches.append(measured([*COMMAND, "batch", str(plan), "--workers", str(workers)]))
        single, double = batches
        bench.figure(f"{what}, a batch of {JOBS}, one worker: memory", single.megabytes, "MB", kind="process")
        bench.figure(
            f"{what}, a batch of {JOBS}, two workers: memory",
            double.megabytes,
            "MB",
            kind="process",
            at_most=1.2 * single.megabytes,
        )


@part
def flat(bench: Bench) -> None:
    """What a wrong ticker and the status cost, whatever the number of symbols."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["XLROTATION_HOME"] = name
        took: dict[int, dict[str, float]] = {}
        for symbols in (500, SYMBOLS):
            make_store(f"s{symbols}", symbols, 1)
            session = Session(f"store:s{symbols}", remember=False)
            for call in (("PX_CLOSE", "NOSUCH"), ("XLR_STATUS",)):
                session.call(*call)
                seconds = min(timed(lambda call=call, session=session: session.call(*call), 20) for _ in range(5))
                took.setdefault(symbols, {})[call[0]] = seconds
        for call, said, most in (("PX_CLOSE", "a ticker that is not there", 1e-4), ("XLR_STATUS", "XLR_STATUS", 1e-3)):
            few, many = took[500][call], took[SYMBOLS][call]
            bench.figure(f"{said}, {SYMBOLS:,} symbols", many, "s", {"500 symbols": few}, at_most=most)


if __name__ == "__main__":
    main()
