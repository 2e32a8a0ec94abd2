"""Tables of a universe, and what stands in them, side by side with the pandas that a quant would write.

582 members of 600 symbols x 20 years. pandas has its tables of closes, volumes and numbers of shares, adjusted and cut
already; both answers are compared before they are timed. Names, sectors and weights are made up.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from harness import Bench, main, part
from harness.prices import twenty_years

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Pinned
from xlrotation.market.universes import SECTORS

FUNDS = ("^GSPC", "SPY", "IWM", "IWD", "IWF", "MTUM", "TLT")
MEMBERS = tuple(f"S{place}" for place in range(600 - len(SECTORS) - len(FUNDS)))
LOW, HIGH = 0.49, 0.51
Cells = list[list[Any]]
Case = tuple[str, tuple[object, ...], Callable[[], object], Callable[[], object]]
"""What it is, the call, how pandas does it, and our numbers in the order of pandas'."""


@functools.cache
def large_panel() -> Panel:
    """600 symbols x 20 years, with volumes and numbers of shares."""
    days, closes = twenty_years()
    chance = np.random.default_rng(2)
    volumes = np.round(chance.lognormal(14.0, 1.0, closes.shape))
    shares = np.tile(np.round(chance.lognormal(20.0, 1.0, closes.shape[1])), (len(days), 1))
    return Panel(
        days,
        (*SECTORS, *FUNDS, *MEMBERS),
        {
            name: np.asfortranarray(table)
            for name, table in (("close", closes), ("volume", volumes), ("shares", shares))
        },
        universes={"SP500": MEMBERS},
        sectors={ticker: SECTORS[place % len(SECTORS)] for place, ticker in enumerate(MEMBERS)},
        names={ticker: f"Company {ticker}" for ticker in MEMBERS},
        source="benchmark",
    )


class Frames:
    """What the user of pandas holds: tables of all symbols and of the members, and a table of names and sectors."""

    def __init__(self, panel: Panel) -> None:
        index = pd.DatetimeIndex(panel.days.astype("datetime64[ns]"))

        def table(field: str) -> pd.DataFrame:
            return pd.DataFrame(panel.fields[field], index, list(panel.symbols), copy=False)

        self.all = table("close")
        self.closes, self.volumes, self.shares = (
            table(field)[list(MEMBERS)] for field in ("close", "volume", "shares")
        )
        self.companies = pd.DataFrame(
            {"name": [panel.names[ticker] for ticker in MEMBERS], "sector": [panel.sectors[t] for t in MEMBERS]},
            index=list(MEMBERS),
        )

    def growth(self, days: int, back: int = 0) -> pd.Series:
        """Returns of the members over some sessions, up to so many ago."""
        return self.closes.iloc[-1 - back] / self.closes.iloc[-1 - back - days] - 1

    def weights(self, back: int = 0) -> pd.Series:
        """Market values divided by their sum, so many sessions ago."""
        values = self.closes.iloc[-1 - back] * self.shares.iloc[-1 - back]
        return values / values.sum()


def same(ours: object, theirs: object) -> bool:
    """Whether two answers hold the same: texts as they are, numbers to 1e-9, #N/A for NaN."""
    one, other = (
        np.asarray(found.to_numpy() if isinstance(found, pd.Series | pd.DataFrame) else found, object).ravel().tolist()
        for found in (ours, theirs)
    )
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(a, float) and isinstance(b, float)
        else a == b or (a is CellError.NA and b != b)
        for a, b in zip(one, other, strict=True)
    )


def in_rows(series: pd.Series) -> list[list[object]]:
    """Dates and values in rows, as a sheet takes them."""
    return [[day, value] for day, value in zip(series.index.date, series.tolist(), strict=True)]


def beside(bench: Bench, session: Session, cases: Sequence[Case], number: int) -> None:
    """Compare and measure each case."""
    for what, (name, *arguments), theirs, read in cases:
        found = session.call(str(name), *arguments)  # type: ignore[arg-type]
        assert same(read(found), theirs()), (what, read(found), theirs())  # type: ignore[call-arg]
        bench.side_by_side(
            what,
            lambda c=(str(name), *arguments): session.call(*c),  # type: ignore[misc]
            {"pandas": theirs},
            number=number,
            repeat=5,
        )


def columns(*places: int, first: int = 1, last: int | None = None) -> Callable[[Cells], Cells]:
    """Some columns of a table under its heads."""
    return lambda rows: [[row[place] for place in places] for row in rows[first:last]]


