"""A return put into words, in both languages."""

from __future__ import annotations

import numpy as np

from xlrotation.market import universes
from xlrotation.market.panel import FloatArray
from xlrotation.measures import ties

_FLAT, _STRONG, _IN_LINE = 0.25, 1.0, 0.01

_MOVES = {
    (1, True): ("strong gain", "强劲上涨"),
    (1, False): ("modest gain", "温和上涨"),
    (0, False): ("little changed", "基本持平"),
    (-1, False): ("modest loss", "小幅下跌"),
    (-1, True): ("sharp loss", "大幅下跌"),
}
_DEFENSIVE = ("defensive", "防御类")
_TECHNOLOGY = ("technology", "科技类")
_SMALL = ("small caps", "小盘股")
_CYCLICAL = ("cyclical", "周期类")
_ROLES = {
    **dict.fromkeys(
        (*universes.DEFENSIVE, "WMT", "COST", "PG", "KO", "PEP", "JNJ", "MRK", "ABBV", "VZ", "MCD"), _DEFENSIVE
    ),
    **dict.fromkeys(
        (*universes.MAG7, "^IXIC", "^NDX", "QQQ", "XLK", "XLC", "SMH", "IGV", "AVGO", "AMD", "CRM", "NOW"), _TECHNOLOGY
    ),
    **dict.fromkeys(("^RUT", "IWM", "IWN", "IWO"), _SMALL),
    **dict.fromkeys(("XLF", "XLE", "XLI", "XLB", "XLY", "XLRE", "^DJI", "DIA", "CAT", "GE", "XOM", "CVX"), _CYCLICAL),
    **dict.fromkeys(("GLD", "SLV"), ("precious metal", "贵金属")),
}


def daily_deviation(closes: FloatArray) -> float:
    """Standard deviation of daily returns, gaps left out; 0 where there are fewer than two."""
    with np.errstate(all="ignore"):
        returns = closes[1:] / closes[:-1] - 1.0
    known = returns[np.isfinite(returns)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0


def sentence(ticker: str, change: float, expected: float, relative: float, lang: str) -> str:
    """What a return says.

    Args:
        ticker: Whose return.
        change: The return.
        expected: One standard deviation of it.
        relative: The return minus the market's; NaN where unknown.
        lang: ``en`` or ``zh``.
    """
    size = abs(change) / expected if expected > 0 else np.inf
    direction = 0 if ties.above(_FLAT, size) or change == 0 else (1 if change > 0 else -1)
    zh = lang == "zh"
    parts = [_MOVES[direction, direction != 0 and ties.at_least(size, _STRONG)][zh]]
    if relative == relative and ticker != "^GSPC":
        points = f"{abs(relative) * 100:.1f}"
        if ties.above(_IN_LINE, abs(relative)):
            parts.append("与标普500同步" if zh else "in line with the S&P 500")
        elif relative > 0:
            parts.append(f"跑赢标普500 {points}个百分点" if zh else f"{points} pp ahead of the S&P 500")
        else:
            parts.append(f"跑输标普500 {points}个百分点" if zh else f"{points} pp behind the S&P 500")
    role = _ROLES.get(ticker)
    text = ("," if zh else ", ").join(parts)
    if role is None:
        return text
    return f"{role[1]}:{text}" if zh else f"{role[0]}: {text}"
