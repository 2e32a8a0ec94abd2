"""Paths through anchors: a random walk, bent as little as it takes to meet what was published.

A log-price path is taken as a random walk; conditioned on linear constraints (a level on a date, a return between two)
the expected correction is a piecewise straight line between the anchors. An average of closes is not linear in the
logarithm, so it is met in a few Newton steps.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Anchor:
    """A published figure: kind, row of its date, row of the base date (for a return), value, half its last digit."""

    kind: str
    row: int
    base: int
    value: float
    half: float = 0.005


def generator(symbol: str, purpose: str = "") -> np.random.Generator:
    """Random numbers of one symbol, which no other symbol's can disturb."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(f"{symbol}/{purpose}".encode())))


def bend(log_path: FloatArray, anchors: Sequence[Anchor]) -> FloatArray:
    """*log_path* bent to meet *anchors*; among figures that contradict each other by their rounding it finds a mean."""
    constraints = [anchor for anchor in anchors if anchor.kind in ("close", "return", "sma20", "sma50")]
    if not constraints:
        return log_path
    path = log_path.copy()
    rows = np.arange(len(path))
    for _ in range(8):
        weights = np.zeros((len(constraints), len(path)))
        wanted = np.zeros(len(constraints))
        slack = np.zeros(len(constraints))
        for place, anchor in enumerate(constraints):
            if anchor.kind == "close":
                weights[place, anchor.row] = 1.0
                wanted[place] = np.log(anchor.value) - path[anchor.row]
                slack[place] = 1e-9
            elif anchor.kind == "return":
                weights[place, anchor.row], weights[place, anchor.base] = 1.0, -1.0
                wanted[place] = np.log1p(anchor.value / 100) - (path[anchor.row] - path[anchor.base])
                slack[place] = 2e-5
            else:
                n = int(anchor.kind[3:])
                window = rows[anchor.row - n + 1 : anchor.row + 1]
                prices = np.exp(path[window])
                weights[place, window] = prices / n
                wanted[place] = anchor.value - prices.mean()
                slack[place] = 1e-6
        # Covariance of a random walk, with its start free as well.
        smoothed = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]  # weights @ (lower triangle of ones)
        spread = 0.01**2 * smoothed @ smoothed.T + 100.0 * np.outer(weights.sum(axis=1), weights.sum(axis=1))
        multipliers = np.linalg.solve(spread + np.diag(slack**2), wanted)
        path += 0.01**2 * np.cumsum(multipliers @ smoothed) + 100.0 * (multipliers @ weights.sum(axis=1))
    return path


def bars(symbol: str, close: FloatArray, opens: dict[int, float]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Opens, highs and lows around *close*; *opens* are those that were published."""
    random = generator(symbol, "bars")
    before = np.concatenate([close[:1], close[:-1]])
    size = np.abs(np.log(close / before)) + 0.003
    open_ = before * np.exp(random.normal(0.0, 0.35, len(close)) * size)
    for row, value in opens.items():
        open_[row] = value
    open_ = np.round(open_, 2)
    stretch = np.abs(random.normal(0.0, 0.5, (2, len(close)))) * size
    high = np.round(np.maximum(open_, close) * np.exp(stretch[0]), 2)
    low = np.round(np.minimum(open_, close) * np.exp(-stretch[1]), 2)
    return open_, np.maximum(high, np.maximum(open_, close)), np.minimum(low, np.minimum(open_, close))
