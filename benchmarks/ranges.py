"""One formula over a range of distinct cells, side by side with single calls and with what a quant would write.

Sectors across, sessions down, on 600 symbols x 20 years of which some split: every cell asks something else. pandas
gets a table that is adjusted already, and computes all of its sessions, of which the range asks for the last 700.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from harness import Bench, main, part
from harness.measuring import least
from harness.prices import twenty_years
from vollib.black_scholes_merton.implied_volatility import implied_volatility as of_vollib

from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.market.universes import SECTORS
from xlrotation.measures import implied

DATES, OPTIONS, PART = 700, 100_000, 2_000
ACROSS: Range = [list(SECTORS)]


def large_panel() -> Panel:
    """600 symbols x 20 years."""
    days, closes = twenty_years()
    splits = np.zeros_like(closes)
    splits[3000, 20:120] = 2.0
    symbols = (*SECTORS, "^GSPC", *(f"S{i}" for i in range(600 - len(SECTORS) - 1)))
    return Panel(days, symbols, {"close": closes, "open": closes, "split": splits}, source="benchmark")


def same(one: Range, other: Sequence[object]) -> bool:
    """Whether a range holds what single calls gave."""
    flat = [cell for row in one for cell in row]
    return all(
        math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(flat, other, strict=True)
    )


@part
def distinct_cells(bench: Bench) -> None:
    panel = large_panel()
    session = Session(Pinned("benchmark", panel), remember=False)
    days = [str(day) for day in panel.days[-DATES:].tolist()]
    down = [[day] for day in days]
    frame = pd.DataFrame(panel.fields["close"], columns=list(panel.symbols))[list(SECTORS)]
    spy = pd.Series(panel.fields["close"][:, panel.columns["^GSPC"]])

    def beyond() -> pd.DataFrame:
        return frame.pct_change().gt(spy.pct_change(), axis=0)

    def streaks() -> object:
        won = beyond()
        return [won[name].groupby((~won[name]).cumsum()).cumsum() for name in SECTORS]

    asked: list[tuple[str, list[Cell], Callable[[], object]]] = [
        ("PX_CLOSE", [], lambda: frame.iloc[-DATES:].to_numpy().tolist()),
        ("PX_RET", ["20D"], lambda: frame.pct_change(20)),
        ("PX_RET", ["3M"], lambda: frame.pct_change(63)),
        ("PX_RET_BETWEEN", ["2023-01-03"], lambda: frame / frame.iloc[4000] - 1),
        ("PX_MA", [50], lambda: frame.rolling(50).mean()),
        ("PX_VS_MA", [200], lambda: frame / frame.rolling(200).mean() - 1),
        ("PX_DRAWDOWN", ["1Y"], lambda: frame / frame.rolling(251).max() - 1),
        ("PX_PCTRANK", ["1Y"], lambda: frame.rolling(251).rank(pct=True)),
        ("ROT_REL_RET", ["SPX", "20D"], lambda: frame.pct_change(20).sub(spy.pct_change(20), axis=0)),
        ("RS_RATIO", ["SPX"], lambda: frame.div(spy, axis=0)),
        ("RS_MOMENTUM", ["SPX", "20D"], lambda: frame.div(spy, axis=0).pct_change(20)),
        ("RS_STREAK", ["SPX"], streaks),
        ("RS_HITRATE", ["SPX", "3M"], lambda: beyond().rolling(63).mean()),
        ("VOL_REALIZED", ["21D"], lambda: np.log(frame).diff().rolling(21).std()),
    ]
    for name, between, with_pandas in asked:

        def in_range(n: str = name, m: Sequence[Cell] = between) -> Range:
            return session.call(n, ACROSS, *m, down)  # type: ignore[return-value]

        def one_by_one(n: str = name, m: Sequence[Cell] = between) -> list[object]:
            return [session.call(n, sector, *m, day) for day in days for sector in SECTORS]

        assert same(in_range(), one_by_one()), name
        what = f"{' '.join(map(str, (name, *between)))}, a cell of {DATES} dates x {len(SECTORS)} sectors"
        cells = DATES * len(SECTORS)
        bench.side_by_side(what, in_range, {"single calls": one_by_one}, repeat=3, per=cells, times=10)
        bench.side_by_side(
            f"{what}, and pandas over {len(frame):,} dates", in_range, {"pandas": with_pandas}, repeat=3, per=cells
        )


@part
def growth_of_cells(bench: Bench) -> None:
    panel = large_panel()
    session = Session(Pinned("benchmark", panel), remember=False)

    def seconds(cells: int) -> float:
        down: Range = [[str(day)] for day in panel.days[-cells // len(SECTORS) :].tolist()]
        session.call("PX_RET", ACROSS, "20D", down)
        return least(lambda: session.call("PX_RET", ACROSS, "20D", down), 7)

    bench.growth("PX_RET over a range of cells", seconds, [2_750, 11_000, 44_000])


def chain(count: int) -> tuple[list[Cell | Range], list[tuple[float, float, float, str]]]:
    """Prices, strikes, times and sides of options on one underlying, as a worksheet and as rows."""
    rng = np.random.default_rng(1)
    years = np.exp(rng.uniform(np.log(1 / 52), np.log(2), count))
    vol = rng.uniform(0.08, 0.9, count)
    strike = 100 * np.exp(vol * np.sqrt(years) * rng.uniform(-2, 2, count))
    call = rng.random(count) < 0.5
    price = implied.black(np.full(count, 100.0), strike * np.exp(-0.03 * years), years, vol, call)
    columns: list[Range] = [[[cell] for cell in values.tolist()] for values in (price, strike, years)]
    sides = ["CALL" if one else "PUT" for one in call.tolist()]
    rows = list(zip(price.tolist(), strike.tolist(), years.tolist(), sides, strict=True))
    return [columns[0], 100.0, columns[1], columns[2], 0.03, 0, [[side] for side in sides]], rows


@part
def options(bench: Bench) -> None:
    session = Session("sample", remember=False)
    arguments, rows = chain(OPTIONS)

    def in_range() -> Range:
        return session.call("VOL_BS_IV", *arguments)  # type: ignore[return-value]

    def looped() -> list[float]:
        return [of_vollib(p, 100.0, k, t, 0.03, 0.0, side[0].lower()) for p, k, t, side in rows[:PART]]

    found = in_range()
    assert same(
        found[:PART], [session.call("VOL_BS_IV", p, 100.0, k, t, 0.03, 0, side) for p, k, t, side in rows[:PART]]
    )
    apart = max(abs(row[0] - other) for row, other in zip(found, looped(), strict=False))  # type: ignore[operator]
    assert apart < 1e-9
    bench.figure(
        f"VOL_BS_IV, an option of a range of {OPTIONS:,}, four columns",
        least(in_range, 5) / OPTIONS,
        against={"vollib in a loop": least(looped, 5) / PART},
        at_most=1e-6,
        times=50,
        note=f"vollib on {PART:,} of them; values differ by {apart:.0e}",
    )

    def seconds(count: int) -> float:
        part_of = chain(count)[0]
        return least(lambda: session.call("VOL_BS_IV", *part_of), 7)

    bench.growth("VOL_BS_IV over a range of options", seconds, [6_250, 25_000, 100_000])


if __name__ == "__main__":
    main()
