"""Commitments of traders: the reports of the Commodity Futures Trading Commission, their columns and their markets.

Each Tuesday's positions of traders of futures, by group of traders, in one of three reports: *legacy* (speculators and
hedgers, of every market), *disaggregated* (commodities) and *traders in financial futures*; of futures alone, or with
options converted to futures. Among the dated series of a panel ``COT:LEGACY:13874A:COMM_LONG`` holds one column of one
market, by the day that the report describes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.releases import COMMITMENTS
from xlrotation.measures.arrays import BoolArray, FloatArray

LEGACY, DISAGG, TFF = "LEGACY", "DISAGG", "TFF"
WITH_OPTIONS = "_ALL"
"""What follows the report's name where options are in it."""

OI, LONG, SHORT, SPREAD = "OI", "LONG", "SHORT", "SPREAD"

GROUPS: Mapping[str, tuple[str, ...]] = {
    LEGACY: ("NONCOMM", "COMM", "NONREPT"),
    DISAGG: ("PROD_MERC", "SWAP", "M_MONEY", "OTHER_REPT", "NONREPT"),
    TFF: ("DEALER", "ASSET_MGR", "LEV_MONEY", "OTHER_REPT", "NONREPT"),
}
"""The groups of traders of each report, as it orders them."""

WITHOUT_SPREAD = frozenset(("COMM", "PROD_MERC", "NONREPT"))
"""Groups of which no spreading positions are told: long and short ones are netted or counted apart."""

_WORDS = {"NONCOMMERCIAL": "NONCOMM", "COMMERCIAL": "COMM", "NONREPORTABLE": "NONREPT"}
_KNOWN = "|".join(sorted({*_WORDS, *(group for groups in GROUPS.values() for group in groups)}, key=len, reverse=True))
_COLUMN = re.compile(rf"({_KNOWN})_POS(?:I)?TIONS_(LONG|SHORT|SPREAD|SPREADING)(?:_ALL)?")

NAME, CODE = "MARKET_AND_EXCHANGE_NAMES", "CFTC_CONTRACT_MARKET_CODE"
DATES = ("AS_OF_DATE_IN_FORM_YYYY_MM_DD", "REPORT_DATE_AS_YYYY_MM_DD", "REPORT_DATE_AS_MM_DD_YYYY")
COMBINED = "FUTONLY_OR_COMBINED"

_TOLERANCE = 2.0
"""Contracts by which the groups of a consolidated market, which are rounded, may miss its open interest."""

MARKETS: Mapping[str, str] = {
    **dict.fromkeys(("ES", "SPX", "^GSPC", "SPY", "S&P 500", "E-MINI S&P 500"), "13874A"),
    **dict.fromkeys(("NQ", "NDX", "^NDX", "QQQ", "NASDAQ-100", "NASDAQ MINI", "NASDAQ 100"), "209742"),
    **dict.fromkeys(("RTY", "RUT", "^RUT", "IWM", "RUSSELL 2000", "RUSSELL E-MINI"), "239742"),
    **dict.fromkeys(("YM", "DJI", "^DJI", "DIA", "DOW JONES", "DJIA X $5"), "124603"),
    **dict.fromkeys(("VX", "VIX", "^VIX", "VIX FUTURES"), "1170E1"),
    **dict.fromkeys(("ZT", "UST 2Y NOTE"), "042601"),
    **dict.fromkeys(("ZF", "UST 5Y NOTE"), "044601"),
    **dict.fromkeys(("ZN", "UST 10Y NOTE"), "043602"),
    **dict.fromkeys(("ZB", "UST BOND"), "020601"),
    **dict.fromkeys(("ZQ", "FED FUNDS"), "045601"),
    **dict.fromkeys(("SR3", "SOFR-3M"), "134741"),
    **dict.fromkeys(("DX", "USD INDEX", "DOLLAR INDEX"), "098662"),
    **dict.fromkeys(("6E", "EURO FX"), "099741"),
    **dict.fromkeys(("6J", "JAPANESE YEN"), "097741"),
    **dict.fromkeys(("6B", "BRITISH POUND"), "096742"),
    **dict.fromkeys(("6C", "CANADIAN DOLLAR"), "090741"),
    **dict.fromkeys(("6A", "AUSTRALIAN DOLLAR"), "232741"),
    **dict.fromkeys(("6S", "SWISS FRANC"), "092741"),
    **dict.fromkeys(("BTC", "BITCOIN"), "133741"),
    **dict.fromkeys(("GC", "GOLD", "GLD"), "088691"),
    **dict.fromkeys(("SI", "SILVER", "SLV"), "084691"),
    **dict.fromkeys(("HG", "COPPER"), "085692"),
    **dict.fromkeys(("CL", "WTI", "CRUDE OIL", "WTI-PHYSICAL"), "067651"),
    **dict.fromkeys(("NG", "NATURAL GAS"), "023651"),
    **dict.fromkeys(("ZC", "CORN"), "002602"),
    **dict.fromkeys(("ZS", "SOYBEANS"), "005602"),
    **dict.fromkeys(("ZW", "WHEAT"), "001602"),
}
"""Codes of the Commission for the markets that analysts ask for, by what they call them."""

