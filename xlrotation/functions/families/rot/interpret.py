"""A return put into words."""

from __future__ import annotations

import numpy as np

from xlrotation.languages import Text
from xlrotation.market import universes
from xlrotation.market.panel import FloatArray
from xlrotation.measures import returns, ties

_FLAT, _STRONG, _IN_LINE = 0.25, 1.0, 0.01

_MOVES = {
    (1, True): Text("strong gain"),
    (1, False): Text("modest gain"),
    (0, False): Text("little changed"),
    (-1, False): Text("modest loss"),
    (-1, True): Text("sharp loss"),
}
_WITH = Text("{move}, in line with the S&P 500")
_AHEAD = Text("{move}, {points:.1f} pp ahead of the S&P 500")
_BEHIND = Text("{move}, {points:.1f} pp behind the S&P 500")
_OF_A_ROLE = Text("{role}: {said}")
_DEFENSIVE = Text("defensive")
_TECHNOLOGY = Text("technology")
_SMALL = Text("small caps")
_CYCLICAL = Text("cyclical")
_ROLES = {
    **dict.fromkeys(
        (*universes.DEFENSIVE, "WMT", "COST", "PG", "KO", "PEP", "JNJ", "MRK", "ABBV", "VZ", "MCD"), _DEFENSIVE
    ),
    **dict.fromkeys(
        (*universes.MAG7, "^IXIC", "^NDX", "QQQ", "XLK", "XLC", "SMH", "IGV", "AVGO", "AMD", "CRM", "NOW"), _TECHNOLOGY
    ),
    **dict.fromkeys(("^RUT", "IWM", "IWN", "IWO"), _SMALL),
    **dict.fromkeys(("XLF", "XLE", "XLI", "XLB", "XLY", "XLRE", "^DJI", "DIA", "CAT", "GE", "XOM", "CVX"), _CYCLICAL),
    **dict.fromkeys(("GLD", "SLV"), Text("precious metal")),
}


def daily_deviation(closes: FloatArray) -> float:
    """Standard deviation of daily returns, gaps left out; 0 where there are fewer than two."""
    changes = returns.simple(closes)
    known = changes[np.isfinite(changes)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0


def sentence(ticker: str, change: float, expected: float, relative: float, lang: str) -> str:
    """What a return says.

    Args:
        ticker: Whose return.
        change: The return.
        expected: One standard deviation of it.
        relative: The return minus the market's; NaN where unknown.
        lang: The language.
    """
    size = abs(change) / expected if expected > 0 else np.inf
    direction = 0 if ties.above(_FLAT, size) or change == 0 else (1 if change > 0 else -1)
    said = _MOVES[direction, direction != 0 and ties.at_least(size, _STRONG)]
    if relative == relative and ticker != "^GSPC":
        against = _WITH if ties.above(_IN_LINE, abs(relative)) else _AHEAD if relative > 0 else _BEHIND
        said = against.of(move=said, points=abs(relative) * 100)
    role = _ROLES.get(ticker)
    return (said if role is None else _OF_A_ROLE.of(role=role, said=said)).into(lang)
