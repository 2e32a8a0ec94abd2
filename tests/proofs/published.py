"""What the proofs share: the published tables, columns of cells, and chains at the prices of another library."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from vollib.black_scholes import black_scholes

from xlrotation.market.chains import Chain

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """A published table, a mapping per row; README.md beside it says where it comes from."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(values: Iterable[object]) -> list[list[object]]:
    """*values* as a column of cells."""
    return [[value] for value in values]


def flat_chain(symbol: str, day: str, vol: float, expiries: Iterable[str]) -> Chain:
    """A chain whose options all cost what vollib's Black-Scholes formula says at *vol*: see :func:`smiling_chain`."""
    return smiling_chain(symbol, day, lambda _: vol, expiries)


def smiling_chain(symbol: str, day: str, vol: Callable[[float], float], expiries: Iterable[str]) -> Chain:
    """A chain at the prices of vollib's Black-Scholes formula, the volatility given by strike; spot 100, no interest.

    Strikes are one apart from 30 to 250; an option without a price of a cent has no bid.
    """
    today = dt.date.fromisoformat(day)
    quotes = []
    for expiry in map(dt.date.fromisoformat, expiries):
        years = (expiry - today).days / 365
        quotes += [
            (expiry, strike, flag == "c", black_scholes(flag, 100.0, strike, years, 0.0, vol(strike)))
            for strike in np.arange(30.0, 250.0)
            for flag in "cp"
        ]
    expiry_days, strikes, calls, prices = zip(*quotes, strict=True)
    price = np.array(prices)
    return Chain(
        *(symbol, today, np.array(expiry_days, "datetime64[D]"), np.array(strikes), np.array(calls)),
        *(np.where(price < 0.01, 0.0, price), price, np.zeros(len(price), bool)),
        np.full(len(price), np.datetime64(today)),
        spot=100.0,
        rate=0.0,
    )
