"""Option chains from Yahoo Finance through yfinance, and what its answer says of the underlying besides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xlrotation.market.chains import Chain, is_monthly
from xlrotation.market.providers.yahoo import last_finished_session, prepare

_NAMES = {"^GSPC": "^SPX"}
"""Underlyings whose options Yahoo lists under another symbol than their prices."""

_MORNING_ROOTS = ("SPX2", "NDX2", "RUT2", "VIX2")
"""How contracts begin that settle in the morning: the root, and a year that begins with 2."""

WEEKLIES_TO, MONTHLIES_TO = 45, 200
"""Days up to which weekly, and monthly, expiries are fetched: they enclose one, three and mostly six months."""


@dataclass(slots=True)
class FetchedChains:
    """An answer: chains that came, what was said of their underlyings, and why the rest did not come."""

    chains: list[Chain] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    forward_pe: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def fetch(
    symbols: Sequence[str],
    now: dt.datetime | None = None,
    session: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> FetchedChains:
    """Fetch the chains of *symbols*, dated on the last finished session.

    Args:
        symbols: Tickers of the underlyings.
        now: The time that decides which session has finished; None means now.
        session: An HTTP session for yfinance to use; None leaves the choice to it.
        progress: Called with the number of symbols done and their total.

    Returns:
        What came, and a reason per symbol that did not. Never raises for a symbol's sake.
    """
    import yfinance

    prepare()
    day = last_finished_session(now or dt.datetime.now(dt.UTC))
    result = FetchedChains()
    for done, symbol in enumerate(symbols, 1):
        try:
            ticker = yfinance.Ticker(_NAMES.get(symbol, symbol), session=session)
            expiries = list(wanted(map(dt.date.fromisoformat, ticker.options), day))
            answers = [(expiry, ticker.option_chain(expiry.isoformat())) for expiry in expiries]
            chain = _chain(symbol, day, answers)
        except Exception as error:  # yfinance raises many kinds; a symbol that fails must not end the others
            result.missing[symbol] = f"{type(error).__name__}: {error}"
        else:
            if chain is None:
                result.missing[symbol] = "no options in the answer"
            else:
                result.chains.append(chain)
                _about(symbol, answers[0][1].underlying or {}, result)
        if progress is not None:
            progress(done, len(symbols))
    return result


def wanted(expiries: Iterable[dt.date], day: dt.date) -> Iterable[dt.date]:
    """The expiries to fetch: all of the next weeks, then the monthly ones."""
    for expiry in expiries:
        left = (expiry - day).days
        if 0 < left <= WEEKLIES_TO or (left <= MONTHLIES_TO and left > 0 and is_monthly(expiry)):
            yield expiry


def _chain(symbol: str, day: dt.date, answers: Sequence[tuple[dt.date, Any]]) -> Chain | None:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("expiry", "strike", "call", "bid", "ask", "morning", "traded")
    }
    for expiry, answer in answers:
        for call, frame in ((True, answer.calls), (False, answer.puts)):
            if frame is None or len(frame) == 0:
                continue
            count = len(frame)
            columns["expiry"].append(np.full(count, np.datetime64(expiry)))
            columns["call"].append(np.full(count, call))
            for name in ("strike", "bid", "ask"):
                columns[name].append(frame[name].to_numpy(float, na_value=np.nan))
            codes = frame["contractSymbol"].astype(str)
            columns["morning"].append(np.array([code.startswith(_MORNING_ROOTS) for code in codes], bool))
            columns["traded"].append(frame["lastTradeDate"].dt.tz_localize(None).to_numpy().astype("datetime64[D]"))
    if not columns["strike"]:
        return None
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    known = np.isfinite(joined["strike"]) & (joined["strike"] > 0)
    joined = {name: values[known] for name, values in joined.items()}
    quoted = np.nan_to_num(joined["ask"]) > 0
    if not quoted.any():
        return None  # outside trading hours Yahoo answers zeros for every quote: no chain, and none to keep
    spot = (answers[0][1].underlying or {}).get("regularMarketPrice")
    price = float(spot) if spot else float("nan")
    return Chain(
        *(symbol, day),
        *(joined["expiry"], joined["strike"], joined["call"], joined["bid"], joined["ask"]),
        *(joined["morning"], joined["traded"]),
        spot=price,
        source="Yahoo Finance",
    )


def _about(symbol: str, said: dict[str, Any], result: FetchedChains) -> None:
    for key, target in (("sharesOutstanding", result.shares), ("forwardPE", result.forward_pe)):
        value = said.get(key)
        if isinstance(value, int | float) and value > 0:
            target[symbol] = float(value)
