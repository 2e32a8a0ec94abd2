"""Tickers that Yahoo no longer knows: what became of them, as far as a small table tells, and what to do."""

from __future__ import annotations

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
