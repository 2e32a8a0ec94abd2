"""Code as users write it; the type checker reads it, with all its strictness, and nobody runs it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

import xlrotation as xr
from xlrotation import plugin


def morning(folder: Path, closes: pd.Series[float]) -> dict[str, float]:
    m = xr.open("yahoo", asof="2026-01-16", lang="en")
    streak: int = m.RS_STREAK("RUT", "SPX", asof=dt.date(2026, 1, 16))
    change: float = m.PX_RET("XLK", np.int64(20))
    window: float = m.PX_RET("XLK", window="20D", asof=np.datetime64("2026-01-16"))
    table: pd.DataFrame = m.ROT_SECTOR_TABLE(["5D", "20D"])
    best: str = table["Symbol"].iloc[0]
    day: dt.date = m.XLR_ASOF()
    multiple: float = m.VAL_PE(Decimal("100"), eps=5)
    name: str = m.XLR_SYMBOL("SPX")
    many: pd.Series[float] = m.PX_RET(["XLK", "XLF"])
    own: float = m.PX_RET(closes, 5)
    either: str | xr.CellError = m.XLR_VERSION(errors="value")
    if m.eval("=IF(RS_STREAK()>=9,1,0)"):
        streak += 1
    for session in m.sessions(last=day):
        change += m.at(session).PX_RET("SPX", "1D")
    report: xr.Report = xr.fill(folder / "desk.xlsx", folder / "out.xlsx", values={"n": 5, "d": day}, source=m)
    reports: list[xr.Report] = xr.export([folder / "desk.xlsx"], folder, source="sample", csv=True)
    xr.refresh_book("desk.xlsx", source=folder)
    summary = xr.batch({"output": "out", "job": [{"books": "*.xlsx"}]}, workers=2)
    book = xr.openpyxl.load("desk.xlsx")
    xr.openpyxl.fill(book, m, values={"n": np.float64(1)})
    try:
        m.PX_CLOSE("ZZZ")
    except xr.NoData as error:
        name = error.message
    length = xr.measures.streaks.__name__
    print(best, multiple, many, either, reports, summary.troubled, name, length, report.troubled)
    return {"change": change, "window": window, "own": own, "streak": streak}


plugin.add_family("DESK", "Our desk")


@plugin.worksheet_function(unit="return", example='=DESK_TWICE("XLK")')
def DESK_TWICE(symbol: plugin.Symbol = plugin.default("XLK"), asof: plugin.AsOf = plugin.default(None)) -> float:  # noqa: ARG001
    """Twice the return of a symbol over a session."""
    return 2.0 * len(symbol.name)
