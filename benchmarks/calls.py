"""How fast a worksheet function is, side by side with what a user would write instead.

Run: ``python benchmarks/calls.py``. Every figure is a ratio of two timings of the same run.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import timeit
from collections.abc import Callable

import numpy as np
import pandas as pd

from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.panel import Panel
from xlrotation.market.universes import SECTORS


class Fixed:
    """A source that holds one panel."""

    text = "benchmark"

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def panel(self) -> Panel:
        return self._panel

    def reload(self) -> None:
        pass


def best(work: Callable[[], object], number: int, repeat: int = 7) -> float:
    return min(timeit.repeat(work, number=number, repeat=repeat)) / number


def large_panel() -> Panel:
    """600 symbols x 20 years."""
    days = XNYS.sessions_between(dt.date(2006, 2, 13), dt.date(2026, 2, 13))
    rng = np.random.default_rng(1)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (len(days), 600)), axis=0))
    return Panel(days, ("XLK", *(f"S{i}" for i in range(599))), {"close": closes}, source="benchmark")


def scalar_call() -> None:
    sample = Session("sample", remember=False)
    large = Session(Fixed(large_panel()), remember=False)
    frames = {}
    for name, session in (("sample", sample), ("600 x 20y", large)):
        panel = session.panel
        index = pd.DatetimeIndex(panel.days.astype("datetime64[ns]"))
        frames[name] = pd.DataFrame(panel.fields["close"], index=index, columns=list(panel.symbols))
    times = {}
    for name, session in (("sample", sample), ("600 x 20y", large)):
        ours = best(lambda s=session: s.call("PX_RET", "XLK", "20D", "2026-01-16"), 5000)
        frame = frames[name]
        pandas = best(lambda f=frame: f.loc[:"2026-01-16", "XLK"].pct_change(20).iloc[-1], 200)
        times[name] = ours
        print(
            f"PX_RET, {name}: {ours * 1e6:.2f} us; pandas {pandas * 1e6:.1f} us; ratio {ours / pandas:.3f} (goal 0.1)"
        )
    print(f"PX_RET, 600 x 20y over sample: {times['600 x 20y'] / times['sample']:.2f} (goal: about 1)")


def spilled_table() -> None:
    session = Session("sample", remember=False)
    names = [[SECTORS[i % 11]] for i in range(10_000)]
    report("11 sectors repeated", session, names, "20D", "2026-01-16")
    days = session.panel.days[-700:]
    grid_days = [[str(day)] for day in days.tolist()]
    sectors = [list(SECTORS)]
    cells = len(grid_days) * 11
    spilled = best(lambda: session.call("ROT_SECTOR_RET", sectors, "20D", grid_days), 1, 5)
    single = best(lambda: [session.call("ROT_SECTOR_RET", s, "20D", d) for (d,) in grid_days for s in SECTORS], 1, 5)
    print(f"ROT_SECTOR_RET, {cells} distinct cells (sector x date): single / spilled {single / spilled:.1f}")


def report(label: str, session: Session, names: list[list[str]], window: str, asof: str) -> None:
    spilled = best(lambda: session.call("ROT_SECTOR_RET", names, window, asof), 5)
    single = best(lambda: [session.call("ROT_SECTOR_RET", name, window, asof) for (name,) in names], 1, 5)
    print(f"ROT_SECTOR_RET, 10,000 cells, {label}: single / spilled {single / spilled:.1f} (goal 20)")


def repeated_calls() -> None:
    """What remembering answers gains a call that was made before, and costs one that was not."""
    kept, computed = Session("sample"), Session("sample", remember=False)
    closes = [[100.0 + i % 7] for i in range(500)]
    for name, *arguments in (
        ("PX_RET", "XLK", "20D", "2026-01-16"),
        ("BRD_ABOVE_MA",),
        ("ROT_SECTOR_TABLE",),
        ("VOL_REALIZED", closes, "20D"),
        ("REP_SUMMARY", "market_breadth"),
    ):
        kept.call(name, *arguments)
        number = 5 if name.startswith("REP") else 200
        anew = best(lambda c=(name, *arguments): computed.call(*c), number)
        again = best(lambda c=(name, *arguments): kept.call(*c), number)
        print(f"{name}: {anew * 1e6:.1f} us computed, {again * 1e6:.1f} us again; gain {anew / again:.1f}")
    days = [str(day) for day in kept.panel.days[-2000:].tolist()]

    def storm(remember: bool) -> None:
        session = Session(kept.source, remember=remember)
        for day in days:
            session.call("PX_RET", "XLK", "20D", day)

    first = best(lambda: storm(True), 1) / best(lambda: storm(False), 1)
    print(f"2,000 calls that differ: remembering costs {first - 1:.0%}")


def import_cost() -> None:
    heavy = "('pandas', 'yfinance', 'openpyxl', 'pyarrow')"
    code = f"import sys; import {{0}}; print(' '.join(m for m in {heavy} if m in sys.modules))"
    for module in ("xlwings", "udfs"):
        done = subprocess.run([sys.executable, "-c", code.format(module)], capture_output=True, text=True, check=True)
        print(f"import {module} brings in: {done.stdout.strip() or 'none of pandas, yfinance, openpyxl, pyarrow'}")


if __name__ == "__main__":
    scalar_call()
    spilled_table()
    repeated_calls()
    import_cost()
