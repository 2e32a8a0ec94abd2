"""One formula over a whole universe, side by side with what a quant would write.

583 members of 600 symbols x 20 years, a sixth of which split. The others get a table that is adjusted and cut already.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from harness import Bench, main, part
from harness.prices import twenty_years

from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned

MEMBERS = 583


def large_panel() -> Panel:
    """600 symbols x 20 years."""
    days, closes = twenty_years()
    splits = np.zeros_like(closes)
    splits[3000, 2:102] = 2.0
    symbols = ("XLK", "^GSPC", *(f"S{i}" for i in range(598)))
    fields = {"close": closes, "split": splits}
    return Panel(days, symbols, fields, source="benchmark", universes={"SP500": symbols[2 : 2 + MEMBERS]})


@part
def members(bench: Bench) -> None:
    panel = large_panel()
    session = Session(Pinned("benchmark", panel), remember=False)
    index = pd.DatetimeIndex(panel.days.astype("datetime64[ns]"))
    columns = list(panel.universes["SP500"])
    frame = pd.DataFrame(panel.fields["close"], index=index, columns=list(panel.symbols))[columns]
    table = np.ascontiguousarray(frame.to_numpy())
    spy = panel.fields["close"][:, 1]

    def share_above() -> object:
        return (frame.iloc[-1] > frame.iloc[-200:].mean()).mean()

    def growth(days: int) -> pd.Series:
        return frame.iloc[-1] / frame.iloc[-1 - days] - 1

    rows: list[tuple[tuple[object, ...], Callable[[], object], Callable[[], object]]] = [
        (("BRD_AD", "SP500"), lambda: np.sign(frame.iloc[-2:].diff().iloc[-1]).value_counts(),
         lambda: np.bincount(np.sign(table[-1] - table[-2]).astype(int) + 1)),
        (("BRD_ABOVE_MA", "SP500", 200), share_above, lambda: (table[-1] > table[-200:].mean(axis=0)).mean()),
        (("BRD_NEW_HIGHS", "SP500", "252D"), lambda: (frame.iloc[-1] >= frame.iloc[-252:].max()).sum(),
         lambda: (table[-1] >= table[-252:].max(axis=0)).sum()),
        (("ROT_LEADERS", "SP500", 10, "63D"), lambda: growth(63).nlargest(10),
         lambda: np.argsort(table[-1] / table[-64])[-10:]),
        (("DISP_RANGE", "SP500", "20D"), lambda: growth(20).max() - growth(20).min(),
         lambda: np.ptp(table[-1] / table[-21])),
        (("BRD_OUTPERFORM", "SP500", "SPX", "63D"), lambda: (growth(63) > spy[-1] / spy[-64] - 1).mean(),
         lambda: (table[-1] / table[-64] > spy[-1] / spy[-64]).mean()),
        (("DISP_XS", "SP500", "20D", None, "EQUAL"), lambda: growth(20).std(ddof=0),
         lambda: (table[-1] / table[-21]).std()),
    ]  # fmt: skip
    for (name, *arguments), with_pandas, with_numpy in rows:
        bench.side_by_side(
            f"{name}, one date, {MEMBERS} members",
            lambda c=(str(name), *arguments): session.call(*c),
            {"pandas": with_pandas, "numpy": with_numpy},
            number=30,
            at_most=0.3e-3,
        )
    bench.side_by_side(
        f"PX_HISTORY, {len(panel.days):,} x {MEMBERS}",
        lambda: session.call("PX_HISTORY", "SP500", "2006-02-13"),
        {
            "pandas": lambda: frame.reset_index().to_numpy().tolist(),
            "numpy": lambda: [[day, *row] for day, row in zip(panel.days.tolist(), table.tolist(), strict=True)],
        },
        repeat=3,
        at_most=0.15,
    )


if __name__ == "__main__":
    main()
