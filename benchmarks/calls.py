"""How fast a worksheet function is, side by side with what a user would write instead; all of it in an open session."""

from __future__ import annotations

import pandas as pd
from harness import Bench, main, part
from harness.measuring import in_turn
from harness.prices import twenty_years

from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.market.universes import SECTORS


def large_panel() -> Panel:
    """600 symbols x 20 years."""
    days, closes = twenty_years()
    return Panel(days, ("XLK", *(f"S{i}" for i in range(599))), {"close": closes}, source="benchmark")


@part
def scalar_call(bench: Bench) -> None:
    sessions = {
        "sample": Session("sample", remember=False),
        "600 x 20y": Session(Pinned("benchmark", large_panel()), remember=False),
    }
    for name, session in sessions.items():
        panel = session.panel
        index = pd.DatetimeIndex(panel.days.astype("datetime64[ns]"))
        frame = pd.DataFrame(panel.fields["close"], index=index, columns=list(panel.symbols))
        bench.side_by_side(
            f"PX_RET, one cell, {name}",
            lambda s=session: s.call("PX_RET", "XLK", "20D", "2026-01-16"),
            {"pandas": lambda f=frame: f.loc[:"2026-01-16", "XLK"].pct_change(20).iloc[-1]},
            number=300,
            times=10,
        )


@part
def spilled_table(bench: Bench) -> None:
    session = Session("sample", remember=False)
    names = [[SECTORS[i % 11]] for i in range(10_000)]
    bench.side_by_side(
        "ROT_SECTOR_RET, a cell of 10,000 in one call, 11 sectors repeated",
        lambda: session.call("ROT_SECTOR_RET", names, "20D", "2026-01-16"),
        {"single calls": lambda: [session.call("ROT_SECTOR_RET", name, "20D", "2026-01-16") for (name,) in names]},
        per=len(names),
        times=20,
    )
    days = [[str(day)] for day in session.panel.days[-700:].tolist()]
    sectors = [list(SECTORS)]
    bench.side_by_side(
        "ROT_SECTOR_RET, a cell of 700 dates x 11 sectors in one call",
        lambda: session.call("ROT_SECTOR_RET", sectors, "20D", days),
        {"single calls": lambda: [session.call("ROT_SECTOR_RET", s, "20D", d) for (d,) in days for s in SECTORS]},
        per=len(days) * len(SECTORS),
        times=10,
    )


@part
def repeated_calls(bench: Bench) -> None:
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
        bench.side_by_side(
            f"{name}, the same call again",
            lambda c=(name, *arguments): kept.call(*c),
            {"computed": lambda c=(name, *arguments): computed.call(*c)},
            number=5 if name.startswith("REP") else 200,
        )
    days = [str(day) for day in kept.panel.days[-2000:].tolist()]

    def storm(remember: bool) -> None:
        session = Session(kept.source, remember=remember)
        for day in days:
            session.call("PX_RET", "XLK", "20D", day)

    took = in_turn({"with": lambda: storm(True), "without": lambda: storm(False)})
    costs = took["with"] / took["without"]
    bench.figure("2,000 calls that differ, answers remembered, over the same without", costs, "times")


if __name__ == "__main__":
    main()