_CODE = re.compile(r"[0-9A-Z+]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a table are to be read.

    Attributes:
        report: Which of the three.
        columns: Place of the column of each field: open interest, and long, short and spreading positions by group.
        name: Place of the market's name.
        code: That of its code.
        date: That of the day.
        combined: That of the column that says whether options are in it; None where there is none.
    """

    report: str
    columns: Mapping[str, int]
    name: int
    code: int
    date: int
    combined: int | None


def code_of(text: str) -> str | None:
    """The Commission's code of the market that *text* means; None where it means none."""
    wanted = " ".join(text.upper().split())
    if (known := MARKETS.get(wanted)) is not None:
        return known
    padded = wanted.zfill(6) if wanted.isascii() and wanted.isdigit() else wanted
    return padded if _CODE.fullmatch(padded) and any(letter.isdigit() for letter in padded) else None


def key(report: str, code: str, field: str) -> str:
    """The name of the series of a column of a market."""
    return f"{COMMITMENTS}{report}:{code}:{field}"


def fields(report: str) -> tuple[str, ...]:
    """The columns of a report, open interest first."""
    return (OI, *(f"{group}_{side}" for group in GROUPS[report.removesuffix(WITH_OPTIONS)] for side in sides(group)))


def sides(group: str) -> tuple[str, ...]:
    """What is told of a group of traders."""
    return (LONG, SHORT) if group in WITHOUT_SPREAD else (LONG, SHORT, SPREAD)


def head(text: object) -> str:
    """A head as the Commission's different files have it in common: ``Open Interest (All)``, ``open_interest_all``."""
    return re.sub(r"[^A-Z0-9]+", "_", str(text).upper()).strip("_")


def is_report(heads: Sequence[object]) -> bool:
    """Whether heads are those of a report on commitments of traders."""
    found = set(map(head, heads))
    return NAME in found and any(name in found for name in (CODE, *DATES))


def layout(heads: Sequence[object]) -> Layout:
    """How a table with these heads is read.

    Raises:
        ValueError: Its columns are none of a known report; the message names what lacks.
    """
    names = [head(text) for text in heads]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if (match := _COLUMN.fullmatch(name)) is not None:
            side = SPREAD if match[2].startswith(SPREAD) else match[2]
            places.setdefault(f"{_WORDS.get(match[1], match[1])}_{side}", place)
        elif name in ("OPEN_INTEREST_ALL", "OPEN_INTEREST"):
            places.setdefault(OI, place)
    date = next((names.index(name) for name in DATES if name in names), None)
    if date is None or CODE not in names:
        lacking = CODE if CODE not in names else DATES[1]
        raise ValueError(f"a report on commitments of traders without a column {lacking}")
    lacking_of = {report: [field for field in fields(report) if field not in places] for report in GROUPS}
    report, lacks = min(lacking_of.items(), key=lambda one: len(one[1]))
    if lacks:
        raise ValueError(
            f"a report on commitments of traders that is neither legacy, disaggregated nor of traders in financial "
            f"futures: of {report.lower()} it lacks {', '.join(lacks[:4])}"
        )
    columns = {field: places[field] for field in fields(report)}
    combined = names.index(COMBINED) if COMBINED in names else None
    return Layout(report, columns, names.index(NAME), names.index(CODE), date, combined)


def unbalanced(report: str, values: Mapping[str, FloatArray]) -> BoolArray:
    """The rows whose groups do not add up to the open interest, long or short; both do in every sound report."""
    groups = GROUPS[report.removesuffix(WITH_OPTIONS)]
    wrong: BoolArray = np.zeros(len(values[OI]), bool)
    for side in (LONG, SHORT):
        total = sum(
            values[f"{group}_{side}"] + (values[f"{group}_{SPREAD}"] if SPREAD in sides(group) else 0.0)
            for group in groups
        )
        wrong |= ~(np.abs(total - values[OI]) <= _TOLERANCE)
    return wrong


def by_market(
    report: str, codes: Sequence[str], days: Days, values: Mapping[str, FloatArray]
) -> tuple[dict[str, tuple[Days, FloatArray]], list[int]]:
    """The series of each market of a report's rows, and the places of rows that contradict an earlier one.

    Args:
        report: Which, with or without options.
        codes: Of each row.
        days: Of each row.
        values: By field.
    """
    places: dict[str, dict[object, int]] = {}
    contradicting = []
    for place, (code, day) in enumerate(zip(codes, days.tolist(), strict=True)):
        first = places.setdefault(code, {}).setdefault(day, place)
        if first != place and any(values[field][first] != values[field][place] for field in values):
            contradicting.append(place)
    found = {}
    for code, by_day in places.items():
        rows = np.array([by_day[day] for day in sorted(by_day, key=str)], np.int64)
        for field in fields(report):
            found[key(report, code, field)] = (days[rows], values[field][rows])
    return found, contradicting


def joined(old: tuple[Days, FloatArray], new: tuple[Days, FloatArray]) -> tuple[tuple[Days, FloatArray], int]:
    """One series of two that files of different years hold, and on how many days they contradict each other.

    The first one counts there.
    """
    _, ours, theirs = np.intersect1d(old[0], new[0], assume_unique=True, return_indices=True)
    contradictions = int((old[1][ours] != new[1][theirs]).sum())
    later = ~np.isin(new[0], old[0])
    days = np.concatenate([old[0], new[0][later]])
    order = np.argsort(days, kind="stable")
    return (days[order], np.concatenate([old[1], new[1][later]])[order]), contradictions
