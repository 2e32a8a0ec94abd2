"""Any formula over time and over names, explained and watched: within a session, and as commands.

Side by side with what a formula asked once takes, with pandas, and with what Python takes to import pandas.
"""

from __future__ import annotations

import dataclasses
import gc
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from harness import Bench, main, part
from harness.measuring import compiled, ours, started
from harness.prices import twenty_years

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned

MEMBERS = 500
RULES = Path(__file__).parents[1] / "deploy" / "watch.toml"


@part
def score_over_time(bench: Bench) -> None:
    """The mechanical score of 60 sessions, on data of which nothing is computed yet, as one session is."""
    panel = Session("sample").panel
    many, one = ("XLR_SERIES", "=ROT_MECH_SCORE()", 60), ("ROT_MECH_SCORE",)

    def first_asked(call: tuple[object, ...]) -> float:
        fresh = Session(Pinned("benchmark", dataclasses.replace(panel)), remember=False)
        gc.collect()
        began = time.process_time()
        fresh.call(*call)  # type: ignore[arg-type]
        return time.process_time() - began

    session = Session("sample", remember=False)
    rows = session.call(*many)
    assert (
        [row[1] for row in rows[1:]]
        == [  # type: ignore[index]
            session.call("ROT_MECH_SCORE", row[0])
            for row in rows[1:]  # type: ignore[index]
        ]
    )
    first_asked(many)
    turns = [(first_asked(many), first_asked(one)) for _ in range(9)]
    series, single = (min(took) for took in zip(*turns, strict=True))
    bench.figure("XLR_SERIES of the mechanical score over 60 sessions", series, against={"one session": single})
    bench.figure(
        "XLR_SERIES of the mechanical score over 60 sessions, over one session",
        series / single,
        "times",
        at_most=3.0,
        note="the least of nine, on data of which nothing is computed yet",
    )


@part
def over_names_and_time(bench: Bench) -> None:
    """A screen of 500 names, and a formula over a year, on 600 symbols x 20 years."""
    days, closes = twenty_years()
    members = tuple(f"S{place}" for place in range(MEMBERS))
    symbols = (*members, *(f"T{place}" for place in range(closes.shape[1] - MEMBERS)))
    panel = Panel(days, symbols, {"close": closes}, universes={"SP500": members}, source="benchmark")
    session = Session(Pinned("benchmark", panel), remember=False)
    frame = pd.DataFrame(closes, pd.DatetimeIndex(days.astype("datetime64[ns]")), list(symbols))[list(members)]

    def screened() -> list[list[object]]:
        above = frame.iloc[-1] / frame.iloc[-200:].mean() - 1
        held = above[above >= 0.05].sort_values(ascending=False)
        return [list(pair) for pair in held.items()]

    def over_time() -> list[list[object]]:
        found = (frame["S7"] / frame["S7"].rolling(200).mean() - 1).iloc[-252:]
        return [[day, value] for day, value in zip(found.index.date, found.tolist(), strict=True)]

    screen = ("XLR_SCREEN", "SP500", "=PX_VS_MA({},200)", ">=", 0.05)
    series = ("XLR_SERIES", '=PX_VS_MA("S7",200)', 252)
    mine = [[row[0], row[2]] for row in session.call(*screen)[1:]]  # type: ignore[index]
    assert [row[0] for row in mine] == [row[0] for row in screened()]
    assert all(abs(a[1] - b[1]) < 1e-12 for a, b in zip(mine, screened(), strict=True))  # type: ignore[operator]
    rows = session.call(*series)[1:]  # type: ignore[index]
    assert [row[0] for row in rows] == [row[0] for row in over_time()]  # type: ignore[index]
    assert all(abs(a[1] - b[1]) < 1e-12 for a, b in zip(rows, over_time(), strict=True))  # type: ignore
    bench.side_by_side(
        f"XLR_SCREEN of {MEMBERS} names, 600 x 20y",
        lambda: session.call(*screen),
        {"pandas": screened},
        repeat=3,
        at_most=1.0,
        note="the formula is any that a cell holds; pandas has this one in its own terms",
    )
    bench.side_by_side(
        "XLR_SERIES over 252 sessions, 600 x 20y",
        lambda: session.call(*series),
        {"pandas": over_time},
        repeat=3,
        note="the formula is any that a cell holds; pandas has this one in its own terms",
    )


@part
def explained(bench: Bench) -> None:
    session = Session("sample", remember=False)
    for formula in ('=PX_RET("RUT","20D")', "=BRD_ABOVE_MA()", "=ROT_MECH_SCORE()"):
        assert not isinstance(session.call("XLR_EXPLAIN", formula), CellError), formula
        bench.side_by_side(
            f"XLR_EXPLAIN of {formula}",
            lambda asked=formula: session.call("XLR_EXPLAIN", asked),  # type: ignore[misc]
            repeat=3,
        )


@part
def commands(bench: Bench) -> None:
    pandas = [sys.executable, "-c", "import pandas"]
    explain = ours("explain", '=PX_RET("RUT","20D")')
    watch = ours("watch", str(RULES), "--asof", "2025-11-14", "--since", "2025-11-13")
    with tempfile.TemporaryDirectory() as folder:
        surroundings = compiled(folder, explain, pandas)
        beside = {"python -c 'import pandas'": started(pandas, surroundings).seconds}
        for what, command in (("xlrotation explain of a formula", explain), ("xlrotation watch, four rules", watch)):
            took = min((started(command, surroundings) for _ in range(3)), key=lambda one: one.seconds)
            bench.figure(what, took.seconds, against=beside, kind="process")
            bench.figure(f"{what}: memory", took.megabytes, "MB", kind="process")


if __name__ == "__main__":
    main()
