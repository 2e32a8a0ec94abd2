"""Volatility indices: levels that return to a mean, tied to each other as they are in the market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .paths import Anchor, FloatArray, bend, generator

BoolArray = npt.NDArray[np.bool_]

OWN_SHARE = 0.09
"""Share of the constituents' variance in an uncorrelated portfolio of the largest companies, about."""


def volatility(days: npt.NDArray[np.datetime64], anchors: Mapping[str, Sequence[Anchor]]) -> dict[str, FloatArray]:
    """The closes of all volatility indices, by symbol."""
    count = len(days)
    november = (np.datetime64("2025-11-01") <= days) & (np.datetime64("2025-11-30") >= days)

    def free(symbol: str) -> BoolArray:
        mask = np.ones(count, bool)
        mask[[anchor.row for anchor in anchors.get(symbol, [])]] = False
        return mask

    vix = _through(np.log(16.5) + _reverting("^VIX", count, 0.06, 0.075), anchors["^VIX"])
    vix = np.where(free("^VIX"), np.minimum(vix, 45.0), vix)
    vix = np.round(np.where(november & free("^VIX"), np.minimum(vix, 25.9), vix), 2)
    stress = np.log(vix / 16.5)

    vvix = _through(np.log(93.0) + 0.28 * stress + _reverting("^VVIX", count, 0.10, 0.03), anchors["^VVIX"])
    vvix = np.where(november & free("^VVIX"), np.clip(vvix, 99.0, 108.0), vvix)

    implied = _constituents(vix, free("^VIX"), anchors["^DSPX"])
    vixeq = np.log(33.0) + 0.5 * stress + _reverting("^VIXEQ", count, 0.03, 0.012)
    vixeq = _through(vixeq, [*anchors["^VIXEQ"], *implied])
    named = free("^VIXEQ")
    named[[anchor.row for anchor in implied]] = False
    vixeq = np.round(np.where(named, np.maximum(vixeq, 1.25 * vix), vixeq), 2)

    # What the index's variance is to its constituents' is a correlation, but for what each has with itself.
    correlation = 100 * np.maximum(((vix / vixeq) ** 2 - OWN_SHARE) / (1 - OWN_SHARE), 0.03)
    correlation = np.log(correlation) + generator("^COR1M").normal(0.0, 0.05, count)
    closes = {
        "^VIX": vix,
        "^VVIX": vvix,
        "^VIXEQ": vixeq,
        "^DSPX": np.sqrt(vixeq**2 - vix**2),
        "^COR1M": np.clip(_through(correlation, anchors["^COR1M"]), 3.0, 90.0),
    }
    for symbol, weight, level, noise in (
        *(("^VIX9D", 1.15, 16.0, 0.030), ("^VIX3M", 0.62, 19.5, 0.008), ("^VIX6M", 0.42, 20.8, 0.006)),
        *(("^VXN", 0.92, 21.5, 0.015), ("^RVX", 0.80, 22.5, 0.015)),
    ):
        closes[symbol] = np.exp(np.log(level) + weight * stress + generator(symbol).normal(0.0, noise, count))
    closes["^GVZ"] = np.exp(np.log(17.5) + _reverting("^GVZ", count, 0.04, 0.045))
    closes["^VXSL"] = np.exp(np.log(33.0) + _reverting("^VXSL", count, 0.04, 0.045))
    return {symbol: np.round(close, 2) for symbol, close in closes.items()}


def _reverting(symbol: str, count: int, pull: float, noise: float) -> FloatArray:
    """Random distances from a mean that pulls them back."""
    random = generator(symbol).normal(0.0, noise, count)
    path = np.zeros(count)
    for row in range(1, count):
        path[row] = (1.0 - pull) * path[row - 1] + random[row]
    return path


def _through(log_path: FloatArray, anchors: Sequence[Anchor]) -> FloatArray:
    """The level of *log_path*, led through *anchors*."""
    correction = bend(log_path, anchors) - log_path
    rows = np.array(sorted({anchor.row for anchor in anchors}), int)
    if len(rows):  # the correction fades away from the anchors, or one panic would lift a whole year
        distance = np.abs(np.arange(len(log_path))[:, None] - rows).min(axis=1)
        correction *= np.exp(-distance / 25.0)
    result: FloatArray = np.exp(log_path + correction)
    return result


def _constituents(vix: FloatArray, free: BoolArray, dispersion: Sequence[Anchor]) -> list[Anchor]:
    """What VIXEQ must be where DSPX was published; a VIX that nobody named moves by cents so that both can be met."""
    found = []
    for anchor in dispersion:
        for step in sorted(range(-30, 31), key=abs) if free[anchor.row] else (0,):
            level = round(vix[anchor.row] + step / 100, 2)
            vixeq = round((anchor.value**2 + level**2) ** 0.5, 2)
            if abs((vixeq**2 - level**2) ** 0.5 - anchor.value) < 0.005:
                vix[anchor.row] = level
                found.append(Anchor("close", anchor.row, -1, vixeq, 0.005))
                break
        else:
            raise ValueError(f"no VIXEQ in cents gives a DSPX of {anchor.value}")
    return found
