"""A folder of files: reading bars and option chains side by side with pandas, and opening what was read before.

pandas reads the same files with ``read_csv`` and does nothing else with them. The second opening is a process of its
own that finds what the first one kept. Memory is the peak of a process that reads one long table and nothing else, less
that of one that reads a table of two rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from harness import Bench, main, part

from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import kept, source

SESSIONS = 5040
TIMES = 3.0
SECONDS = 0.5
TIMES_THE_FILE = 2.0

_OPEN = """
import sys, time
from pathlib import Path
import numpy, xlrotation.functions.boundary.session
from xlrotation.market.providers.folder import source
began = time.process_time()
panel = source.load(Path(sys.argv[1]))
panel.fields["close"][-1].sum()
print(time.process_time() - began)
"""
_ASK = """
import sys, time
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import source
assert Session("sample").call("PX_CLOSE", "SPY") > 0
began = time.process_time()
assert Session(f"folder:{sys.argv[1]}").call("PX_CLOSE", "S001") > 0
print(time.process_time() - began)
"""
_PEAK = """
import sys
from pathlib import Path
import pandas, pyarrow.csv
from xlrotation.market.providers.folder import source
source.load(Path(sys.argv[1]))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def days() -> list[str]:
    sessions = XNYS.sessions()
    return [str(day) for day in sessions[sessions <= np.datetime64("2026-02-13")][-SESSIONS:]]


def bars(symbol: str, seed: int, named: bool) -> list[str]:
    """The lines of a symbol's bars, with its name in them or without."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0.0002, 0.012, SESSIONS)))
    low, high = close * (1 - 0.01 * chance.random(SESSIONS)), close * (1 + 0.01 * chance.random(SESSIONS))
    volume = chance.integers(1e5, 1e7, SESSIONS)
    name = f"{symbol}," if named else ""
    columns = zip(days(), close.tolist(), high.tolist(), low.tolist(), close.tolist(), volume.tolist(), strict=True)
    return [f"{day},{name}{o:.2f},{h:.2f},{lo:.2f},{c:.2f},{v}\n" for day, o, h, lo, c, v in columns]


def write_bars(folder: Path, symbols: int) -> None:
    folder.mkdir()
    for number in range(symbols):
        lines = bars("", number, named=False)
        (folder / f"S{number:03}.csv").write_text("Date,Open,High,Low,Close,Volume\n" + "".join(lines))


def write_long(folder: Path, size: int) -> None:
    folder.mkdir()
    with (folder / "long.csv").open("w") as file:
        file.write("Date,Symbol,Open,High,Low,Close,Volume\n")
        number = 0
        while file.tell() < size:
            file.writelines(bars(f"S{number:03}", number, named=True))
            number += 1


def write_wide(folder: Path, size: int) -> None:
    """A column a symbol, on as many sessions as the size takes."""
    folder.mkdir()
    sessions = XNYS.sessions()
    sessions = sessions[sessions <= np.datetime64("2026-02-13")][-size // (600 * 7) :]
    chance = np.random.default_rng(1)
    closes = np.full(600, 100.0)
    with (folder / "wide.csv").open("w") as file:
        file.write("Date," + ",".join(f"W{number:03}" for number in range(600)) + "\n")
        for day in sessions:
            closes = np.clip(closes * np.exp(chance.normal(0.0, 0.01, 600)), 20.0, 900.0)
            file.write(f"{day},{','.join(f'{close:.2f}' for close in closes)}\n")


def write_chains(folder: Path, files: int) -> None:
    folder.mkdir()
    (folder / "XLK.csv").write_text("Date,Close\n2026-02-12,10\n2026-02-13,11\n")
    heads = (
        "contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,change,percentChange,volume,openInterest,"
        "impliedVolatility,inTheMoney,contractSize,currency,expiration,type\n"
    )
    sessions = days()[-files:]
    for number, day in enumerate(sessions):
        chance = np.random.default_rng(number)
        lines = []
        for month in range(3, 9):
            for side, word in (("C", "call"), ("P", "put")):
                for strike in range(5000, 8000, 5):
                    bid, more = chance.random(2)
                    lines.append(
                        f"SPXW26{month:02}20{side}{strike * 1000:08},{day} 20:59:{strike % 60:02}+00:00,{strike}.0,"
                        f"{100 * bid:.2f},{100 * bid:.2f},{100 * bid + more:.2f},0.1,0.2,{strike % 97},{strike % 89},"
                        f"{more:.6f},True,REGULAR,USD,2026-{month:02}-20,{word}\n"
                    )
        (folder / f"SPX_{day}.csv").write_text(heads + "".join(lines))


def side_by_side(bench: Bench, what: str, folder: Path) -> None:
    files = sorted(folder.glob("*.csv"))
    os.environ[kept.VARIABLE] = "off"
    sides = {"pandas": lambda: [pd.read_csv(file) for file in files]}
    bench.side_by_side(what, lambda: source.load(folder), sides, repeat=2, times=1 / TIMES)


def printed(code: str, folder: Path, home: Path, keep: str) -> float:
    environment = {**os.environ, kept.VARIABLE: keep, "XLROTATION_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, capture_output=True, check=True)
    return float(done.stdout)


def measure(bench: Bench, symbols: int, size: int, files: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_bars(root / "bars", symbols)
        write_long(root / "long", size)
        write_chains(root / "chains", files)
        side_by_side(bench, f"{symbols} files of bars x 20 years", root / "bars")
        side_by_side(bench, f"one table of bars of {size / 1e6:.0f} MB", root / "long")
        side_by_side(bench, f"option chains, {files} days of 7,200", root / "chains")
        seconds = min(printed(_ASK, root / "bars", root / "home", "off") for _ in range(3))
        everything = printed(_OPEN, root / "bars", root / "home", "off")
        what = f"{symbols} files of bars x 20 years, PX_CLOSE of one symbol when nothing is kept"
        bench.figure(what, seconds, against={"all files read": everything}, at_most=SECONDS)
        first = printed(_OPEN, root / "bars", root / "home", "")
        seconds = min(printed(_OPEN, root / "bars", root / "home", "") for _ in range(3))
        what = f"{symbols} files of bars x 20 years, opened again by another process"
        bench.figure(what, seconds, against={"the first time": first}, at_most=SECONDS)
        if Path("/proc/self/status").exists():
            write_bars(root / "small", 1)
            kinds = {"long": "one table of bars"}
            if size > 100_000_000:  # below, what a reader holds at any time is more than the table
                write_wide(root / "wide", size)
                kinds["wide"] = "a column a symbol, 600 symbols"
            small = printed(_PEAK, root / "small", root / "home", "off")
            for kind, told in kinds.items():
                peak = (printed(_PEAK, root / kind, root / "home", "off") - small) * 1024
                file = (root / kind / f"{kind}.csv").stat().st_size / 1e6
                what = f"{told}, {file:.0f} MB: memory"
                most = TIMES_THE_FILE * file
                bench.figure(what, peak / 1e6, "MB", {"the file": file}, kind="process", at_most=most)


@part
def small(bench: Bench) -> None:
    measure(bench, 60, 40_000_000, 8)


@part(long=True)
def whole(bench: Bench) -> None:
    """600 symbols x 20 years, and a table of 217 MB."""
    measure(bench, 600, 217_000_000, 4)


if __name__ == "__main__":
    main()
