"""The native formulas of functions of figures of one's own, which read no data."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlrotation.functions.explaining.nativeparts import NATIVES, column, known, native, number, run
from xlrotation.market.panel import FloatArray

NATIVES |= {
    "VAL_PE": lambda price, eps: f"{number(price)}/{number(eps)}",
    "VAL_LEVEL": lambda eps, pe: f"{number(eps)}*{number(pe)}",
    "VAL_DISCOUNT": lambda a, b: f"1-{number(a)}/{number(b)}",
    "VAL_GROWTH_GAP": lambda a, b: f"{number(a)}-({number(b)})",
    "VAL_COMPRESSION": lambda a, b, growth: f"(1+{number(growth)})*{number(b)}/{number(a)}-1",
    "VAL_GUIDANCE": lambda negative, total: f"{number(negative)}/{number(total)}",
}


def _basket(values: FloatArray, weights: FloatArray) -> str:
    """Names for the members that have a value and a weight: s, and w adding up to one."""
    there = np.isfinite(values) & np.isfinite(weights)
    return f"s,{column(values[there])},v,{column(weights[there])},w,v/SUM(v)"


@native("DISP_IMPLCORR_CALC", "DISP_BREAKEVEN")
def _implied(_: Any, index: float, vols: FloatArray, weights: FloatArray) -> str:
    basket = _basket(vols, weights)
    return f"LET({basket},(({number(index)})^2-SUMSQ(w*s))/(SUM(w*s)^2-SUMSQ(w*s)))"


@native("DISP_INDEX_CALC")
def _dispersion(_: Any, index: float, vols: FloatArray, weights: FloatArray) -> str:
    return f"LET({_basket(vols, weights)},100*SQRT(MAX(SUM(w*s^2)-({number(index)})^2,0)))"


@native("DISP_VOL_SPREAD_CALC")
def _vol_spread(_: Any, index: float, vols: FloatArray, weights: FloatArray) -> str:
    return f"LET({_basket(vols, weights)},SUM(w*s)-{number(index)})"


@native("DISP_XS_CALC")
def _spread_of(_: Any, returns: FloatArray, weights: FloatArray | None) -> str:
    given = np.ones(len(returns)) if weights is None else weights
    return f"LET({_basket(returns, given)},SQRT(SUM(w*(s-SUM(w*s))^2)))"


@native("FLOW_RATIO")
def _flow_ratio(into: float, out_of: float) -> str:
    return f"{number(into)}/{number(out_of)}"


@native("FLOW_GAP")
def _flow_gap(a: FloatArray, b: FloatArray) -> str:
    return f"{number(float(a[-1]))}-({number(float(b[-1]))})"


@native("FLOW_STREAK")
def _flow_streak(values: FloatArray, threshold: float) -> str:
    return run(f"{column(values)}>={number(threshold)}")


@native("MAC_TOP_SHARE")
def _top_share(values: FloatArray, k: int) -> str:
    given = column(known(values))
    return f"SUM(LARGE({given},SEQUENCE({k})))/SUM({given})"