@part
def lists(bench: Bench) -> None:
    """Members, weights, movers, what they add."""
    session, held = Session(Pinned("benchmark", large_panel()), remember=False), Frames(large_panel())
    sectors = {row[0]: row[2] for row in session.call("UNI_INFO", "SP500")[1:]}  # type: ignore[index]
    held.companies["title"] = [sectors[ticker] for ticker in MEMBERS]

    def members() -> list[list[object]]:
        return held.companies.loc[list(MEMBERS), ["name", "title"]].reset_index().to_numpy().tolist()

    def info() -> list[list[object]]:
        listed = held.companies.loc[list(MEMBERS), ["name", "title"]].reset_index()
        return listed.assign(exchange="XNYS", currency="USD").to_numpy().tolist()

    def weights() -> list[list[object]]:
        table = pd.DataFrame({"name": held.companies["name"], "weight": held.weights()})
        return table.sort_values("weight", ascending=False).reset_index().to_numpy().tolist()

    def movers() -> list[list[object]]:
        growth, weight = held.growth(20), held.weights(20)
        table = pd.DataFrame(
            {
                "rank": growth.rank(ascending=False).astype(int),
                "name": held.companies["name"],
                "symbol": growth.index,
                "growth": growth,
                "weight": weight,
                "adds": weight * growth,
            }
        ).sort_values("rank")
        return pd.concat([table.head(5), table.tail(5)]).to_numpy().tolist()

    def adds() -> pd.DataFrame:
        growth, weight = held.growth(20), held.weights(20)
        table = pd.DataFrame({"weight": weight, "growth": growth, "adds": weight * growth})
        return table.loc[table["adds"].abs().sort_values(ascending=False).index[:10]]

    def by_sector() -> pd.DataFrame:
        growth, weight = held.growth(20), held.weights(20)
        table = pd.DataFrame({"weight": weight, "adds": weight * growth, "sector": held.companies["sector"]})
        parts = table.groupby("sector").sum()
        parts.insert(1, "growth", parts["adds"] / parts["weight"])
        return parts.loc[parts["adds"].abs().sort_values(ascending=False).index[:10]]

    cases: list[Case] = [
        ("UNI_MEMBERS", ("UNI_MEMBERS", "SP500"), members, columns(0, 1, 2)),
        ("UNI_INFO", ("UNI_INFO", "SP500"), info, columns(0, 1, 2, 3, 4)),
        ("UNI_WEIGHTS", ("UNI_WEIGHTS", "SP500"), weights, columns(0, 1, 2)),
        ("UNI_MOVERS 20D", ("UNI_MOVERS", "SP500", 5, "20D"), movers, columns(0, 1, 2, 3, 4, 5)),
        ("UNI_RET 20D, equal weights", ("UNI_RET", "SP500", "20D"), lambda: held.growth(20).mean(), lambda one: one),
        (
            *("UNI_RET 20D, by value", ("UNI_RET", "SP500", "20D", None, "CAP")),
            *(lambda: (held.weights(20) * held.growth(20)).sum(), lambda one: one),
        ),
        ("ROT_CONTRIB 20D", ("ROT_CONTRIB", "SP500", "20D"), adds, columns(2, 3, 4, last=11)),
        (
            *("ROT_CONTRIB 20D, by sector", ("ROT_CONTRIB", "SP500", "20D", None, 10, "SECTOR")),
            *(by_sector, columns(2, 3, 4, last=11)),
        ),
    ]
    beside(bench, session, [(f"{what}, {len(MEMBERS)} members", *case) for what, *case in cases], 20)  # type: ignore[misc]


@part
def pages(bench: Bench) -> None:
    """The market page, the sectors, factors of a move, correlations."""
    session, held = Session(Pinned("benchmark", large_panel()), remember=False), Frames(large_panel())
    closes, sectors = held.closes, held.all[list(SECTORS)]

    def page() -> pd.DataFrame:
        last, year = closes.iloc[-1], closes.index[-1].year
        base = closes.loc[: closes.index[-1] - pd.DateOffset(months=1)].iloc[-1]
        logs = np.log(closes.iloc[-1 - MONTH :]).diff()
        before = closes.loc[: closes.index[-1] - pd.DateOffset(years=1)]
        return pd.DataFrame(
            {
                "close": last,
                "1D": last / closes.iloc[-2] - 1,
                "5D": last / closes.iloc[-6] - 1,
                "1M": last / base - 1,
                "YTD": last / closes[closes.index.year < year].iloc[-1] - 1,
                "VS_MA50": last / closes.iloc[-50:].mean() - 1,
                "VS_MA200": last / closes.iloc[-200:].mean() - 1,
                "DRAWDOWN": last / closes.iloc[len(before) :].max() - 1,
                "VOL": logs.std() * math.sqrt(252),
            }
        )

    MONTH = len(closes.loc[closes.index > closes.index[-1] - pd.DateOffset(months=1)])  # noqa: N806

    def change() -> pd.DataFrame:
        now = sectors.iloc[-1] / sectors.iloc[-21] - 1
        before = sectors.iloc[-6] / sectors.iloc[-26] - 1
        ranks = [found.rank(ascending=False).astype(int) for found in (now, before)]
        return pd.DataFrame({"now": now, "before": before, "change": now - before, "rank": ranks[0], "was": ranks[1]})

    def factors() -> np.ndarray:
        returns = held.all[[*FUNDS[1:], "S7"]].iloc[-253:].pct_change().iloc[1:]
        market = returns["SPY"]
        x = pd.DataFrame(
            {
                "one": 1.0,
                "market": market,
                "size": returns["IWM"] - market,
                "value": returns["IWD"] - returns["IWF"],
                "momentum": returns["MTUM"] - market,
                "rates": returns["TLT"],
            }
        ).to_numpy()
        slopes, rest, _, _ = np.linalg.lstsq(x, returns["S7"].to_numpy(), rcond=None)
        errors = np.sqrt(rest[0] / (len(x) - 6) * np.diag(np.linalg.inv(x.T @ x)))
        return np.column_stack([slopes, errors])[1:]

    def of_pairs() -> pd.DataFrame:
        base = len(held.all.loc[: held.all.index[-1] - pd.DateOffset(months=3)]) - 1
        return held.all[list(SECTORS)].iloc[base:].pct_change().iloc[1:].corr()

    cases: list[Case] = [
        (f"PX_TABLE of nine fields, {len(MEMBERS)} members", ("PX_TABLE", "SP500"), page, columns(*range(2, 11))),
        ("ROT_CHANGE 20D, eleven sectors", ("ROT_CHANGE", "20D", None, "5D"), change, columns(2, 3, 4, 5, 6)),
        ("ROT_FACTORS 20D, 252 sessions", ("ROT_FACTORS", "S7", "20D"), factors, columns(2, 3, last=6)),
        (
            *("DISP_CORR_MATRIX 3M, eleven sectors", ("DISP_CORR_MATRIX", "SECTORS", "3M")),
            *(of_pairs, columns(*range(1, 12))),
        ),
        (
            *(
                "DISP_CORR_MATRIX 252D, 500 symbols",
                ("DISP_CORR_MATRIX", [[ticker] for ticker in MEMBERS[:500]], "252D"),
            ),
            *(lambda: closes[list(MEMBERS[:500])].iloc[-253:].pct_change().iloc[1:].corr(), columns(*range(1, 501))),
        ),
    ]
    beside(bench, session, cases, 10)


