"""Open 600 symbols x 20 years from a store: time and memory, against pandas reading the same data from Parquet and CSV.

All seven fields of bars and corporate actions are read: close, open, high, low, volume, dividend, split. Peak memory is
that of a process that opens the store and nothing else, less that of one that has imported the same modules and read a
store of one value.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from harness import Bench, main, part
from harness.measuring import compiled, timed

from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.store import storage
from xlrotation.market.store.store import Store

SYMBOLS, SESSIONS = 600, 5040
SECONDS, TIMES_THE_DATA = 0.3, 2.0
WHAT = f"{SYMBOLS} symbols x {SESSIONS:,} sessions x 7 fields"


def make_panel(symbols: int, sessions: int) -> Panel:
    """Paths as traded, rounded to cents, with quarterly dividends and a split now and then."""
    random = np.random.default_rng(6)
    shape = (sessions, symbols)
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0002, 0.015, shape), axis=0))
    split = np.where(random.random(shape) < 1 / 2500, 2.0, np.nan)
    close /= np.cumprod(np.where(split == 2.0, 2.0, 1.0), axis=0)
    fields = {
        "close": close,
        "open": close * (1 + random.normal(0, 0.004, shape)),
        "high": close * (1 + np.abs(random.normal(0, 0.008, shape))),
        "low": close * (1 - np.abs(random.normal(0, 0.008, shape))),
    }
    fields = {name: np.maximum(np.round(values, 2), 0.01) for name, values in fields.items()}
    fields["volume"] = np.round(random.lognormal(14.0, 1.0, shape))
    fields["dividend"] = np.where(random.random(shape) < 4 / 252, np.round(close * 0.004, 2), 0.0)
    fields["split"] = split
    days = XNYS.sessions()
    days = days[days <= np.datetime64("2026-02-13")][-sessions:]
    return Panel(days, tuple(f"S{i:03}" for i in range(symbols)), fields)


def open_unchecked() -> None:
    """Open the store as a process does the first time: the sum of every file is taken."""
    storage._known.clear()
    Store("bench").read()


def take_sums(folder: Path) -> None:
    """Only what checking adds: SHA-256 of every file of prices."""
    for path in folder.glob("prices-*"):
        storage.sum_of(path.read_bytes())


def peak(name: str) -> int:
    """Bytes that a process of its own needs at most to open the store *name*."""
    code = "import sys; from benchmarks.store import open_and_tell; open_and_tell(sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    told = subprocess.run([sys.executable, "-c", code, name], env=environment, check=True, capture_output=True)
    return int(told.stdout)


def open_and_tell(name: str) -> None:
    """Open a store and print the peak memory of this process in bytes."""
    panel = Store(name).read()
    assert len(panel.fields) >= 1
    status = Path("/proc/self/status")
    if status.exists():  # Linux hands ru_maxrss of the parent down to a child; this figure is of the process alone
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        print(int(line.split()[1]) * 1024)
    else:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))


@part(long=True)
def opening(bench: Bench) -> None:
    import pandas as pd

    panel = make_panel(SYMBOLS, SESSIONS)
    held = sum(values.nbytes for values in panel.fields.values())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XLROTATION_HOME"] = folder
        bench.figure(f"{WHAT}, written to a store", timed(lambda: Store("bench").write(panel)))
        last = Panel(panel.days[-10:], panel.symbols, {name: values[-10:] for name, values in panel.fields.items()})
        bench.figure(f"{WHAT}, ten more sessions of all", timed(lambda: Store("bench").write(last)))
        Store("one").write(Panel(panel.days[-1:], ("A",), {"close": np.ones((1, 1))}))
        index = pd.MultiIndex.from_product([panel.symbols, panel.days], names=["symbol", "day"])
        frame = pd.DataFrame({k: v.ravel(order="F") for k, v in panel.fields.items()}, index=index).reset_index()
        whole = Path(folder, "whole.parquet")
        frame.to_parquet(whole)
        del frame
        read = Store("bench").read()
        for name, values in panel.fields.items():
            assert np.array_equal(read.fields[name], values, equal_nan=True), name
        del read

        def unstacked() -> object:
            return pd.read_parquet(whole).set_index(["day", "symbol"]).unstack()

        sides = {"pandas.read_parquet": lambda: pd.read_parquet(whole), "the same, unstacked": unstacked}
        bench.side_by_side(f"{WHAT}, opened", lambda: Store("bench").read(), sides, repeat=3, at_most=SECONDS)
        sums = {"the checksums alone": lambda: take_sums(Path(folder, "bench"))}
        bench.side_by_side(f"{WHAT}, opened the first time, with checksums", open_unchecked, sums, repeat=3)
        more = peak("bench") - peak("one")
        times = {"the numbers": held / 1e6}
        bench.figure(f"{WHAT}, memory", more / 1e6, "MB", times, kind="process", at_most=TIMES_THE_DATA * held / 1e6)


BY_HAND = """
import glob, sys
import pyarrow.dataset as data
files = sorted(glob.glob(sys.argv[1] + "/prices-*"))
table = data.dataset(files).to_table(columns=["close", "dividend", "split"], filter=data.field("symbol") == "S300")
assert table.num_rows == int(sys.argv[2])
"""


@part(long=True)
def one_number(bench: Bench) -> None:
    """A command from start to end, beside the same three columns read by hand."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XLROTATION_HOME"] = folder
        Store("bench").write(make_panel(SYMBOLS, SESSIONS))
        ours = [sys.executable, "-m", "xlrotation", "eval", "--source", "store:bench", '=PX_RET("S300","1D",,"total")']
        hand = [sys.executable, "-c", BY_HAND, str(Path(folder, "bench")), str(SESSIONS)]
        bench.process(
            f"{SYMBOLS} symbols x {SESSIONS:,} sessions, one number",
            ours,
            {"the three columns by pyarrow": hand},
            environment=compiled(folder, ours),
            at_most=0.35,
            megabytes=120.0,
        )


if __name__ == "__main__":
    main()
