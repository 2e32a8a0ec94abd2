"""FLOW: positions of traders of futures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import numpy as np

from xlrotation.errors import NoData
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.kinds import ChoiceKind, CountKind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, Text, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.words import word
from xlrotation.languages import Text as Words
from xlrotation.market import positions, releases
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.measures import flows

Report = Annotated[
    str,
    ChoiceKind(
        *positions.GROUPS,
        *(f"{report}{positions.WITH_OPTIONS}" for report in positions.GROUPS),
        help=Words(
            "LEGACY: speculators and hedgers. TFF: traders in financial futures. DISAGG: commodities. With _ALL behind "
            "it: options too."
        ),
    ),
]
Weeks = Annotated[int, CountKind(minimum=2, maximum=2000)]
_WEEK = dt.timedelta(days=7)
_APART = 10
"""Days between two reports at most: a holiday moves one by a day or two."""

_LACKING = 4
"""Reports that were out at as-of and are not stored, from which on an answer would be of another time."""


@worksheet_function(
    unit="table",
    example='=FLOW_COT("ES")',
    source="Commodity Futures Trading Commission, Commitments of Traders: legacy, disaggregated, financial futures",
)
def FLOW_COT(
    here: Here,
    market: Text = default("ES"),
    asof: AsOf = default(None),
    report: Report = default("LEGACY"),
    weeks: Weeks = default(156),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """Commitments of traders by group: long, short, spreading, net, change of the net, share, place, days.

    Contracts held on the report's day, mostly a Tuesday, of the newest report that was out at as-of: published on
    Friday at 3:30 p.m., later after holidays and shutdowns. Net is long minus short, its change that since the report
    of the week before, its share that of the open interest, its place where it stands between the lowest net (0) and
    the highest (1) of the weeks: the COT index. The groups' longs, and shorts, each with the spreading positions, add
    up to the open interest. A place needs reports over the whole of its weeks, else #N/A, which is told.

    Groups: LEGACY non-commercial (speculators), commercial (hedgers), nonreportable; TFF dealers, asset managers,
    leveraged funds, others; DISAGG producers, swap dealers, managed money, others.

    Args:
        market: The market as traded (ES, NQ, RTY, VX, ZN, GC, CL, 6E, ...), its name or the Commission's code.
        weeks: Reports among which the place is found, the newest among them.
    """
    code = positions.code_of(market)
    if code is None:
        known = ", ".join(list(positions.MARKETS)[:6])
        raise NoData(f"no market {market[:40]!r}; give one such as {known}, or the Commission's code, such as 13874A")
    read = _Reader(asof, report, code, market)
    day = _newest(here, asof, read)
    interest = read.column(positions.OI)[-1]
    if not _whole(read.days, weeks):
        there = sum(one > day - weeks * _WEEK for one in read.days)
        here.tell(f"of the {weeks} weekly reports that the COT index needs, the data hold {there} up to {day}")
    rows = []
    for group in positions.GROUPS[report.removesuffix(positions.WITH_OPTIONS)]:
        held = {side: read.column(f"{group}_{side}") for side in positions.sides(group)}
        net = held[positions.LONG] - held[positions.SHORT]
        spread = float(held[positions.SPREAD][-1]) if positions.SPREAD in held else float("nan")
        rows.append(
            [
                *(word(group.lower(), lang), float(held[positions.LONG][-1]), float(held[positions.SHORT][-1]), spread),
                *(float(net[-1]), _change(net, read.days), float(net[-1] / interest) if interest else float("nan")),
                *(_place(net, read.days, weeks), float(interest), day, releases.commitments(day)),
            ]
        )
    heads = (
        *("traders", "long", "short", "spreading", "net", "net_change", "net_share", "cot_index"),
        *("open_interest", "date", "released"),
    )
    return Table(heads, rows, header, lang)


class _Reader:
    """The columns of one market of a report, up to as-of."""

    def __init__(self, asof: Market, report: str, code: str, market: str) -> None:
        self._asof, self._report, self._code = asof, report, code
        try:
            self.days = asof.dated(positions.key(report, code, positions.OI)).days.tolist()
        except NoData:
            other = [
                each
                for each in (name + tail for name in positions.GROUPS for tail in ("", positions.WITH_OPTIONS))
                if positions.key(each, code, positions.OI) in asof.shown.series
            ]
            there = f"; it is in {', '.join(other)}" if other else ""
            raise NoData(
                f"the data hold no {report} report of {market[:40]} ({code}){there}; fetch it with xlrotation refresh "
                f"--provider cftc {releases.COMMITMENTS}{report}:{code}, or put the Commission's file into the folder"
            ) from None
        if not self.days:
            raise NoData(f"no report of {market[:40]} was out at {asof.asof}; give a later date")

    def column(self, field: str) -> FloatArray:
        """A field on the report's days; NaN where the report of a day lacks it."""
        held = self._asof.dated(positions.key(self._report, self._code, field))
        known = dict(zip(held.days.tolist(), held.values.tolist(), strict=True))
        return np.array([known.get(day, np.nan) for day in self.days])


def _newest(here: Scope, asof: Market, read: _Reader) -> dt.date:
    """The day of the newest report; one that was out already and is not stored is told."""
    day: dt.date = read.days[-1]
    bell = asof.exchange.bell(asof.asof)
    rule = releases.rule_of(positions.key(positions.LEGACY, "", ""))
    assert rule is not None
    lacking = 0
    while lacking <= _LACKING and rule.moment(day + (lacking + 1) * _WEEK) <= bell:
        lacking += 1
    fetch = "run xlrotation refresh --provider cftc"
    if lacking > _LACKING:
        raise NoData(f"the newest report up to {asof.asof} is of {day}, and more than {_LACKING} are lacking; {fetch}")
    if lacking:
        here.tell(f"the newest report stored is of {day}; {lacking} later were out at {asof.asof}; {fetch}")
    return day


def _change(net: FloatArray, days: list[dt.date]) -> float:
    """Change of the net since the report of the week before; NaN where that is not there."""
    if len(days) < 2 or (days[-1] - days[-2]).days > _APART:
        return float("nan")
    return float(net[-1] - net[-2])


def _place(net: FloatArray, days: list[dt.date], weeks: int) -> float:
    """Where the last net stands between the lowest and the highest of so many reports; NaN where some are lacking."""
    return flows.between(net[-weeks:]) if _whole(days, weeks) else float("nan")


def _whole(days: list[dt.date], weeks: int) -> bool:
    """Whether so many reports are there, and of about as many weeks."""
    return len(days) >= weeks and (days[-1] - days[-weeks]).days <= 7 * weeks + _APART