@part
def one_symbol(bench: Bench) -> None:
    """A symbol against its own past and against another."""
    session, held = Session(Pinned("benchmark", large_panel()), remember=False), Frames(large_panel())
    own, market = held.all["S7"], held.all["^GSPC"]
    year = len(own.loc[: own.index[-1] - pd.DateOffset(years=1)])

    def z_score() -> float:
        window = own.loc[own.index > own.index[-1] - pd.DateOffset(years=1)]
        return (window.iloc[-1] - window.mean()) / window.std()

    def beta() -> float:
        x, y = market.iloc[year - 1 :].pct_change(), own.iloc[year - 1 :].pct_change()
        return x.cov(y) / x.var()

    def betas() -> pd.Series:
        x, y = market.pct_change(), own.pct_change()
        return x.rolling(252).cov(y) / x.rolling(252).var()

    def history(measure: str, theirs: Callable[[], pd.Series]) -> Case:
        what = f"RS_HISTORY {measure}, {len(own):,} sessions in rows"
        return what, ("RS_HISTORY", "S7", "SPX", measure, "MAX"), lambda: in_rows(theirs()), columns(0, 1)

    cases: list[Case] = [
        ("PX_ZSCORE 1Y, one cell", ("PX_ZSCORE", "S7", "1Y"), z_score, lambda one: one),
        ("RS_BETA 1Y, one cell", ("RS_BETA", "S7", "SPX", "1Y"), beta, lambda one: one),
    ]
    beside(bench, session, cases, 100)
    cases = [
        history("RATIO", lambda: own / market),
        history("CORREL", lambda: own.pct_change().rolling(63).corr(market.pct_change())),
        history("BETA", betas),
    ]
    beside(bench, session, cases, 5)


@part
def breadths(bench: Bench) -> None:
    """Volume behind advances, and thrusts of twenty years."""
    session, held = Session(Pinned("benchmark", large_panel()), remember=False), Frames(large_panel())
    closes = held.closes

    def arms() -> float:
        change, volume = closes.iloc[-1] - closes.iloc[-2], held.volumes.iloc[-1]
        up, down = change > 0, change < 0
        return (up.sum() / down.sum()) / (volume[up].sum() / volume[down].sum())

    def thrusts() -> list[list[object]]:
        change = closes.diff().iloc[1:]
        up, down = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
        average = (up / (up + down)).ewm(span=10, adjust=False).mean()
        days, values = average.index, average.to_numpy()
        found: list[list[object]] = []
        last = 0
        for row in np.flatnonzero((values[1:] > HIGH) & (values[:-1] <= HIGH)) + 1:
            before = values[max(row - 10, 10, last) : row]
            if len(before) and before.min() < LOW:
                low = int(max(row - 10, 10, last) + before.argmin())
                found.append([days[row].date(), values[row], values[low], days[low].date()])
                last = row
        return found[::-1]

    cases: list[Case] = [
        (f"BRD_TRIN, {len(MEMBERS)} members", ("BRD_TRIN", "SP500"), arms, lambda one: one),
        (
            f"BRD_ZBT, {len(MEMBERS)} members x {len(closes):,} sessions",
            ("BRD_ZBT", "SP500", "MAX", None, LOW, HIGH),
            thrusts,
            columns(0, 1, 3, 2),
        ),
    ]
    beside(bench, session, cases, 3)


if __name__ == "__main__":
    main()
