"""Whether a symbol's values can be zero or negative: prices cannot, yields, spreads, flows and some futures can."""

from __future__ import annotations

import functools
import re

POSITIVE, NOT_NEGATIVE, ANY = "positive", "not negative", "any"

YIELDS = frozenset(("^IRX", "^FVX", "^TNX", "^TYX"))
"""Indices of yields, in percent."""

_FLOORED = frozenset(("^DSPX",))
"""Indices that are floored at zero by definition: Cboe's dispersion of 2018-02-08 is 0.00."""

_FUTURES = frozenset(
    ("CL=F", "QM=F", "NG=F", "HH=F", "CL1", "CL2", "NG1", "CL", "WTI", "USOIL", "CRUDE OIL WTI", "HE=F")
)
"""Oil settled at -37.63 on 2020-04-20; gas and power can."""

_WORDS = re.compile(
    r"\b(?:SPREADS?|FLOWS?|NET ISSUANCE|YIELDS?|RATES?|RETURNS?|CHANGE|BASIS|SLOPE|Z-?SCORE|OAS|DIFFERENTIAL|SURPRISE|"
    r"CARRY|T10Y2Y|T10Y3M|DGS\d+|DFF|SOFR|EFFR|DFII\d+|BAML\w+|CESI\w+|ADLINE|NETHIGHS)\b|利差|收益率|利率|流入|净流|涨跌|期限"
)


@functools.lru_cache(maxsize=8192)  # asked for each day of each symbol
def of(symbol: str) -> str:
    """:data:`POSITIVE`, :data:`NOT_NEGATIVE` or :data:`ANY`, by what is known of *symbol*."""
    text = symbol.upper()
    if text in YIELDS or text in _FUTURES or re.match(r"(CL|NG|QM)[FGHJKMNQUVXZ]\d{2}\.NYM$", text):
        return ANY
    if text in _FLOORED:
        return NOT_NEGATIVE
    words = " ".join(re.split(r"[^0-9A-Z\u4e00-\u9fff-]+", text))
    return ANY if _WORDS.search(words) else POSITIVE
