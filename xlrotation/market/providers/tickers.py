"""Tickers that Yahoo no longer knows: what became of them, as far as a small table tells, and what to do."""

from __future__ import annotations

import re

RENAMED = {
    "ABC": "COR",
    "ANTM": "ELV",
    "BBT": "TFC",
    "BLL": "BALL",
    "CDAY": "DAY",
    "COG": "CTRA",
    "CTL": "LUMN",
    "DISCA": "WBD",
    "FB": "META",
    "FBHS": "FBIN",
    "FLT": "CPAY",
    "HFC": "DINO",
    "HRS": "LHX",
    "LB": "BBWI",
    "NLOK": "GEN",
    "PEAK": "DOC",
    "PKI": "RVTY",
    "RE": "EG",
    "SQ": "XYZ",
    "SYMC": "GEN",
    "TMK": "GL",
    "UTX": "RTX",
    "VIAC": "PSKY",
    "PARA": "PSKY",
    "WLTW": "WTW",
}
"""Old ticker and the one that the company, or the one that it merged into, trades under now."""

_TICKER = re.compile(r"[A-Z0-9^][A-Z0-9^=.&_-]{0,31}", re.ASCII)
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", re.ASCII)


def why_not(symbol: str) -> str:
    """Why *symbol* is nothing to ask a server for; empty for a ticker.

    It becomes a part of an address, which must not lead anywhere else; and an ISIN would first be looked up.
    """
    if _ISIN.fullmatch(symbol):
        return f"{symbol} is an ISIN; look its ticker up at finance.yahoo.com and run xlrotation refresh with that"
    if not _TICKER.fullmatch(symbol):
        return f"{ascii(symbol)[:40]} is no ticker; run xlrotation refresh with one such as XLK, ^GSPC or 0700.HK"
    return ""


def advice(symbol: str, said: str) -> str:
    """Why Yahoo gives nothing for *symbol*, in its own words *said*, and what to do."""
    words = " ".join(said.split())[:160].rstrip(".") or "no data"
    if new := RENAMED.get(symbol):
        return f"{words}; {symbol} trades as {new} now: run xlrotation refresh {new}"
    if symbol.rpartition(".")[2] in ("A", "B", "C", "K") and "." in symbol:
        dashed = symbol.replace(".", "-")
        return f"{words}; Yahoo writes share classes with a dash: run xlrotation refresh {dashed}"
    return (
        f"{words}; {symbol} may be delisted, renamed or mistyped: look it up at finance.yahoo.com and run xlrotation "
        "refresh with the ticker found there; what is stored stays"
    )
